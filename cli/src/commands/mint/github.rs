//! `token --github`: a token for the later steps of a job of GitHub Actions.
//!
//! A step prints `::add-mask::TEXT`, and the runner then replaces that text in every log. A line
//! `NAME=VALUE` at the end of the file in `GITHUB_ENV` sets a variable for the later steps.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use scout_auth::Environment;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::host::{Host, Stream};

/// Checks that this is a step of a job, before a token is minted.
pub(super) fn check(host: &Host<'_>) -> Result<(), Failure> {
    let is_job = (host.variable)("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    if !is_job || !host.environment().is_set("GITHUB_ENV") {
        let help = "--github is for a step of a workflow; elsewhere, use scout-auth token";
        return Err(Failure::unusable("GITHUB_ACTIONS and GITHUB_ENV are not set: this is not GitHub Actions", help));
    }
    // The runner reads a pipe. It would not see the mask, and the token would be in the logs of later steps.
    if matches!(host.streams.stdout, Stream::File { .. } | Stream::Device) {
        let help = "do not redirect the output of --github, so that the token is masked in the logs";
        return Err(Failure::unusable("standard output does not go to the runner of GitHub Actions", help));
    }
    Ok(())
}

/// Masks the token in the logs, and then sets `SCOUT_API_KEY` for the later steps.
pub(super) fn pass_on(token: &str, host: &mut Host<'_>) -> Result<(), Failure> {
    let mut file = variables(host).map_err(|error| Failure::output("the file of GITHUB_ENV", &error))?;
    host.deliver(&Zeroizing::new(format!("::add-mask::{token}\n")))?;
    let start = if ends_line(&mut file) { "" } else { "\n" };
    let line = Zeroizing::new(format!("{start}{}={token}\n", Environment::API_KEY));
    file.write_all(line.as_bytes()).map_err(|error| Failure::output("the file of GITHUB_ENV", &error))
}

/// The file of `GITHUB_ENV`, which the runner has made.
fn variables(host: &Host<'_>) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).open((host.variable)("GITHUB_ENV").unwrap_or_default())
}

/// Whether a line ends at the end of the file. What else this step has written may lack its end, and the
/// token would become a part of that.
fn ends_line(file: &mut File) -> bool {
    let mut last = [0];
    let read = file.seek(SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last));
    // An empty file has no byte there.
    read.is_err() || last == *b"\n"
}
