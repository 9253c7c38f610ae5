//! Credentials from the environment: `process.env`, or any object of variables. In a worker thread
//! `process.env` is the worker's own, which is why the operating system's is not read here.

use std::cell::Cell;
use std::ffi::OsString;

use napi::bindgen_prelude::{External, Object};
use napi_derive::napi;
use scout_auth::{ApiKey, Credential, Environment, Error, Signer};

use crate::error::{Result, thrown};
use crate::settings::SignerOptions;

/// The signer of these variables.
#[napi(catch_unwind)]
pub fn signer_from_env(variables: Object, options: SignerOptions) -> Result<External<Signer>> {
    read(&variables, |environment| Signer::from_environment(environment, options.into())).map(External::new)
}

/// One of the two.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct CredentialHandle {
    /// An org credential.
    pub signer: Option<External<Signer>>,
    /// A legacy key.
    pub api_key: Option<External<ApiKey>>,
}

/// The signer or the API key of these variables.
#[napi(catch_unwind)]
pub fn credential_from_env(variables: Object, options: SignerOptions) -> Result<CredentialHandle> {
    Ok(match read(&variables, |environment| Credential::from_environment(environment, options.into()))? {
        Credential::Signer(signer) => CredentialHandle { signer: Some(External::new(signer)), ..Default::default() },
        Credential::ApiKey(key) => CredentialHandle { api_key: Some(External::new(key)), ..Default::default() },
    })
}

/// Calls core with these variables. One that is set and is not a string fails as any other argument
/// of the wrong type does.
fn read<T>(variables: &Object, from: impl FnOnce(&Environment<'_>) -> scout_auth::Result<T>) -> Result<T> {
    let failure = Cell::new(false);
    let credential = from(&Environment::new(&|name| {
        let value = variables.get::<Option<String>>(name).unwrap_or_else(|_| {
            failure.set(true);
            None
        });
        value.flatten().map(OsString::from)
    }));
    if failure.into_inner() { Err(thrown(Error::Argument)) } else { credential.map_err(thrown) }
}
