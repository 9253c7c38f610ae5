//! What `--verbose` tells on standard error: where the credential is read from, and what the signer did.
//! It never shows the value of a variable, except a path at which there is something: people put keys
//! into the wrong variable.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use scout_auth::{Environment, Events};

use crate::arguments::{CREDENTIAL_FILE, CREDENTIAL_ID, KEY_FILE, KID, is_verbose};
use crate::host::{Colour, Host};
use crate::input;
use crate::words::ascii;

/// Tells each event when it happens, in a subcommand that goes on: to be called before the credential is
/// read. It may happen on any thread, and the one that has the host has locked Rust's standard error.
#[cfg(feature = "net")]
pub(crate) fn follow(matches: &ArgMatches) {
    #[cfg(unix)]
    if is_verbose(matches) {
        scout_auth::Event::observe(|event| {
            let _ = rustix::io::write(std::io::stderr(), format!("note: {event}\n").as_bytes());
        });
    }
}

/// Tells what happened since the sources were told.
pub(crate) fn tell_events(matches: &ArgMatches, host: &mut Host<'_>) {
    if is_verbose(matches) {
        Events::take().into_iter().for_each(|event| note(&event.to_string(), host));
    }
}

/// Tells where the org credential is read from, and keeps the events of this thread from now on.
pub(crate) fn tell_sources(matches: &ArgMatches, host: &mut Host<'_>) {
    if !is_verbose(matches) {
        return;
    }
    Events::collect();
    Events::take();
    let key = key_source(matches, host);
    let id = name_of(matches, CREDENTIAL_ID, Environment::CREDENTIAL_ID, host);
    let kid = name_of(matches, KID, Environment::KID, host);
    note(&key, host);
    for (what, source) in [("credential id", id), ("kid that the key must have", kid)] {
        if let Some(source) = source {
            note(&format!("the {what} is read from {source}"), host);
        }
    }
}

/// Tells where the credential is read from, for a subcommand that asks for none: an org credential, or
/// an API key.
pub(crate) fn tell_credential(matches: &ArgMatches, host: &mut Host<'_>) {
    let [org, api_key] = {
        let variable = input::variable(matches, host);
        let environment = Environment::new(&variable);
        [environment.has_org_credential(), environment.is_set(Environment::API_KEY)]
    };
    if org {
        tell_sources(matches, host);
    } else if api_key {
        tell_api_key(matches, host);
    }
}

/// Tells that the API key of the environment is sent.
pub(crate) fn tell_api_key(matches: &ArgMatches, host: &mut Host<'_>) {
    if is_verbose(matches) {
        note(&format!("the API key is read from {}", Environment::API_KEY), host);
    }
}

fn note(text: &str, host: &mut Host<'_>) {
    let note = host.paint_error(Colour::Cyan, "note:");
    host.tell(&format!("{note} {text}\n"));
}

/// The first source that is present, as [`input::key`] and core read them.
fn key_source(matches: &ArgMatches, host: &Host<'_>) -> String {
    let variable = input::variable(matches, host);
    let environment = Environment::new(&variable);
    let option = |name| matches.try_get_one::<PathBuf>(name).ok().flatten();
    if let Some(path) = option(KEY_FILE) {
        return format!("the private key is read from {}", place(path, "--key-file"));
    }
    if let Some(path) = environment.credential_file() {
        let name = if option(CREDENTIAL_FILE).is_some() { "--credential-file" } else { Environment::CREDENTIAL_FILE };
        return format!("the credential is read from {}", place(&path, name));
    }
    if environment.is_set(Environment::CREDENTIAL_COMMAND) {
        return format!("the credential is the output of the program in {}", Environment::CREDENTIAL_COMMAND);
    }
    let source = match environment.private_key_file() {
        Some(path) => place(&path, Environment::PRIVATE_KEY_FILE),
        None if environment.is_set(Environment::PRIVATE_KEY) => Environment::PRIVATE_KEY.to_owned(),
        None if matches!(environment.private_key_text(), Ok(Some(_))) => Environment::API_KEY.to_owned(),
        None => "standard input".to_owned(),
    };
    format!("the private key is read from {source}")
}

/// A path, if there is something, and the option or variable that names it.
fn place(path: &Path, name: &str) -> String {
    match path.metadata() {
        _ if path.as_os_str() == "-" => format!("standard input ({name})"),
        Ok(found) => {
            let kind = if found.is_dir() { "folder" } else { "file" };
            format!("the {kind} {} ({name})", ascii(&path.to_string_lossy()))
        }
        Err(_) => format!("the path in {name}"),
    }
}

/// The option or the variable that is present.
fn name_of(matches: &ArgMatches, option: &str, variable: &str, host: &Host<'_>) -> Option<String> {
    if matches!(matches.try_get_one::<String>(option), Ok(Some(_))) {
        return Some(format!("--{option}"));
    }
    host.environment().is_set(variable).then(|| variable.to_owned())
}
