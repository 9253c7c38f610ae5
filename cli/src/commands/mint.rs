//! `token`, `authorization`: what a signer gives.

use std::time::Duration;

use clap::ArgMatches;
use scout_auth::{Credential, Error, PrivateKey, Signer};
use zeroize::Zeroizing;

use crate::arguments::{self, JSON, KEY_FILE, LIFETIME};
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
    host.print(&Zeroizing::new(format!("{}\n", *Zeroizing::new(authorization))))
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
    let credential_id = option_or_variable(matches, arguments::CREDENTIAL_ID, host, CREDENTIAL_ID)?
        .ok_or(Error::VariableMissing { variable: CREDENTIAL_ID })?;
    let kid = option_or_variable(matches, arguments::KID, host, KID)?;
    let key = PrivateKey::parse(&*input::key(matches, host)?)?;
    let mut builder = Signer::builder(credential_id, key);
    if let Some(kid) = kid {
        builder = builder.kid(kid);
    }
    if let Some(seconds) = matches.get_one::<u64>(LIFETIME) {
        builder = builder.lifetime(Duration::from_secs(*seconds));
    }
    Ok(builder.build()?)
}

fn option_or_variable(
    matches: &ArgMatches,
    option: &str,
    host: &Host<'_>,
    variable: &'static str,
) -> scout_auth::Result<Option<String>> {
    match matches.get_one::<String>(option) {
        Some(text) => Ok(Some(text.clone())),
        None => Ok(host.text(variable)?.map(|text| text.trim().to_owned())),
    }
}
