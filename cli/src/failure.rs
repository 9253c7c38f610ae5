//! `Failure`: why a command failed, and its exit status.

use std::io;

use scout_auth::{Error, Family};
use serde_json::json;

use crate::words::ascii;

/// A fault of scout-auth itself, or standard output cannot be written.
const INTERNAL: u8 = 1;
/// The command line is wrong.
pub(crate) const USAGE: u8 = 2;
/// The environment, a file, an option's value or the clock is wrong.
const CONFIG: u8 = 3;
/// The key cannot be used.
const KEY: u8 = 4;
/// The token was refused.
const TOKEN: u8 = 5;
/// The live call of `doctor --url` did not succeed, or the server of `credentials` refused.
#[cfg(feature = "net")]
pub(crate) const SERVER: u8 = 6;

/// `scan` found a key or a token.
pub(crate) const FOUND: u8 = 7;

const GIT_HELP: &str = "scan needs git, and a repository that git trusts (its setting safe.directory)";

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit status.
    pub(crate) status: u8,
    /// A name from core's table of errors, or `ERR_USAGE`, `ERR_INPUT`, `ERR_OUTPUT` or `ERR_SERVER`.
    pub(crate) code: &'static str,
    /// What is wrong: one clause, without a full stop.
    pub(crate) text: String,
    /// What to do about it: one clause, without a full stop.
    pub(crate) help: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // The command has options beside the variables.
        let help = match error {
            Error::VariableMissing { variable: "SCOUT_CREDENTIAL_ID" } => "set it, or use --credential-id",
            Error::VariableMissing { variable: "SCOUT_PRIVATE_KEY" } => {
                "set it or SCOUT_PRIVATE_KEY_FILE, or pass the key by --key-file or standard input"
            }
            Error::KeyFile { .. } => {
                "check the path, in --key-file, --keys or SCOUT_PRIVATE_KEY_FILE, and its permissions"
            }
            _ => error.help(),
        };
        Self { status: status(error), code: error.code(), text: error.summary(), help: help.to_owned() }
    }
}

impl Failure {
    pub(crate) fn usage(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { status: USAGE, code: "ERR_USAGE", text: text.into(), help: help.into() }
    }

    /// Something that is not a key cannot be read.
    pub(crate) fn input(what: &str, error: &io::Error) -> Self {
        Self::unusable(format!("{what} cannot be read: {}", reason(error)), "check its path and permissions")
    }

    /// Something that the command needs of the system cannot be used.
    #[cfg(feature = "net")]
    pub(crate) fn system(what: &str, error: &io::Error, help: &str) -> Self {
        Self::unusable(format!("{what} cannot be used: {}", reason(error)), help)
    }

    /// A server did not do what it was asked. The text is its own, or says why there was no answer.
    #[cfg(feature = "net")]
    pub(crate) fn server(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { status: SERVER, code: "ERR_SERVER", text: text.into(), help: help.into() }
    }

    /// The input is empty.
    pub(crate) fn nothing(what: &str, help: &str) -> Self {
        Self::unusable(format!("the input is empty: there is no {what}"), help)
    }

    /// A file, a variable or a program that is not a key or a token cannot be used.
    pub(crate) fn unusable(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { status: CONFIG, code: "ERR_INPUT", text: text.into(), help: help.into() }
    }

    pub(crate) fn output(what: &str, error: &io::Error) -> Self {
        let text = format!("{what} cannot be written: {}", reason(error));
        Self {
            status: INTERNAL,
            code: "ERR_OUTPUT",
            text,
            help: "check its path, its permissions and the free space".to_owned(),
        }
    }

    /// git does not do what is needed. `words` is what it says.
    pub(crate) fn git(words: &str) -> Self {
        let text = format!("git failed: {}", words.trim_start_matches("fatal: "));
        Self { status: CONFIG, code: "ERR_INPUT", text, help: GIT_HELP.to_owned() }
    }

    /// Replaces the help.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The failure as a line of JSON, for the standard output of `--json`.
    pub(crate) fn json(&self) -> String {
        ascii(&json!({ "error": self.code, "text": self.text, "help": self.help }).to_string()) + "\n"
    }
}

/// The exit status of one of core's errors.
pub(crate) fn status(error: Error) -> u8 {
    match error.family() {
        Family::Internal => INTERNAL,
        Family::Config => CONFIG,
        Family::Key => KEY,
        Family::Token => TOKEN,
    }
}

/// What the system says of an error, such as "No such file or directory".
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    // Rust appends the number of the error.
    text.split(" (os error ").next().unwrap_or_default().to_owned()
}
