//! The command line.
//!
//! Errors do not repeat what was typed: a user may give a key as an argument by mistake, and errors end
//! in logs. The one exception is a mistyped option or subcommand of lower-case letters.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::failure::Failure;
use crate::host::Host;
use crate::sections;

pub(crate) const CREDENTIAL_FILE: &str = "credential-file";
pub(crate) const CREDENTIAL_ID: &str = "credential-id";
pub(crate) const KID: &str = "kid";
pub(crate) const HEADER_KID: &str = "header-kid";
pub(crate) const LIFETIME: &str = "lifetime";
pub(crate) const ROLE: &str = "role";
pub(crate) const CLAIM: &str = "claim";
pub(crate) const ALL: &str = "all";
pub(crate) const FILE: &str = "file";
pub(crate) const FORCE: &str = "force";
pub(crate) const GITHUB: &str = "github";
pub(crate) const HEADER: &str = "header";
pub(crate) const KEY_FILE: &str = "key-file";
pub(crate) const TOKEN_FILE: &str = "token-file";
pub(crate) const KEYS: &str = "keys";
pub(crate) const LEEWAY: &str = "leeway";
pub(crate) const PRIVATE: &str = "private";
pub(crate) const PUBLIC: &str = "public";
#[cfg(unix)]
pub(crate) const ARGS: &str = "args";
pub(crate) const BASE64URL: &str = "base64url";
pub(crate) const BITS: &str = "bits";
pub(crate) const OUT: &str = "out";
#[cfg(feature = "net")]
pub(crate) const URL: &str = "url";
pub(crate) const JSON: &str = "json";
#[cfg(feature = "net")]
pub(crate) const ORIGIN: &str = "origin";
#[cfg(feature = "net")]
pub(crate) const LISTEN: &str = "listen";
#[cfg(feature = "net")]
pub(crate) const UNIX: &str = "unix";
#[cfg(feature = "net")]
pub(crate) const QUIET: &str = "quiet";
#[cfg(feature = "net")]
pub(crate) const TOKEN: &str = "token";
#[cfg(feature = "net")]
pub(crate) const COMMAND: &str = "command";
#[cfg(feature = "net")]
pub(crate) const PORT: &str = "port";
#[cfg(feature = "net")]
pub(crate) const ADMIN_TOKEN_FILE: &str = "admin-token-file";
#[cfg(feature = "net")]
pub(crate) const CREATE: &str = "create";
#[cfg(feature = "net")]
pub(crate) const SUB: &str = "sub";
#[cfg(feature = "net")]
pub(crate) const OPAQUE: &str = "opaque";
#[cfg(feature = "net")]
pub(crate) const STATE: &str = "state";
#[cfg(feature = "net")]
pub(crate) const UNTIL_EOF: &str = "until-eof";
#[cfg(feature = "net")]
pub(crate) const ID: &str = "id";
#[cfg(feature = "net")]
pub(crate) const NEW_NAME: &str = "new-name";
#[cfg(feature = "net")]
pub(crate) const ORGANIZATION: &str = "organization";
#[cfg(feature = "net")]
pub(crate) const PUBLIC_KEY: &str = "public-key";
#[cfg(feature = "net")]
pub(crate) const GRACE_PERIOD: &str = "grace-period";
#[cfg(feature = "net")]
pub(crate) const VERIFY: &str = "verify";
#[cfg(feature = "net")]
pub(crate) const LAST: &str = "last";
#[cfg(feature = "net")]
pub(crate) const SCOPE: &str = "scope";
pub(crate) const PATH: &str = "path";
pub(crate) const STAGED: &str = "staged";
pub(crate) const HISTORY: &str = "history";
pub(crate) const STRICT: &str = "strict";
pub(crate) const SARIF: &str = "sarif";
pub(crate) const VERBOSE: &str = "verbose";
#[cfg(feature = "manual")]
pub(crate) const NAME: &str = "name";

/// A subcommand: its name, what it does, and its arguments.
struct Subcommand(&'static str, &'static str, fn(Command) -> Command);

const SUBCOMMANDS: &[Subcommand] = &[
    Subcommand("token", "Mint a token (JWT) and print it", token),
    Subcommand("authorization", "Print the value of the header Authorization: Bearer …", authorization),
    Subcommand("headers", "Print the headers of a request as JSON, for programs that ask a command", headers),
    #[cfg(unix)]
    Subcommand("curl", "Run curl with the header Authorization", curl),
    Subcommand("pem", "Convert a key in any form to PEM, or to Scout's own form", pem),
    Subcommand("jwk", "Convert a key in any form to a JWK: its public key, if you do not ask for more", jwk),
    Subcommand("jwks", "Print the public keys of several files as a JWK set", jwks),
    Subcommand("kid", "Print the kid of a private or public key: its RFC 7638 thumbprint", kid),
    Subcommand("inspect", "Show what a token says, and why Scout would refuse it", inspect),
    Subcommand("verify", "Accept or refuse a token", verify),
    Subcommand("keygen", "Make a key pair and print it as lines for an .env file", keygen),
    Subcommand("import", "Read a credential, check it and write the credential file", import),
    Subcommand("doctor", "Check the environment and explain how to fix it", doctor),
    #[cfg(feature = "net")]
    Subcommand("mcp", "Be an MCP server on standard input and output that is the one at a URL", mcp),
    #[cfg(feature = "net")]
    Subcommand("proxy", "Serve programs on this machine: send their requests on, with the credential", proxy),
    #[cfg(feature = "net")]
    Subcommand("run", "Run a program that calls Scout, without the private key", run),
    #[cfg(feature = "net")]
    Subcommand("serve", "Be a local Scout: credentials and their life, for development and tests", serve),
    #[cfg(feature = "net")]
    Subcommand("credentials", "Manage the credentials of a local Scout", credentials),
    Subcommand("scan", "Look for private keys and tokens in files, or in a git repository", scan),
    #[cfg(feature = "manual")]
    Subcommand("completions", "Print the completions for a shell", completions),
    #[cfg(feature = "manual")]
    Subcommand("man", "Print a manual page", man),
];

/// The URL of `doctor --url` without a value.
#[cfg(feature = "net")]
pub(crate) const DEFAULT_URL: &str = "https://api.scoutos.com/v2/workflows";

/// The URL of `mcp` without one: Scout's hosted service.
#[cfg(feature = "net")]
const MCP_URL: &str = "https://mcp.scoutos.com/mcp";

/// Where `proxy` and `run` send requests, if the user names no other origin.
#[cfg(feature = "net")]
const DEFAULT_ORIGIN: &str = "https://api.scoutos.com";

const HELP: &str = "a key or a token is never an argument: it comes from --key-file, --token-file or standard input; \
                    see scout-auth --help";

/// Reads the command line. If it asks for help or the version, prints that and returns `None`.
pub(crate) fn parse(
    args: impl IntoIterator<Item = OsString>,
    host: &mut Host<'_>,
) -> Result<Option<ArgMatches>, Failure> {
    let args: Vec<OsString> = std::iter::once("scout-auth".into()).chain(args).collect();
    match command().try_get_matches_from(&args) {
        Ok(matches) => Ok(Some(matches)),
        Err(answer) if matches!(answer.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            host.print(&answer.render().to_string()).map(|()| None)
        }
        Err(error) => Err(usage(&error, &args)),
    }
}

/// Whether the command line asks for JSON.
pub(crate) fn wants_json(matches: &ArgMatches) -> bool {
    matches.subcommand().is_some_and(|(_, matches)| has_flag(matches, JSON))
}

/// Whether the command line of a subcommand asks for notes on standard error.
pub(crate) fn is_verbose(matches: &ArgMatches) -> bool {
    has_flag(matches, VERBOSE)
}

/// Whether a subcommand has that flag, and it is set.
fn has_flag(matches: &ArgMatches, name: &str) -> bool {
    matches!(matches.try_get_one(name), Ok(Some(true)))
}

/// The names of the subcommands.
#[cfg(feature = "manual")]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SUBCOMMANDS.iter().map(|Subcommand(name, ..)| *name)
}

/// The whole command line. The arguments of a subcommand are made when it is asked for: each run needs one.
pub(crate) fn command() -> Command {
    let subcommands =
        SUBCOMMANDS.iter().map(|Subcommand(name, about, _)| Command::new(name).about(about).defer(complete));
    Command::new("scout-auth")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Tokens, keys and credentials of the Scout API")
        .subcommand_required(true)
        .subcommands(subcommands)
        .after_help(sections::help(""))
}

/// The whole command line, with the arguments of all subcommands.
pub(crate) fn complete_command() -> Command {
    let mut command = command();
    command.build();
    command
}

/// Adds what a subcommand takes, and the end of its help.
fn complete(subcommand: Command) -> Command {
    let help = sections::help(subcommand.get_name());
    let row = SUBCOMMANDS.iter().find(|Subcommand(name, ..)| *name == subcommand.get_name());
    match row {
        Some(Subcommand(.., arguments)) => arguments(subcommand).after_help(help),
        // Clap's own `help`.
        None => subcommand,
    }
}

fn token(command: Command) -> Command {
    let github = "Mask the token in the logs of GitHub Actions, and set SCOUT_API_KEY for the later steps";
    command.args(credential()).args([
        json(r#"{"token":…,"issued_at":…,"expires_at":…}, times in Unix seconds"#),
        flag(GITHUB, github).conflicts_with(JSON),
    ])
}

fn authorization(command: Command) -> Command {
    command.args(credential()).args([
        flag(HEADER, "Print the whole header line: Authorization: Bearer …"),
        json(r#"{"Authorization":"Bearer …"}"#).conflicts_with(HEADER),
    ])
}

fn headers(command: Command) -> Command {
    command.args(credential()).arg(flag(JSON, "Print JSON if it fails, too; the headers always are"))
}

#[cfg(unix)]
fn curl(command: Command) -> Command {
    command.arg(
        Arg::new(ARGS)
            .value_name("ARGS")
            .num_args(0..)
            .trailing_var_arg(true)
            .allow_hyphen_values(true)
            .value_parser(value_parser!(OsString))
            .help("The arguments of curl: URLs and options"),
    )
}

fn pem(command: Command) -> Command {
    command.args([
        key_file(),
        flag(PUBLIC, "Write the public key, also of a private key"),
        flag(BASE64URL, "Write base64url of DER, the form that Scout issues, instead of PEM"),
    ])
}

fn jwk(command: Command) -> Command {
    command.args([key_file(), flag(PRIVATE, "Write the private JWK")])
}

fn jwks(command: Command) -> Command {
    command.arg(
        file("FILE")
            .num_args(1..)
            .required(true)
            .help("Keys in any form, credential files and JWK sets; - is standard input. Only public keys are printed"),
    )
}

fn kid(command: Command) -> Command {
    command.args([
        key_file(),
        flag(ALL, "Also print SHA-256 of the public key in SPKI, in hex and in base64url, to compare it"),
        json(r#"{"kid":…}; with --all {"kid":…,"spki_sha256_hex":…,"spki_sha256_base64url":…}"#),
    ])
}

fn inspect(command: Command) -> Command {
    command.args([
        token_file(),
        keys().help("Verify the token with the public key or JWK set in this file"),
        json(r#"{"verified":…,"error":…,"text":…,"help":…,"header":{…},"claims":{…}}"#),
    ])
}

fn verify(command: Command) -> Command {
    command.args([
        token_file(),
        keys().required(true),
        seconds(LEEWAY, "How far the two clocks may differ, in whole seconds from 0 to 300 (default: 5)"),
        json(r#"{"credential_id":…,"issued_at":…,"expires_at":…,"kid":…,"claims":{…}}"#),
    ])
}

fn keygen(command: Command) -> Command {
    command.args([
        value(BITS, "BITS")
            .value_parser(value_parser!(u32))
            .default_value("2048")
            .help("The size of the key: 2048, 3072, 4096 or 8192"),
        path(OUT).help("Write to this new file, which only you can read (mode 600); never overwrites"),
        json(r#"{"private_key":…,"public_key":…,"kid":…}"#),
    ])
}

fn import(command: Command) -> Command {
    command.args([
        file("FILE").help("The private key or the credential; without it or with -, standard input"),
        value(CREDENTIAL_ID, "ID").help("The credential id, if it is not in the text (default: SCOUT_CREDENTIAL_ID)"),
        path(OUT).help("Write this file (default: SCOUT_CREDENTIAL_FILE, or ~/.config/scoutos/credential.jwk.json)"),
        flag(FORCE, "Replace a file that is there already"),
        json(r#"{"path":…,"credential_id":…,"kid":…}"#),
    ])
}

fn doctor(command: Command) -> Command {
    #[cfg(feature = "net")]
    let command = command.arg(
        value(URL, "URL")
            .num_args(0..=1)
            .default_missing_value(DEFAULT_URL)
            .help(format!("Also send one GET request with the credential [to {DEFAULT_URL}], and compare the clocks")),
    );
    command.args([
        credential_file(),
        verbose(),
        json(r#"{"ok":…,"checks":[{"name":…,"verdict":…,"text":…,"help":…,"code":…}]}"#),
    ])
}

#[cfg(feature = "net")]
fn mcp(command: Command) -> Command {
    let url = Arg::new(URL).value_name("URL").default_value(MCP_URL).help("The URL of the MCP server, with its path");
    command.arg(url).arg(credential_file()).args(tokens())
}

fn scan(command: Command) -> Command {
    command.args([
        Arg::new(PATH).value_name("PATH").num_args(0..).value_parser(value_parser!(PathBuf)).help(
            "Files and folders (default: the current folder); - is standard input. With the next three, a repository",
        ),
        flag(STAGED, "Scan what the next commit changes, as it is staged").conflicts_with_all([HISTORY, ALL]),
        value(HISTORY, "RANGE")
            .num_args(0..=1)
            .default_missing_value("HEAD")
            .conflicts_with(ALL)
            .help("Scan each version of each file in the history [of HEAD, or in the range]"),
        flag(ALL, "Scan the history of every branch, tag, stash and reflog, and the index"),
        flag(STRICT, "Also report what looks like a private key and does not work"),
        keys().help("Say which of the keys in this file was found: a public key or a JWK set"),
        json(r#"{"findings":[{"kind":…,"path":…,"line":…,"column":…,"kid":…,…}],"files":…,…}"#).conflicts_with(SARIF),
        flag(SARIF, "Print SARIF 2.1.0, as code scanning reads it"),
    ])
}

#[cfg(feature = "net")]
fn proxy(command: Command) -> Command {
    let unix = path(UNIX)
        .conflicts_with_all([LISTEN, TOKEN_FILE])
        .help("Listen on this socket file, which only you can open (mode 600), and ask for no local token");
    let command = command.arg(origin(Arg::new(ORIGIN).value_name("ORIGIN"))).args([
        value(LISTEN, "ADDRESS")
            .value_parser(value_parser!(std::net::SocketAddr))
            .default_value("127.0.0.1:0")
            .help("The address of this machine to listen on; port 0 is any free one"),
        path(TOKEN_FILE)
            .help("Keep the local token in this file (mode 600), and do not print it; make it if it is missing"),
        flag(QUIET, "Write no line for each request to standard error"),
        json(r#"{"base_url":…,"api_key":…}; with --unix {"unix":…}; with --token-file {"base_url":…}"#),
    ]);
    command.args(cfg!(unix).then_some(unix)).arg(credential_file()).args(tokens())
}

#[cfg(feature = "net")]
fn run(command: Command) -> Command {
    let program = Arg::new(COMMAND)
        .value_name("COMMAND")
        .required(true)
        .num_args(1..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
        .value_parser(value_parser!(OsString))
        .help("The program and its arguments, after --");
    let token = flag(TOKEN, "Start no proxy: the program gets a token in SCOUT_API_KEY, which is valid for 5 minutes");
    command
        .args([origin(value(ORIGIN, "ORIGIN")).conflicts_with(TOKEN), token, credential_file()])
        .args(tokens())
        .arg(program)
}

#[cfg(feature = "net")]
fn serve(command: Command) -> Command {
    command.args([
        value(PORT, "PORT")
            .value_parser(value_parser!(u16))
            .default_value("8412")
            .help("The port of 127.0.0.1 to listen on; 0 is any free one"),
        value(LISTEN, "ADDRESS")
            .value_parser(value_parser!(std::net::SocketAddr))
            .conflicts_with(PORT)
            .help("The address of this machine to listen on, such as [::1]:8412"),
        value(STATE, "FILE|URL").value_parser(value_parser!(OsString)).help(
            "Keep everything in this file (mode 600; made if it is missing), or in this database: \
             postgres://USER@HOST/DATABASE (the password: PGPASSWORD or PGPASSFILE)",
        ),
        path(ADMIN_TOKEN_FILE)
            .help("Keep the admin token in this file (mode 600), and do not print it; make it if it is missing"),
        value(CREATE, "NAME").help("Create a credential of this name, and print it in the line"),
        path(CREDENTIAL_FILE)
            .help("Know the credential of this file; if there is no file, create the credential and write it"),
        value(ROLE, "NAME")
            .action(ArgAction::Append)
            .help("A role of these credentials; repeat it for more (default: admin)"),
        value(SUB, "WHAT")
            .value_parser(["credential", "workspace"])
            .default_value("credential")
            .help("What the claim sub must be: the credential id, or the organisation's id"),
        flag(OPAQUE, "Do not say in answers why a request is refused"),
        flag(UNTIL_EOF, "End when standard input ends; for programs that start it through a pipe"),
        flag(VERBOSE, "Write a line for each request to standard error: who sent it, and why it is refused"),
    ])
}

#[cfg(feature = "net")]
fn credentials(command: Command) -> Command {
    let id = || Arg::new(ID).value_name("ID").required(true).help("The credential id");
    let name = |name, help| Arg::new(name).value_name("NAME").required(true).help(help);
    let own = || path(PUBLIC_KEY).help("Use the public key in this file; no private key is made");
    let out = || path(OUT).help("Write the credential file (mode 600), and do not print the private key");
    let one = |name: &'static str, about: &'static str| Command::new(name).about(about).arg(id());
    let role = value(ROLE, "NAME").action(ArgAction::Append).default_value("member");
    let scope = value(SCOPE, "SCOPE").action(ArgAction::Append);
    let scopes = Arg::new(SCOPE).value_name("SCOPE").num_args(1..).required_unless_present(ALL).conflicts_with(ALL);
    command.subcommand_required(true).args(server()).subcommands([
        Command::new("create").about("Create a credential and show its private key once").args([
            name(NEW_NAME, "What it is for, such as prod-api-server"),
            role.help("admin, member, or another role; repeat it for more"),
            scope.help("Allow this alone: a method and a path, such as 'GET /v2/workflows/**'; repeat it for more"),
            own(),
            out(),
        ]),
        Command::new("list").about("List the credentials"),
        one("show", "Show one credential"),
        one("rename", "Rename a credential").arg(name(NEW_NAME, "The new name")),
        one("scope", "Say what a credential may do, in place of what was said before").args([
            scopes.help("What it may do: a method and a path, such as 'GET /v2/workflows/**'"),
            flag(ALL, "Remove all scopes, so that it may do everything"),
        ]),
        one("enable", "Enable a credential"),
        one("disable", "Disable a credential: it is refused from the next request on"),
        one("rotate", "Create the successor of a credential, which goes on working until you disable it").args([
            value(GRACE_PERIOD, "HOURS")
                .value_parser(value_parser!(f64))
                .help("Refuse the old credential after so many hours"),
            own(),
            out(),
        ]),
        one("delete", "Delete a credential that is disabled, for ever")
            .arg(flag(FORCE, "Delete it even if it is enabled")),
        Command::new("audit").about("Print the audit trail").args([
            flag(VERIFY, "Check that no event was changed or removed, and print the hash of the last one"),
            value(LAST, "HASH")
                .requires(VERIFY)
                .help("Also check that there is an event with this hash, which an earlier check printed"),
        ]),
    ])
}

/// Which local Scout, and how to manage it.
#[cfg(feature = "net")]
fn server() -> [Arg; 4] {
    [
        value(URL, "URL").global(true).help("The server (default: SCOUT_LOCAL_URL, or http://127.0.0.1:8412)"),
        path(ADMIN_TOKEN_FILE).global(true).help(
            "Use the admin token in this file (default: SCOUT_LOCAL_ADMIN_TOKEN, or the credential of the environment)",
        ),
        value(ORGANIZATION, "ID").global(true).help("The organisation; only with the admin token"),
        json("what the server answers").global(true),
    ]
}

#[cfg(feature = "net")]
fn origin(arg: Arg) -> Arg {
    arg.default_value(DEFAULT_ORIGIN)
        .help("The only server that gets the requests: https://HOST, or http:// to this machine")
}

#[cfg(feature = "manual")]
fn completions(command: Command) -> Command {
    command.arg(
        Arg::new(NAME)
            .value_name("SHELL")
            .required(true)
            .value_parser(value_parser!(clap_complete::Shell))
            .help("The shell"),
    )
}

#[cfg(feature = "manual")]
fn man(command: Command) -> Command {
    command.args([
        Arg::new(NAME)
            .value_name("SUBCOMMAND")
            .value_parser(clap::builder::PossibleValuesParser::new(names()))
            .hide_possible_values(true)
            .help("The subcommand; without it, the page of the whole command"),
        path(OUT).conflicts_with(NAME).help("Write all pages into this folder"),
    ])
}

/// The options that say who mints, and what.
fn credential() -> impl Iterator<Item = Arg> {
    let who = [
        key_file().conflicts_with(CREDENTIAL_FILE),
        credential_file(),
        value(CREDENTIAL_ID, "ID").help("The credential id (default: SCOUT_CREDENTIAL_ID)"),
    ];
    who.into_iter().chain(tokens())
}

/// The options that say what a token contains.
fn tokens() -> [Arg; 6] {
    [
        kid_value(KID).help("The kid that the key must have (default: SCOUT_KID, or any)"),
        kid_value(HEADER_KID).help("The kid that the token names, if Scout's is not the RFC 7638 thumbprint"),
        seconds(LIFETIME, "The lifetime of the token, in whole seconds from 1 to 300 (default: 300)"),
        value(ROLE, "NAME")
            .action(ArgAction::Append)
            .help("Ask for this role; repeat it for more (default: all roles of the credential)"),
        value(CLAIM, "NAME=VALUE")
            .action(ArgAction::Append)
            .help("Add a claim: a value that is JSON stays JSON, any other is text; repeat it for more"),
        verbose(),
    ]
}

fn verbose() -> Arg {
    flag(VERBOSE, "Say on standard error where the credential is read from and what is minted; never a secret")
}

fn credential_file() -> Arg {
    path(CREDENTIAL_FILE).help("Read the credential from this file or folder (default: SCOUT_CREDENTIAL_FILE)")
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

fn file(placeholder: &'static str) -> Arg {
    Arg::new(FILE).value_name(placeholder).value_parser(value_parser!(PathBuf))
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
    value(name, "SECONDS").value_parser(value_parser!(u64)).allow_negative_numbers(true).help(help)
}

/// base64url: one kid in 64 begins with a hyphen.
fn kid_value(name: &'static str) -> Arg {
    value(name, "KID").allow_hyphen_values(true)
}

fn value(name: &'static str, placeholder: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(placeholder)
}

fn usage(error: &clap::Error, args: &[OsString]) -> Failure {
    let what = error.kind().as_str().unwrap_or("the command line is wrong");
    let text = match named(error) {
        Some(name) => format!("{what}: {name}"),
        None => what.to_owned(),
    };
    let help = if let Some(suggestion) = suggestion(error) {
        format!("did you mean {suggestion}?")
    } else {
        match error.kind() {
            ErrorKind::InvalidValue | ErrorKind::ValueValidation => value_help(error),
            ErrorKind::UnknownArgument => format!("{}{HELP}", options_of(args)),
            _ => HELP.to_owned(),
        }
    };
    Failure::usage(text, help)
}

/// What an error is about: our own name of an option, or what was typed if that can hold no secret.
fn named(error: &clap::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::InvalidValue
        | ErrorKind::ValueValidation
        | ErrorKind::TooManyValues
        | ErrorKind::ArgumentConflict
        | ErrorKind::MissingRequiredArgument => joined(error.get(ContextKind::InvalidArg)?),
        ErrorKind::UnknownArgument => joined(error.get(ContextKind::InvalidArg)?).filter(|typed| is_option_name(typed)),
        ErrorKind::InvalidSubcommand => {
            joined(error.get(ContextKind::InvalidSubcommand)?).filter(|typed| is_name(typed))
        }
        _ => None,
    }
}

pub(crate) fn is_option_name(typed: &str) -> bool {
    typed.strip_prefix("--").is_some_and(is_name)
}

/// A short word of lower-case letters. No key or token is one.
fn is_name(typed: &str) -> bool {
    (1..=20).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// What the option of an error takes.
fn value_help(error: &clap::Error) -> String {
    if let Some(values) = error.get(ContextKind::ValidValue).and_then(joined).filter(|values| !values.is_empty()) {
        return format!("use one of {values}");
    }
    let option = error.get(ContextKind::InvalidArg).and_then(joined).unwrap_or_default();
    let command = complete_command();
    let mut arguments = command.get_subcommands().flat_map(Command::get_arguments);
    let help = arguments.find(|argument| argument.to_string() == option).and_then(|argument| argument.get_help());
    help.map_or_else(|| HELP.to_owned(), ToString::to_string)
}

/// The options of the subcommand on the command line.
fn options_of(args: &[OsString]) -> String {
    let command = complete_command();
    let Some(subcommand) = args.iter().find_map(|word| command.find_subcommand(word)) else { return String::new() };
    let names = subcommand.get_arguments().filter(|argument| !argument.is_hide_set()).filter_map(Arg::get_long);
    let names: Vec<String> = names.map(|name| format!("--{name}")).collect();
    format!("{} takes {}; ", subcommand.get_name(), names.join(", "))
}

/// The option or subcommand of ours that is nearest to what was typed.
fn suggestion(error: &clap::Error) -> Option<String> {
    if error.get(ContextKind::InvalidSubcommand).and_then(joined).is_some_and(|typed| typed == "version") {
        return Some("--version".to_owned());
    }
    [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand].into_iter().find_map(|kind| joined(error.get(kind)?))
}

fn joined(value: &ContextValue) -> Option<String> {
    match value {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        _ => None,
    }
}
