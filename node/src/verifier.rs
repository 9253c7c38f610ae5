//! `Verifier`.

use napi::bindgen_prelude::External;
use napi_derive::napi;
use scout_auth::{PublicKey, Verifier};

use crate::error::{Result, thrown};
use crate::input::{KeyText, copied, number, span, time};

/// What a verified token says.
#[napi(object, object_from_js = false)]
pub struct Claims {
    /// `sub`: the credential id.
    pub credential_id: String,
    /// `iat`, in Unix seconds.
    pub issued_at: i64,
    /// `exp`, in Unix seconds: 300 seconds after `iat` if the token has none.
    pub expires_at: i64,
    /// The kid of the key that signed.
    pub kid: String,
    /// The claim `roles`, if the token has one. Without it the roles of the credential count.
    pub roles: Option<Vec<String>>,
    /// All claims, as the JSON object that was signed.
    pub json: String,
}

impl From<scout_auth::Claims> for Claims {
    fn from(claims: scout_auth::Claims) -> Self {
        Self {
            credential_id: claims.credential_id,
            issued_at: number(claims.issued_at),
            expires_at: number(claims.expires_at),
            kid: claims.kid.to_string(),
            roles: claims.roles,
            json: claims.json,
        }
    }
}

/// The verifier of a JWK set, or of one public key in any form.
#[napi(catch_unwind)]
pub fn verifier_parse(keys: KeyText) -> Result<External<Verifier>> {
    Verifier::parse(copied(keys)).map(External::new).map_err(thrown)
}

/// The verifier of one public key.
#[napi(catch_unwind)]
pub fn verifier_of_key(key: &External<PublicKey>) -> Result<External<Verifier>> {
    Verifier::new([PublicKey::clone(key)]).map(External::new).map_err(thrown)
}

/// Makes a verifier that knows the keys of all these.
#[napi(catch_unwind)]
pub fn verifier_new(verifiers: Vec<&External<Verifier>>, leeway: Option<f64>) -> Result<External<Verifier>> {
    let verifier = Verifier::union(verifiers.into_iter().map(|verifier| Verifier::clone(verifier))).map_err(thrown)?;
    let verifier = match leeway {
        Some(seconds) => verifier.with_leeway(span(seconds)).map_err(thrown)?,
        None => verifier,
    };
    Ok(External::new(verifier))
}

/// Verifies a token.
#[napi(catch_unwind)]
pub fn verifier_verify(verifier: &External<Verifier>, token: String, now: Option<f64>) -> Result<Claims> {
    let claims = match now {
        Some(now) => verifier.verify_at(&token, time(now)?),
        None => verifier.verify(&token),
    };
    claims.map(Claims::from).map_err(thrown)
}

/// The keys, by ascending kid.
#[napi(catch_unwind)]
pub fn verifier_keys(verifier: &External<Verifier>) -> Vec<External<PublicKey>> {
    verifier.keys().cloned().map(External::new).collect()
}

/// The keys as a JWK set.
#[napi(catch_unwind)]
pub fn verifier_jwk_set(verifier: &External<Verifier>) -> String {
    verifier.to_jwk_set()
}
