//! The exceptions, and the boundary that no panic crosses.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::IntoPyObjectExt;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyType;
use scout_auth::{Error, ErrorInfo, Family};

use crate::event::log_events;

create_exception!(
    scout_auth,
    ScoutAuthError,
    PyException,
    "The base class of all errors of scout_auth.

str(error) says what is wrong and what to do. It never contains text of a key or token. Attributes:

code: the stable name, such as 'ERR_KEY_TRUNCATED'; programs compare this one
number: the stable number: 1xx key, 2xx token, 3xx argument and configuration, 9xx internal
help: what to do about it
status: the HTTP status for a server whose request failed with this error: 401, 400 or 500"
);
create_exception!(scout_auth, InvalidKeyError, ScoutAuthError, "The key cannot be used.");
create_exception!(scout_auth, KidMismatchError, InvalidKeyError, "The key has another kid than expected.");
create_exception!(scout_auth, TokenError, ScoutAuthError, "The token is refused.");
create_exception!(scout_auth, TokenExpiredError, TokenError, "The token has expired.");
create_exception!(
    scout_auth,
    TokenSignatureError,
    TokenError,
    "The token's signature is wrong: the token was altered or forged."
);
create_exception!(
    scout_auth,
    ConfigError,
    ScoutAuthError,
    "An argument, an environment variable, a file, a URL or the clock is wrong."
);
create_exception!(scout_auth, VariableMissingError, ConfigError, "An environment variable is not set.");
create_exception!(
    scout_auth,
    UrlInsecureError,
    ConfigError,
    "The request would carry the credential over plain http to another machine, or through a proxy."
);
create_exception!(scout_auth, InternalError, ScoutAuthError, "scout_auth itself or its engine failed.");

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

/// One attribute of [`ATTRIBUTES`] on the base class, for an error that was made from its class and text
/// alone, as Celery and mocks do. [`exception`] sets plain attributes on the instances that it makes.
#[pyclass(frozen)]
struct Attribute(OfRow);

type OfRow = fn(Python<'_>, &ErrorInfo) -> PyResult<Py<PyAny>>;

const ATTRIBUTES: [(&str, OfRow); 4] = [
    ("code", |py, row| row.name.into_py_any(py)),
    ("number", |py, row| row.number.into_py_any(py)),
    ("help", |py, row| row.help.into_py_any(py)),
    ("status", |py, row| row.http_status().into_py_any(py)),
];

#[pymethods]
impl Attribute {
    fn __get__(&self, instance: Option<&Bound<'_, PyAny>>, class: &Bound<'_, PyType>) -> PyResult<Py<PyAny>> {
        let text: String = instance.map_or_else(|| Ok(String::new()), |error| error.str()?.extract())?;
        let has_text = |row: &&ErrorInfo| text.starts_with(row.summary) && text.ends_with(row.help);
        let row = Error::TABLE.iter().find(has_text).map_or_else(|| fallback(class), |row| Ok(*row))?;
        (self.0)(class.py(), &row)
    }
}

/// The row for an instance whose text belongs to none.
fn fallback(class: &Bound<'_, PyType>) -> PyResult<ErrorInfo> {
    let py = class.py();
    let mut fallback = Error::Internal.info();
    // A class stands behind its base.
    for (base, name) in [
        (py.get_type::<InvalidKeyError>(), "ERR_KEY_FORMAT"),
        (py.get_type::<KidMismatchError>(), "ERR_KID_MISMATCH"),
        (py.get_type::<TokenError>(), "ERR_TOKEN_MALFORMED"),
        (py.get_type::<TokenExpiredError>(), "ERR_TOKEN_EXPIRED"),
        (py.get_type::<TokenSignatureError>(), "ERR_TOKEN_SIGNATURE"),
        (py.get_type::<ConfigError>(), "ERR_ARGUMENT"),
        (py.get_type::<VariableMissingError>(), "ERR_VARIABLE_MISSING"),
        (py.get_type::<UrlInsecureError>(), "ERR_URL_INSECURE"),
    ] {
        if class.is_subclass(&base)? {
            fallback = Error::TABLE.iter().find(|row| row.name == name).copied().unwrap_or(fallback);
        }
    }
    Ok(fallback)
}

/// Sets the attributes.
pub(crate) fn add_attributes(py: Python<'_>) -> PyResult<()> {
    let base = py.get_type::<ScoutAuthError>();
    ATTRIBUTES.into_iter().try_for_each(|(name, of)| base.setattr(name, Attribute(of)))
}

/// The exception of an error of the core.
pub(crate) fn exception(py: Python<'_>, error: Error) -> PyErr {
    let make = || {
        let exception = class(py, &error.info()).call1((error.to_string(),))?;
        for (attribute, of) in ATTRIBUTES {
            exception.setattr(attribute, of(py, &error.info())?)?;
        }
        PyResult::Ok(exception)
    };
    make().map_or_else(|failure| failure, PyErr::from_value)
}

/// Calls the core. A panic becomes an `InternalError` with a fixed text. PyO3 would turn it into a
/// `PanicException`, which `except Exception` does not catch.
pub(crate) fn call<T>(py: Python<'_>, operation: impl FnOnce() -> scout_auth::Result<T>) -> PyResult<T> {
    guarded(operation).map_err(|error| exception(py, error))
}

/// Like [`call`], with the GIL released during the call: for what signs, reads a key or waits. What
/// happened in the call is logged after it.
pub(crate) fn call_detached<T: Send>(
    py: Python<'_>,
    operation: impl FnOnce() -> scout_auth::Result<T> + Send,
) -> PyResult<T> {
    let result = py.detach(|| guarded(operation));
    log_events(py)?;
    result.map_err(|error| exception(py, error))
}

fn guarded<T>(operation: impl FnOnce() -> scout_auth::Result<T>) -> scout_auth::Result<T> {
    catch_unwind(AssertUnwindSafe(operation)).unwrap_or(Err(Error::Internal))
}

/// Core's table, for the tests. A row is (number, code, class, summary).
#[pyfunction]
pub(crate) fn error_table(py: Python<'_>) -> Vec<(u16, &'static str, Bound<'_, PyType>, &'static str)> {
    Error::TABLE.iter().map(|row| (row.number, row.name, class(py, row), row.summary)).collect()
}

/// Returns the error for plain http through a proxy. Only the clients' modules can see the proxy.
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
