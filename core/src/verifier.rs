//! `Verifier`: public keys by kid that accept or refuse a token.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::{Clock, SystemClock, whole_seconds};
use crate::encoding::json::Member;
use crate::encoding::jwk::Jwk;
use crate::encoding::pasted::without_nul;
use crate::error::{Error, Result};
use crate::jwt::{ISSUER, MAX_LIFETIME, Unverified, check_credential_id};
use crate::key::PublicKey;
use crate::kid::Kid;

/// How far the two clocks may differ by default, in seconds.
const LEEWAY: u64 = 5;

/// The largest leeway, in seconds. A larger one would be longer than the token's lifetime.
const MAX_LEEWAY: u64 = MAX_LIFETIME;

/// Public keys by kid that accept or refuse a token.
///
/// A token is accepted only if `alg` is RS256, `iss` is `scout`, the lifetime is at most 300 s, and
/// the kid names one of the keys. `aud` is not a claim of Scout's tokens and is ignored.
///
/// ```
/// use scout_auth::{PrivateKey, Signer, Verifier};
///
/// let signer = Signer::new("cred_123", PrivateKey::generate(2048)?)?;
/// let verifier = Verifier::new([signer.public_key().clone()])?;
/// let claims = verifier.verify(signer.token()?.as_str())?;
/// assert_eq!(claims.credential_id, "cred_123");
/// # Ok::<(), scout_auth::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: BTreeMap<Kid, PublicKey>,
    /// The kids that JWKs of a set gave to their keys, if they are not the thumbprints.
    names: BTreeMap<String, Kid>,
    leeway: u64,
}

/// A verifier without keys, for [`Verifier::add`], with a leeway of 5 s.
impl Default for Verifier {
    fn default() -> Self {
        Self { keys: BTreeMap::new(), names: BTreeMap::new(), leeway: LEEWAY }
    }
}

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `sub`: the credential id.
    pub credential_id: String,
    /// `iat`, in Unix seconds.
    pub issued_at: u64,
    /// `exp`, in Unix seconds. If the token has none, 300 s after `iat` (Scout's page: optional).
    pub expires_at: u64,
    /// The kid of the key that signed.
    pub kid: Kid,
    /// The claim `roles`; `None` if the token has none, and then the credential's roles count.
    pub roles: Option<Vec<String>>,
    /// All claims, as the JSON object that was signed.
    pub json: String,
}

impl Verifier {
    /// A verifier with these keys and a leeway of 5 s.
    ///
    /// # Errors
    /// [`Error::KeySetEmpty`] if there is no key: such a verifier would refuse every token.
    pub fn new(keys: impl IntoIterator<Item = PublicKey>) -> Result<Self> {
        let mut verifier = Self::default();
        keys.into_iter().for_each(|key| verifier.add(key));
        if verifier.keys.is_empty() { Err(Error::KeySetEmpty) } else { Ok(verifier) }
    }

    /// A verifier with the keys of all these, known by all their names, and a leeway of 5 s.
    ///
    /// # Errors
    /// [`Error::KeySetEmpty`] if there is no key.
    pub fn union(verifiers: impl IntoIterator<Item = Self>) -> Result<Self> {
        let mut all = Self::default();
        verifiers.into_iter().for_each(|verifier| all.extend(verifier));
        if all.keys.is_empty() { Err(Error::KeySetEmpty) } else { Ok(all) }
    }

    /// Reads a JWK set (RFC 7517 §5), or one public key in any form. The keys of a set are known by
    /// their thumbprint and by the kid of their JWK.
    ///
    /// # Errors
    /// Those of [`PublicKey::parse_set`] and [`PublicKey::parse`].
    pub fn parse(keys: impl AsRef<[u8]>) -> Result<Self> {
        let keys = keys.as_ref();
        match std::str::from_utf8(keys) {
            Ok(text) if Jwk::is_set(without_nul(text)) => Self::parse_set(text),
            _ => Self::new([PublicKey::parse(keys)?]),
        }
    }

    /// Reads a JWK set, as [`Verifier::parse`] does.
    ///
    /// # Errors
    /// Those of [`PublicKey::parse_set`].
    pub fn parse_set(text: &str) -> Result<Self> {
        let mut verifier = Self::default();
        for (key, name) in PublicKey::parse_named_set(text)? {
            if let Some(name) = name {
                verifier.names.entry(name).or_insert(key.kid());
            }
            verifier.add(key);
        }
        Ok(verifier)
    }

    /// Adds the keys of another verifier, with the kids of their JWKs. Its leeway does not count.
    pub fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        for (name, kid) in other.names {
            self.names.entry(name).or_insert(kid);
        }
    }

    /// The key that a token's kid names: by its thumbprint, or as its JWK calls it.
    fn key(&self, kid: &str) -> Option<&PublicKey> {
        let thumbprint = Kid::parse(kid).filter(|kid| self.keys.contains_key(kid));
        thumbprint.or_else(|| self.names.get(kid).copied()).and_then(|kid| self.keys.get(&kid))
    }

    /// Sets how far the two clocks may differ: whole seconds, at most 300.
    ///
    /// # Errors
    /// [`Error::Leeway`].
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self> {
        self.leeway = whole_seconds(leeway).filter(|&s| s <= MAX_LEEWAY).ok_or(Error::Leeway)?;
        Ok(self)
    }

    /// Adds a key. One with the same kid is the same key.
    pub fn add(&mut self, key: PublicKey) {
        self.keys.insert(key.kid(), key);
    }

    /// The keys, by ascending kid.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.values()
    }

    /// The keys as a JWK set (RFC 7517 §5), by ascending kid.
    pub fn to_jwk_set(&self) -> String {
        let keys: Vec<String> = self.keys().map(PublicKey::to_jwk).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }

    /// Verifies a token at the time of the system's clock.
    ///
    /// # Errors
    /// One of the `Token…` errors; [`Error::KeySetEmpty`] if no key was added.
    pub fn verify(&self, token: &str) -> Result<Claims> {
        self.verify_at(token, SystemClock.now().unix)
    }

    /// Verifies a token at the time `now`, in Unix seconds.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify_at(&self, token: &str, now: u64) -> Result<Claims> {
        if self.keys.is_empty() {
            return Err(Error::KeySetEmpty);
        }
        let token = Unverified::read(token)?;
        let key = self.key(&token.kid).ok_or(Error::TokenKidUnknown)?;
        if !key.verify(token.message.as_bytes(), &token.signature)? {
            return Err(Error::TokenSignature);
        }
        self.accept(token, key.kid(), now)
    }

    /// Checks everything but the signature.
    fn accept(&self, token: Unverified<'_>, kid: Kid, now: u64) -> Result<Claims> {
        let claims = token.claims()?;
        if text("iss", &claims.iss)? != ISSUER {
            return Err(Error::TokenIssuer);
        }
        let credential_id = text("sub", &claims.sub)?;
        check_credential_id(credential_id).map_err(|_| Error::TokenClaim { claim: "sub" })?;
        let issued_at = seconds("iat", &claims.iat)?.ok_or(Error::TokenClaim { claim: "iat" })?;
        let expires_at = seconds("exp", &claims.exp)?.unwrap_or(issued_at.saturating_add(MAX_LIFETIME));
        let not_before = seconds("nbf", &claims.nbf)?.unwrap_or(0);
        let roles = match &claims.roles {
            Member::Missing => None,
            Member::Texts(roles) => Some(roles.clone()),
            _ => return Err(Error::TokenClaim { claim: "roles" }),
        };
        self.check_times(now, issued_at, expires_at, not_before)?;
        let credential_id = credential_id.to_owned();
        Ok(Claims { credential_id, issued_at, expires_at, kid, roles, json: token.into_json()? })
    }

    fn check_times(&self, now: u64, issued_at: u64, expires_at: u64, not_before: u64) -> Result<()> {
        if !(1..=MAX_LIFETIME).contains(&expires_at.saturating_sub(issued_at)) {
            return Err(Error::TokenLifetime);
        }
        if now >= expires_at.saturating_add(self.leeway) {
            return Err(Error::TokenExpired);
        }
        if issued_at > now.saturating_add(self.leeway) {
            return Err(Error::TokenFromFuture);
        }
        if not_before > now.saturating_add(self.leeway) {
            return Err(Error::TokenNotYetValid);
        }
        Ok(())
    }
}

/// Verifies one token with a JWK set or one public key in any form. By default, `now` is the time of
/// the system's clock, in Unix seconds, and the leeway is 5 s.
///
/// # Errors
/// Those of [`Verifier::parse`], [`Error::Leeway`], and one of the `Token…` errors.
pub fn verify_token(
    token: &str,
    keys: impl AsRef<[u8]>,
    now: Option<u64>,
    leeway: impl Into<Option<Duration>>,
) -> Result<Claims> {
    let verifier = Verifier::parse(keys)?.with_leeway(leeway.into().unwrap_or(Duration::from_secs(LEEWAY)))?;
    now.map_or_else(|| verifier.verify(token), |now| verifier.verify_at(token, now))
}

/// The first reason why Scout would refuse a token whose signature is right, for programs that show
/// tokens. `None` does not mean that the token can be trusted: nothing is verified.
pub fn unverified_fault(token: &str, now: u64) -> Option<Error> {
    let verifier = Verifier::default();
    let accepted = Unverified::read(token).and_then(|token| {
        let kid = Kid::parse(&token.kid).ok_or(Error::TokenKidUnknown)?;
        verifier.accept(token, kid, now)
    });
    accepted.err()
}

fn text<'a>(claim: &'static str, member: &'a Member<'_>) -> Result<&'a str> {
    match member {
        Member::Text(text) => Ok(text),
        _ => Err(Error::TokenClaim { claim }),
    }
}

/// A time: a whole number of seconds, but no fraction, text or `null`.
fn seconds(claim: &'static str, member: &Member<'_>) -> Result<Option<u64>> {
    match member {
        Member::Missing => Ok(None),
        Member::Number(seconds) => Ok(Some(*seconds)),
        _ => Err(Error::TokenClaim { claim }),
    }
}
