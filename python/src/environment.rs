//! `from_env`: credentials from the environment.

use std::env;
use std::ffi::OsString;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use scout_auth::{self as core, Credential, Environment};

use crate::api_key::ApiKey;
use crate::error::call_detached;
use crate::settings::settings;
use crate::signer::Signer;

#[pymethods]
impl Signer {
    /// Reads the environment: SCOUT_PRIVATE_KEY or SCOUT_PRIVATE_KEY_FILE, SCOUT_CREDENTIAL_ID, and
    /// SCOUT_KID if it is set. An empty variable counts as unset. The arguments are those of
    /// Signer; kid replaces SCOUT_KID.
    ///
    /// Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
    #[staticmethod]
    #[pyo3(
        signature = (**keywords),
        text_signature = "(*, kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None)"
    )]
    fn from_env(py: Python<'_>, keywords: Option<Bound<'_, PyDict>>) -> PyResult<Self> {
        let settings = settings(keywords)?;
        call_detached(py, || core::Signer::from_environment(&Environment::new(&variable), settings)).map(Self::new)
    }
}

/// Reads the environment: a Signer, as Signer.from_env does, if any variable of an org credential
/// is set; otherwise an ApiKey from SCOUT_API_KEY, which takes allowed_origins. The arguments are
/// those of Signer.
///
/// Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
#[pyfunction]
#[pyo3(
    signature = (**keywords),
    text_signature = "(*, kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None)"
)]
pub(crate) fn from_env<'py>(py: Python<'py>, keywords: Option<Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
    let settings = settings(keywords)?;
    match call_detached(py, || Credential::from_environment(&Environment::new(&variable), settings))? {
        Credential::Signer(signer) => Ok(Bound::new(py, Signer::new(signer))?.into_any()),
        Credential::ApiKey(key) => Ok(Bound::new(py, ApiKey::new(py, key))?.into_any()),
    }
}

/// An environment variable, read while attached to the interpreter: otherwise a Python thread could
/// set `os.environ` at the same time, and C's environment allows no reader beside a writer.
fn variable(name: &str) -> Option<OsString> {
    Python::attach(|_| env::var_os(name))
}
