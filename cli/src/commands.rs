//! One module for each group of subcommands.

/// `token`, `authorization`, `headers`.
mod mint;

/// `curl`.
#[cfg(unix)]
mod curl;

/// `pem`, `jwk`, `jwks`, `kid`, `keygen`.
mod keys;

/// `import`.
mod import;

/// `inspect`.
mod inspect;

/// `verify`.
mod verify;

/// `doctor`.
mod doctor;

/// `mcp`.
#[cfg(feature = "net")]
mod mcp;

/// `proxy`.
#[cfg(feature = "net")]
mod proxy;

/// `run`.
#[cfg(feature = "net")]
mod run;

/// `serve`.
#[cfg(feature = "net")]
mod serve;

/// `credentials`.
#[cfg(feature = "net")]
mod credentials;

/// `scan`.
mod scan;

/// `completions`, `man`.
#[cfg(feature = "manual")]
mod manual;

use clap::ArgMatches;

use crate::failure::Failure;
use crate::host::Host;
use crate::verbose;

/// Runs the subcommand of the command line, and returns the exit status.
pub(crate) fn dispatch(matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(0) };
    let ran = run(name, matches, host);
    verbose::tell_events(matches, host);
    ran
}

fn run(name: &str, matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    let ran = match name {
        "token" => mint::token(matches, host),
        "authorization" => mint::authorization(matches, host),
        "headers" => mint::headers(matches, host),
        #[cfg(unix)]
        "curl" => return curl::curl(matches, host),
        "pem" => keys::pem(matches, host),
        "jwk" => keys::jwk(matches, host),
        "jwks" => keys::jwks(matches, host),
        "kid" => keys::kid(matches, host),
        "keygen" => keys::keygen(matches, host),
        "import" => import::import(matches, host),
        "inspect" => return inspect::inspect(matches, host),
        "verify" => verify::verify(matches, host),
        "doctor" => return doctor::doctor(matches, host),
        #[cfg(feature = "net")]
        "mcp" => mcp::mcp(matches, host),
        #[cfg(feature = "net")]
        "proxy" => proxy::proxy(matches, host),
        #[cfg(feature = "net")]
        "run" => return run::run(matches, host),
        #[cfg(feature = "net")]
        "serve" => serve::serve(matches, host),
        #[cfg(feature = "net")]
        "credentials" => credentials::credentials(matches, host),
        "scan" => return scan::scan(matches, host),
        #[cfg(feature = "manual")]
        "completions" => manual::completions(matches, host),
        #[cfg(feature = "manual")]
        "man" => manual::man(matches, host),
        // The command line knows no others.
        _ => Err(scout_auth::Error::Internal.into()),
    };
    ran.map(|()| 0)
}
