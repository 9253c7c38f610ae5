//! Writes a failure for people.

use crate::failure::Failure;
use crate::host::{Colour, Host};

/// Writes the failure to standard error, and returns the exit status.
pub(crate) fn report(failure: &Failure, host: &mut Host<'_>) -> u8 {
    let (error, hint) = (host.paint_error(Colour::Red, "error:"), host.paint_error(Colour::Cyan, "help:"));
    host.tell(&format!("{error} {} ({})\n{hint} {}\n", failure.text, failure.code, failure.help));
    failure.status
}
