//! `verify`: accepts or refuses a token.

use std::time::Duration;

use clap::ArgMatches;
use scout_auth::Error;
use serde_json::Value;

use crate::arguments::{JSON, LEEWAY};
use crate::failure::Failure;
use crate::host::{Colour, Host};
use crate::input;
use crate::members::Members;
use crate::words::{self, ascii};

/// `scout-auth verify`
pub(crate) fn verify(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let mut verifier = input::verifier(matches, host)?.ok_or(Error::Internal)?;
    if let Some(seconds) = matches.get_one::<u64>(LEEWAY) {
        verifier = verifier.with_leeway(Duration::from_secs(*seconds))?;
    }
    let claims = verifier.verify(&input::token(matches, host)?)?;
    let all: Members = serde_json::from_str(&claims.json).map_err(|_| Error::Internal)?;
    if matches.get_flag(JSON) {
        host.print(&format!(
            "{{\"credential_id\":{},\"issued_at\":{},\"expires_at\":{},\"kid\":\"{}\",\"claims\":{}}}\n",
            ascii(&Value::from(claims.credential_id).to_string()),
            claims.issued_at,
            claims.expires_at,
            claims.kid,
            all.to_json(),
        ))
    } else {
        let verdict = host.paint(Colour::Green, &format!("verified with the key {}", claims.kid));
        host.print(&format!("{verdict}\nclaims\n{}", all.to_lines(words::now())))
    }
}
