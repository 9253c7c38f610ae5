//! `Signer`.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use scout_auth as core;

use crate::copies::secret;
use crate::error::{call, call_detached};
use crate::input::Text;
use crate::key::{PrivateKeyInput, PublicKey};
use crate::requests::authorize;
use crate::settings::settings;
use crate::token::{Token, TokenText};

/// A credential id and its private key: mints tokens and keeps the current one.
///
/// credential_id: as Scout shows it; the claim sub
/// private_key: as Scout issued it (str), in any other form that PrivateKey.parse takes, or a
///     PrivateKey
/// kid: the kid that the key must have, which finds a wrong key before a 401 does
/// lifetime: of each token, 1 to 300 seconds; 300 by default
/// refresh_margin: a token is replaced when fewer seconds than this remain; by default 30, or half
///     of a shorter lifetime
/// backdate: how many seconds iat lies in the past, for servers whose clock is behind; 0 by default
/// allowed_origins: the only origins, apart from loopback, that may receive the token: any iterable
///     of "https://host" or "https://host:port"; by default any https origin
///
/// A signer is immutable and may be used from many threads, in asyncio and after a fork. To rotate,
/// make a new one. It is also the auth of requests: requests.get(url, auth=signer). For httpx,
/// aiohttp and urllib3 see the modules scout_auth.httpx, scout_auth.aiohttp and scout_auth.urllib3.
///
/// Raises InvalidKeyError, KidMismatchError, ConfigError.
///
/// >>> signer = Signer("cred_123", PrivateKey.generate())
/// >>> signer.authorization()[:10]
/// 'Bearer eyJ'
#[pyclass(frozen, weakref, module = "scout_auth")]
pub(crate) struct Signer {
    core: core::Signer,
    /// The token that Python received last. Lock-free: a fork cannot leave it locked.
    current: ArcSwapOption<Current>,
}

/// A token of the core and its Python objects: they stay the same while the token does.
struct Current {
    core: core::Token,
    token: Py<Token>,
    authorization: Py<PyString>,
}

secret!(Signer, "it holds a private key; make it anew in the other process, for example with Signer.from_env()");

impl Signer {
    pub(crate) fn new(core: core::Signer) -> Self {
        Self { core, current: ArcSwapOption::empty() }
    }

    /// Lends the current token to `then`. The interpreter is released only if a token is due.
    fn with_current<T>(&self, py: Python<'_>, then: impl Fn(&Current) -> T) -> PyResult<T> {
        if let Some(current) = &*self.current.load()
            && call(py, || Ok(self.core.is_current(&current.core)))?
        {
            return Ok(then(current));
        }
        self.refresh(py).map(|current| then(&current))
    }

    #[cold]
    fn refresh(&self, py: Python<'_>) -> PyResult<Arc<Current>> {
        let made = Arc::new(Current::new(py, call_detached(py, || self.core.token())?)?);
        // Another thread may have stored this token, or a newer one, in the meantime: that one stays.
        let stays = |known: &Arc<Current>| known.core.is_same(&made.core) || self.core.is_current(&known.core);
        let before = self.current.rcu(|known| match known {
            Some(known) if stays(known) => Some(Arc::clone(known)),
            _ => Some(Arc::clone(&made)),
        });
        Ok(before.filter(|known| known.core.is_same(&made.core)).unwrap_or(made))
    }
}

impl Current {
    fn new(py: Python<'_>, core: core::Token) -> PyResult<Self> {
        let authorization = PyString::new(py, core.authorization()).unbind();
        Ok(Self { token: Py::new(py, Token(core.clone()))?, authorization, core })
    }
}

#[pymethods]
impl Signer {
    #[new]
    #[pyo3(
        signature = (credential_id, private_key, **keywords),
        text_signature = "(credential_id, private_key, *, kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None)"
    )]
    fn py_new(
        py: Python<'_>,
        credential_id: Text<'_>,
        private_key: PrivateKeyInput<'_>,
        keywords: Option<Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let settings = settings(keywords)?;
        let key = private_key.parse(py)?;
        call(py, || core::Signer::with_settings(credential_id.0, key, settings)).map(Self::new)
    }

    /// Makes and signs a new token, always. The current one stays.
    ///
    /// Raises ConfigError (ERR_CLOCK), InvalidKeyError (ERR_KEY_CANNOT_SIGN), InternalError.
    fn mint(&self, py: Python<'_>) -> PyResult<Token> {
        call_detached(py, || self.core.mint()).map(Token)
    }

    /// The current token: the same object until fewer seconds than the refresh margin remain.
    ///
    /// Raises as mint does, where no valid token is left.
    fn token(&self, py: Python<'_>) -> PyResult<Py<Token>> {
        self.with_current(py, |current| current.token.clone_ref(py))
    }

    /// The value of the header Authorization, "Bearer " and the current token: the same str until
    /// the token changes.
    ///
    /// Raises as token does.
    fn authorization(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        self.with_current(py, |current| current.authorization.clone_ref(py))
    }

    /// As authorization, for a request to that absolute URL: https, or loopback.
    ///
    /// Raises UrlInsecureError, ConfigError (ERR_URL, ERR_ORIGIN_NOT_ALLOWED), and as token does.
    fn authorization_for(&self, py: Python<'_>, url: Text<'_>) -> PyResult<Py<PyString>> {
        call(py, || self.core.check_url(url.0))?;
        self.authorization(py)
    }

    /// To be called after a response of 401, with the token or header value that was sent and the
    /// response's header Date. Says whether to send the request once more, with a new
    /// authorization_for(url); never do so twice.
    ///
    /// The token is dropped, and the server's clock is learnt where it differs: see clock_offset.
    #[pyo3(signature = (token, date = None))]
    fn rejected(&self, py: Python<'_>, token: TokenText<'_>, date: Option<Text<'_>>) -> PyResult<bool> {
        call(py, || Ok(self.core.rejected(token.0, date.map(|date| date.0))))
    }

    /// Forgets the current token; the next call mints.
    fn invalidate(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || {
            self.core.invalidate();
            Ok(())
        })
    }

    /// The credential id: the claim sub.
    #[getter]
    fn credential_id(&self) -> &str {
        self.core.credential_id()
    }

    /// The kid of the private key, 43 characters.
    #[getter]
    fn kid(&self) -> String {
        self.core.kid().to_string()
    }

    /// The public key: what verifies these tokens.
    #[getter]
    fn public_key(&self) -> PublicKey {
        PublicKey(self.core.public_key().clone())
    }

    /// The seconds by which the server's clock was found to be ahead of the local one; 0 until a
    /// difference was learnt from a 401.
    #[getter]
    fn clock_offset(&self) -> i64 {
        self.core.clock_offset()
    }

    /// The auth of requests: requests.get(url, auth=signer).
    fn __call__<'py>(slf: &Bound<'py, Self>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        authorize(slf, request)
    }

    fn __repr__(&self) -> String {
        format!("<Signer credential_id={:?} kid={}>", self.core.credential_id(), self.core.kid())
    }
}
