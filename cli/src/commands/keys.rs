//! `pem`, `jwk`, `jwks`, `kid`, `keygen`: subcommands that only need keys.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use scout_auth::{CredentialFile, Environment, Error, Family, PrivateKey, PublicKey, Verifier, to_base64url, to_pem};
use zeroize::Zeroizing;

use crate::arguments::{ALL, BASE64URL, BITS, FILE, JSON, KEY_FILE, OUT, PRIVATE, PUBLIC};
use crate::failure::Failure;
use crate::host::{Colour, Host, Stream};
use crate::input;
use crate::words;

/// `scout-auth pem`
pub(crate) fn pem(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    note_unread_input(matches, host);
    let is_base64url = matches.get_flag(BASE64URL);
    let text = if matches.get_flag(PUBLIC) {
        let key = input::public_key(matches, host)?;
        if is_base64url { line(&key.to_base64url()) } else { Zeroizing::new(key.to_pem()) }
    } else {
        let key = input::key(matches, host)?;
        if is_base64url { line(&to_base64url(&*key)?) } else { to_pem(&*key)? }
    };
    host.print(&text)
}

/// `scout-auth jwk`
pub(crate) fn jwk(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    note_unread_input(matches, host);
    let text = if matches.get_flag(PRIVATE) {
        let text = line(&PrivateKey::parse(&*input::key(matches, host)?)?.to_jwk());
        warn_of_readers(host);
        text
    } else {
        line(&input::public_key(matches, host)?.to_jwk())
    };
    host.print(&text)
}

/// `scout-auth jwks`
pub(crate) fn jwks(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let paths = matches.get_many::<PathBuf>(FILE).unwrap_or_default();
    let keys: Vec<Verifier> = paths.map(|path| public_keys(&input::key_file(path, host)?)).collect::<Result<_, _>>()?;
    host.print(&format!("{}\n", Verifier::union(keys)?.to_jwk_set()))
}

/// The public keys of a key, private or public, of a JWK set or of a credential file.
fn public_keys(text: &[u8]) -> Result<Verifier, Failure> {
    let error = match Verifier::parse(text) {
        Ok(keys) => return Ok(keys),
        Err(error) => error,
    };
    match CredentialFile::parse(text) {
        Ok(file) => Ok(Verifier::new([file.key.public_key().clone()])?),
        // A private key, and what is wrong with it. A set has no private keys.
        Err(fault) if error == Error::KeyIsPrivate && fault.family() == Family::Key => Err(fault.into()),
        Err(_) => Err(error.into()),
    }
}

/// `scout-auth kid`
pub(crate) fn kid(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    note_unread_input(matches, host);
    if matches.get_flag(ALL) {
        return all_names(&input::public_key(matches, host)?, matches, host);
    }
    let kid = match input::sourced_public_key(matches, host) {
        Some(key) => key?.kid(),
        // Without a check of the numbers, as in every language.
        None => scout_auth::kid(&*input::key(matches, host)?)?,
    };
    host.print(&if matches.get_flag(JSON) { format!("{{\"kid\":\"{kid}\"}}\n") } else { format!("{kid}\n") })
}

/// The kid, and what other software may call the same key.
fn all_names(key: &PublicKey, matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let (kid, [hex, base64url]) = (key.kid(), words::spki_sha256(key));
    host.print(&if matches.get_flag(JSON) {
        format!("{{\"kid\":\"{kid}\",\"spki_sha256_hex\":\"{hex}\",\"spki_sha256_base64url\":\"{base64url}\"}}\n")
    } else {
        format!(
            "kid (RFC 7638)           {kid}\nSPKI SHA-256, base64url  {base64url}\nSPKI SHA-256, hex        {hex}\n"
        )
    })
}

/// `scout-auth keygen`
pub(crate) fn keygen(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let key = PrivateKey::generate(matches.get_one(BITS).copied().unwrap_or_default())?;
    let (private, public, kid) = (key.to_base64url(), key.public_key().to_base64url(), key.kid());
    let text = if matches.get_flag(JSON) {
        // The characters of base64url need no escaping.
        format!("{{\"private_key\":\"{}\",\"public_key\":\"{public}\",\"kid\":\"{kid}\"}}\n", *private)
    } else {
        let id = "# The credential id, as Scout shows it:\nSCOUT_CREDENTIAL_ID=";
        format!("SCOUT_PRIVATE_KEY={}\nSCOUT_KID={kid}\n{id}\n# The public key: {public}\n", *private)
    };
    let text = Zeroizing::new(text);
    if let Some(path) = matches.get_one::<PathBuf>(OUT) {
        return write_new(path, &text).map_err(|error| Failure::output("the file of --out", &error));
    }
    warn_of_readers(host);
    host.print(&text)
}

/// Warns if others can read the file that standard output goes to.
fn warn_of_readers(host: &mut Host<'_>) {
    if let Stream::File { mode } = host.streams.stdout
        && mode & 0o077 != 0
    {
        host.warn(&format!(
            "others can read the file that the private key goes to (mode {mode:o}): chmod 600 it, or use --out"
        ));
    }
}

/// Says that a key on standard input is not read, if there may be one.
fn note_unread_input(matches: &ArgMatches, host: &mut Host<'_>) {
    let environment = host.environment();
    let is_redirected = matches!(host.streams.stdin, Stream::Pipe | Stream::File { .. });
    let variable =
        [Environment::PRIVATE_KEY, Environment::PRIVATE_KEY_FILE].into_iter().find(|name| environment.is_set(name));
    if let Some(variable) = variable.filter(|_| is_redirected && !matches.contains_id(KEY_FILE)) {
        let note = host.paint_error(Colour::Cyan, "note:");
        host.tell(&format!(
            "{note} the key is that of {variable}; standard input is not read (--key-file - reads it)\n"
        ));
    }
}

/// Writes a file that only its owner can read. There must be no file of that name yet.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn line(text: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("{text}\n"))
}
