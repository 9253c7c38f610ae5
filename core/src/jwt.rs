//! JWTs in strict compact serialisation (RFC 7515 §7.1, RFC 7519): what Scout's tokens say.
//!
//! What is written here is the same in every language, byte for byte. Reading checks the structure
//! only: [`crate::verifier`] decides whether a token is valid.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::authorization::BEARER;
use crate::encoding::json::{self, Member};
use crate::error::{Error, Result};
use crate::key::PrivateKey;
use crate::secret::{SecretBytes, SecretText};

/// The claim `iss` of every Scout token.
pub(crate) const ISSUER: &str = "scout";

/// The longest lifetime that Scout accepts, in seconds.
pub(crate) const MAX_LIFETIME: u64 = 300;

/// The longest token that is read, in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// The header segment. `kid` is JSON text, quotes included.
pub(crate) fn header(kid: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"RS256","typ":"JWT","kid":{kid}}}"#))
}

/// Signs a token and returns it with `Bearer ` in front. `subject` is the credential id as JSON
/// text, quotes included. `extra` follows `exp`: empty, or a comma and JSON members.
pub(crate) fn sign(
    key: &PrivateKey,
    header: &str,
    subject: &str,
    iat: u64,
    exp: u64,
    extra: &str,
) -> Result<SecretText> {
    let claims = format!(r#"{{"iss":"{ISSUER}","sub":{subject},"iat":{iat},"exp":{exp}{extra}}}"#);
    // The whole capacity at once: a string that grows leaves copies of the token behind.
    let length = BEARER.len() + header.len() + claims.len() * 4 / 3 + key.bits() as usize / 6 + 16;
    let mut text = SecretText::new(String::with_capacity(length));
    text.push_str(BEARER);
    text.push_str(header);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut text);
    let signature = SecretBytes::new(key.sign(&text.as_bytes()[BEARER.len()..])?);
    text.push('.');
    // Not `encode_string`: its buffer would leave the signature on the stack.
    text.push_str(&SecretText::new(URL_SAFE_NO_PAD.encode(&*signature)));
    debug_assert!(text.len() <= length, "the token is longer than its capacity");
    Ok(text)
}

/// A credential id, the claim `sub`, is 1 to 255 visible ASCII characters (VCHAR, RFC 5234
/// appendix B.1).
///
/// Errors: `CredentialId`.
pub(crate) fn check_credential_id(credential_id: &str) -> Result<()> {
    let visible = credential_id.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && (1..=255).contains(&credential_id.len()) { Ok(()) } else { Err(Error::CredentialId) }
}

/// The claims (RFC 7519 §4.1) that a verifier checks.
#[derive(Default)]
pub(crate) struct Claims<'a> {
    pub(crate) iss: Member<'a>,
    pub(crate) sub: Member<'a>,
    pub(crate) iat: Member<'a>,
    pub(crate) exp: Member<'a>,
    pub(crate) nbf: Member<'a>,
    pub(crate) roles: Member<'a>,
}

/// A token split into its parts. Nothing in it has been verified.
pub(crate) struct Unverified<'a> {
    /// The kid of the header: a thumbprint, or what else names a key.
    pub(crate) kid: String,
    /// The signed text.
    pub(crate) message: &'a str,
    pub(crate) signature: Vec<u8>,
    payload: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Splits a token: three canonical base64url segments, a header that is a JSON object
    /// without duplicate names, alg exactly `RS256`, no `crit` and no `b64` (RFC 7515 §4.1.11,
    /// RFC 7797), a kid.
    pub(crate) fn read(token: &'a str) -> Result<Self> {
        if token.len() > MAX_TOKEN {
            return Err(Error::TokenTooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Error::TokenMalformed)?;
        let (header, payload) = message.split_once('.').ok_or(Error::TokenMalformed)?;
        let [header, payload, signature] = [segment(header)?, segment(payload)?, segment(signature)?];
        let (mut alg, mut kid, mut is_extended) = (Member::Missing, Member::Missing, false);
        let read = json::members(&header, |name, member| match name {
            "alg" => alg = member,
            "kid" => kid = member,
            "crit" | "b64" => is_extended = true,
            _ => {}
        });
        read.ok_or(Error::TokenMalformed)?;
        if is_extended {
            return Err(Error::TokenCritical);
        }
        if !matches!(alg, Member::Text(alg) if alg == "RS256") {
            return Err(Error::TokenAlgorithm);
        }
        let Member::Text(kid) = kid else { return Err(Error::TokenKidMissing) };
        Ok(Self { kid: kid.into_owned(), message, signature, payload })
    }

    /// The claims of the payload: a JSON object without duplicate names.
    pub(crate) fn claims(&self) -> Result<Claims<'_>> {
        let mut claims = Claims::default();
        let read = json::members(&self.payload, |name, member| match name {
            "iss" => claims.iss = member,
            "sub" => claims.sub = member,
            "iat" => claims.iat = member,
            "exp" => claims.exp = member,
            "nbf" => claims.nbf = member,
            "roles" => claims.roles = member,
            _ => {}
        });
        read.map(|()| claims).ok_or(Error::TokenMalformed)
    }

    /// All claims, as the JSON object that was signed.
    pub(crate) fn into_json(self) -> Result<String> {
        String::from_utf8(self.payload).map_err(|_| Error::TokenMalformed)
    }
}

/// What a token says of itself that a signer has minted and a server refused. Its signature is not
/// read, so that no copy of it stays in memory.
pub(crate) struct Sent<'a> {
    /// The header segment, as it is written.
    pub(crate) header: &'a str,
    pub(crate) subject: String,
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
}

impl<'a> Sent<'a> {
    /// `None` if it is no token of a signer.
    pub(crate) fn read(token: &'a str) -> Option<Self> {
        let (header, rest) = token.split_once('.').filter(|_| token.len() <= MAX_TOKEN)?;
        let payload = SecretBytes::new(segment(rest.split_once('.')?.0).ok()?);
        let (mut subject, mut issued_at, mut expires_at) = (None, None, None);
        json::members(&payload, |name, member| match (name, member) {
            ("sub", Member::Text(text)) => subject = Some(text.into_owned()),
            ("iat", Member::Number(seconds)) => issued_at = Some(seconds),
            ("exp", Member::Number(seconds)) => expires_at = Some(seconds),
            _ => {}
        })?;
        Some(Self { header, subject: subject?, issued_at: issued_at?, expires_at: expires_at? })
    }
}

/// A non-empty segment of canonical base64url: no padding, no unused bits.
fn segment(text: &str) -> Result<Vec<u8>> {
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(Error::TokenMalformed),
    }
}
