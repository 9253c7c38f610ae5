//! `copy` and `pickle` of objects that hold a secret.

/// Immutable, so a copy is the object itself; secret, so it does not pickle: a pickle is a file or
/// a message, and nobody expects a key in it.
macro_rules! secret {
    ($class:ident, $why:literal) => {
        #[pymethods]
        impl $class {
            fn __copy__(slf: Py<Self>) -> Py<Self> {
                slf
            }

            fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
                slf
            }

            fn __reduce__(&self) -> PyResult<()> {
                Err(pyo3::exceptions::PyTypeError::new_err(concat!("cannot pickle ", stringify!($class), ": ", $why)))
            }
        }
    };
}

pub(crate) use secret;
