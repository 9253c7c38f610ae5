//! `Token` and `mintToken`.

use napi::bindgen_prelude::External;
use napi_derive::napi;
use scout_auth::{PrivateKey, Settings, Token};

use crate::error::{Result, thrown};
use crate::input::{number, span, time};

/// Settings of one token; seconds.
#[napi(object, object_to_js = false)]
pub struct MintOptions {
    /// The kid that the key must have.
    pub kid: Option<String>,
    /// The lifetime.
    pub lifetime: Option<f64>,
    /// `iat`, in Unix seconds.
    pub issued_at: Option<f64>,
}

/// What JavaScript keeps of a token.
#[napi(object, object_from_js = false)]
pub struct TokenData {
    /// `Bearer ` and the JWT.
    pub authorization: String,
    /// `iat`, in Unix seconds.
    pub issued_at: i64,
    /// `exp`, in Unix seconds.
    pub expires_at: i64,
}

impl From<&Token> for TokenData {
    fn from(token: &Token) -> Self {
        Self {
            authorization: token.authorization().to_owned(),
            issued_at: number(token.issued_at()),
            expires_at: number(token.expires_at()),
        }
    }
}

/// Makes and signs one token without keeping it.
#[napi(catch_unwind)]
pub fn mint_token(credential_id: String, key: &External<PrivateKey>, options: MintOptions) -> Result<TokenData> {
    let issued_at = options.issued_at.map(time).transpose()?;
    let settings = Settings { kid: options.kid, lifetime: options.lifetime.map(span), ..Settings::default() };
    let token = scout_auth::mint_token(&credential_id, key, &settings, issued_at);
    token.map(|token| TokenData::from(&token)).map_err(thrown)
}
