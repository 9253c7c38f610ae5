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
    /// The kid that the header of each token names, as given: 1 to 128 visible ASCII characters. For
    /// the case that Scout's kid is not the RFC 7638 thumbprint, which is the default.
    #[napi(ts_type = "string | undefined")]
    pub header_kid: Option<String>,
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
    /// The claim `roles`: 1 to 16 names, for tokens with fewer rights than the credential has. That
    /// Scout's claim has this name and form is not confirmed by a public page. Default: no such claim.
    #[napi(ts_type = "readonly string[] | undefined")]
    pub roles: Option<Vec<String>>,
    /// Further claims, as the text of a JSON object.
    #[napi(ts_type = "string | undefined")]
    pub claims: Option<String>,
    /// How many seconds pass before the command of `fromCommand` runs again: at least 1. Default: it
    /// runs again only after a 401.
    #[napi(ts_type = "number | undefined")]
    pub refresh: Option<f64>,
}

impl From<SignerOptions> for Settings {
    fn from(options: SignerOptions) -> Self {
        Self {
            kid: options.kid,
            header_kid: options.header_kid,
            lifetime: options.lifetime.map(span),
            refresh_margin: options.refresh_margin.map(span),
            backdate: options.backdate.map(span),
            allowed_origins: options.allowed_origins,
            roles: options.roles,
            claims: options.claims,
            refresh: options.refresh.map(span),
        }
    }
}
