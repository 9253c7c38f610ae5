//! `ApiKey`.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use scout_auth as core;

use crate::copies::secret;
use crate::error::call;
use crate::input::{KeyText, Text};
use crate::settings::Texts;
use crate::token::TokenText;

/// A bearer string that is sent as it is: a legacy key, 1 to 65536 visible ASCII characters.
///
/// It goes wherever a Signer goes. Prefer a Signer: an ApiKey sends the secret itself with every
/// request. repr() shows nothing of it, and pickle is refused. allowed_origins: as for a Signer.
///
/// Raises ConfigError (ERR_API_KEY, ERR_ORIGIN).
#[pyclass(frozen, weakref, module = "scout_auth")]
pub(crate) struct ApiKey {
    core: core::ApiKey,
    /// One str for all calls, so that the key is not copied for each.
    authorization: Py<PyString>,
    /// Made by the first call: a program needs one of the two.
    bearer: PyOnceLock<Py<PyString>>,
}

secret!(ApiKey, "it is a secret; read it in the other process, for example with scout_auth.from_env()");

impl ApiKey {
    pub(crate) fn new(py: Python<'_>, core: core::ApiKey) -> Self {
        let authorization = PyString::new(py, core.authorization()).unbind();
        Self { core, authorization, bearer: PyOnceLock::new() }
    }

    fn with_origins(
        py: Python<'_>,
        make: impl FnOnce() -> core::Result<core::ApiKey>,
        origins: Option<Texts>,
    ) -> PyResult<Self> {
        let key = call(py, || match origins {
            Some(origins) => make()?.with_allowed_origins(origins.0),
            None => make(),
        });
        key.map(|key| Self::new(py, key))
    }
}

#[pymethods]
impl ApiKey {
    #[new]
    #[pyo3(signature = (key, *, allowed_origins = None))]
    fn py_new(py: Python<'_>, key: KeyText<'_>, allowed_origins: Option<Texts>) -> PyResult<Self> {
        Self::with_origins(py, || core::ApiKey::new(key.as_str()), allowed_origins)
    }

    /// Checks that the text is a private key, and takes it as the bearer string (Scout's Method 1).
    ///
    /// Raises InvalidKeyError, ConfigError (ERR_ORIGIN).
    #[staticmethod]
    #[pyo3(signature = (key, *, allowed_origins = None))]
    fn from_private_key(py: Python<'_>, key: KeyText<'_>, allowed_origins: Option<Texts>) -> PyResult<Self> {
        Self::with_origins(py, || core::ApiKey::from_private_key(key.as_str()), allowed_origins)
    }

    /// Returns the value of the header Authorization: "Bearer " and the key.
    fn authorization(&self, py: Python<'_>) -> Py<PyString> {
        self.authorization.clone_ref(py)
    }

    /// Returns the key: what stands behind "Bearer ", for SDKs that write "Bearer " themselves.
    fn bearer(&self, py: Python<'_>) -> Py<PyString> {
        self.bearer.get_or_init(py, || PyString::new(py, self.core.bearer()).unbind()).clone_ref(py)
    }

    /// Returns what authorization returns, for a request to that absolute URL: https, or http to
    /// loopback.
    ///
    /// Raises UrlInsecureError, ConfigError (ERR_URL, ERR_ORIGIN_NOT_ALLOWED).
    fn authorization_for(&self, py: Python<'_>, url: Text<'_>) -> PyResult<Py<PyString>> {
        call(py, || self.core.check_url(url.0))?;
        Ok(self.authorization(py))
    }

    /// Call this after a 401, like Signer.rejected. Returns False, because an API key cannot be
    /// renewed.
    #[pyo3(signature = (token, date = None))]
    fn rejected(&self, token: TokenText<'_>, date: Option<Text<'_>>) -> bool {
        self.core.rejected(token.0, date.map(|date| date.0))
    }

    #[allow(clippy::unused_self, reason = "a method")]
    fn __repr__(&self) -> &'static str {
        "<ApiKey>"
    }
}
