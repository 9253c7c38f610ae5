//! `Signer`.

use std::cell::RefCell;

use napi::bindgen_prelude::{AsyncTask, External, Function};
use napi::{Env, Task};
use napi_derive::napi;
use scout_auth::{Error, Events, PrivateKey, PublicKey, Signer, Token};

use crate::error::{Failure, Result, contained, raised, thrown};
use crate::settings::SignerOptions;
use crate::token::TokenData;

/// Makes a signer.
#[napi(catch_unwind)]
pub fn signer_new(
    credential_id: String,
    key: &External<PrivateKey>,
    options: SignerOptions,
) -> Result<External<Signer>> {
    Signer::with_settings(credential_id, PrivateKey::clone(key), options.into()).map(External::new).map_err(thrown)
}

/// Makes a signer of a credential file or folder.
#[napi(catch_unwind)]
pub fn signer_from_file(path: String, options: SignerOptions) -> Result<External<Signer>> {
    Signer::from_file(path, options.into()).map(External::new).map_err(thrown)
}

/// Makes a signer of the credential that a program prints.
#[napi(catch_unwind)]
pub fn signer_from_command(command: Vec<String>, options: SignerOptions) -> Result<External<Signer>> {
    Signer::from_command(command, options.into()).map(External::new).map_err(thrown)
}

/// A function that returns the current token if it changed since the last call, and nothing
/// otherwise: then the caller's copy is still current, and no text is copied.
#[napi(catch_unwind, ts_return_type = "() => TokenData | undefined")]
pub fn signer_current<'env>(
    env: &'env Env,
    signer: &External<Signer>,
) -> Result<Function<'env, (), Option<TokenData>>> {
    let signer = Signer::clone(signer);
    let last = RefCell::new(None::<Token>);
    let current = env.create_function_from_closure("current", move |context| {
        let mut last = last.borrow_mut();
        if last.as_ref().is_some_and(|token| signer.is_current(token)) {
            return Ok(None);
        }
        let token = signer.token().map_err(|error| raised(context.env, error))?;
        let data = TokenData::from(&token);
        *last = Some(token);
        Ok(Some(data))
    });
    current.map_err(|_| thrown(Error::Internal))
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
    type Output = (scout_auth::Result<Token>, Events);
    type JsValue = TokenData;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Events::take();
        Ok((contained(|| self.0.mint()), Events::take()))
    }

    fn resolve(&mut self, env: Env, (token, events): Self::Output) -> napi::Result<TokenData> {
        events.put();
        token.map(|token| TokenData::from(&token)).map_err(|error| raised(&env, error))
    }
}

/// Checks that the credential may be sent to that URL. Returns the beginning of the URL that decided
/// it: any URL that begins with that text passes too.
#[napi(catch_unwind)]
pub fn signer_check_url(signer: &External<Signer>, url: String) -> Result<Option<String>> {
    signer.check_url(&url).map(|beginning| beginning.map(str::to_owned)).map_err(thrown)
}

/// Takes note of a 401, and returns whether to send the request once more.
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

/// Why the source could not be read again.
#[napi(catch_unwind)]
pub fn signer_source_error(signer: &External<Signer>) -> Option<Failure> {
    signer.source_error().map(Failure::from)
}

/// The credential id.
#[napi(catch_unwind)]
pub fn signer_credential_id(signer: &External<Signer>) -> String {
    signer.credential_id()
}

/// The kid.
#[napi(catch_unwind)]
pub fn signer_kid(signer: &External<Signer>) -> String {
    signer.kid().to_string()
}

/// The public key.
#[napi(catch_unwind)]
pub fn signer_public_key(signer: &External<Signer>) -> External<PublicKey> {
    External::new(signer.public_key())
}
