//! The exceptions, and the boundary that no panic crosses.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::IntoPyObjectExt;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyType;
use scout_auth::{Error, ErrorInfo, Family};

create_exception!(
    scout_auth,
    ScoutAuthError,
    PyException,
    "The base of every error of scout_auth.

str(error) says what is wrong and what to do; it never holds key or token text. Attributes:

code: the stable name, such as 'ERR_KEY_TRUNCATED'; compare this one
number: the stable number: 1xx key, 2xx token, 3xx argument and configuration, 9xx internal
help: what to do about it"
);
create_exception!(scout_auth, InvalidKeyError, ScoutAuthError, "The key that was given cannot be used.");
create_exception!(scout_auth, KidMismatchError, InvalidKeyError, "The key is not the one that the expected kid names.");
create_exception!(scout_auth, TokenError, ScoutAuthError, "The token was refused.");
create_exception!(scout_auth, TokenExpiredError, TokenError, "The token has expired.");
create_exception!(
    scout_auth,
    TokenSignatureError,
    TokenError,
    "The token's signature is not that of the key it names: it was altered or forged."
);
create_exception!(
    scout_auth,
    ConfigError,
    ScoutAuthError,
    "An argument, an environment variable, a file, a URL or the clock is not as it must be."
);
create_exception!(scout_auth, VariableMissingError, ConfigError, "An environment variable is not set.");
create_exception!(
    scout_auth,
    UrlInsecureError,
    ConfigError,
    "The request would carry the credential over plain http to another machine."
);
create_exception!(scout_auth, InternalError, ScoutAuthError, "A fault of scout_auth itself or of its engine.");

/// The exception class of a row of core's table.
fn class<'py>(py: Python<'py>, row: &ErrorInfo) -> Bound<'py, PyType> {
    match (row.name, row.family()) {
        ("ERR_KID_MISMATCH", _) => py.get_type::<KidMismatchError>(),
        ("ERR_TOKEN_EXPIRED", _) => py.get_type::<TokenExpiredError>(),
        ("ERR_TOKEN_SIGNATURE", _) => py.get_type::<TokenSignatureError>(),
        ("ERR_VARIABLE_MISSING", _) => py.get_type::<VariableMissingError>(),
        ("ERR_URL_INSECURE", _) => py.get_type::<UrlInsecureError>(),
        (_, Family::Key) => py.get_type::<InvalidKeyError>(),
        (_, Family::Token) => py.get_type::<TokenError>(),
        (_, Family::Config) => py.get_type::<ConfigError>(),
        (_, Family::Internal) => py.get_type::<InternalError>(),
    }
}

/// `code`, `number` or `help` on a class, for an error that was made from its class and text alone, as
/// Celery and mocks do. On the instances that [`exception`] makes they are plain attributes.
#[pyclass(frozen)]
struct Attribute {
    of: fn(Python<'_>, &ErrorInfo) -> PyResult<Py<PyAny>>,
    /// The row of an instance whose text is in no row.
    fallback: &'static ErrorInfo,
}

#[pymethods]
impl Attribute {
    fn __get__(&self, instance: Option<&Bound<'_, PyAny>>, class: &Bound<'_, PyType>) -> PyResult<Py<PyAny>> {
        let text: String = instance.map_or_else(|| Ok(String::new()), |error| error.str()?.extract())?;
        let has_text = |row: &&ErrorInfo| text.starts_with(row.summary) && text.ends_with(row.help);
        (self.of)(class.py(), Error::TABLE.iter().find(has_text).unwrap_or(self.fallback))
    }
}

/// Puts `code`, `number` and `help` on the classes.
pub(crate) fn add_attributes(py: Python<'_>) -> PyResult<()> {
    for (class, name) in [
        (py.get_type::<ScoutAuthError>(), "ERR_INTERNAL"),
        (py.get_type::<InvalidKeyError>(), "ERR_KEY_FORMAT"),
        (py.get_type::<KidMismatchError>(), "ERR_KID_MISMATCH"),
        (py.get_type::<TokenError>(), "ERR_TOKEN_MALFORMED"),
        (py.get_type::<TokenExpiredError>(), "ERR_TOKEN_EXPIRED"),
        (py.get_type::<TokenSignatureError>(), "ERR_TOKEN_SIGNATURE"),
        (py.get_type::<ConfigError>(), "ERR_ARGUMENT"),
        (py.get_type::<VariableMissingError>(), "ERR_VARIABLE_MISSING"),
        (py.get_type::<UrlInsecureError>(), "ERR_URL_INSECURE"),
    ] {
        for fallback in Error::TABLE.iter().filter(|row| row.name == name) {
            class.setattr("code", Attribute { of: |py, row| row.name.into_py_any(py), fallback })?;
            class.setattr("number", Attribute { of: |py, row| row.number.into_py_any(py), fallback })?;
            class.setattr("help", Attribute { of: |py, row| row.help.into_py_any(py), fallback })?;
        }
    }
    Ok(())
}

/// The exception of an error of the core.
pub(crate) fn exception(py: Python<'_>, error: Error) -> PyErr {
    let make = || {
        let exception = class(py, &error.info()).call1((error.to_string(),))?;
        exception.setattr("code", error.code())?;
        exception.setattr("number", error.number())?;
        exception.setattr("help", error.help())?;
        PyResult::Ok(exception)
    };
    make().map_or_else(|failure| failure, PyErr::from_value)
}

/// Calls into the core. A panic becomes an `InternalError` of fixed text: PyO3 would make a
/// `PanicException` of it, which `except Exception` does not catch.
pub(crate) fn call<T>(py: Python<'_>, operation: impl FnOnce() -> scout_auth::Result<T>) -> PyResult<T> {
    guarded(operation).map_err(|error| exception(py, error))
}

/// As [`call`], with the GIL released meanwhile: for what signs, reads a key or waits.
pub(crate) fn call_detached<T: Send>(
    py: Python<'_>,
    operation: impl FnOnce() -> scout_auth::Result<T> + Send,
) -> PyResult<T> {
    py.detach(|| guarded(operation)).map_err(|error| exception(py, error))
}

fn guarded<T>(operation: impl FnOnce() -> scout_auth::Result<T>) -> scout_auth::Result<T> {
    catch_unwind(AssertUnwindSafe(operation)).unwrap_or(Err(Error::Internal))
}

/// Core's table, for the tests: `(number, code, class, summary)` a row.
pub(crate) fn table(py: Python<'_>) -> Vec<(u16, &'static str, Bound<'_, PyType>, &'static str)> {
    Error::TABLE.iter().map(|row| (row.number, row.name, class(py, row), row.summary)).collect()
}

/// The error for plain http through a proxy, which the clients' modules find out.
#[pyfunction]
pub(crate) fn url_insecure(py: Python<'_>) -> Py<PyAny> {
    exception(py, Error::UrlInsecure).into_value(py).into_any()
}

/// Panics inside the boundary, for the tests.
#[cfg(feature = "test-hooks")]
#[pyfunction]
#[pyo3(name = "_panic")]
pub(crate) fn panic(py: Python<'_>, detached: bool) -> PyResult<()> {
    let panics = || panic!("the text of a panic");
    if detached { call_detached(py, panics) } else { call(py, panics) }
}
