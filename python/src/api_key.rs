//! `ApiKey`, and `from_env` over both kinds of credential.

use pyo3::prelude::*;
use scout_auth::{self as core, Credential};

use crate::copies::secret;
use crate::errors::{call, call_detached};
use crate::input::{Text, TokenText, variable};
use crate::signer::{Signer, authorize};

/// A bearer string that is sent as it is: a legacy key, 1 to 65536 visible ASCII characters.
///
/// It travels with every request: prefer a Signer. Used in the same places as a Signer. repr()
/// shows nothing of it, and pickle is refused. allowed_origins: as for a Signer.
///
/// Raises ConfigError (ERR_API_KEY, ERR_ORIGIN).
#[pyclass(frozen, weakref, module = "scout_auth")]
pub(crate) struct ApiKey(core::ApiKey);

secret!(ApiKey, "it is a secret; read it again where it is needed, for example with scout_auth.from_env()");

#[pymethods]
impl ApiKey {
    #[new]
    #[pyo3(signature = (key, *, allowed_origins = None))]
    fn new(py: Python<'_>, key: Text<'_>, allowed_origins: Option<Vec<String>>) -> PyResult<Self> {
        call(py, || limited(core::ApiKey::new(key.0)?, allowed_origins))
    }

    /// Takes the raw private key as the bearer string (Scout's Method 1), after checking that it is
    /// a private key.
    ///
    /// Raises InvalidKeyError, ConfigError (ERR_ORIGIN).
    #[staticmethod]
    #[pyo3(signature = (key, *, allowed_origins = None))]
    fn from_private_key(py: Python<'_>, key: Text<'_>, allowed_origins: Option<Vec<String>>) -> PyResult<Self> {
        call(py, || limited(core::ApiKey::from_private_key(key.0)?, allowed_origins))
    }

    /// The value of the header Authorization: "Bearer " and the key.
    fn authorization(&self) -> &str {
        self.0.authorization()
    }

    /// As authorization, for a request to that absolute URL: https, or loopback.
    ///
    /// Raises UrlInsecureError, ConfigError (ERR_URL, ERR_ORIGIN_NOT_ALLOWED).
    fn authorization_for(&self, py: Python<'_>, url: Text<'_>) -> PyResult<&str> {
        call(py, || self.0.authorization_for(url.0))
    }

    /// To be called after a response of 401, as Signer.rejected. Always False: nothing else could
    /// be sent.
    #[pyo3(signature = (token, date = None))]
    fn rejected(&self, token: TokenText<'_>, date: Option<Text<'_>>) -> bool {
        self.0.rejected(token.0, date.map(|date| date.0))
    }

    /// The auth of requests: requests.get(url, auth=api_key).
    fn __call__<'py>(slf: &Bound<'py, Self>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        authorize(slf, request)
    }

    #[allow(clippy::unused_self, reason = "a method")]
    fn __repr__(&self) -> &'static str {
        "<ApiKey>"
    }
}

fn limited(key: core::ApiKey, origins: Option<Vec<String>>) -> core::Result<ApiKey> {
    origins.map_or(Ok(key.clone()), |origins| key.with_allowed_origins(origins)).map(ApiKey)
}

/// Reads the environment: a Signer, as Signer.from_env does, where any variable of an org
/// credential is set; else an ApiKey from SCOUT_API_KEY.
///
/// Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
#[pyfunction]
pub(crate) fn from_env(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    match call_detached(py, || Credential::from_variables(&variable))? {
        Credential::Signer(signer) => Ok(Bound::new(py, Signer::new(signer))?.into_any()),
        Credential::ApiKey(key) => Ok(Bound::new(py, ApiKey(key))?.into_any()),
    }
}
