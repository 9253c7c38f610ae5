//! `doctor`: checks the environment and explains how to fix it.
//!
//! It shows names of variables, lengths and kids, but never the value of a variable: people put keys
//! into the wrong one.

use std::ffi::OsString;

use clap::ArgMatches;
#[cfg(feature = "net")]
use scout_auth::Credential;
use scout_auth::{
    ApiKey, ENGINE, Environment, Error, Kid, PrivateKey, PublicKey, Settings, Signer, Token, mint_token,
    unverified_fault,
};
use serde_json::json;

use crate::arguments::JSON;
#[cfg(feature = "net")]
use crate::arguments::URL;
use crate::failure::{Failure, status};
use crate::host::{Colour, Host};
use crate::input;
use crate::verbose;
use crate::words;

/// The files of the credential: who can read them, and whether a rotation reaches them.
#[cfg(unix)]
mod files;
#[cfg(feature = "net")]
mod live;

const PRIVATE_KEY: &str = Environment::PRIVATE_KEY;
const CREDENTIAL_ID: &str = Environment::CREDENTIAL_ID;
const KID: &str = Environment::KID;
const API_KEY: &str = Environment::API_KEY;

/// Variables of Scout that are not for this library.
const OTHER_PURPOSE: [&str; 3] = ["SCOUT_PUBLIC_KEY", "SCOUT_AUTHORIZATION", "SCOUT_LIVE_API_KEY"];

/// A credential id to try a key with, if the user's own is not in question.
const ANY_ID: &str = "doctor";

/// `scout-auth doctor`
pub(crate) fn doctor(matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    verbose::tell_credential(matches, host);
    let mut checks = vec![Check::ok("build", format!("scout-auth {}, engine {ENGINE}", env!("CARGO_PKG_VERSION")))];
    {
        let variable = input::variable(matches, host);
        let environment = Environment::new(&variable);
        checks.push(variables(&environment));
        checks.extend(unread_variables(host));
        if input::has_source(&environment) {
            checks.extend(source(&environment, &variable));
        } else if environment.has_org_credential() {
            checks.extend(org_credential(&environment));
        } else if environment.is_set(API_KEY) {
            checks.push(api_key(&environment));
        }
        #[cfg(feature = "net")]
        if let Some(url) = matches.get_one::<String>(URL) {
            checks.extend(live_call(url, &environment));
        }
    }
    let text = if matches.get_flag(JSON) { as_json(&checks) } else { as_text(&checks, host) };
    host.print(&text)?;
    Ok(first_failure(&checks).unwrap_or(0))
}

/// One line of the report.
struct Check {
    name: &'static str,
    verdict: Verdict,
    text: String,
    /// What to do; empty if there is nothing to do.
    help: String,
}

#[derive(Clone, Copy)]
enum Verdict {
    Ok,
    Warning,
    /// Not checked, because an earlier check failed.
    Skipped,
    /// With the exit status, and the code if it is one of core's errors.
    Failed(u8, Option<&'static str>),
}

impl Check {
    fn new(name: &'static str, verdict: Verdict, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { name, verdict, text: text.into(), help: help.into() }
    }

    fn ok(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, text, "")
    }

    fn warning(name: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(name, Verdict::Warning, text, help)
    }

    fn skipped(name: &'static str, text: impl Into<String>) -> Self {
        Self::new(name, Verdict::Skipped, text, "")
    }

    fn failed(name: &'static str, error: Error) -> Self {
        Self::new(name, Verdict::Failed(status(error), Some(error.code())), error.summary(), error.help())
    }

    /// `Ok` with the text, or the failure.
    fn of<T>(name: &'static str, result: Result<T, Error>, text: impl FnOnce(T) -> String) -> Self {
        result.map_or_else(|error| Self::failed(name, error), |value| Self::ok(name, text(value)))
    }
}

fn variables(environment: &Environment<'_>) -> Check {
    let set: Vec<&str> =
        Environment::ORG_CREDENTIAL.into_iter().chain([API_KEY]).filter(|name| environment.is_set(name)).collect();
    match set[..] {
        [] => Check::failed("environment", Error::VariableMissing { variable: PRIVATE_KEY }),
        [.., API_KEY] if set.len() > 1 && has_key_in_api_key(environment) => Check::warning(
            "environment",
            format!("set: {}; {API_KEY} holds the private key, and tokens are minted with it", set.join(", ")),
            format!("set it as {PRIVATE_KEY}"),
        ),
        [.., API_KEY] if set.len() > 1 => Check::warning(
            "environment",
            format!("set: {}; {API_KEY} is not used, because the others are set", set.join(", ")),
            format!("unset {API_KEY}, or unset the others to use it"),
        ),
        _ => Check::ok("environment", format!("set: {}", set.join(", "))),
    }
}

/// Whether the private key is that of `SCOUT_API_KEY`, and no other variable says where it is.
fn has_key_in_api_key(environment: &Environment<'_>) -> bool {
    let elsewhere = [PRIVATE_KEY, Environment::PRIVATE_KEY_FILE];
    let is_elsewhere = input::has_source(environment) || elsewhere.iter().any(|name| environment.is_set(name));
    !is_elsewhere && matches!(environment.private_key_text(), Ok(Some(_)))
}

/// Variables that look like ours, and that nothing reads: a misspelt name, or a later feature.
fn unread_variables(host: &Host<'_>) -> Option<Check> {
    const NAME: &str = "variables";
    let read = Environment::ORG_CREDENTIAL;
    let is_read = |name: &str| name == API_KEY || read.contains(&name) || OTHER_PURPOSE.contains(&name);
    // A name that may itself be a secret is not shown.
    let is_plain = |name: &str| name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let mut names: Vec<String> = (host.names)().into_iter().filter_map(|name| name.into_string().ok()).collect();
    names.retain(|name| name.starts_with("SCOUT_") && !is_read(name) && is_plain(name));
    names.sort();
    let help = format!("the names that are read: {}, {API_KEY}", read.join(", "));
    let text = format!("set, but not read by scout-auth: {}", names.join(", "));
    (!names.is_empty()).then(|| Check::warning(NAME, text, help))
}

fn org_credential(environment: &Environment<'_>) -> Vec<Check> {
    let (check, key) = match private_key(environment) {
        Ok((check, key)) => (check, Some(key)),
        Err(error) => (no_private_key(error, environment), None),
    };
    let mut checks = vec![check];
    checks.extend(files(environment));
    checks.push(credential_id(environment, key.as_ref()));
    checks.push(kid(environment, key.as_ref().map(PrivateKey::public_key)));
    checks.extend(key.as_ref().map(|key| other_names(key.public_key())));
    checks.push(clock(key.map(|key| mint_token(ANY_ID, &key, &Settings::default(), None)).as_ref()));
    checks
}

/// A credential file or folder, or the output of a command: core reads it.
fn source(environment: &Environment<'_>, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<Check> {
    // The kid has a check of its own.
    let without_kid = |name: &str| (name != KID).then(|| variable(name)).flatten();
    let signer = Signer::from_environment(&Environment::new(&without_kid), Settings::default());
    let text = |signer: &Signer| format!("it can be read: RSA, {} bits", signer.public_key().bits());
    let mut checks = vec![Check::of("credential", signer.as_ref().map_err(|&error| error), text)];
    checks.extend(files(environment));
    let Ok(signer) = signer else { return checks };
    checks.push(id_of(&signer));
    checks.push(kid(environment, Some(&signer.public_key())));
    checks.push(other_names(&signer.public_key()));
    checks.push(clock(Some(&signer.mint())));
    checks
}

#[cfg(unix)]
fn files(environment: &Environment<'_>) -> Vec<Check> {
    files::checks(environment)
}

#[cfg(not(unix))]
fn files(_: &Environment<'_>) -> Vec<Check> {
    Vec::new()
}

fn private_key(environment: &Environment<'_>) -> scout_auth::Result<(Check, PrivateKey)> {
    let text = environment.private_key_text()?.ok_or(Error::VariableMissing { variable: PRIVATE_KEY })?;
    let key = PrivateKey::parse(&*text)?;
    Ok((form(&text, &key), key))
}

/// The private key is missing or unusable. It may be in the variable of the API key.
fn no_private_key(error: Error, environment: &Environment<'_>) -> Check {
    let check = Check::failed("private key", error);
    let in_api_key = || environment.api_key().is_ok_and(|text| PrivateKey::parse(text.as_bytes()).is_ok());
    if matches!(error, Error::VariableMissing { .. }) && in_api_key() {
        return Check { help: format!("{API_KEY} holds a private key: set it as {PRIVATE_KEY}"), ..check };
    }
    check
}

/// The form of the key text.
fn form(text: &[u8], key: &PrivateKey) -> Check {
    const NAME: &str = "private key";
    let (text, bits) = (text.trim_ascii(), key.bits());
    if text == key.to_base64url().as_bytes() {
        Check::ok(NAME, format!("RSA, {bits} bits, in the form that Scout issues"))
    } else if text == key.to_pem().trim_end().as_bytes() {
        Check::ok(NAME, format!("RSA, {bits} bits, in PEM"))
    } else {
        let text = format!("RSA, {bits} bits, in another form, which other software may not understand");
        Check::warning(NAME, text, "scout-auth pem --base64url writes it in the form that Scout issues")
    }
}

fn credential_id(environment: &Environment<'_>, key: Option<&PrivateKey>) -> Check {
    const NAME: &str = "credential id";
    let credential_id = match environment.credential_id() {
        Ok(credential_id) => credential_id,
        Err(error) => return Check::failed(NAME, error),
    };
    let Some(key) = key else { return Check::skipped(NAME, "set; not checked without the key") };
    Signer::new(credential_id, key.clone()).map_or_else(|error| Check::failed(NAME, error), |signer| id_of(&signer))
}

/// What can be said of a credential id that is not wrong in itself.
fn id_of(signer: &Signer) -> Check {
    const NAME: &str = "credential id";
    let length = signer.credential_id().len();
    if length == signer.kid().as_str().len() {
        return Check::warning(
            NAME,
            "set, with the length of a kid",
            "check that it is the credential id and not a kid: they are different values in Scout",
        );
    }
    let text = format!(
        "set, {length} characters; only Scout knows whether it is this key's, and some of its guides name the workspace id"
    );
    Check::ok(NAME, text)
}

fn kid(environment: &Environment<'_>, key: Option<&PublicKey>) -> Check {
    const NAME: &str = "kid";
    let Some(key) = key else { return Check::skipped(NAME, "not checked without the key") };
    let (kid, expected) = match environment.kid() {
        Ok(expected) => (key.kid(), expected),
        Err(error) => return Check::failed(NAME, error),
    };
    let Some(expected) = expected else {
        return Check::ok(NAME, format!("{kid}, computed from the key; Scout shows the same kid"));
    };
    let error = match Kid::parse(&expected) {
        Some(expected) if expected == kid => return Check::ok(NAME, format!("{kid}, as {KID} says")),
        Some(expected) => Error::KidMismatch { expected, actual: kid },
        None => Error::KidMalformed,
    };
    let check = Check::failed(NAME, error);
    if words::spki_sha256(key).contains(&expected) {
        let help = format!(
            "{KID} is the SHA-256 of the public key in SPKI, not the RFC 7638 thumbprint: unset it; if it is what Scout \
             shows, pass it as header_kid (--header-kid)"
        );
        return Check { help, ..check };
    }
    check
}

/// What other software may call the key, to be compared with what Scout shows.
fn other_names(key: &PublicKey) -> Check {
    let [hex, base64url] = words::spki_sha256(key);
    Check::ok("public key", format!("SHA-256 of its SPKI, which is not the kid: {base64url}, in hex {hex}"))
}

/// Tries to mint a token: the clock may be unset, and a key may pass every check and still not sign.
fn clock(minted: Option<&scout_auth::Result<Token>>) -> Check {
    let now = words::utc(words::now());
    match minted {
        Some(&Err(error)) => Check::failed(if error == Error::Clock { "clock" } else { "signing" }, error),
        Some(Ok(_)) => Check::ok("clock", format!("{now}; the key signs")),
        None => Check::ok("clock", now),
    }
}

fn api_key(environment: &Environment<'_>) -> Check {
    const NAME: &str = "api key";
    let text = match ApiKey::from_environment(environment).and_then(|_| environment.api_key()) {
        Ok(text) => text,
        Err(error) => return Check::failed(NAME, error),
    };
    // Reading it as a private key tells what it is.
    match PrivateKey::parse(text.as_bytes()) {
        Ok(_) => Check::warning(
            NAME,
            "a private key: it is itself sent with each request (Scout's method 1)",
            format!("set it as {PRIVATE_KEY}, together with {CREDENTIAL_ID}: then only tokens are sent"),
        ),
        Err(Error::KeyIsToken) => match unverified_fault(&text, words::now()) {
            Some(error @ Error::TokenExpired) => Check::failed(NAME, error),
            _ => Check::warning(
                NAME,
                "a token: Scout accepts it for 5 minutes at most",
                format!("set {PRIVATE_KEY} and {CREDENTIAL_ID}, so that new tokens are minted"),
            ),
        },
        Err(Error::KeyIsLegacy | Error::KeyEncoding | Error::KeyStructure) => {
            Check::ok(NAME, "a legacy key, sent as it is; an org credential is safer")
        }
        Err(error) => Check::warning(NAME, format!("sent as it is, but {}", error.summary()), error.help()),
    }
}

#[cfg(feature = "net")]
fn live_call(url: &str, environment: &Environment<'_>) -> Vec<Check> {
    match Credential::from_environment(environment, Settings::default()) {
        Ok(credential) => live::checks(url, &credential),
        Err(_) => vec![Check::skipped("live call", "not tried, because an earlier check failed")],
    }
}

fn first_failure(checks: &[Check]) -> Option<u8> {
    checks.iter().find_map(|check| match check.verdict {
        Verdict::Failed(status, _) => Some(status),
        _ => None,
    })
}

fn as_text(checks: &[Check], host: &Host<'_>) -> String {
    let line = |check: &Check| {
        let verdict = match check.verdict {
            Verdict::Ok => host.paint(Colour::Green, "ok  "),
            Verdict::Warning => host.paint(Colour::Yellow, "warn"),
            Verdict::Skipped => host.paint(Colour::Cyan, "skip"),
            Verdict::Failed(..) => host.paint(Colour::Red, "fail"),
        };
        let help = if check.help.is_empty() { String::new() } else { format!("      help: {}\n", check.help) };
        format!("{verdict}  {:13}  {}\n{help}", check.name, check.text)
    };
    checks.iter().map(line).collect()
}

fn as_json(checks: &[Check]) -> String {
    let check = |check: &Check| {
        let (verdict, code) = match check.verdict {
            Verdict::Ok => ("ok", None),
            Verdict::Warning => ("warn", None),
            Verdict::Skipped => ("skip", None),
            Verdict::Failed(_, code) => ("fail", code),
        };
        json!({ "name": check.name, "verdict": verdict, "text": check.text, "help": check.help, "code": code })
    };
    let all: Vec<_> = checks.iter().map(check).collect();
    words::ascii(&json!({ "ok": first_failure(checks).is_none(), "checks": all }).to_string()) + "\n"
}
