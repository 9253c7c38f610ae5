//! `TestClock`: a clock that tests move.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use scout_auth as core;

use crate::error::{call, call_detached};
use crate::settings::settings;
use crate::signer::Signer;

/// The clocks of the operating system, moved: for tests of what happens later.
///
/// scout_auth.testing has it, and moves the clock of a local Scout with it.
#[pyclass(frozen, module = "scout_auth.testing")]
pub(crate) struct TestClock(core::TestClock);

#[pymethods]
impl TestClock {
    #[new]
    fn py_new() -> Self {
        Self(core::TestClock::default())
    }

    /// Moves the clock by so many seconds, back if they are negative, for all signers that it made.
    fn advance(&self, py: Python<'_>, seconds: i64) -> PyResult<()> {
        call(py, || {
            self.0.advance(seconds);
            Ok(())
        })
    }

    /// Makes a signer of a credential file, as Signer.from_file does, that reads this clock.
    ///
    /// Raises what Signer.from_file raises.
    #[pyo3(
        signature = (path, **keywords),
        text_signature = "($self, path, *, kid=None, header_kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None, roles=None, claims=None, refresh=None)"
    )]
    fn signer(&self, py: Python<'_>, path: PathBuf, keywords: Option<Bound<'_, PyDict>>) -> PyResult<Signer> {
        let settings = settings(keywords)?;
        let builder = core::SignerBuilder::from_file(path).settings(settings).clock(self.0.clone());
        call_detached(py, || builder.build()).map(Signer::new)
    }
}
