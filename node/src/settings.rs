//! `Settings`: what a signer is made with.

use napi_derive::napi;
use scout_auth::Settings;

use crate::input::span;

/// Settings of a `Signer`. All are optional.
#[napi(object, object_to_js = false)]
pub struct SignerOptions {
    /// The kid that the key must have, as Scout shows it. It finds a wrong key before a 401 does.
    #[napi(ts_type = "string | undefined")]
    pub kid: Option<String>,
    /// The lifetime of each token in seconds: 1 to 300. Default: 300.
    #[napi(ts_type = "number | undefined")]
    pub lifetime: Option<f64>,
    /// How many seconds before its expiry a token is replaced. Default: 30.
    #[napi(ts_type = "number | undefined")]
    pub refresh_margin: Option<f64>,
    /// How many seconds `iat` lies in the past, for servers whose clock is behind. Default: 0.
    #[napi(ts_type = "number | undefined")]
    pub backdate: Option<f64>,
    /// The only origins, apart from loopback, that may receive the token: each `https://host[:port]`.
    #[napi(ts_type = "readonly string[] | undefined")]
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
            header_kid: None,
            roles: None,
            claims: None,
            refresh: None,
        }
    }
}
