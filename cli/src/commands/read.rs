//! `inspect`, `verify`: what a token says, and whether it is to be believed.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ArgMatches;
use scout_auth::Error;
use serde_json::{Map, Value, json};

use crate::arguments::{JSON, LEEWAY};
use crate::failure::Failure;
use crate::host::{Colour, Host};
use crate::input;
use crate::words::{self, ascii};

/// The longest token that is shown, in bytes: as long as the longest that core verifies.
const MAX_TOKEN: usize = 8 * 1024;

/// `scout-auth inspect`
pub(crate) fn inspect(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let verifier = input::verifier(matches, host)?;
    let token = input::token(matches, host)?;
    let (header, claims) = decode(&token)?;
    let verdict = verifier.map(|verifier| verifier.verify(&token).map(|claims| claims.kid));
    let text = if matches.get_flag(JSON) {
        let error = verdict.and_then(Result::err).map(|error| error.code());
        let is_verified = matches!(verdict, Some(Ok(_)));
        ascii(&json!({ "verified": is_verified, "error": error, "header": header, "claims": claims })) + "\n"
    } else {
        let verdict = match verdict {
            Some(Ok(kid)) => host.paint(Colour::Green, &format!("verified with the key {kid}")),
            Some(Err(_)) => host.paint(Colour::Red, "refused: what follows is not to be believed"),
            None => host.paint(Colour::Yellow, "not verified: anyone can write what follows (--keys FILE verifies)"),
        };
        let now = words::now();
        format!("{verdict}\nheader\n{}claims\n{}", words::members(&header, now), words::members(&claims, now))
    };
    host.print(&text)?;
    verdict.map_or(Ok(()), |verdict| verdict.map(drop).map_err(Failure::Core))
}

/// `scout-auth verify`
pub(crate) fn verify(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let mut verifier = input::verifier(matches, host)?.ok_or(Error::Internal)?;
    if let Some(seconds) = matches.get_one::<u64>(LEEWAY) {
        verifier = verifier.with_leeway(Duration::from_secs(*seconds))?;
    }
    let claims = verifier.verify(&input::token(matches, host)?)?;
    let all: Map<String, Value> = serde_json::from_str(&claims.json).map_err(|_| Error::Internal)?;
    let text = if matches.get_flag(JSON) {
        ascii(&json!({
            "credential_id": claims.credential_id,
            "issued_at": claims.issued_at,
            "expires_at": claims.expires_at,
            "kid": claims.kid.as_str(),
            "claims": all,
        })) + "\n"
    } else {
        let verdict = host.paint(Colour::Green, &format!("verified with the key {}", claims.kid));
        format!("{verdict}\nclaims\n{}", words::members(&all, words::now()))
    };
    host.print(&text)
}

type Object = Map<String, Value>;

/// Header and claims of a token, to be shown. It decides nothing: that is the verifier's.
fn decode(token: &str) -> Result<(Object, Object), Error> {
    if token.len() > MAX_TOKEN {
        return Err(Error::TokenTooLong);
    }
    let segments: Vec<&str> = token.split('.').collect();
    let [header, claims, _signature] = segments[..] else { return Err(Error::TokenMalformed) };
    Ok((object(header)?, object(claims)?))
}

fn object(segment: &str) -> Result<Object, Error> {
    let json = URL_SAFE_NO_PAD.decode(segment).map_err(|_| Error::TokenMalformed)?;
    serde_json::from_slice(&json).map_err(|_| Error::TokenMalformed)
}
