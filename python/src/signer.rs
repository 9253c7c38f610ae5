//! `Signer` and `Token`.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;
use pyo3::types::PyString;
use scout_auth as core;

use crate::copies::secret;
use crate::errors::{call, call_detached};
use crate::input::{PrivateKeyInput, Seconds, Text, TokenText, UnixTime, variable};
use crate::keys::PublicKey;

/// One minted JWT, with the times that it says. str(token) is the JWT.
///
/// A token is a secret while it lives: repr() shows its times only, and pickle is refused.
#[pyclass(frozen, weakref, module = "scout_auth")]
pub(crate) struct Token(pub(crate) core::Token);

secret!(Token, "it is a secret while it lives; send str(token) where it is needed");

#[pymethods]
impl Token {
    /// The claim iat, in Unix seconds.
    #[getter]
    fn issued_at(&self) -> u64 {
        self.0.issued_at()
    }

    /// The claim exp, in Unix seconds: from then on the token is refused.
    #[getter]
    fn expires_at(&self) -> u64 {
        self.0.expires_at()
    }

    /// The value of the header Authorization: "Bearer " and the JWT.
    #[getter]
    fn authorization(&self) -> &str {
        self.0.authorization()
    }

    fn __str__(&self) -> &str {
        self.0.as_str()
    }

    fn __repr__(&self) -> String {
        format!("<Token issued_at={} expires_at={}>", self.0.issued_at(), self.0.expires_at())
    }
}

/// A credential id and its private key: mints tokens and keeps the current one.
///
/// credential_id: as Scout shows it; the claim sub
/// private_key: as Scout issued it (str), in any other form that PrivateKey.parse takes, or a
///     PrivateKey
/// kid: the kid that the key must have, so that a mix-up is found here and not by a 401
/// lifetime: of each token, 1 to 300 seconds
/// refresh_margin: a token is replaced when fewer seconds than this remain; 30, or half of the
///     lifetime where it is shorter
/// backdate: the seconds by which iat is put in the past, for servers whose clock is behind
/// allowed_origins: the only origins ("https://host" or "https://host:port"), besides loopback, to
///     which authorization_for sends; any https origin where it is None
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
    /// What Python was given last. Lock-free, so that no fork can leave it held.
    shown: ArcSwapOption<Shown>,
}

/// A token of the core and its Python objects: they stay the same while the token does.
struct Shown {
    core: core::Token,
    token: Py<Token>,
    authorization: Py<PyString>,
}

secret!(Signer, "it holds a private key; make it anew in the other process, for example with Signer.from_env()");

impl Signer {
    pub(crate) fn new(core: core::Signer) -> Self {
        Self { core, shown: ArcSwapOption::empty() }
    }

    fn build(
        py: Python<'_>,
        mut builder: core::SignerBuilder,
        lifetime: Seconds,
        refresh_margin: Option<Seconds>,
        backdate: Seconds,
        allowed_origins: Option<Vec<String>>,
    ) -> PyResult<Self> {
        builder = builder.lifetime(lifetime.0).backdate(backdate.0);
        if let Some(refresh_margin) = refresh_margin {
            builder = builder.refresh_margin(refresh_margin.0);
        }
        if let Some(origins) = allowed_origins {
            builder = builder.allowed_origins(origins);
        }
        call(py, || builder.build()).map(Self::new)
    }

    /// Shows the current token to `give`. The GIL is released only where it is due.
    fn current<T>(&self, py: Python<'_>, give: impl Fn(&Shown) -> T) -> PyResult<T> {
        if let Some(shown) = &*self.shown.load()
            && call(py, || Ok(self.core.is_current(&shown.core)))?
        {
            return Ok(give(shown));
        }
        self.refresh(py).map(|shown| give(&shown))
    }

    #[cold]
    fn refresh(&self, py: Python<'_>) -> PyResult<Arc<Shown>> {
        let made = Arc::new(Shown::new(py, call_detached(py, || self.core.token())?)?);
        // Another thread may have shown this token, or a newer one, meanwhile: that one stays.
        let stays = |shown: &Arc<Shown>| shown.core.is_same(&made.core) || self.core.is_current(&shown.core);
        let before = self.shown.rcu(|shown| match shown {
            Some(shown) if stays(shown) => Some(Arc::clone(shown)),
            _ => Some(Arc::clone(&made)),
        });
        Ok(before.filter(|shown| shown.core.is_same(&made.core)).unwrap_or(made))
    }
}

impl Shown {
    fn new(py: Python<'_>, core: core::Token) -> PyResult<Self> {
        let authorization = PyString::new(py, core.authorization()).unbind();
        Ok(Self { token: Py::new(py, Token(core.clone()))?, authorization, core })
    }
}

#[pymethods]
impl Signer {
    #[new]
    #[pyo3(signature = (
        credential_id, private_key, *, kid = None, lifetime = Seconds::new(300), refresh_margin = None,
        backdate = Seconds::new(0), allowed_origins = None
    ), text_signature = "(credential_id, private_key, *, kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None)")]
    #[allow(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn py_new(
        py: Python<'_>,
        credential_id: Text<'_>,
        private_key: PrivateKeyInput<'_>,
        kid: Option<Text<'_>>,
        lifetime: Seconds,
        refresh_margin: Option<Seconds>,
        backdate: Seconds,
        allowed_origins: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let mut builder = core::Signer::builder(credential_id.0, private_key.parse(py)?);
        if let Some(kid) = kid {
            builder = builder.kid(kid.0);
        }
        Self::build(py, builder, lifetime, refresh_margin, backdate, allowed_origins)
    }

    /// Reads the environment: SCOUT_PRIVATE_KEY or SCOUT_PRIVATE_KEY_FILE, SCOUT_CREDENTIAL_ID, and
    /// SCOUT_KID where it is set. An empty variable counts as unset. The arguments are those of
    /// Signer.
    ///
    /// Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
    #[staticmethod]
    #[pyo3(signature = (
        *, lifetime = Seconds::new(300), refresh_margin = None, backdate = Seconds::new(0), allowed_origins = None
    ), text_signature = "(*, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None)")]
    fn from_env(
        py: Python<'_>,
        lifetime: Seconds,
        refresh_margin: Option<Seconds>,
        backdate: Seconds,
        allowed_origins: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let builder = call_detached(py, || core::Signer::builder_from_variables(None, &variable))?;
        Self::build(py, builder, lifetime, refresh_margin, backdate, allowed_origins)
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
        self.current(py, |shown| shown.token.clone_ref(py))
    }

    /// The value of the header Authorization, "Bearer " and the current token: the same str until
    /// the token changes.
    ///
    /// Raises as token does.
    fn authorization(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        self.current(py, |shown| shown.authorization.clone_ref(py))
    }

    /// As authorization, for a request to that absolute URL: https, or loopback.
    ///
    /// Raises UrlInsecureError, ConfigError (ERR_URL, ERR_ORIGIN_NOT_ALLOWED), and as token does.
    fn authorization_for(&self, py: Python<'_>, url: Text<'_>) -> PyResult<String> {
        call_detached(py, || self.core.authorization_for(url.0))
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

/// Hands a request of requests to the package.
pub(crate) fn authorize<'py>(
    credential: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    credential.py().import("scout_auth")?.call_method1("_authorize", (credential, request))
}

/// Makes and signs one token without keeping it. The arguments are those of Signer; issued_at is
/// Unix seconds, now where it is None.
///
/// Raises InvalidKeyError, KidMismatchError, ConfigError.
#[pyfunction]
#[pyo3(
    signature = (credential_id, private_key, *, kid = None, lifetime = Seconds::new(300), issued_at = None),
    text_signature = "(credential_id, private_key, *, kid=None, lifetime=300, issued_at=None)"
)]
pub(crate) fn mint_token(
    py: Python<'_>,
    credential_id: Text<'_>,
    private_key: PrivateKeyInput<'_>,
    kid: Option<Text<'_>>,
    lifetime: Seconds,
    issued_at: Option<UnixTime>,
) -> PyResult<Token> {
    let key = private_key.parse(py)?;
    let kid = kid.map(|kid| kid.0);
    let issued_at = issued_at.map(|time| time.0);
    call_detached(py, || core::mint_token(credential_id.0, &key, kid, lifetime.0, issued_at)).map(Token)
}
