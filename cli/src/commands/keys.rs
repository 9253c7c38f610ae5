//! `pem`, `kid`, `keygen`: what needs a key alone.

use clap::ArgMatches;
use scout_auth::{Error, PrivateKey, PublicKey, der_to_pem, pem_to_der};
use zeroize::Zeroizing;

use crate::arguments::{BASE64URL, BITS, JSON, PUBLIC};
use crate::failure::Failure;
use crate::host::Host;
use crate::input;

/// `scout-auth pem`
pub(crate) fn pem(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let key = input::key(matches, host)?;
    let text = match (matches.get_flag(PUBLIC), matches.get_flag(BASE64URL)) {
        (false, false) => der_to_pem(&*key)?,
        (false, true) => line(&pem_to_der(&*key)?),
        (true, false) => Zeroizing::new(public_key(&key)?.to_pem()),
        (true, true) => line(&public_key(&key)?.to_base64url()),
    };
    host.print(&text)
}

/// `scout-auth kid`
pub(crate) fn kid(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let kid = scout_auth::kid(&*input::key(matches, host)?)?;
    host.print(&if matches.get_flag(JSON) { format!("{{\"kid\":\"{kid}\"}}\n") } else { format!("{kid}\n") })
}

/// `scout-auth keygen`
pub(crate) fn keygen(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let key = PrivateKey::generate(matches.get_one(BITS).copied().unwrap_or_default())?;
    let (private, public, kid) = (key.to_base64url(), key.public_key().to_base64url(), key.kid());
    let text = if matches.get_flag(JSON) {
        // The characters of base64url need no escaping.
        format!("{{\"private_key\":\"{}\",\"public_key\":\"{public}\",\"kid\":\"{kid}\"}}\n", *private)
    } else {
        format!("SCOUT_PRIVATE_KEY={}\nSCOUT_KID={kid}\n# The public key: {public}\n", *private)
    };
    host.print(&Zeroizing::new(text))
}

fn line(text: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("{text}\n"))
}

/// The public key of a private key, or the public key that was given.
fn public_key(key: &[u8]) -> Result<PublicKey, Error> {
    match PrivateKey::parse(key) {
        Err(Error::KeyIsPublic) => PublicKey::parse(key),
        key => key.map(|key| key.public_key().clone()),
    }
}
