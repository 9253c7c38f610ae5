//! `curl`: the system's curl, with the header `Authorization`.
//!
//! The header goes to curl through a descriptor. It is never an argument, which other users can read,
//! and never a file on a disk.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::Path;
use std::process::{Command, Stdio};

use clap::ArgMatches;
use scout_auth::{Credential, Environment, Settings};
use zeroize::Zeroizing;

use crate::arguments::ARGS;
use crate::failure::Failure;
use crate::host::Host;
use crate::program;
use crate::words::escaped;

/// The options of curl.
mod options;

use options::Request;

/// The first version that drops the header when a redirect leads to another scheme or port of the
/// same host (CVE-2022-27774, CVE-2022-27776).
const FOLLOWS_SAFELY: (u32, u32) = (7, 83);

/// The first minor version that sends no header of ours to a proxy (CVE-2015-3153).
const HIDES_FROM_PROXIES: (u32, u32) = (7, 43);

/// `scout-auth curl`
pub(crate) fn curl(matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    let args: Vec<OsString> = matches.get_many(ARGS).unwrap_or_default().cloned().collect();
    let request = Request::read(&args)?;
    let credential = Credential::from_environment(&host.environment(), Settings::default())?;
    let mut authorization = Zeroizing::default();
    for url in &request.urls {
        authorization = Zeroizing::new(credential.authorization_for(url)?);
    }
    let curl = program::find("curl", host)
        .ok_or_else(|| Failure::unusable("curl is not in a folder of PATH", "install curl, or correct PATH"))?;
    if request.follows_redirects {
        let text = "this curl is older than 7.83, and may send the header to another origin after a redirect";
        check_version(command(&curl), FOLLOWS_SAFELY, text, "leave out -L, or install a newer curl")?;
    } else if request.may_use_proxy(host) {
        let text = "this curl is older than 7.43, and may send the header to a proxy";
        check_version(command(&curl), HIDES_FROM_PROXIES, text, "use no proxy, or install a newer curl")?;
    }
    let config = Zeroizing::new(format!("header = \"Authorization: {}\"\n", *escaped(&authorization)));
    let config = readable(&config).map_err(|error| Failure::output("the header for curl", &error))?;
    let path = format!("/dev/fd/{}", config.as_raw_fd());
    if !Path::new(&path).exists() {
        return Err(Failure::unusable("curl cannot read the header: there is no /dev/fd", "mount /dev and /proc"));
    }
    let mut command = command(&curl);
    // No .curlrc: it could name other URLs, or show the header.
    command.args(["-q", "--config", &path]).args(request.limits()).args(&args);
    program::replace(&mut command)
}

/// curl, which needs no credential of its own.
fn command(curl: &Path) -> Command {
    let mut command = Command::new(curl);
    for name in Environment::ORG_CREDENTIAL.into_iter().chain([Environment::API_KEY]) {
        command.env_remove(name);
    }
    command
}

/// A descriptor from which the program that replaces this one reads the text.
fn readable(text: &str) -> io::Result<OwnedFd> {
    let text = memory(text)?;
    // It stays open in the next program.
    rustix::io::fcntl_setfd(&text, rustix::io::FdFlags::empty())?;
    Ok(text)
}

/// Memory, because a pipe of a user with many pipes holds 4 KiB.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn memory(text: &str) -> io::Result<OwnedFd> {
    use std::io::{Seek as _, Write as _};
    let memory = rustix::fs::memfd_create("scout-auth", rustix::fs::MemfdFlags::CLOEXEC)?;
    let mut file = std::fs::File::from(memory);
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file.into())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn memory(text: &str) -> io::Result<OwnedFd> {
    use std::io::Write as _;
    let (reader, mut writer) = io::pipe()?;
    writer.write_all(text.as_bytes())?;
    Ok(reader.into())
}

/// Checks that this curl is not older.
fn check_version(mut curl: Command, least: (u32, u32), text: &str, help: &'static str) -> Result<(), Failure> {
    let output = curl.args(["-q", "--version"]).stdin(Stdio::null()).output();
    let stdout = output.map(|output| output.stdout).unwrap_or_default();
    if version(&String::from_utf8_lossy(&stdout)).is_some_and(|version| version >= least) {
        return Ok(());
    }
    Err(Failure::unusable(text, help))
}

/// The first two numbers of `curl 8.5.0 (…) …`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("curl ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (text, safe) in [
            ("curl 7.83.0 (x86_64-pc-linux-gnu) libcurl/7.83.0", true),
            ("curl 7.9.8", false),
            ("curl 7.81.0 (x86_64)", false),
            ("curl 10.0.0", true),
            ("curl 8.17.0-DEV", true),
            ("", false),
            ("wget 8.1", false),
        ] {
            assert_eq!(version(text).is_some_and(|version| version >= FOLLOWS_SAFELY), safe, "{text}");
        }
    }
}
