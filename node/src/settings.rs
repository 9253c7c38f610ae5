//! `Settings`: what a signer is made with.

use napi_derive::napi;
use scout_auth::Settings;

use crate::input::span;

/// Settings of a signer; seconds.
#[napi(object, object_to_js = false)]
pub struct SignerOptions {
    /// The kid that the key must have.
    pub kid: Option<String>,
    /// The lifetime of each token.
    pub lifetime: Option<f64>,
    /// How long before its expiry a token is replaced.
    pub refresh_margin: Option<f64>,
    /// How far in the past `iat` is put.
    pub backdate: Option<f64>,
    /// The only origins that may receive the token.
    pub allowed_origins: Option<Vec<String>>,
}

impl From<SignerOptions> for Settings {
    fn from(options: SignerOptions) -> Self {
        Self {
            kid: options.kid,
            lifetime: options.lifetime.map(span),
            refresh_margin: options.refresh_margin.map(span),
            backdate: options.backdate.map(span),
            allowed_origins: options.allowed_origins,
        }
    }
}
