#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

// Modules are listed in dependency order: each may use only modules listed before it.
// `core/tests/structure.rs` checks this.

/// Times and JSON for people.
mod words;

/// What is typed at a terminal.
#[cfg(unix)]
mod hidden;

/// Errors of the command, and the exit statuses.
mod failure;

/// The environment and the streams of a command.
mod host;

/// Other programs.
mod program;

/// The full command, for what this build leaves out.
#[cfg(not(feature = "net"))]
mod full;

/// Writes a failure for people.
mod report;

/// What help texts and manual pages say beside the options.
mod sections;

/// The command line: subcommands, options, and errors in them.
mod arguments;

/// A JSON object in its own order.
mod members;

/// Reads keys and tokens.
mod input;

/// The process of a command that runs for long.
#[cfg(feature = "net")]
mod process;

/// The network client.
#[cfg(feature = "net")]
mod net;

/// A server on this machine that sends requests on to Scout.
#[cfg(feature = "net")]
mod proxy;

/// What `--verbose` tells.
mod verbose;

/// One module for each group of subcommands.
mod commands;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use scout_auth::Error;

use crate::failure::Failure;
use crate::report::report;

pub use host::{Host, Stream, Streams};

/// Runs one command and returns its exit status (0 to 7, as the README lists them).
///
/// `args` are the arguments after the command's name. All input and output goes through `host`. It
/// neither exits nor panics: a panic becomes the text of `ERR_INTERNAL` and status 1. But on Unix
/// another program replaces this process for `curl`, and for what only the full command does.
pub fn run(args: impl IntoIterator<Item = OsString>, host: &mut Host<'_>) -> u8 {
    let ran = catch_unwind(AssertUnwindSafe(|| match attempt(args, host) {
        Ok(status) => status,
        Err(failure) => report(&failure, host),
    }));
    ran.unwrap_or_else(|_| {
        // Colour would ask the environment, which may be what panicked.
        host.streams = Streams::default();
        report(&Failure::from(Error::Internal), host)
    })
}

/// Runs one command on the environment and the standard streams of this process.
///
/// `command_line` begins with the path of the program or script, as a program's arguments do.
pub fn run_in_process(command_line: impl IntoIterator<Item = OsString>) -> u8 {
    let mut command_line = command_line.into_iter();
    let program = command_line.next().unwrap_or_default();
    Host::with_process(Path::new(&program), |host| run(command_line, host))
}

fn attempt(args: impl IntoIterator<Item = OsString>, host: &mut Host<'_>) -> Result<u8, Failure> {
    #[cfg(not(feature = "net"))]
    let args: Vec<OsString> = args.into_iter().collect();
    #[cfg(not(feature = "net"))]
    if let Some(what) = full::asked_for(&args) {
        return full::run(what, &args, host);
    }
    let Some(matches) = arguments::parse(args, host)? else { return Ok(0) };
    let ran = commands::dispatch(&matches, host);
    if let Err(failure) = &ran
        && arguments::wants_json(&matches)
    {
        host.print(&failure.json())?;
    }
    ran
}
