//! `Minter`: what is the same in all tokens of one credential.

use std::time::Duration;

use crate::clock::{Clock as _, SystemClock, checked};
use crate::error::{Error, Result};
use crate::jwt::{self, check_credential_id};
use crate::key::PrivateKey;
use crate::kid::Kid;
use crate::settings;
use crate::token::Token;

/// A credential id, its private key, and the parts of a token that they determine.
pub(crate) struct Minter {
    pub(crate) credential_id: String,
    pub(crate) key: PrivateKey,
    header: String,
    /// The credential id as JSON text.
    subject: String,
    /// In seconds.
    pub(crate) lifetime: u64,
}

impl Minter {
    /// `kid` is the one that the key must have; `lifetime` is in seconds and was checked.
    ///
    /// Errors: `CredentialId`, `CredentialIdIsKid`, `KidMalformed`, `KidMismatch`.
    pub(crate) fn new(credential_id: String, key: PrivateKey, kid: Option<&str>, lifetime: u64) -> Result<Self> {
        check_credential_id(&credential_id)?;
        // Before the kid: if the two are swapped, this is the error that says so.
        if credential_id == key.kid().as_str() {
            return Err(Error::CredentialIdIsKid);
        }
        if let Some(kid) = kid {
            check_kid(kid, key.kid())?;
        }
        let header = jwt::header(key.kid());
        let subject = serde_json::Value::from(credential_id.as_str()).to_string();
        Ok(Self { credential_id, key, header, subject, lifetime })
    }

    /// Makes and signs a token of that time, in Unix seconds.
    ///
    /// Errors: `Argument` if the expiry exceeds a `u64`, `KeyCannotSign`, `Engine`.
    pub(crate) fn mint(&self, issued_at: u64) -> Result<Token> {
        let expires_at = issued_at.checked_add(self.lifetime).ok_or(Error::Argument)?;
        let text = jwt::sign(&self.key, &self.header, &self.subject, issued_at, expires_at)?;
        Ok(Token::new(text, issued_at, expires_at))
    }
}

/// Makes and signs one token without keeping it. `kid`, if given, must be the key's. `lifetime` is
/// 300 s by default. `issued_at`, in Unix seconds, is now by default.
///
/// # Errors
/// [`Error::CredentialId`], [`Error::CredentialIdIsKid`], [`Error::KidMalformed`], [`Error::KidMismatch`], [`Error::Lifetime`],
/// [`Error::Clock`], [`Error::Argument`] if the expiry exceeds a `u64`, [`Error::KeyCannotSign`],
/// [`Error::Engine`].
pub fn mint_token(
    credential_id: &str,
    key: &PrivateKey,
    kid: Option<&str>,
    lifetime: impl Into<Option<Duration>>,
    issued_at: Option<u64>,
) -> Result<Token> {
    let minter = Minter::new(credential_id.to_owned(), key.clone(), kid, settings::lifetime(lifetime.into())?)?;
    match issued_at {
        Some(issued_at) => minter.mint(issued_at),
        None => minter.mint(checked(SystemClock.now().unix)?),
    }
}

fn check_kid(expected: &str, actual: Kid) -> Result<()> {
    let expected = Kid::parse(expected).ok_or(Error::KidMalformed)?;
    if expected == actual { Ok(()) } else { Err(Error::KidMismatch { expected, actual }) }
}
