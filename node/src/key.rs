//! `PrivateKey`, `PublicKey`, and the conversions of key text.

use napi::bindgen_prelude::{Buffer, External};
use napi::{Env, JsString};
use napi_derive::napi;
use scout_auth::{PrivateKey, PublicKey};

use crate::error::{Result, thrown};
use crate::input::{KeyText, copied, secret};

/// A key of either kind, in one of its written forms.
#[napi(string_enum = "lowercase")]
pub enum KeyForm {
    /// PKCS#8 or SPKI in PEM.
    Pem,
    /// base64url of the DER, as Scout issues it.
    Base64url,
    /// JWK.
    Jwk,
}

/// Reads a private key in any form.
#[napi(catch_unwind)]
pub fn private_key_parse(key: KeyText) -> Result<External<PrivateKey>> {
    PrivateKey::parse(copied(key)).map(External::new).map_err(thrown)
}

/// Reads a key file.
#[napi(catch_unwind)]
pub fn private_key_read_file(path: String) -> Result<External<PrivateKey>> {
    PrivateKey::read_file(path).map(External::new).map_err(thrown)
}

/// Makes a new key.
#[napi(catch_unwind)]
pub fn private_key_generate(bits: u32) -> Result<External<PrivateKey>> {
    PrivateKey::generate(bits).map(External::new).map_err(thrown)
}

/// The public key of a private key.
#[napi(catch_unwind)]
pub fn private_key_public(key: &External<PrivateKey>) -> External<PublicKey> {
    External::new(key.public_key().clone())
}

/// A private key as text.
#[napi(catch_unwind, ts_return_type = "string")]
pub fn private_key_text<'env>(env: &'env Env, key: &External<PrivateKey>, form: KeyForm) -> Result<JsString<'env>> {
    let text = match form {
        KeyForm::Pem => key.to_pem(),
        KeyForm::Base64url => key.to_base64url(),
        KeyForm::Jwk => key.to_jwk(),
    };
    secret(env, &text)
}

/// A private key as DER.
#[napi(catch_unwind)]
pub fn private_key_der(key: &External<PrivateKey>) -> Buffer {
    key.to_der().to_vec().into()
}

/// Reads a public key in any form.
#[napi(catch_unwind)]
pub fn public_key_parse(key: KeyText) -> Result<External<PublicKey>> {
    PublicKey::parse(copied(key)).map(External::new).map_err(thrown)
}

/// The kid of a public key.
#[napi(catch_unwind)]
pub fn public_key_kid(key: &External<PublicKey>) -> String {
    key.kid().to_string()
}

/// The size of a public key.
#[napi(catch_unwind)]
pub fn public_key_bits(key: &External<PublicKey>) -> u32 {
    key.bits()
}

/// A public key as text.
#[napi(catch_unwind)]
pub fn public_key_text(key: &External<PublicKey>, form: KeyForm) -> String {
    match form {
        KeyForm::Pem => key.to_pem(),
        KeyForm::Base64url => key.to_base64url(),
        KeyForm::Jwk => key.to_jwk(),
    }
}

/// A public key as DER.
#[napi(catch_unwind)]
pub fn public_key_der(key: &External<PublicKey>) -> Buffer {
    key.to_der().into()
}

/// Key text of any form as PEM.
#[napi(catch_unwind, ts_return_type = "string")]
pub fn to_pem(env: &Env, key: KeyText) -> Result<JsString<'_>> {
    secret(env, &scout_auth::to_pem(copied(key)).map_err(thrown)?)
}

/// Key text of any form as base64url of its DER.
#[napi(catch_unwind, ts_return_type = "string")]
pub fn to_base64url(env: &Env, key: KeyText) -> Result<JsString<'_>> {
    secret(env, &scout_auth::to_base64url(copied(key)).map_err(thrown)?)
}

/// The kid of key text.
#[napi(catch_unwind)]
pub fn kid(key: KeyText) -> Result<String> {
    scout_auth::kid(copied(key)).map(|kid| kid.to_string()).map_err(thrown)
}
