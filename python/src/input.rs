//! The arguments of the functions. A value of a wrong type is a `TypeError`, which names the types and
//! never shows the value. The core checks everything else.

use std::ops::Deref;
use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyMemoryView, PySlice, PyString};
use scout_auth::Error;
use zeroize::Zeroizing;

use crate::error::exception;

/// A `str`. With lone surrogates it becomes U+FFFD, which the core refuses everywhere. Python's own
/// exception for it would contain the whole text, and that may be a key.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a>(pub(crate) &'a str);

/// The text or the bytes of a key: `str`, `bytes`, `bytearray`, `memoryview`, or an object with
/// `get_secret_value()`, as pydantic's `SecretStr` has.
pub(crate) enum KeyText<'a> {
    Lent(&'a [u8]),
    /// Of an object that may change, or that may not live as long.
    Copied(Zeroizing<Vec<u8>>),
}

/// `bytes`.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

/// Whole seconds. A number that does not fit into a `u64` becomes the largest one, which the core
/// refuses for every setting.
#[derive(Clone, Copy)]
pub(crate) struct Seconds(pub(crate) Duration);

impl Seconds {
    pub(crate) const fn new(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

/// The size of a key. A number that does not fit into a `u32` becomes the largest one, which the core
/// refuses.
#[derive(Clone, Copy)]
pub(crate) struct Bits(pub(crate) u32);

/// Unix seconds.
#[derive(Clone, Copy)]
pub(crate) struct UnixTime(pub(crate) u64);

impl<'a> FromPyObject<'a, '_> for Text<'a> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, '_, PyAny>) -> PyResult<Self> {
        value.cast::<PyString>().map_err(|_| wrong_type(value, "str"))?;
        Ok(Self(value.extract().unwrap_or("\u{fffd}")))
    }
}

impl<'a> FromPyObject<'a, '_> for KeyText<'a> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, '_, PyAny>) -> PyResult<Self> {
        if value.is_instance_of::<PyBytes>() {
            return Ok(Self::Lent(value.extract()?));
        }
        if let Ok(text) = value.extract::<Text<'a>>() {
            return Ok(Self::Lent(text.0.as_bytes()));
        }
        if let Ok(bytes) = value.cast::<PyByteArray>() {
            return Ok(Self::Copied(Zeroizing::new(bytes.to_vec())));
        }
        if value.is_instance_of::<PyMemoryView>() {
            return viewed(value).map(Self::Copied);
        }
        match value.getattr_opt("get_secret_value")? {
            Some(method) => {
                let secret = method.call0()?;
                Ok(Self::Copied(Zeroizing::new(bytes_of(&secret)?.to_vec())))
            }
            None => Err(wrong_type(value, "str or bytes")),
        }
    }
}

impl Deref for KeyText<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Lent(bytes) => bytes,
            Self::Copied(bytes) => bytes,
        }
    }
}

impl KeyText<'_> {
    /// What is not UTF-8 becomes U+FFFD, which the core refuses.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self).unwrap_or("\u{fffd}")
    }
}

/// The value of a secret: text or bytes.
fn bytes_of<'a>(secret: &'a Bound<'_, PyAny>) -> PyResult<&'a [u8]> {
    if secret.is_instance_of::<PyBytes>() {
        return Ok(secret.extract()?);
    }
    let text = secret.extract::<Text<'_>>().map_err(|_| wrong_type(secret.as_borrowed(), "str or bytes"))?;
    Ok(text.0.as_bytes())
}

/// The bytes of a `memoryview`. Only Python can copy them (the stable ABI of 3.10 has no buffers), so
/// its copy is wiped.
fn viewed(value: Borrowed<'_, '_, PyAny>) -> PyResult<Zeroizing<Vec<u8>>> {
    let copy = PyByteArray::from(&value)?;
    let bytes = Zeroizing::new(copy.to_vec());
    copy.set_item(PySlice::full(value.py()), PyBytes::new(value.py(), &vec![0; bytes.len()]))?;
    Ok(bytes)
}

impl<'a> FromPyObject<'a, '_> for Bytes<'a> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, '_, PyAny>) -> PyResult<Self> {
        value.extract().map(Self).map_err(|_| wrong_type(value, "bytes"))
    }
}

impl FromPyObject<'_, '_> for Seconds {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self::new(whole_number(value)?.unwrap_or(u64::MAX)))
    }
}

impl FromPyObject<'_, '_> for Bits {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let bits = whole_number(value)?.and_then(|bits| bits.try_into().ok());
        Ok(Self(bits.unwrap_or(u32::MAX)))
    }
}

impl FromPyObject<'_, '_> for UnixTime {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        whole_number(value)?.map(Self).ok_or_else(|| exception(value.py(), Error::Argument))
    }
}

/// Returns `None` if the number does not fit into a `u64`. A `bool` is not accepted as a number.
fn whole_number(value: Borrowed<'_, '_, PyAny>) -> PyResult<Option<u64>> {
    if value.is_instance_of::<PyBool>() {
        return Err(wrong_type(value, "int"));
    }
    match value.extract() {
        Ok(number) => Ok(Some(number)),
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => Ok(None),
        Err(_) => Err(wrong_type(value, "int")),
    }
}

/// The `TypeError` for a value of another type than expected.
pub(crate) fn wrong_type(value: Borrowed<'_, '_, PyAny>, expected: &str) -> PyErr {
    match value.get_type().name() {
        Ok(found) => PyTypeError::new_err(format!("expected {expected}, not {found}")),
        Err(error) => error,
    }
}
