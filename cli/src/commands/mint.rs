//! `token`, `authorization`: what a signer mints.

use std::time::Duration;

use clap::ArgMatches;
use scout_auth::{ApiKey, Environment, PrivateKey, Settings, Signer};
use zeroize::Zeroizing;

use crate::arguments::{CREDENTIAL_ID, HEADER, JSON, KEY_FILE, KID, LIFETIME};
use crate::failure::Failure;
use crate::host::Host;
use crate::input;

/// `scout-auth token`
pub(crate) fn token(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let token = signer(matches, host).map_err(|failure| with_api_key_hint(failure, host))?.mint()?;
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
    let environment = host.environment();
    let has_option = [KEY_FILE, CREDENTIAL_ID, KID, LIFETIME].iter().any(|option| matches.contains_id(option));
    let authorization = if has_option || environment.has_org_credential() || !environment.is_set(Environment::API_KEY) {
        signer(matches, host).map_err(|failure| with_api_key_hint(failure, host))?.authorization()?
    } else {
        ApiKey::from_environment(&environment)?.authorization().to_owned()
    };
    let value = Zeroizing::new(authorization);
    host.print(&Zeroizing::new(if matches.get_flag(HEADER) {
        format!("Authorization: {}\n", *value)
    } else if matches.get_flag(JSON) {
        format!("{{\"Authorization\":\"{}\"}}\n", *escaped(&value))
    } else {
        format!("{}\n", *value)
    }))
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
    let option = |name| matches.get_one::<String>(name).cloned();
    // Before the command asks for a key.
    let credential_id = option(CREDENTIAL_ID).map_or_else(|| host.environment().credential_id(), Ok)?;
    let key = PrivateKey::parse(&*input::key(matches, host)?)?;
    let kid = match option(KID) {
        Some(kid) => Some(kid),
        None => host.environment().kid()?,
    };
    let settings = Settings {
        kid,
        lifetime: matches.get_one(LIFETIME).copied().map(Duration::from_secs),
        refresh_margin: None,
        backdate: None,
        allowed_origins: None,
        header_kid: None,
        roles: None,
        claims: None,
        refresh: None,
    };
    Ok(Signer::with_settings(credential_id, key, settings)?)
}

/// Visible ASCII as the inside of a JSON string.
fn escaped(text: &str) -> Zeroizing<String> {
    // A growing string would leave copies behind.
    let mut escaped = Zeroizing::new(String::with_capacity(2 * text.len()));
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
