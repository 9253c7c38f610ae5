//! The arguments of the functions. A value of a wrong type is a `TypeError`, which names the types and
//! never shows the value. The core checks everything else.

use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyString};
use scout_auth::Error;

use crate::error::exception;

/// A `str`. With lone surrogates it becomes U+FFFD, which the core refuses everywhere. Python's own
/// exception for it would contain the whole text, and that may be a key.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a>(pub(crate) &'a str);

/// The text or the bytes of a key.
#[derive(Clone, Copy)]
pub(crate) struct KeyText<'a>(pub(crate) &'a [u8]);

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
            return Ok(Self(value.extract()?));
        }
        let text = value.extract::<Text<'a>>().map_err(|_| wrong_type(value, "str or bytes"))?;
        Ok(Self(text.0.as_bytes()))
    }
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
