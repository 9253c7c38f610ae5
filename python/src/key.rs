//! `PrivateKey`, `PublicKey`, and the functions on key text.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use scout_auth as core;

use crate::copies::{Reduced, copyable, reduced, secret};
use crate::error::{call, call_detached};
use crate::input::{Bits, Bytes, KeyText, Text, wrong_type};

/// An RSA private key for RS256: parsed once, checked once, immutable.
///
/// PrivateKey.parse, PrivateKey.read_file and PrivateKey.generate return one. repr() shows the kid
/// and the size only. A copy is the same object. pickle is refused.
///
/// >>> key = PrivateKey.generate()
/// >>> PrivateKey.parse(key.to_pem()).kid == key.kid
/// True
#[pyclass(frozen, weakref, module = "scout_auth")]
pub(crate) struct PrivateKey(pub(crate) core::PrivateKey);

secret!(PrivateKey, "it is a secret; read it in the other process, for example with Signer.from_env()");

/// An RSA public key for RS256. Keys are equal if their numbers are equal. They can be hashed,
/// copied and pickled.
///
/// PublicKey.parse and PublicKey.parse_set return one; a PrivateKey and a Signer have one.
#[pyclass(frozen, eq, hash, weakref, module = "scout_auth")]
#[derive(PartialEq, Eq)]
pub(crate) struct PublicKey(pub(crate) core::PublicKey);

copyable!(PublicKey);

impl std::hash::Hash for PublicKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.kid().hash(state);
    }
}

#[pymethods]
impl PrivateKey {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(use_parse_instead)")]
    fn py_new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Err(PyTypeError::new_err("use PrivateKey.parse(text), PrivateKey.read_file(path) or PrivateKey.generate()"))
    }

    /// Reads a private key as Scout issues it (base64url of PKCS#8 DER), or as PEM, JWK, PKCS#1 or
    /// DER. Repairs what .env files and chat windows do to a key, such as a literal \n.
    ///
    /// Raises InvalidKeyError. Its code says what the text is instead.
    #[staticmethod]
    fn parse(py: Python<'_>, key: KeyText<'_>) -> PyResult<Self> {
        call_detached(py, || core::PrivateKey::parse(&*key)).map(Self)
    }

    /// Reads a key file in any form that parse takes. It does not expand ~.
    ///
    /// Raises ConfigError (ERR_KEY_FILE) if the file cannot be read, InvalidKeyError.
    #[staticmethod]
    fn read_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        call_detached(py, || core::PrivateKey::read_file(path)).map(Self)
    }

    /// Generates a key of 2048, 3072, 4096 or 8192 bits.
    ///
    /// A key of 8192 bits can take half a minute. Other threads run during that time, but Ctrl-C has
    /// no effect until the key is ready.
    ///
    /// Raises ConfigError (ERR_KEY_SIZE) for any other size.
    #[staticmethod]
    #[pyo3(signature = (bits = Bits(2048)), text_signature = "(bits=2048)")]
    fn generate(py: Python<'_>, bits: Bits) -> PyResult<Self> {
        call_detached(py, || core::PrivateKey::generate(bits.0)).map(Self)
    }

    /// The public key.
    #[getter]
    fn public_key(&self) -> PublicKey {
        PublicKey(self.0.public_key().clone())
    }

    /// The kid: the RFC 7638 thumbprint of the public key, 43 characters.
    #[getter]
    fn kid(&self) -> String {
        self.0.kid().to_string()
    }

    /// The size of the modulus in bits.
    #[getter]
    fn bits(&self) -> u32 {
        self.0.bits()
    }

    /// Returns the RS256 signature of the message.
    ///
    /// Raises InvalidKeyError (ERR_KEY_CANNOT_SIGN) if the key is unsound, InternalError.
    fn sign<'py>(&self, py: Python<'py>, message: Bytes<'_>) -> PyResult<Bound<'py, PyBytes>> {
        call_detached(py, || self.0.sign(message.0)).map(|signature| PyBytes::new(py, &signature))
    }

    /// Returns PEM of PKCS#8, as openssl writes it.
    fn to_pem<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        call(py, || Ok(self.0.to_pem())).map(|pem| PyString::new(py, &pem))
    }

    /// Returns DER of PKCS#8.
    fn to_der<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        call(py, || Ok(self.0.to_der())).map(|der| PyBytes::new(py, &der))
    }

    /// Returns base64url of the DER, without padding: the form that Scout issues.
    fn to_base64url<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        call(py, || Ok(self.0.to_base64url())).map(|text| PyString::new(py, &text))
    }

    /// Returns the private JWK (RFC 7518) as JSON text.
    fn to_jwk<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        call(py, || Ok(self.0.to_jwk())).map(|jwk| PyString::new(py, &jwk))
    }

    fn __repr__(&self) -> String {
        format!("<PrivateKey kid={} bits={}>", self.0.kid(), self.0.bits())
    }
}

#[pymethods]
impl PublicKey {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(use_parse_instead)")]
    fn py_new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Err(PyTypeError::new_err("use PublicKey.parse(text) or PublicKey.parse_set(text)"))
    }

    /// Reads a public key: SPKI or PKCS#1 as base64url, PEM or DER, or a JWK.
    ///
    /// Raises InvalidKeyError. Its code says what the text is instead.
    #[staticmethod]
    fn parse(py: Python<'_>, key: KeyText<'_>) -> PyResult<Self> {
        call(py, || core::PublicKey::parse(&*key)).map(Self)
    }

    /// Reads the RSA keys for RS256 of a JWK set (RFC 7517), and ignores all other keys.
    ///
    /// Raises InvalidKeyError.
    #[staticmethod]
    fn parse_set(py: Python<'_>, text: Text<'_>) -> PyResult<Vec<Self>> {
        let keys = call(py, || core::PublicKey::parse_set(text.0))?;
        Ok(keys.into_iter().map(Self).collect())
    }

    /// The kid: the RFC 7638 thumbprint, 43 characters.
    #[getter]
    fn kid(&self) -> String {
        self.0.kid().to_string()
    }

    /// The size of the modulus in bits.
    #[getter]
    fn bits(&self) -> u32 {
        self.0.bits()
    }

    /// Returns whether the signature is this key's RS256 signature of the message.
    fn verify(&self, py: Python<'_>, message: Bytes<'_>, signature: Bytes<'_>) -> PyResult<bool> {
        call(py, || self.0.verify(message.0, signature.0))
    }

    /// Returns PEM of SPKI, as openssl writes it.
    fn to_pem(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || Ok(self.0.to_pem()))
    }

    /// Returns DER of SPKI.
    fn to_der<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        call(py, || Ok(self.0.to_der())).map(|der| PyBytes::new(py, &der))
    }

    /// Returns base64url of the DER, without padding: the form that Scout shows.
    fn to_base64url(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || Ok(self.0.to_base64url()))
    }

    /// Returns the public JWK (RFC 7518) as JSON text, with alg, use and kid.
    fn to_jwk(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || Ok(self.0.to_jwk()))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> Reduced<'py, (Bound<'py, PyBytes>,)> {
        reduced(py, "restore_public_key", (self.to_der(py)?,))
    }

    fn __repr__(&self) -> String {
        format!("<PublicKey kid={} bits={}>", self.0.kid(), self.0.bits())
    }
}

/// Restores the public key of a pickle.
#[pyfunction]
pub(crate) fn restore_public_key(py: Python<'_>, der: KeyText<'_>) -> PyResult<PublicKey> {
    PublicKey::parse(py, der)
}

/// A private key, or its text.
pub(crate) enum PrivateKeyInput<'a> {
    Parsed(core::PrivateKey),
    Text(KeyText<'a>),
}

impl<'a> FromPyObject<'a, '_> for PrivateKeyInput<'a> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, '_, PyAny>) -> PyResult<Self> {
        if let Ok(key) = value.cast::<PrivateKey>() {
            return Ok(Self::Parsed(key.get().0.clone()));
        }
        value.extract().map(Self::Text).map_err(|_| wrong_type(value, "str, bytes or PrivateKey"))
    }
}

impl PrivateKeyInput<'_> {
    /// Errors: those of `PrivateKey::parse`.
    pub(crate) fn parse(self, py: Python<'_>) -> PyResult<core::PrivateKey> {
        match self {
            Self::Parsed(key) => Ok(key),
            Self::Text(text) => call_detached(py, || core::PrivateKey::parse(&*text)),
        }
    }
}

/// Reads a public key, or its text.
pub(crate) fn public_key(value: Borrowed<'_, '_, PyAny>) -> PyResult<core::PublicKey> {
    if let Ok(key) = value.cast::<PublicKey>() {
        return Ok(key.get().0.clone());
    }
    let text = value.extract::<KeyText<'_>>().map_err(|_| wrong_type(value, "str, bytes or PublicKey"))?;
    call(value.py(), || core::PublicKey::parse(&*text))
}

/// Writes key text of any form as PEM: PRIVATE KEY or PUBLIC KEY.
///
/// Raises InvalidKeyError.
#[pyfunction]
pub(crate) fn to_pem<'py>(py: Python<'py>, text: KeyText<'_>) -> PyResult<Bound<'py, PyString>> {
    call(py, || core::to_pem(&*text)).map(|pem| PyString::new(py, &pem))
}

/// Writes key text of any form as base64url of its DER, the form that Scout issues.
///
/// Raises InvalidKeyError.
#[pyfunction]
pub(crate) fn to_base64url<'py>(py: Python<'py>, pem: KeyText<'_>) -> PyResult<Bound<'py, PyString>> {
    call(py, || core::to_base64url(&*pem)).map(|text| PyString::new(py, &text))
}

/// Deprecated: the name of to_pem until version 1.0.
#[pyfunction]
pub(crate) fn der_to_pem<'py>(py: Python<'py>, text: KeyText<'_>) -> PyResult<Bound<'py, PyString>> {
    to_pem(py, text)
}

/// Deprecated: the name of to_base64url until version 1.0.
#[pyfunction]
pub(crate) fn pem_to_der<'py>(py: Python<'py>, pem: KeyText<'_>) -> PyResult<Bound<'py, PyString>> {
    to_base64url(py, pem)
}

/// Returns the kid of a private or public key in any form: its RFC 7638 thumbprint, 43 characters.
///
/// Raises InvalidKeyError.
#[pyfunction]
pub(crate) fn kid(py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(key) = key.cast::<PrivateKey>() {
        return Ok(key.get().kid());
    }
    if let Ok(key) = key.cast::<PublicKey>() {
        return Ok(key.get().kid());
    }
    let text: KeyText<'_> = key.extract()?;
    call(py, || core::kid(&*text)).map(|kid| kid.to_string())
}
