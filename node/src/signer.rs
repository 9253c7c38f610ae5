//! `Signer` and `Token`.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use napi::bindgen_prelude::{AsyncTask, External, Function};
use napi::{Env, Result, Task};
use napi_derive::napi;
use scout_auth::{Error, PrivateKey, PublicKey, Signer, SignerBuilder, Token};

use crate::error::thrown;
use crate::input::{number, span, time};

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

/// Makes a signer.
#[napi(catch_unwind)]
pub fn signer_new(
    credential_id: String,
    key: &External<PrivateKey>,
    options: SignerOptions,
) -> Result<External<Signer>> {
    configured(Signer::builder(credential_id, PrivateKey::clone(key)), options)
}

/// Makes a signer with these settings.
pub(crate) fn configured(mut builder: SignerBuilder, options: SignerOptions) -> Result<External<Signer>> {
    if let Some(kid) = options.kid {
        builder = builder.kid(kid);
    }
    if let Some(seconds) = options.lifetime {
        builder = builder.lifetime(span(seconds));
    }
    if let Some(seconds) = options.refresh_margin {
        builder = builder.refresh_margin(span(seconds));
    }
    if let Some(seconds) = options.backdate {
        builder = builder.backdate(span(seconds));
    }
    if let Some(origins) = options.allowed_origins {
        builder = builder.allowed_origins(origins);
    }
    builder.build().map(External::new).map_err(thrown)
}

/// A function that gives the current token when it is another than the one it gave last, and
/// nothing while that one is current: then the caller's copy is good, and no text is copied.
#[napi(catch_unwind, ts_return_type = "() => TokenData | undefined")]
pub fn signer_current<'env>(
    env: &'env Env,
    signer: &External<Signer>,
) -> Result<Function<'env, (), Option<TokenData>>> {
    let signer = Signer::clone(signer);
    let given = RefCell::new(None::<Token>);
    env.create_function_from_closure("current", move |_| {
        let mut given = given.borrow_mut();
        if given.as_ref().is_some_and(|token| signer.is_current(token)) {
            return Ok(None);
        }
        let token = signer.token().map_err(thrown)?;
        let data = TokenData::from(&token);
        *given = Some(token);
        Ok(Some(data))
    })
}

/// Makes and signs a new token.
#[napi(catch_unwind)]
pub fn signer_mint(signer: &External<Signer>) -> Result<TokenData> {
    signer.mint().map(|token| TokenData::from(&token)).map_err(thrown)
}

/// Makes and signs a new token in libuv's thread pool.
#[napi(catch_unwind, ts_return_type = "Promise<TokenData>")]
pub fn signer_mint_async(signer: &External<Signer>) -> AsyncTask<Mint> {
    AsyncTask::new(Mint(Signer::clone(signer)))
}

/// One token to be minted in the thread pool.
pub struct Mint(pub(crate) Signer);

impl Task for Mint {
    type Output = Token;
    type JsValue = TokenData;

    fn compute(&mut self) -> Result<Token> {
        contained(|| self.0.mint().map_err(thrown))
    }

    fn resolve(&mut self, _env: Env, token: Token) -> Result<TokenData> {
        Ok(TokenData::from(&token))
    }
}

/// The boundary of work in the thread pool, where napi has none: a panic is `ERR_INTERNAL`.
pub(crate) fn contained<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(thrown(Error::Internal)))
}

/// The header for a request to that URL.
#[napi(catch_unwind)]
pub fn signer_authorization_for(signer: &External<Signer>, url: String) -> Result<String> {
    signer.authorization_for(&url).map_err(thrown)
}

/// Takes note of a 401, and answers whether to send the request once more.
#[napi(catch_unwind)]
pub fn signer_rejected(signer: &External<Signer>, token: String, date: Option<String>) -> bool {
    signer.rejected(&token, date.as_deref())
}

/// Forgets the current token.
#[napi(catch_unwind)]
pub fn signer_invalidate(signer: &External<Signer>) {
    signer.invalidate();
}

/// The seconds by which the server's clock is ahead.
#[napi(catch_unwind)]
pub fn signer_clock_offset(signer: &External<Signer>) -> i64 {
    signer.clock_offset()
}

/// The credential id.
#[napi(catch_unwind)]
pub fn signer_credential_id(signer: &External<Signer>) -> String {
    signer.credential_id().to_owned()
}

/// The public key.
#[napi(catch_unwind)]
pub fn signer_public_key(signer: &External<Signer>) -> External<PublicKey> {
    External::new(signer.public_key().clone())
}

/// Makes and signs one token without keeping it.
#[napi(catch_unwind)]
pub fn mint_token(credential_id: String, key: &External<PrivateKey>, options: MintOptions) -> Result<TokenData> {
    let issued_at = options.issued_at.map(time).transpose()?;
    let lifetime = options.lifetime.map(span);
    let token = scout_auth::mint_token(&credential_id, key, options.kid.as_deref(), lifetime, issued_at);
    token.map(|token| TokenData::from(&token)).map_err(thrown)
}
