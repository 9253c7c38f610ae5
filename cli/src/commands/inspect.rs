//! `inspect`: what a token says, and why Scout would refuse it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ArgMatches;
use scout_auth::{Error, unverified_fault};
use serde_json::Value;

use crate::arguments::JSON;
use crate::failure::Failure;
use crate::host::{Colour, Host};
use crate::input;
use crate::members::Members;
use crate::report::report;
use crate::words::{self, ascii};

/// The longest token that is shown, in bytes: the longest that core verifies.
const MAX_TOKEN: usize = 8 * 1024;

/// `scout-auth inspect`. Returns the exit status: without keys it only shows, and ends with 0.
pub(crate) fn inspect(matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    let verifier = input::verifier(matches, host)?;
    let token = input::token(matches, host)?;
    let (header, claims) = decode(&token)?;
    let now = words::now();
    let (kid, fault) = match &verifier {
        None => (None, unverified_fault(&token, now)),
        Some(verifier) => match verifier.verify(&token) {
            Ok(claims) => (Some(claims.kid), None),
            Err(error) => (None, Some(error)),
        },
    };
    let failure = fault.map(|error| explain(error, verifier.is_some(), &header, &claims));
    if matches.get_flag(JSON) {
        let part = |part: fn(&Failure) -> &str| failure.as_ref().map_or(Value::Null, |failure| part(failure).into());
        host.print(&format!(
            "{{\"verified\":{},\"error\":{},\"text\":{},\"help\":{},\"header\":{},\"claims\":{}}}\n",
            kid.is_some(),
            part(|failure| failure.code),
            ascii(&part(|failure| &failure.text).to_string()),
            ascii(&part(|failure| &failure.help).to_string()),
            header.to_json(),
            claims.to_json(),
        ))?;
    } else {
        let verdict = match (&verifier, kid) {
            (_, Some(kid)) => host.paint(Colour::Green, &format!("verified with the key {kid}")),
            (Some(_), None) => host.paint(Colour::Red, "refused: do not trust what follows"),
            (None, None) => host.paint(Colour::Yellow, "not verified: anyone can write this (--keys FILE verifies it)"),
        };
        let scout = match &failure {
            Some(failure) if verifier.is_none() => {
                let verdict = host.paint(Colour::Red, "Scout would refuse it:");
                format!("{verdict} {} ({})\n      help: {}\n", failure.text, failure.code, failure.help)
            }
            _ => String::new(),
        };
        host.print(&format!("{verdict}\n{scout}header\n{}claims\n{}", header.to_lines(now), claims.to_lines(now)))?;
    }
    match failure {
        Some(failure) if verifier.is_some() => Ok(report(&failure, host)),
        _ => Ok(0),
    }
}

/// The fault, explained for a person who looks at the token.
fn explain(error: Error, has_keys: bool, header: &Members, claims: &Members) -> Failure {
    let mut failure = Failure::from(error);
    match error {
        Error::TokenLifetime | Error::TokenFromFuture if claims.has_milliseconds() => {
            failure.text += ", if its times are seconds";
            failure.with_help("the times look like milliseconds: iat and exp are in seconds")
        }
        Error::TokenMalformed if header.has_duplicates() || claims.has_duplicates() => {
            failure.with_help("a name occurs twice in the header or the claims: write each once")
        }
        // Without keys this kid could not name any key.
        Error::TokenKidUnknown if !has_keys => {
            "the token's kid is not an RFC 7638 thumbprint".clone_into(&mut failure.text);
            failure.with_help(
                "set kid to the output of scout-auth kid for the signing key, unless Scout itself shows this one",
            )
        }
        _ => failure,
    }
}

/// Header and claims of a token, to be shown. Only the verifier decides about a token.
fn decode(token: &str) -> Result<(Members, Members), Error> {
    if token.len() > MAX_TOKEN {
        return Err(Error::TokenTooLong);
    }
    let segments: Vec<&str> = token.split('.').collect();
    let [header, claims, _signature] = segments[..] else { return Err(Error::TokenMalformed) };
    Ok((members(header)?, members(claims)?))
}

fn members(segment: &str) -> Result<Members, Error> {
    let json = URL_SAFE_NO_PAD.decode(segment).map_err(|_| Error::TokenMalformed)?;
    serde_json::from_slice(&json).map_err(|_| Error::TokenMalformed)
}
