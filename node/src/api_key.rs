//! `ApiKey`.

use napi::bindgen_prelude::External;
use napi::{Env, JsString};
use napi_derive::napi;
use scout_auth::ApiKey;
use zeroize::Zeroizing;

use crate::error::{Result, thrown};
use crate::input::secret;

/// Takes a legacy key, as it is.
#[napi(catch_unwind)]
pub fn api_key_new(key: String, allowed_origins: Option<Vec<String>>) -> Result<External<ApiKey>> {
    with_origins(ApiKey::new(&Zeroizing::new(key)), allowed_origins)
}

/// Takes the raw private key.
#[napi(catch_unwind)]
pub fn api_key_from_private_key(key: String, allowed_origins: Option<Vec<String>>) -> Result<External<ApiKey>> {
    with_origins(ApiKey::from_private_key(&Zeroizing::new(key)), allowed_origins)
}

fn with_origins(key: scout_auth::Result<ApiKey>, origins: Option<Vec<String>>) -> Result<External<ApiKey>> {
    let key = match origins {
        Some(origins) => key.and_then(|key| key.with_allowed_origins(origins)),
        None => key,
    };
    key.map(External::new).map_err(thrown)
}

/// The header's value.
#[napi(catch_unwind, ts_return_type = "string")]
pub fn api_key_authorization<'env>(env: &'env Env, key: &External<ApiKey>) -> Result<JsString<'env>> {
    secret(env, key.authorization())
}

/// As `signerCheckUrl`.
#[napi(catch_unwind)]
pub fn api_key_check_url(key: &External<ApiKey>, url: String) -> Result<Option<String>> {
    key.check_url(&url).map(|beginning| beginning.map(str::to_owned)).map_err(thrown)
}

/// Takes note of a 401, and returns whether to send the request once more.
#[napi(catch_unwind)]
pub fn api_key_rejected(key: &External<ApiKey>, token: String, date: Option<String>) -> bool {
    key.rejected(&token, date.as_deref())
}
