//! `Settings`: the keyword arguments of every function that makes a signer.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use scout_auth as core;

use crate::input::{Seconds, Text, wrong_type};

/// Origins to which a credential may be sent: any iterable of str, but not one str.
pub(crate) struct Origins(pub(crate) Vec<String>);

impl FromPyObject<'_, '_> for Origins {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let expected = || wrong_type(value, "an iterable of str");
        if value.is_instance_of::<PyString>() {
            return Err(expected());
        }
        let origins = value.try_iter().map_err(|_| expected())?;
        origins.map(|origin| Ok(origin?.extract::<Text<'_>>()?.0.to_owned())).collect::<PyResult<_>>().map(Self)
    }
}

/// Reads the settings from keyword arguments. An unknown argument is a `TypeError`.
pub(crate) fn settings(keywords: Option<Bound<'_, PyDict>>) -> PyResult<core::Settings> {
    let keywords = Keywords(keywords);
    let settings = core::Settings {
        kid: keywords.take("kid", |value| Ok(value.extract::<Text<'_>>()?.0.to_owned()))?,
        lifetime: keywords.take("lifetime", seconds)?,
        refresh_margin: keywords.take("refresh_margin", seconds)?,
        backdate: keywords.take("backdate", seconds)?,
        allowed_origins: keywords.take("allowed_origins", |value| Ok(value.extract::<Origins>()?.0))?,
        header_kid: None,
        roles: None,
        claims: None,
        refresh: None,
    };
    keywords.finish().map(|()| settings)
}

fn seconds(value: Borrowed<'_, '_, PyAny>) -> PyResult<std::time::Duration> {
    value.extract::<Seconds>().map(|seconds| seconds.0)
}

/// The keyword arguments of one call, in a dictionary of its own.
struct Keywords<'py>(Option<Bound<'py, PyDict>>);

impl<'py> Keywords<'py> {
    /// Takes an argument out. One that was not passed, or is None, is left to the core.
    fn take<T>(
        &self,
        name: &str,
        extract: impl FnOnce(Borrowed<'_, 'py, PyAny>) -> PyResult<T>,
    ) -> PyResult<Option<T>> {
        let Some(keywords) = &self.0 else { return Ok(None) };
        let Some(value) = keywords.get_item(name)? else { return Ok(None) };
        keywords.del_item(name)?;
        if value.is_none() {
            return Ok(None);
        }
        extract(value.as_borrowed()).map(Some).map_err(|error| named(value.py(), name, error))
    }

    fn finish(&self) -> PyResult<()> {
        match self.0.as_ref().and_then(|keywords| keywords.keys().iter().next()) {
            Some(name) => Err(PyTypeError::new_err(format!("got an unexpected keyword argument '{name}'"))),
            None => Ok(()),
        }
    }
}

/// The error with a note that names the argument, as PyO3 adds it for arguments of its own.
fn named(py: Python<'_>, name: &str, error: PyErr) -> PyErr {
    // Python 3.10 has no notes.
    let _ = error.value(py).call_method1("add_note", (format!("while processing '{name}'"),));
    error
}
