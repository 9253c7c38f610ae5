//! The auth of requests: both credentials are callable, and pass the request on to Python.

use pyo3::prelude::*;

/// Passes a request of the package requests to `scout_auth._authorize`.
pub(crate) fn authorize<'py>(
    credential: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    credential.py().import("scout_auth")?.call_method1("_authorize", (credential, request))
}
