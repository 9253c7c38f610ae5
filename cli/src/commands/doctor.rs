//! `doctor`: what is right with an environment, what is wrong, and what to do.
//!
//! It shows names of variables, lengths and kids; never what a variable holds, since people put
//! keys into the wrong one.

use clap::ArgMatches;
#[cfg(feature = "net")]
use scout_auth::Credential;
use scout_auth::{ApiKey, ENGINE, Environment, Error, PrivateKey, Settings, Signer, mint_token};
use serde_json::json;

use crate::arguments::{JSON, URL};
use crate::failure::{Failure, status};
use crate::host::{Colour, Host};
use crate::words;

#[cfg(feature = "net")]
mod live;

const PRIVATE_KEY: &str = Environment::PRIVATE_KEY;
const KID: &str = Environment::KID;
const API_KEY: &str = Environment::API_KEY;

/// A credential id to try a key or a kid with, where the user's own is not in question.
const ANY_ID: &str = "doctor";

/// `scout-auth doctor`
pub(crate) fn doctor(matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    let mut checks = vec![Check::ok("build", format!("scout-auth {}, engine {ENGINE}", env!("CARGO_PKG_VERSION")))];
    checks.push(variables(&host.environment()));
    let environment = host.environment();
    if environment.has_org_credential() {
        checks.extend(org_credential(&environment));
    } else if environment.is_set(API_KEY) {
        checks.push(api_key(&environment));
    }
    if let Some(url) = matches.get_one::<String>(URL) {
        checks.extend(live_call(url, host));
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
    /// What to do; empty where there is nothing to do.
    help: String,
}

#[derive(Clone, Copy)]
enum Verdict {
    Ok,
    Warning,
    /// Not tried, for want of what failed above.
    Skipped,
    /// With the exit status, and the code where it is one of core's errors.
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
        [.., API_KEY] if set.len() > 1 => Check::warning(
            "environment",
            format!("set: {}; {API_KEY} is not used beside the others", set.join(", ")),
            format!("unset {API_KEY}, or the others if it is the one that is meant"),
        ),
        _ => Check::ok("environment", format!("set: {}", set.join(", "))),
    }
}

fn org_credential(environment: &Environment<'_>) -> Vec<Check> {
    let (check, key) = match private_key(environment) {
        Ok((check, key)) => (check, Some(key)),
        Err(error) => (Check::failed("private key", error), None),
    };
    let mut checks = vec![check];
    checks.extend(permissions(environment));
    checks.push(credential_id(environment, key.as_ref()));
    checks.push(kid(environment, key.as_ref()));
    checks.push(clock(key.as_ref()));
    checks
}

fn private_key(environment: &Environment<'_>) -> scout_auth::Result<(Check, PrivateKey)> {
    let text = environment.private_key_text()?.ok_or(Error::VariableMissing { variable: PRIVATE_KEY })?;
    let key = PrivateKey::parse(&*text)?;
    Ok((form(&text, &key), key))
}

/// The form of the key text. What exactly was mended cannot be told from the outside.
fn form(text: &[u8], key: &PrivateKey) -> Check {
    const NAME: &str = "private key";
    let (text, bits) = (text.trim_ascii(), key.bits());
    if text == key.to_base64url().as_bytes() {
        Check::ok(NAME, format!("RSA, {bits} bits, in the form that Scout issues"))
    } else if text == key.to_pem().trim_end().as_bytes() {
        Check::ok(NAME, format!("RSA, {bits} bits, in PEM"))
    } else {
        let text = format!("RSA, {bits} bits, in another form, which was understood; other software may not");
        Check::warning(NAME, text, "scout-auth pem --base64url writes it in the form that Scout issues")
    }
}

#[cfg(unix)]
fn permissions(environment: &Environment<'_>) -> Option<Check> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(environment.private_key_file()?).ok()?;
    let mode = metadata.permissions().mode() & 0o777;
    Some(if mode & 0o044 == 0 {
        Check::ok("key file", format!("only its owner can read it (mode {mode:o})"))
    } else {
        let help = format!("chmod 600 the file of {}", Environment::PRIVATE_KEY_FILE);
        Check::warning("key file", format!("others than its owner can read it (mode {mode:o})"), help)
    })
}

#[cfg(not(unix))]
fn permissions(_: &Environment<'_>) -> Option<Check> {
    None
}

fn credential_id(environment: &Environment<'_>, key: Option<&PrivateKey>) -> Check {
    const NAME: &str = "credential id";
    let credential_id = match environment.credential_id() {
        Ok(credential_id) => credential_id,
        Err(error) => return Check::failed(NAME, error),
    };
    let Some(key) = key else { return Check::skipped(NAME, "set; not checked without the key") };
    Check::of(NAME, Signer::new(credential_id, key.clone()), |signer| {
        let length = signer.credential_id().len();
        format!("set, {length} characters; only Scout knows whether it is this key's")
    })
}

fn kid(environment: &Environment<'_>, key: Option<&PrivateKey>) -> Check {
    let Some(key) = key else { return Check::skipped("kid", "not checked without the key") };
    let source = if environment.is_set(KID) {
        format!("as {KID} says")
    } else {
        "computed from the key; Scout shows the same for it".to_owned()
    };
    let signer = environment
        .kid()
        .and_then(|kid| Signer::with_settings(ANY_ID, key.clone(), Settings { kid, ..Settings::default() }));
    Check::of("kid", signer, |signer| format!("{}, {source}", signer.kid()))
}

/// Whether a token can be minted now: the clock may be unset, and a key may pass every check and
/// yet not sign.
fn clock(key: Option<&PrivateKey>) -> Check {
    let minted = key.map(|key| mint_token(ANY_ID, key, None, None, None));
    let now = words::utc(words::now());
    match minted {
        Some(Err(error)) => Check::failed(if error == Error::Clock { "clock" } else { "signing" }, error),
        Some(Ok(_)) => Check::ok("clock", format!("{now}; the key signs")),
        None => Check::ok("clock", now),
    }
}

fn api_key(environment: &Environment<'_>) -> Check {
    Check::of("api key", ApiKey::from_environment(environment), |_| {
        "a legacy key, sent as it is; an org credential is safer".to_owned()
    })
}

#[cfg(feature = "net")]
fn live_call(url: &str, host: &Host<'_>) -> Vec<Check> {
    match Credential::from_environment(&host.environment(), Settings::default()) {
        Ok(credential) => live::checks(url, &credential),
        Err(_) => vec![Check::skipped("live call", "not tried: mend the above first")],
    }
}

#[cfg(not(feature = "net"))]
fn live_call(_: &str, _: &Host<'_>) -> [Check; 1] {
    let verdict = Verdict::Failed(crate::failure::USAGE, None);
    let help = "install the command itself: cargo install scout-auth-cli";
    [Check::new("live call", verdict, "this build of scout-auth has no network client", help)]
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
            Verdict::Warning => ("warning", None),
            Verdict::Skipped => ("skipped", None),
            Verdict::Failed(_, code) => ("failed", code),
        };
        json!({ "name": check.name, "verdict": verdict, "text": check.text, "help": check.help, "code": code })
    };
    let all: Vec<_> = checks.iter().map(check).collect();
    words::ascii(&json!({ "ok": first_failure(checks).is_none(), "checks": all }).to_string()) + "\n"
}
