//! What signers did, for Python's logger `scout_auth`.
//!
//! Core reports an event in the middle of a call, without the GIL. So core collects the events of each
//! thread, and they are handed to Python after the call.
//!
//! A logger runs Python code, and here that code runs beneath frames of Rust. As a program ends, CPython up
//! to 3.13 ends a daemon thread in the midst of such code by `pthread_exit`, which unwinds the stack and
//! aborts the process at the first frame that catches panics. So the thread waits for the end of the
//! process instead, as CPython 3.14 and PyO3 itself do.

use std::mem::forget;
use std::ptr::null_mut;
use std::thread;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyString};
use scout_auth::{Event, Events};

/// The Python function that logs.
static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Calls log(level, message, name, *fields) after each call in which something happened. The first
/// call decides.
#[pyfunction]
pub(crate) fn observe(py: Python<'_>, log: Py<PyAny>) {
    if LOG.set(py, log).is_ok() {
        Events::collect();
    }
}

/// Logs the events of this thread.
pub(crate) fn log_events(py: Python<'_>) -> PyResult<()> {
    Events::take().into_iter().try_for_each(|event| log(py, event))
}

fn log(py: Python<'_>, event: Event) -> PyResult<()> {
    let Some(log) = LOG.get(py) else { return Ok(()) };
    let text = |text: &str| PyString::new(py, text).into_any();
    let number = |number: i64| number.into_pyobject(py).map(Bound::into_any);
    let mut arguments = vec![number(level(event))?, text(&event.to_string()), text(event.name())];
    arguments.extend(match event {
        Event::Minted { kid, expires_at } => {
            let expires_at = number(i64::try_from(expires_at).unwrap_or(i64::MAX))?;
            vec![text("kid"), text(kid.as_str()), text("expires_at"), expires_at]
        }
        Event::Rotated { old, new } => vec![text("old_kid"), text(old.as_str()), text("kid"), text(new.as_str())],
        Event::SourceFailed { error } => vec![text("code"), text(error.code())],
        Event::Rejected { kid, retry } => {
            let retry = PyBool::new(py, retry).to_owned().into_any();
            vec![text("kid"), text(kid.as_str()), text("retry"), retry]
        }
        Event::ClockOffset { seconds } => vec![text("seconds"), number(seconds)?],
    });
    call(log.bind(py), &arguments)
}

/// The level of Python's module `logging`.
fn level(event: Event) -> i64 {
    match event {
        _ if event.is_warning() => 30,
        Event::Minted { .. } => 10,
        _ => 20,
    }
}

/// Calls a Python function with at most seven arguments. If the thread ends in the midst of it, the
/// thread waits instead.
fn call(function: &Bound<'_, PyAny>, arguments: &[Bound<'_, PyAny>]) -> PyResult<()> {
    let mut places = [null_mut(); 7];
    for (place, argument) in places.iter_mut().zip(arguments) {
        *place = argument.as_ptr();
    }
    let [level, message, name, fields @ ..] = places;
    let [a, b, c, d] = fields;
    let end: *mut ffi::PyObject = null_mut();
    let waiting = Waiting;
    // SAFETY: the GIL is held, all pointers are objects that live during the call, or NULL, which ends
    // the list. The result is a new reference or NULL with an exception.
    let result = unsafe {
        let result = PyObject_CallFunctionObjArgs(function.as_ptr(), level, message, name, a, b, c, d, end);
        Bound::from_owned_ptr_or_err(function.py(), result)
    };
    forget(waiting);
    result.map(drop)
}

// Its arguments need no tuple: the garbage collector tracks tuples, and could run Python code before the
// call. PyO3 declares the function as one that does not unwind, but does not call it.
#[cfg(unix)]
unsafe extern "C-unwind" {
    fn PyObject_CallFunctionObjArgs(callable: *mut ffi::PyObject, ...) -> *mut ffi::PyObject;
}

// Nothing can be caught there when a thread ends.
#[cfg(not(unix))]
use pyo3::ffi::PyObject_CallFunctionObjArgs;

/// Waits for the end of the process when it is dropped.
struct Waiting;

impl Drop for Waiting {
    fn drop(&mut self) {
        loop {
            thread::park();
        }
    }
}
