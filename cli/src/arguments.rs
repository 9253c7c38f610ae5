//! The command line.
//!
//! What a user typed is never repeated: whoever gives a key as an argument by mistake must not find
//! it in a log. So errors name our own options only.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::failure::{Failure, STATUSES};
use crate::host::Host;

pub(crate) const CREDENTIAL_ID: &str = "credential-id";
pub(crate) const KID: &str = "kid";
pub(crate) const LIFETIME: &str = "lifetime";
pub(crate) const KEY_FILE: &str = "key-file";
pub(crate) const TOKEN_FILE: &str = "token-file";
pub(crate) const KEYS: &str = "keys";
pub(crate) const LEEWAY: &str = "leeway";
pub(crate) const PUBLIC: &str = "public";
pub(crate) const BASE64URL: &str = "base64url";
pub(crate) const BITS: &str = "bits";
pub(crate) const URL: &str = "url";
pub(crate) const JSON: &str = "json";
#[cfg(feature = "manual")]
pub(crate) const NAME: &str = "name";

const KEY_SOURCES: &str = "\
The key comes from --key-file; without it from SCOUT_PRIVATE_KEY or SCOUT_PRIVATE_KEY_FILE; without
those from standard input. It is never an argument.";

const TOKEN_SOURCES: &str = "\
The token comes from --token-file, or else from standard input. It is never an argument.";

const HELP: &str = "see scout-auth --help; a key or a token is never an argument, but comes by --key-file, --token-file \
                    or standard input";

/// Reads the command line; where it asks for help or the version, that is printed and nothing is left
/// to do.
pub(crate) fn parse(
    args: impl IntoIterator<Item = OsString>,
    host: &mut Host<'_>,
) -> Result<Option<ArgMatches>, Failure> {
    let name = OsString::from("scout-auth");
    match command().try_get_matches_from([name].into_iter().chain(args)) {
        Ok(matches) => Ok(Some(matches)),
        Err(answer) if matches!(answer.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            host.print(&answer.render().to_string()).map(|()| None)
        }
        Err(error) => Err(usage(&error)),
    }
}

/// The whole command line.
pub(crate) fn command() -> Command {
    let command = Command::new("scout-auth")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Tokens, keys and credentials of the Scout API")
        .after_help(STATUSES)
        .subcommand_required(true)
        .subcommands([token(), authorization(), pem(), kid(), inspect(), verify(), keygen(), doctor()]);
    #[cfg(feature = "manual")]
    let command = command.subcommands([completions(), man()]);
    command
}

fn token() -> Command {
    Command::new("token")
        .about("Mint a token (JWT) and print it")
        .args(credential())
        .arg(json(r#"{"token":…,"issued_at":…,"expires_at":…}, in Unix seconds"#))
        .after_help(KEY_SOURCES)
}

fn authorization() -> Command {
    Command::new("authorization")
        .about("Print the value of the header Authorization: Bearer …")
        .args(credential())
        .after_help(format!(
            "{KEY_SOURCES}\nWhere SCOUT_API_KEY alone is set, that legacy key is used.\n\n\
             Example: curl -H \"Authorization: $(scout-auth authorization)\" https://api.scoutos.com/v2/workflows"
        ))
}

fn pem() -> Command {
    Command::new("pem")
        .about("Convert a key in any form to PEM, or to Scout's own form")
        .args([
            key_file(),
            flag(PUBLIC, "Write the public key, also of a private key"),
            flag(BASE64URL, "Write base64url of DER, the form that Scout issues, and not PEM"),
        ])
        .after_help(KEY_SOURCES)
}

fn kid() -> Command {
    Command::new("kid")
        .about("Print the kid of a private or public key: its RFC 7638 thumbprint")
        .args([key_file(), json(r#"{"kid":…}"#)])
        .after_help(KEY_SOURCES)
}

fn inspect() -> Command {
    Command::new("inspect")
        .about("Show what a token says; verify it when keys are given")
        .args([
            token_file(),
            keys().help("Verify with the public key or JWK set in this file"),
            json(r#"{"verified":…,"error":…,"header":{…},"claims":{…}}"#),
        ])
        .after_help(TOKEN_SOURCES)
}

fn verify() -> Command {
    Command::new("verify")
        .about("Accept or refuse a token")
        .args([
            token_file(),
            keys().required(true),
            seconds(LEEWAY, "How far the two clocks may differ, 0 to 300 (default: 5)"),
            json(r#"{"credential_id":…,"issued_at":…,"expires_at":…,"kid":…,"claims":{…}}"#),
        ])
        .after_help(TOKEN_SOURCES)
}

fn keygen() -> Command {
    Command::new("keygen")
        .about("Make a key pair and print it as lines for an .env file")
        .args([
            value(BITS, "BITS")
                .value_parser(value_parser!(u32))
                .default_value("2048")
                .help("The size of the key: 2048, 3072, 4096 or 8192"),
            json(r#"{"private_key":…,"public_key":…,"kid":…}"#),
        ])
        .after_help(
            "For tests, and for services that verify such tokens themselves. A credential for Scout is made in\n\
             Scout, under Settings → API Keys.",
        )
}

fn doctor() -> Command {
    Command::new("doctor").about("Say of the environment what is right, what is wrong and what to do").args([
        value(URL, "URL").help("Also make one GET request there with the credential, and compare the clocks"),
        json(r#"{"ok":…,"checks":[{"name":…,"verdict":…,"text":…,"help":…,"code":…}]}"#),
    ])
}

#[cfg(feature = "manual")]
fn completions() -> Command {
    Command::new("completions")
        .about("Print the completions for a shell")
        .arg(Arg::new(NAME).value_name("SHELL").required(true).value_parser(value_parser!(clap_complete::Shell)))
}

#[cfg(feature = "manual")]
fn man() -> Command {
    Command::new("man")
        .about("Print the manual page, of the whole or of one subcommand")
        .arg(Arg::new(NAME).value_name("SUBCOMMAND"))
}

/// The options that say who mints.
fn credential() -> [Arg; 4] {
    [
        key_file(),
        value(CREDENTIAL_ID, "ID").help("The credential id (default: SCOUT_CREDENTIAL_ID)"),
        value(KID, "KID").help("The kid that the key must have (default: SCOUT_KID, or any)"),
        seconds(LIFETIME, "The lifetime of the token, 1 to 300 (default: 300)"),
    ]
}

fn key_file() -> Arg {
    path(KEY_FILE).help("Read the key from this file; - is standard input")
}

fn token_file() -> Arg {
    path(TOKEN_FILE).help("Read the token from this file; - is standard input")
}

fn keys() -> Arg {
    path(KEYS).help("The public key or JWK set in this file; - is standard input")
}

fn json(shape: &str) -> Arg {
    flag(JSON, &format!("Print JSON: {shape}"))
}

fn flag(name: &'static str, help: &str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help.to_owned())
}

fn path(name: &'static str) -> Arg {
    value(name, "PATH").value_parser(value_parser!(PathBuf))
}

fn seconds(name: &'static str, help: &'static str) -> Arg {
    value(name, "SECONDS").value_parser(value_parser!(u64)).help(help)
}

fn value(name: &'static str, placeholder: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(placeholder)
}

fn usage(error: &clap::Error) -> Failure {
    let what = error.kind().as_str().unwrap_or("the command line is wrong");
    let summary = match own_arguments(error) {
        Some(arguments) => format!("{what}: {arguments}"),
        None => what.to_owned(),
    };
    let help = match suggestion(error) {
        Some(suggestion) => format!("did you mean {suggestion}?"),
        None => HELP.to_owned(),
    };
    Failure::Usage { summary, help }
}

/// The options that an error is about, as this module names them. In errors of other kinds the same
/// place holds what the user typed.
fn own_arguments(error: &clap::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::InvalidValue
        | ErrorKind::ValueValidation
        | ErrorKind::TooManyValues
        | ErrorKind::ArgumentConflict
        | ErrorKind::MissingRequiredArgument => joined(error.get(ContextKind::InvalidArg)?),
        _ => None,
    }
}

/// The option or subcommand of ours that is nearest to what was typed.
fn suggestion(error: &clap::Error) -> Option<String> {
    [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand].into_iter().find_map(|kind| joined(error.get(kind)?))
}

fn joined(value: &ContextValue) -> Option<String> {
    match value {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        _ => None,
    }
}
