//! `Verifier` and `Claims`.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use scout_auth as core;

use crate::copies::{Reduced, copyable, reduced};
use crate::error::call;
use crate::input::{KeyText, Seconds, UnixTime, wrong_type};
use crate::key::{PublicKey, public_key};
use crate::token::TokenText;

/// A set of public keys that accepts or refuses tokens. Create it once for many tokens.
///
/// keys: a JWK set or one public key (str or bytes, in any form), a PublicKey, or an iterable of
///     public keys
/// leeway: how far the two clocks may differ, 0 to 300 seconds
///
/// Every token must have alg RS256, iss "scout", a lifetime of at most 300 seconds, and the kid of
/// one of the keys.
///
/// Raises InvalidKeyError, ConfigError (ERR_LEEWAY).
///
/// >>> signer = Signer("cred_123", PrivateKey.generate())
/// >>> Verifier(signer.public_key).verify(str(signer.token())).credential_id
/// 'cred_123'
#[pyclass(frozen, weakref, module = "scout_auth")]
pub(crate) struct Verifier {
    core: core::Verifier,
    leeway: Seconds,
    /// The text that it was made of, for a pickle: a JWK set may call its keys by other names.
    text: Option<Vec<u8>>,
}

copyable!(Verifier);

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(signature = (keys, *, leeway = Seconds::new(5)), text_signature = "(keys, *, leeway=5)")]
    fn new(py: Python<'_>, keys: PublicKeys, leeway: Seconds) -> PyResult<Self> {
        let PublicKeys { verifier, text } = keys;
        call(py, || verifier.with_leeway(leeway.0)).map(|core| Self { core, leeway, text })
    }

    /// Verifies the token and returns its claims. now is in Unix seconds; by default it is the time
    /// of the system's clock.
    ///
    /// Raises TokenError, TokenExpiredError, TokenSignatureError.
    #[pyo3(signature = (token, *, now = None))]
    fn verify(&self, py: Python<'_>, token: TokenText<'_>, now: Option<UnixTime>) -> PyResult<Claims> {
        let verified = call(py, || match now {
            Some(now) => self.core.verify_at(token.0, now.0),
            None => self.core.verify(token.0),
        });
        verified.map(Claims::from)
    }

    /// The keys, sorted by kid.
    #[getter]
    fn keys(&self) -> Vec<PublicKey> {
        self.core.keys().cloned().map(PublicKey).collect()
    }

    /// Returns the keys as a JWK set (RFC 7517): JSON text.
    fn to_jwk_set(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || Ok(self.core.to_jwk_set()))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> Reduced<'py, (Bound<'py, PyAny>, u64)> {
        let keys = match &self.text {
            Some(text) => PyBytes::new(py, text).into_any(),
            None => self.keys().into_bound_py_any(py)?,
        };
        reduced(py, "restore_verifier", (keys, self.leeway.0.as_secs()))
    }

    fn __repr__(&self) -> String {
        let kids: Vec<String> = self.core.keys().map(|key| key.kid().to_string()).collect();
        format!("<Verifier kids={}>", kids.join(","))
    }
}

/// The claims of a verified token. They can be compared, hashed, copied and pickled.
#[pyclass(frozen, eq, hash, weakref, module = "scout_auth")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Claims {
    /// The claim sub: the credential id.
    #[pyo3(get)]
    credential_id: String,
    /// The claim iat, in Unix seconds.
    #[pyo3(get)]
    issued_at: u64,
    /// The claim exp, in Unix seconds; iat + 300 if the token has none.
    #[pyo3(get)]
    expires_at: u64,
    /// The kid of the key that signed.
    #[pyo3(get)]
    kid: String,
    roles: Option<Vec<String>>,
    /// All claims, as the JSON object that was signed.
    #[pyo3(get)]
    json: String,
}

impl From<core::Claims> for Claims {
    fn from(claims: core::Claims) -> Self {
        let core::Claims { credential_id, issued_at, expires_at, kid, roles, json } = claims;
        Self { credential_id, issued_at, expires_at, kid: kid.to_string(), roles, json }
    }
}

copyable!(Claims);

/// The arguments of [`restore_claims`].
type Fields<'a> = (&'a str, u64, u64, &'a str, &'a str, Option<&'a [String]>);

#[pymethods]
impl Claims {
    /// The claim roles; None if the token has none: then the roles of the credential count.
    #[getter]
    fn roles<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        self.roles.as_ref().map(|roles| PyTuple::new(py, roles)).transpose()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> Reduced<'py, Fields<'_>> {
        let Self { credential_id, issued_at, expires_at, kid, roles, json } = self;
        reduced(py, "restore_claims", (credential_id, *issued_at, *expires_at, kid, json, roles.as_deref()))
    }

    fn __repr__(&self) -> String {
        let Self { credential_id, issued_at, expires_at, kid, .. } = self;
        format!("<Claims credential_id={credential_id:?} issued_at={issued_at} expires_at={expires_at} kid={kid}>")
    }
}

/// Restores the verifier of a pickle.
#[pyfunction]
pub(crate) fn restore_verifier(py: Python<'_>, keys: PublicKeys, leeway: Seconds) -> PyResult<Verifier> {
    Verifier::new(py, keys, leeway)
}

/// Restores the claims of a pickle.
#[pyfunction]
#[pyo3(signature = (credential_id, issued_at, expires_at, kid, json, roles = None))]
pub(crate) fn restore_claims(
    credential_id: String,
    issued_at: u64,
    expires_at: u64,
    kid: String,
    json: String,
    roles: Option<Vec<String>>,
) -> Claims {
    Claims { credential_id, issued_at, expires_at, kid, roles, json }
}

/// One public key or several, as a `Verifier` takes them.
pub(crate) struct PublicKeys {
    verifier: core::Verifier,
    /// The text that they were read from.
    text: Option<Vec<u8>>,
}

impl PublicKeys {
    fn new(py: Python<'_>, keys: Vec<core::PublicKey>) -> PyResult<Self> {
        call(py, || core::Verifier::new(keys)).map(|verifier| Self { verifier, text: None })
    }
}

impl FromPyObject<'_, '_> for PublicKeys {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = value.extract::<KeyText<'_>>() {
            let verifier = call(value.py(), || core::Verifier::parse(&*text))?;
            return Ok(Self { verifier, text: Some(text.to_vec()) });
        }
        if value.cast::<PublicKey>().is_ok() {
            return Self::new(value.py(), vec![public_key(value)?]);
        }
        let expected = || wrong_type(value, "str, bytes, PublicKey or an iterable of them");
        let keys = value.try_iter().map_err(|_| expected())?.map(|key| public_key(key?.as_borrowed()));
        Self::new(value.py(), keys.collect::<PyResult<_>>()?)
    }
}

/// Verifies one token, as Verifier(keys, leeway=leeway).verify(token, now=now) does.
///
/// Raises TokenError, TokenExpiredError, TokenSignatureError, InvalidKeyError, ConfigError
/// (ERR_LEEWAY).
#[pyfunction]
#[pyo3(
    signature = (token, keys, *, now = None, leeway = Seconds::new(5)),
    text_signature = "(token, keys, *, now=None, leeway=5)"
)]
pub(crate) fn verify_token(
    py: Python<'_>,
    token: TokenText<'_>,
    keys: PublicKeys,
    now: Option<UnixTime>,
    leeway: Seconds,
) -> PyResult<Claims> {
    Verifier::new(py, keys, leeway)?.verify(py, token, now)
}
