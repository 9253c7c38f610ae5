//! `from_env`: credentials from the environment.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};
use scout_auth::{self as core, Credential, Environment};
use zeroize::Zeroizing;

use crate::api_key::ApiKey;
use crate::error::call_detached;
use crate::input::{KeyText, wrong_type};
use crate::settings::{Keywords, text};
use crate::signer::Signer;

#[pymethods]
impl Signer {
    /// Reads the environment: SCOUT_CREDENTIAL_FILE, SCOUT_CREDENTIAL_COMMAND, or SCOUT_PRIVATE_KEY or
    /// SCOUT_PRIVATE_KEY_FILE with SCOUT_CREDENTIAL_ID and, if it is set, SCOUT_KID. An empty variable
    /// counts as unset. kid replaces SCOUT_KID.
    ///
    /// env: a mapping that is read instead of the environment, such as dotenv_values()
    /// prefix: what stands before the names: with "STAGING_", STAGING_SCOUT_PRIVATE_KEY is read
    ///
    /// The other arguments are those of Signer.
    ///
    /// Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
    #[staticmethod]
    #[pyo3(
        signature = (**keywords),
        text_signature = "(*, env=None, prefix=\"\", kid=None, header_kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None, roles=None, claims=None, refresh=None)"
    )]
    fn from_env(py: Python<'_>, keywords: Option<Bound<'_, PyDict>>) -> PyResult<Self> {
        let keywords = Keywords(keywords);
        let (variables, settings) = (Variables::take(&keywords)?, keywords.settings()?);
        let variable = |name: &str| variables.get(name);
        call_detached(py, || core::Signer::from_environment(&Environment::new(&variable), settings)).map(Self::new)
    }
}

/// Reads the environment: a Signer, as Signer.from_env does, if any variable of an org credential
/// is set; otherwise an ApiKey from SCOUT_API_KEY, which takes allowed_origins. The arguments are
/// those of Signer.from_env.
///
/// Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
#[pyfunction]
#[pyo3(
    signature = (**keywords),
    text_signature = "(*, env=None, prefix=\"\", kid=None, header_kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None, roles=None, claims=None, refresh=None)"
)]
pub(crate) fn from_env<'py>(py: Python<'py>, keywords: Option<Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
    let keywords = Keywords(keywords);
    let (variables, settings) = (Variables::take(&keywords)?, keywords.settings()?);
    let variable = |name: &str| variables.get(name);
    match call_detached(py, || Credential::from_environment(&Environment::new(&variable), settings))? {
        Credential::Signer(signer) => Ok(Bound::new(py, Signer::new(signer))?.into_any()),
        Credential::ApiKey(key) => Ok(Bound::new(py, ApiKey::new(py, key))?.into_any()),
    }
}

/// The variables of the process, or those of a mapping.
struct Variables {
    prefix: String,
    /// Read before the call, because no exception passes through the core.
    given: Option<HashMap<&'static str, Zeroizing<String>>>,
}

impl Variables {
    /// Takes the arguments `env` and `prefix` out.
    fn take(keywords: &Keywords<'_>) -> PyResult<Self> {
        let prefix = keywords.take("prefix", text)?.unwrap_or_default();
        let given = keywords.take("env", |env| read(env, &prefix))?;
        Ok(Self { prefix, given })
    }

    /// A variable of the process is read while attached to the interpreter: otherwise a Python thread
    /// could set `os.environ` at the same time, and C's environment allows no reader beside a writer.
    fn get(&self, name: &str) -> Option<OsString> {
        match &self.given {
            Some(given) => given.get(name).map(|value| OsString::from(value.as_str())),
            None => Python::attach(|_| env::var_os(format!("{}{name}", self.prefix))),
        }
    }
}

/// Reads the variables from a mapping. A value is `str`, `None`, or another form of [`KeyText`].
fn read(env: Borrowed<'_, '_, PyAny>, prefix: &str) -> PyResult<HashMap<&'static str, Zeroizing<String>>> {
    env.cast::<PyMapping>().map_err(|_| wrong_type(env, "a mapping"))?;
    let mut given = HashMap::new();
    for name in Environment::ORG_CREDENTIAL.into_iter().chain([Environment::API_KEY]) {
        let value = env.call_method1("get", (format!("{prefix}{name}"),))?;
        if !value.is_none() {
            given.insert(name, Zeroizing::new(value.extract::<KeyText<'_>>()?.as_str().to_owned()));
        }
    }
    Ok(given)
}
