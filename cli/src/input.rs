//! Reads keys and tokens: from files, the environment or standard input, never from an argument.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use scout_auth::{Environment, Error, PrivateKey, PublicKey, Settings, Signer, Verifier, read_secret};
use zeroize::Zeroizing;

use crate::arguments::{CREDENTIAL_FILE, FILE, KEY_FILE, KEYS, TOKEN_FILE};
use crate::failure::Failure;
use crate::host::{Host, Stream};

/// Bytes that are wiped when dropped.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

/// The variables, with the path of `--credential-file` in place of all that say where a credential is.
pub(crate) fn variable<'a>(matches: &'a ArgMatches, host: &'a Host<'_>) -> impl Fn(&str) -> Option<OsString> + 'a {
    let file = matches.get_one::<PathBuf>(CREDENTIAL_FILE);
    move |name| match (file, name) {
        (Some(path), Environment::CREDENTIAL_FILE) => Some(path.into()),
        (Some(_), Environment::CREDENTIAL_COMMAND | Environment::PRIVATE_KEY | Environment::PRIVATE_KEY_FILE) => None,
        _ => (host.variable)(name),
    }
}

/// Whether a variable names a file, a folder or a command that holds the whole credential.
pub(crate) fn has_source(environment: &Environment<'_>) -> bool {
    [Environment::CREDENTIAL_FILE, Environment::CREDENTIAL_COMMAND].iter().any(|name| environment.is_set(name))
}

/// The key text, from `--key-file`, the environment or standard input, in this order.
pub(crate) fn key(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Secret, Failure> {
    if let Some(path) = matches.get_one::<PathBuf>(KEY_FILE) {
        return key_file(path, host);
    }
    if let Some(key) = host.environment().private_key_text()? {
        return Ok(key);
    }
    let key = standard_input("the key", host)?;
    if key.trim_ascii().is_empty() {
        Err(Error::VariableMissing { variable: Environment::PRIVATE_KEY }.into())
    } else {
        Ok(key)
    }
}

/// The public key of the key text, private or public, or of the credential that a variable names.
pub(crate) fn public_key(matches: &ArgMatches, host: &mut Host<'_>) -> Result<PublicKey, Failure> {
    if let Some(key) = sourced_public_key(matches, host) {
        return key;
    }
    let key = key(matches, host)?;
    Ok(match PrivateKey::parse(&*key) {
        Err(Error::KeyIsPublic) => PublicKey::parse(&*key)?,
        key => key?.public_key().clone(),
    })
}

/// The public key of the credential that a variable names, if one is to be used.
pub(crate) fn sourced_public_key(matches: &ArgMatches, host: &Host<'_>) -> Option<Result<PublicKey, Failure>> {
    let is_sourced = !matches.contains_id(KEY_FILE) && has_source(&host.environment());
    is_sourced.then(|| Ok(Signer::from_environment(&host.environment(), Settings::default())?.public_key()))
}

/// The token, from `--token-file` or standard input.
pub(crate) fn token(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Zeroizing<String>, Failure> {
    let bytes = match token_file(matches) {
        Some(path) => file(path).map_err(|error| Failure::input("the file of --token-file", &error))?,
        None => standard_input("the token", host)?,
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::TokenMalformed)?.trim();
    if text.is_empty() {
        return Err(Failure::nothing("token", "pass a token, for example: scout-auth token | scout-auth inspect"));
    }
    Ok(Zeroizing::new(bare_token(text).to_owned()))
}

/// The token alone, from a header or from the JSON of `token`, `authorization` and `headers`.
fn bare_token(text: &str) -> &str {
    let in_json = |member| text.split_once(member).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value);
    let members = [r#""token":""#, r#""Authorization":""#];
    let text = if text.starts_with('{') { members.into_iter().find_map(in_json).unwrap_or(text) } else { text };
    ["Authorization:", "Bearer "].iter().fold(text, |text, prefix| match text.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => text[prefix.len()..].trim_start(),
        _ => text,
    })
}

/// The public keys of `--keys`.
pub(crate) fn verifier(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Option<Verifier>, Failure> {
    let Some(path) = matches.get_one::<PathBuf>(KEYS) else { return Ok(None) };
    if is_standard_input(path) && token_file(matches).is_none() {
        return Err(Failure::usage(
            "the token and the keys cannot both come from standard input",
            "pass one of them as a file",
        ));
    }
    Ok(Some(Verifier::parse(&*key_file(path, host)?)?))
}

/// The text of a key, from a file or, if the path is `-`, from standard input.
pub(crate) fn key_file(path: &Path, host: &mut Host<'_>) -> Result<Secret, Failure> {
    if is_standard_input(path) {
        return standard_input("the key", host);
    }
    file(path).map_err(|error| Error::KeyFile { kind: error.kind() }.into())
}

/// The text of a credential, from the file or from standard input.
pub(crate) fn credential(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Secret, Failure> {
    let text = match matches.get_one::<PathBuf>(FILE).filter(|path| !is_standard_input(path)) {
        Some(path) => file(path).map_err(|error| Failure::input("the credential", &error))?,
        None => standard_input("the credential or the private key", host)?,
    };
    if text.trim_ascii().is_empty() {
        return Err(Failure::nothing("credential", "paste the private key or the credential as Scout shows it"));
    }
    Ok(text)
}

/// A credential id that is typed. Without a terminal there is nobody to ask.
pub(crate) fn typed_credential_id(host: &mut Host<'_>) -> Result<Option<String>, Failure> {
    if host.streams.stdin != Stream::Terminal {
        return Ok(None);
    }
    // It is not shown either: a key may be pasted by mistake.
    let text = standard_input("the credential id", host)?;
    let text = std::str::from_utf8(&text).map_err(|_| Error::CredentialId)?.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn token_file(matches: &ArgMatches) -> Option<&PathBuf> {
    matches.get_one::<PathBuf>(TOKEN_FILE).filter(|path| !is_standard_input(path))
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn standard_input(what: &str, host: &mut Host<'_>) -> Result<Secret, Failure> {
    if host.streams.stdin == Stream::Terminal {
        let ask = if cfg!(unix) { "which is not shown, and press Enter" } else { "then press Enter, Ctrl-Z and Enter" };
        host.tell(&format!("Paste {what}, {ask}:\n"));
    }
    read_secret(&mut *host.stdin).map_err(|error| Failure::input("standard input", &error))
}

fn file(path: &Path) -> io::Result<Secret> {
    File::open(path).and_then(read_secret)
}
