//! `Settings`: the keyword arguments of every function that makes a signer.

use pyo3::exceptions::{PyRecursionError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};
use scout_auth as core;

use crate::error::exception;
use crate::input::{Seconds, Text, wrong_type};

/// Origins or roles or a command: any iterable of str, but not one str.
pub(crate) struct Texts(pub(crate) Vec<String>);

impl FromPyObject<'_, '_> for Texts {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let expected = || wrong_type(value, "an iterable of str");
        if value.is_instance_of::<PyString>() {
            return Err(expected());
        }
        let texts = value.try_iter().map_err(|_| expected())?;
        texts.map(|text| Ok(text?.extract::<Text<'_>>()?.0.to_owned())).collect::<PyResult<_>>().map(Self)
    }
}

/// A JSON object as a mapping, and the text that the module json makes of it.
pub(crate) struct JsonObject(pub(crate) String);

impl FromPyObject<'_, '_> for JsonObject {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let py = value.py();
        value.cast::<PyMapping>().map_err(|_| wrong_type(value, "a mapping"))?;
        let object = py.get_type::<PyDict>().call1((value,))?;
        let options = PyDict::new(py);
        options.set_item("allow_nan", false)?;
        match py.import("json")?.call_method("dumps", (object,), Some(&options)) {
            Ok(text) => text.extract().map(Self),
            // A number that JSON has not, or a value that contains itself.
            Err(error) if error.is_instance_of::<PyValueError>(py) || error.is_instance_of::<PyRecursionError>(py) => {
                Err(exception(py, core::Error::Claims))
            }
            Err(error) => Err(error),
        }
    }
}

/// Reads the settings from keyword arguments. An unknown argument is a `TypeError`.
pub(crate) fn settings(keywords: Option<Bound<'_, PyDict>>) -> PyResult<core::Settings> {
    Keywords(keywords).settings()
}

pub(crate) fn text(value: Borrowed<'_, '_, PyAny>) -> PyResult<String> {
    value.extract::<Text<'_>>().map(|text| text.0.to_owned())
}

fn seconds(value: Borrowed<'_, '_, PyAny>) -> PyResult<std::time::Duration> {
    value.extract::<Seconds>().map(|seconds| seconds.0)
}

/// The keyword arguments of one call, in a dictionary of its own.
pub(crate) struct Keywords<'py>(pub(crate) Option<Bound<'py, PyDict>>);

impl<'py> Keywords<'py> {
    /// Takes an argument out. One that was not passed, or is None, is left to the core.
    pub(crate) fn take<T>(
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

    /// The settings. What else was passed is a `TypeError`.
    pub(crate) fn settings(&self) -> PyResult<core::Settings> {
        let settings = core::Settings {
            kid: self.take("kid", text)?,
            lifetime: self.take("lifetime", seconds)?,
            refresh_margin: self.take("refresh_margin", seconds)?,
            backdate: self.take("backdate", seconds)?,
            allowed_origins: self.take("allowed_origins", |value| Ok(value.extract::<Texts>()?.0))?,
            header_kid: self.take("header_kid", text)?,
            roles: self.take("roles", |value| Ok(value.extract::<Texts>()?.0))?,
            claims: self.take("claims", |value| Ok(value.extract::<JsonObject>()?.0))?,
            refresh: self.take("refresh", seconds)?,
        };
        self.finish().map(|()| settings)
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
