//! `Token` and `mintToken`.

use napi::bindgen_prelude::External;
use napi_derive::napi;
use scout_auth::{PrivateKey, Token};

use crate::error::{Result, thrown};
use crate::input::{number, time};
use crate::settings::SignerOptions;

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

/// Makes and signs one token of that time, in Unix seconds, without keeping it.
#[napi(catch_unwind)]
pub fn mint_token(
    credential_id: String,
    key: &External<PrivateKey>,
    options: SignerOptions,
    issued_at: Option<f64>,
) -> Result<TokenData> {
    let issued_at = issued_at.map(time).transpose()?;
    let token = scout_auth::mint_token(&credential_id, key, &options.into(), issued_at);
    token.map(|token| TokenData::from(&token)).map_err(thrown)
}
