//! `Minter`: what is the same in all tokens of one credential.

use crate::clock::{Clock as _, SystemClock, checked};
use crate::error::{Error, Result};
use crate::extra_claims::extra_claims;
use crate::jwt::{self, Sent, check_credential_id};
use crate::key::PrivateKey;
use crate::kid::Kid;
use crate::settings::{self, Settings};
use crate::token::Token;

/// The longest kid for the header, in characters: with the longest credential id, claims and key a
/// token stays below the 8 KiB that a verifier reads.
const MAX_HEADER_KID: usize = 128;

/// A credential id, its private key, and the parts of a token that they determine.
pub(crate) struct Minter {
    pub(crate) credential_id: String,
    pub(crate) key: PrivateKey,
    header: String,
    /// The credential id as JSON text.
    subject: String,
    /// What follows `exp`: empty, or a comma and JSON members.
    extra: String,
    /// In seconds.
    pub(crate) lifetime: u64,
}

impl Minter {
    /// Of the settings, those about a single token count.
    ///
    /// Errors: `CredentialId`, `CredentialIdIsKid`, `KidMalformed`, `KidMismatch`, `HeaderKid`,
    /// `Roles`, `Claims`, `Lifetime`.
    pub(crate) fn new(credential_id: String, key: PrivateKey, settings: &Settings) -> Result<Self> {
        check_credential_id(&credential_id)?;
        // Before the kid: if the two are swapped, this is the error that says so.
        if credential_id == key.kid().as_str() {
            return Err(Error::CredentialIdIsKid);
        }
        if let Some(kid) = &settings.kid {
            check_kid(kid, key.kid())?;
        }
        let json = |text: &str| serde_json::Value::from(text).to_string();
        let header = match settings.header_kid.as_deref() {
            Some(kid) if is_header_kid(kid) => jwt::header(&json(kid)),
            Some(_) => return Err(Error::HeaderKid),
            None => jwt::header(&json(key.kid().as_str())),
        };
        let subject = json(&credential_id);
        let extra = extra_claims(settings.roles.as_deref(), settings.claims.as_deref())?;
        Ok(Self { credential_id, key, header, subject, extra, lifetime: settings::lifetime(settings.lifetime)? })
    }

    /// Whether both mint the same tokens.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.credential_id == other.credential_id && self.key.public_key() == other.key.public_key()
    }

    /// Whether that token is of this credential.
    pub(crate) fn has_minted(&self, token: &Sent<'_>) -> bool {
        self.header == token.header && self.credential_id == token.subject
    }

    /// Makes and signs a token of that time, in Unix seconds.
    ///
    /// Errors: `Argument` if the expiry exceeds a `u64`, `KeyCannotSign`, `Engine`.
    pub(crate) fn mint(&self, issued_at: u64) -> Result<Token> {
        let expires_at = issued_at.checked_add(self.lifetime).ok_or(Error::Argument)?;
        let text = jwt::sign(&self.key, &self.header, &self.subject, issued_at, expires_at, &self.extra)?;
        Ok(Token::new(text, issued_at, expires_at))
    }
}

/// Makes and signs one token without keeping it. Of the settings, `kid`, `header_kid`, `lifetime`,
/// `roles` and `claims` count. `issued_at`, in Unix seconds, is now by default.
///
/// # Errors
/// [`Error::CredentialId`], [`Error::CredentialIdIsKid`], [`Error::KidMalformed`],
/// [`Error::KidMismatch`], [`Error::HeaderKid`], [`Error::Roles`], [`Error::Claims`],
/// [`Error::Lifetime`], [`Error::Clock`], [`Error::Argument`] if the expiry exceeds a `u64`,
/// [`Error::KeyCannotSign`], [`Error::Engine`].
pub fn mint_token(credential_id: &str, key: &PrivateKey, settings: &Settings, issued_at: Option<u64>) -> Result<Token> {
    let minter = Minter::new(credential_id.to_owned(), key.clone(), settings)?;
    match issued_at {
        Some(issued_at) => minter.mint(issued_at),
        None => minter.mint(checked(SystemClock.now().unix)?),
    }
}

/// Visible ASCII (VCHAR, RFC 5234 appendix B.1).
fn is_header_kid(kid: &str) -> bool {
    (1..=MAX_HEADER_KID).contains(&kid.len()) && kid.bytes().all(|byte| byte.is_ascii_graphic())
}

fn check_kid(expected: &str, actual: Kid) -> Result<()> {
    let expected = Kid::parse(expected).ok_or(Error::KidMalformed)?;
    if expected == actual { Ok(()) } else { Err(Error::KidMismatch { expected, actual }) }
}
