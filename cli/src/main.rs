//! The `scout-auth` command: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A panic's own text could hold anything; the library reports one with fixed text.
    std::panic::set_hook(Box::new(|_| {}));
    ExitCode::from(scout_auth_cli::run_in_process(std::env::args_os().skip(1)))
}
