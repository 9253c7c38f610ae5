//! The `scout-auth` command: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The text of a panic could contain a secret. The library reports a panic with a fixed text.
    std::panic::set_hook(Box::new(|_| {}));
    ExitCode::from(scout_auth_cli::run_in_process(std::env::args_os()))
}
