//! The console script `scout-auth`: the same code as the command of that name.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs one command and returns its exit status. args: sys.argv, with the path of the script.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| scout_auth_cli::run_in_process(args))
}
