//! `token`, `authorization`: what a signer gives.

use std::ffi::OsString;
use std::time::Duration;

use clap::ArgMatches;
use scout_auth::{Credential, Error, PrivateKey, Signer};
use zeroize::Zeroizing;

use crate::arguments::{self, HEADER, JSON, KEY_FILE, LIFETIME};
use crate::failure::Failure;
use crate::host::Host;
use crate::input::{self, API_KEY, CREDENTIAL_ID, KID, PRIVATE_KEY, PRIVATE_KEY_FILE};

/// `scout-auth token`
pub(crate) fn token(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let token = signer(matches, host)?.mint()?;
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
    let authorization = if is_legacy(matches, host) {
        Credential::from_variables(host.variable)?.authorization()?
    } else {
        signer(matches, host)?.authorization()?
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

/// Whether all that was given is a legacy key.
fn is_legacy(matches: &ArgMatches, host: &Host<'_>) -> bool {
    let options = [KEY_FILE, arguments::CREDENTIAL_ID, arguments::KID, LIFETIME];
    host.has(API_KEY)
        && ![PRIVATE_KEY, PRIVATE_KEY_FILE].iter().any(|name| host.has(name))
        && !options.iter().any(|option| matches.contains_id(option))
}

/// The signer that the options and the environment describe; each option comes before its variable.
fn signer(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Signer, Failure> {
    let option = |name| matches.get_one::<String>(name);
    let (credential_id, kid) = (option(arguments::CREDENTIAL_ID), option(arguments::KID));
    // Before anybody is asked for a key.
    if credential_id.is_none() && !host.has(CREDENTIAL_ID) {
        return Err(Error::VariableMissing { variable: CREDENTIAL_ID }.into());
    }
    let key = PrivateKey::parse(&*input::key(matches, host)?)?;
    // An option is taken as it is, and what stands in its variable does not matter.
    let variable = |name: &str| match name {
        CREDENTIAL_ID if credential_id.is_some() => Some(OsString::from("an option")),
        KID if kid.is_some() => None,
        _ => (host.variable)(name),
    };
    let mut builder = Signer::builder_from_variables(key, &variable)?;
    if let Some(credential_id) = credential_id {
        builder = builder.credential_id(credential_id);
    }
    if let Some(kid) = kid {
        builder = builder.kid(kid);
    }
    if let Some(seconds) = matches.get_one::<u64>(LIFETIME) {
        builder = builder.lifetime(Duration::from_secs(*seconds));
    }
    Ok(builder.build()?)
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
