//! `Signer`.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use scout_auth as core;

use crate::copies::secret;
use crate::error::{call, call_detached, exception};
use crate::input::Text;
use crate::key::{PrivateKeyInput, PublicKey};
use crate::settings::{Texts, settings};
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
/// header_kid: the kid in the header of the tokens, if Scout's is not the RFC 7638 thumbprint
/// roles: the claim roles, an iterable of 1 to 16 names, for tokens with fewer rights than the
///     credential has; that Scout reads a claim of this name is not confirmed
/// claims: further claims, a mapping that the module json can write
/// refresh: how often a command runs again, in seconds; by default only after a 401
///
/// Many threads may use a signer, and so may asyncio and a forked child. Signer.from_file and
/// Signer.from_command follow a rotation. A signer of a key does not change. A signer is also the
/// auth of requests: requests.get(url, auth=signer). For httpx, aiohttp and urllib3 see the modules
/// scout_auth.httpx, scout_auth.aiohttp and scout_auth.urllib3.
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

/// A token of the core and its Python objects, which stay the same as long as the token does.
struct Current {
    core: core::Token,
    token: Py<Token>,
    authorization: Py<PyString>,
    bearer: Py<PyString>,
}

secret!(Signer, "it holds a private key; create it in the other process, for example with Signer.from_env()");

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
        let bearer = PyString::new(py, core.as_str()).unbind();
        Ok(Self { token: Py::new(py, Token(core.clone()))?, authorization, bearer, core })
    }
}

#[pymethods]
impl Signer {
    #[new]
    #[pyo3(
        signature = (credential_id, private_key, **keywords),
        text_signature = "(credential_id, private_key, *, kid=None, header_kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None, roles=None, claims=None, refresh=None)"
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

    /// Makes a signer of a credential file, or of a folder with one file for each field. It is read
    /// again when it changes: see rejected and source_error. The README lists the forms. The other
    /// arguments are those of Signer. It does not expand ~.
    ///
    /// Raises ConfigError (ERR_CREDENTIAL_...), InvalidKeyError, KidMismatchError.
    #[staticmethod]
    #[pyo3(
        signature = (path, **keywords),
        text_signature = "(path, *, kid=None, header_kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None, roles=None, claims=None, refresh=None)"
    )]
    fn from_file(py: Python<'_>, path: PathBuf, keywords: Option<Bound<'_, PyDict>>) -> PyResult<Self> {
        let settings = settings(keywords)?;
        call_detached(py, || core::Signer::from_file(path, settings)).map(Self::new)
    }

    /// Makes a signer of the credential that a program prints, for example a secret manager's.
    /// command: the program and its arguments, an iterable of str. No shell runs, and the program has
    /// ten seconds. It runs now, after a 401, and every refresh seconds if that is set. The other
    /// arguments are those of Signer.
    ///
    /// Raises ConfigError (ERR_COMMAND_..., ERR_CREDENTIAL_...), InvalidKeyError, KidMismatchError.
    #[staticmethod]
    #[pyo3(
        signature = (command, **keywords),
        text_signature = "(command, *, kid=None, header_kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None, roles=None, claims=None, refresh=None)"
    )]
    fn from_command(py: Python<'_>, command: Texts, keywords: Option<Bound<'_, PyDict>>) -> PyResult<Self> {
        let settings = settings(keywords)?;
        call_detached(py, || core::Signer::from_command(command.0, settings)).map(Self::new)
    }

    /// Mints a new token each time. The current token stays.
    ///
    /// Raises ConfigError (ERR_CLOCK), InvalidKeyError (ERR_KEY_CANNOT_SIGN), InternalError.
    fn mint(&self, py: Python<'_>) -> PyResult<Token> {
        call_detached(py, || self.core.mint()).map(Token)
    }

    /// Returns the current token: the same object until fewer seconds than refresh_margin remain.
    ///
    /// Raises what mint raises, if no valid token is left.
    fn token(&self, py: Python<'_>) -> PyResult<Py<Token>> {
        self.with_current(py, |current| current.token.clone_ref(py))
    }

    /// Returns the value of the header Authorization: "Bearer " and the current token. It is the
    /// same str until the token changes.
    ///
    /// Raises what token raises.
    fn authorization(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        self.with_current(py, |current| current.authorization.clone_ref(py))
    }

    /// Returns the current token as a str: what stands behind "Bearer ", for SDKs that write "Bearer "
    /// themselves: Scout(api_key=signer.bearer). It is the same str until the token changes.
    ///
    /// Raises what token raises.
    fn bearer(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        self.with_current(py, |current| current.bearer.clone_ref(py))
    }

    /// Returns what authorization returns, for a request to that absolute URL: https, or http to
    /// loopback. Call it for every request, and do not store the result.
    ///
    /// Raises UrlInsecureError, ConfigError (ERR_URL, ERR_ORIGIN_NOT_ALLOWED), and what token raises.
    fn authorization_for(&self, py: Python<'_>, url: Text<'_>) -> PyResult<Py<PyString>> {
        call(py, || self.core.check_url(url.0))?;
        self.authorization(py)
    }

    /// Call this after a 401. Returns whether to send the request once more, with a new
    /// authorization_for(url). Never send it a third time.
    ///
    /// token: the token or the header value that was sent
    /// date: the response's header Date; None if it has none, or if it has an Age, because a cache
    ///     answered then
    ///
    /// The signer drops the token. If the server's clock differs, later tokens follow that clock: see
    /// clock_offset. A signer of a file or a command looks there for a new credential; a command may
    /// take ten seconds.
    #[pyo3(signature = (token, date = None))]
    fn rejected(&self, py: Python<'_>, token: TokenText<'_>, date: Option<Text<'_>>) -> PyResult<bool> {
        let (token, date) = (token.0, date.map(|date| date.0));
        call_detached(py, || Ok(self.core.rejected(token, date)))
    }

    /// Drops the current token. The next call mints a new one.
    fn invalidate(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || {
            self.core.invalidate();
            Ok(())
        })
    }

    /// The credential id: the claim sub. After a rotation, that of the new credential.
    #[getter]
    fn credential_id(&self) -> String {
        self.core.credential_id()
    }

    /// The kid of the private key, 43 characters. After a rotation, that of the new credential.
    #[getter]
    fn kid(&self) -> String {
        self.core.kid().to_string()
    }

    /// The public key that verifies these tokens. After a rotation, that of the new credential.
    #[getter]
    fn public_key(&self) -> PublicKey {
        PublicKey(self.core.public_key())
    }

    /// Why the last look at the file or command failed: an exception. None if it did not fail. The
    /// last good credential stays in use, and the source is read again when the next token is due.
    #[getter]
    fn source_error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.core.source_error().map(|error| exception(py, error).into_value(py).into_any())
    }

    /// How many seconds the server's clock is ahead of the local one, as learnt from a 401. 0 until
    /// then.
    #[getter]
    fn clock_offset(&self) -> i64 {
        self.core.clock_offset()
    }

    fn __repr__(&self) -> String {
        format!("<Signer credential_id={:?} kid={}>", self.core.credential_id(), self.core.kid())
    }
}
