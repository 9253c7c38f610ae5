//! `copy` and `pickle`. All objects are immutable, so a copy is the object itself.

use pyo3::prelude::*;

macro_rules! copyable {
    ($class:ident) => {
        #[pymethods]
        impl $class {
            fn __copy__(slf: Py<Self>) -> Py<Self> {
                slf
            }

            fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
                slf
            }
        }
    };
}

/// Copyable, but not picklable: a pickle is a file or a message, and no key belongs there.
macro_rules! secret {
    ($class:ident, $why:literal) => {
        $crate::copies::copyable!($class);

        #[pymethods]
        impl $class {
            fn __reduce__(&self) -> PyResult<()> {
                Err(pyo3::exceptions::PyTypeError::new_err(concat!("cannot pickle ", stringify!($class), ": ", $why)))
            }
        }
    };
}

pub(crate) use {copyable, secret};

/// What `__reduce__` returns for an object without a secret: a function of `_native` and its arguments.
pub(crate) type Reduced<'py, T> = PyResult<(Bound<'py, PyAny>, T)>;

pub(crate) fn reduced<'py, T>(py: Python<'py>, function: &str, arguments: T) -> Reduced<'py, T> {
    Ok((py.import("scout_auth._native")?.getattr(function)?, arguments))
}
