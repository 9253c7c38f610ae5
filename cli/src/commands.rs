//! One module for each group of subcommands.

/// `token`, `authorization`.
mod mint;

/// `pem`, `kid`, `keygen`.
mod keys;

/// `inspect`, `verify`.
mod read;

/// `doctor`.
mod doctor;

/// `completions`, `man`.
#[cfg(feature = "manual")]
mod manual;

use clap::ArgMatches;

use crate::failure::Failure;
use crate::host::Host;

/// Runs the subcommand of the command line.
pub(crate) fn dispatch(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
    match name {
        "token" => mint::token(matches, host),
        "authorization" => mint::authorization(matches, host),
        "pem" => keys::pem(matches, host),
        "kid" => keys::kid(matches, host),
        "keygen" => keys::keygen(matches, host),
        "inspect" => read::inspect(matches, host),
        "verify" => read::verify(matches, host),
        "doctor" => doctor::doctor(matches, host),
        #[cfg(feature = "manual")]
        "completions" => manual::completions(matches, host),
        #[cfg(feature = "manual")]
        "man" => manual::man(matches, host),
        // The command line knows no others.
        _ => Err(scout_auth::Error::Internal.into()),
    }
}
