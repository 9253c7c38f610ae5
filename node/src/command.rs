//! The command `scout-auth`.

use std::ffi::OsString;

use napi_derive::napi;

/// Runs one command with this process's environment and standard streams, and returns its exit status.
/// `args` are `process.argv` from the path of the script on.
#[napi(catch_unwind)]
pub fn run_command(args: Vec<String>) -> u8 {
    scout_auth_cli::run_in_process(args.into_iter().map(OsString::from))
}
