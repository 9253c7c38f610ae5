//! `token`, `authorization`, `headers`: what a signer mints.

use std::time::Duration;

use clap::ArgMatches;
use scout_auth::{ApiKey, Environment, PrivateKey, Settings, Signer};
#[cfg(feature = "net")]
use scout_auth::{Credential, Error};
use serde::de::IgnoredAny;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::arguments::{
    CLAIM, CREDENTIAL_FILE, CREDENTIAL_ID, GITHUB, HEADER, HEADER_KID, JSON, KEY_FILE, KID, LIFETIME, ROLE,
};
use crate::failure::Failure;
use crate::host::Host;
use crate::input;
use crate::verbose;
use crate::words::escaped;

/// The workflow of GitHub Actions that runs this.
mod github;

/// `scout-auth token`
pub(crate) fn token(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    if matches.get_flag(GITHUB) {
        github::check(host)?;
    }
    let token = signer(matches, host).map_err(|failure| with_api_key_hint(failure, host))?.mint()?;
    if matches.get_flag(GITHUB) {
        return github::pass_on(token.as_str(), host);
    }
    let text = if matches.get_flag(JSON) {
        // The characters of a token need no escaping.
        format!(
            "{{\"token\":\"{}\",\"issued_at\":{},\"expires_at\":{}}}\n",
            token.as_str(),
            token.issued_at(),
            token.expires_at()
        )
    } else {
        format!("{}\n", token.as_str())
    };
    host.print(&Zeroizing::new(text))
}

/// `scout-auth authorization`
pub(crate) fn authorization(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let value = authorization_value(matches, host)?;
    if matches.get_flag(JSON) {
        return host.print(&headers_of(&value));
    }
    let name = if matches.get_flag(HEADER) { "Authorization: " } else { "" };
    host.print(&Zeroizing::new(format!("{name}{}\n", *value)))
}

/// `scout-auth headers`
pub(crate) fn headers(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let value = authorization_value(matches, host)?;
    host.print(&headers_of(&value))
}

/// The headers as a JSON object.
fn headers_of(value: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("{{\"Authorization\":\"{}\"}}\n", *escaped(value)))
}

/// The value of the header, of an org credential or a legacy key.
fn authorization_value(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Zeroizing<String>, Failure> {
    let environment = host.environment();
    let options = [KEY_FILE, CREDENTIAL_FILE, CREDENTIAL_ID, KID, HEADER_KID, LIFETIME, ROLE, CLAIM];
    let has_option = options.iter().any(|option| matches.contains_id(option));
    let authorization = if has_option || environment.has_org_credential() || !environment.is_set(Environment::API_KEY) {
        signer(matches, host).map_err(|failure| with_api_key_hint(failure, host))?.authorization()?
    } else {
        let key = ApiKey::from_environment(&environment)?;
        verbose::tell_api_key(matches, host);
        key.authorization().to_owned()
    };
    Ok(Zeroizing::new(authorization))
}

/// The credential of a command that runs for long: of `--credential-file` or the environment. It follows
/// its source. An option about tokens asks for an org credential.
#[cfg(feature = "net")]
pub(super) fn credential(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Credential, Failure> {
    verbose::follow(matches);
    verbose::tell_credential(matches, host);
    let (settings, variable) = (settings(matches)?, input::variable(matches, host));
    let environment = Environment::new(&variable);
    let has_option = [KID, HEADER_KID, LIFETIME, ROLE, CLAIM].iter().any(|option| matches.contains_id(option));
    let credential = if has_option {
        Signer::from_environment(&environment, settings).map(Credential::Signer)
    } else {
        Credential::from_environment(&environment, settings)
    };
    credential.map_err(|error| match error {
        // Standard input and --key-file are no way here.
        Error::VariableMissing { .. } => Failure::from(error).with_help(format!(
            "set {}, or {} and {}; scout-auth doctor explains what is set",
            Environment::CREDENTIAL_FILE,
            Environment::PRIVATE_KEY,
            Environment::CREDENTIAL_ID
        )),
        _ => error.into(),
    })
}

/// Says what `SCOUT_API_KEY` is for, if it is set and an org credential is missing.
fn with_api_key_hint(failure: Failure, host: &Host<'_>) -> Failure {
    if failure.code != "ERR_VARIABLE_MISSING" || !host.environment().is_set(Environment::API_KEY) {
        return failure;
    }
    failure.with_help(format!(
        "a token is minted from {} and {}; {} is used by authorization without options",
        Environment::PRIVATE_KEY,
        Environment::CREDENTIAL_ID,
        Environment::API_KEY
    ))
}

/// The signer that the options and the environment describe. An option replaces its variable.
fn signer(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Signer, Failure> {
    let settings = settings(matches)?;
    verbose::tell_sources(matches, host);
    if let Some(signer) = sourced(matches, host, &settings) {
        return Ok(signer?);
    }
    // Before the command asks for a key.
    let credential_id = option(matches, CREDENTIAL_ID).map_or_else(|| host.environment().credential_id(), Ok)?;
    let key = PrivateKey::parse(&*input::key(matches, host)?)?;
    let kid = match settings.kid {
        Some(kid) => Some(kid),
        None => host.environment().kid()?,
    };
    Ok(Signer::with_settings(credential_id, key, Settings { kid, ..settings })?)
}

/// The signer of `--credential-file`, `SCOUT_CREDENTIAL_FILE` or `SCOUT_CREDENTIAL_COMMAND`.
fn sourced(matches: &ArgMatches, host: &Host<'_>, settings: &Settings) -> Option<scout_auth::Result<Signer>> {
    let variable = input::variable(matches, host);
    let variable = |name: &str| match matches.get_one::<String>(CREDENTIAL_ID) {
        Some(id) if name == Environment::CREDENTIAL_ID => Some(id.into()),
        _ => variable(name),
    };
    let environment = Environment::new(&variable);
    let is_sourced = input::has_source(&environment) && !matches.contains_id(KEY_FILE);
    is_sourced.then(|| Signer::from_environment(&environment, settings.clone()))
}

fn settings(matches: &ArgMatches) -> Result<Settings, Failure> {
    Ok(Settings {
        kid: option(matches, KID),
        header_kid: option(matches, HEADER_KID),
        lifetime: matches.get_one(LIFETIME).copied().map(Duration::from_secs),
        refresh_margin: None,
        backdate: None,
        allowed_origins: None,
        roles: matches.get_many(ROLE).map(|roles| roles.cloned().collect()),
        claims: matches.get_many::<String>(CLAIM).map(object).transpose()?,
        refresh: None,
    })
}

fn option(matches: &ArgMatches, name: &str) -> Option<String> {
    matches.get_one::<String>(name).cloned()
}

/// The texts `NAME=VALUE` as a JSON object. Core refuses a name that occurs twice.
fn object<'a>(claims: impl Iterator<Item = &'a String>) -> Result<String, Failure> {
    let members = claims.map(|claim| {
        let (name, value) = claim.split_once('=').ok_or_else(|| {
            Failure::usage("a claim has no =", "write --claim NAME=VALUE, for example --claim team=web")
        })?;
        let is_json = serde_json::from_str::<IgnoredAny>(value).is_ok();
        let value = if is_json { value.to_owned() } else { Value::from(value).to_string() };
        Ok(format!("{}:{value}", Value::from(name)))
    });
    Ok(format!("{{{}}}", members.collect::<Result<Vec<_>, Failure>>()?.join(",")))
}
