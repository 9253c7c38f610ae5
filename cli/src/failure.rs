//! `Failure`: why a command did not do its work, and with which status it ends.

use std::io::ErrorKind;

use scout_auth::{Error, Family};

use crate::host::{Colour, Host};

/// A fault of scout-auth itself, or standard output that cannot be written.
pub(crate) const INTERNAL: u8 = 1;
/// The command line is wrong.
pub(crate) const USAGE: u8 = 2;
/// The environment, a file, an option's value or the clock is wrong.
pub(crate) const CONFIG: u8 = 3;
/// The key cannot be used.
pub(crate) const KEY: u8 = 4;
/// The token was refused.
pub(crate) const TOKEN: u8 = 5;
/// The live call of `doctor --url` did not succeed.
#[cfg(feature = "net")]
pub(crate) const SERVER: u8 = 6;

/// The exit statuses, for `--help` and the manual.
pub(crate) const STATUSES: &str = "\
Exit status:
  0  done
  1  a fault of scout-auth itself, or standard output cannot be written
  2  the command line is wrong
  3  the environment, a file, an option's value or the clock is wrong
  4  the key cannot be used
  5  the token was refused
  6  the live call of doctor --url did not succeed

doctor ends with the status of its first failed check.";

/// Why a command did not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// One of core's errors.
    Core(Error),
    /// The command line is wrong.
    Usage { summary: String, help: String },
    /// The input of that name cannot be read.
    Input(&'static str, ErrorKind),
    /// Standard output cannot be written.
    Output(ErrorKind),
    /// It was told on standard output already: only the status is left to give.
    Told(u8),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl Failure {
    /// Tells it on standard error, and gives the exit status.
    pub(crate) fn report(self, host: &mut Host<'_>) -> u8 {
        let (status, summary, help) = match self {
            Self::Core(error) => (status(error), error.summary(), error.help().to_owned()),
            Self::Usage { summary, help } => (USAGE, summary, help),
            Self::Input(what, kind) => {
                (CONFIG, format!("{what} cannot be read: {kind}"), "check its path and permissions".to_owned())
            }
            Self::Output(kind) => {
                let summary = format!("standard output cannot be written: {kind}");
                (INTERNAL, summary, "check where it goes, and the room there".to_owned())
            }
            Self::Told(status) => return status,
        };
        let (error, hint) = (host.paint_error(Colour::Red, "error:"), host.paint_error(Colour::Cyan, "help:"));
        host.tell(&format!("{error} {summary}\n{hint} {help}\n"));
        status
    }
}

/// The exit status that belongs to one of core's errors.
pub(crate) fn status(error: Error) -> u8 {
    match error.family() {
        Family::Internal => INTERNAL,
        Family::Config => CONFIG,
        Family::Key => KEY,
        Family::Token => TOKEN,
    }
}
