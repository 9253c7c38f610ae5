//! `serve`: a local Scout, for development and tests.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::thread;

use clap::ArgMatches;
use scout_auth::{CredentialFile, read_secret};
use scout_auth_local::{
    AdminToken, CreateError, Local, Memory, NewCredential, Options, Postgres, Sqlite, Store, Subject,
};
use serde_json::json;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::arguments::{
    ADMIN_TOKEN_FILE, CREATE, CREDENTIAL_FILE, LISTEN, OPAQUE, PORT, ROLE, STATE, SUB, UNTIL_EOF, is_verbose,
};
use crate::commands::import;
use crate::commands::proxy::block_on;
use crate::failure::Failure;
use crate::host::Host;
use crate::process::{self, at_signals, keep_memory_private, open_files};
use crate::proxy::LocalToken;
use crate::words::ascii;

/// The name of the credential of `--credential-file`.
const NAME: &str = "local";

/// What waits to be written. More lines of the log are dropped.
const WAITING: usize = 1024;

/// So many places of those are for warnings and the stop alone.
const RESERVED: usize = 16;

/// `scout-auth serve`
pub(crate) fn serve(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    keep_memory_private();
    let (events, mut happened) = mpsc::channel(WAITING);
    let (warned, told) = (events.clone(), events.clone());
    let line = move |line: String| {
        if told.capacity() > RESERVED {
            drop(told.try_send(Event::Line(ascii(&line))));
        }
    };
    let (admin_token, is_kept) = admin_token(matches)?;
    let new = Options::new(admin_token.clone());
    let options = Options {
        address: address(matches)?,
        store: store(matches)?,
        subject: match matches.get_one::<String>(SUB).map(String::as_str) {
            Some("workspace") => Subject::Workspace,
            _ => Subject::Credential,
        },
        is_opaque: matches.get_flag(OPAQUE),
        tell: Box::new(move |text| drop(warned.try_send(Event::Warning(text.to_owned())))),
        log: is_verbose(matches).then(|| Box::new(line) as _),
        connections: new.connections.min(open_files()),
        ..new
    };
    block_on(async {
        let local = Local::start(options).await.map_err(|error| unusable(&error))?;
        let credential = credential(&local, matches).await?;
        let stop = events.clone();
        at_signals(move || {
            let stop = stop.clone();
            async move { drop(stop.send(Event::Stop).await) }
        })?;
        if matches.get_flag(UNTIL_EOF) {
            at_end_of_input(move || drop(events.blocking_send(Event::Stop)))?;
        }
        host.deliver(&announcement(&local, (!is_kept).then_some(&admin_token), credential.as_ref()))?;
        until_stop(&mut happened, host).await;
        local.stop().await;
        Ok(())
    })
}

enum Event {
    /// The store failed.
    Warning(String),
    /// A request was answered.
    Line(String),
    /// A signal, or the end of standard input.
    Stop,
}

async fn until_stop(happened: &mut mpsc::Receiver<Event>, host: &mut Host<'_>) {
    loop {
        match happened.recv().await {
            Some(Event::Warning(text)) => host.warn(&text),
            Some(Event::Line(line)) => host.tell(&(line + "\n")),
            Some(Event::Stop) | None => return,
        }
    }
}

/// Calls `stop` when standard input ends. The thread may wait for that for ever.
fn at_end_of_input(stop: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let waiting = process::input().and_then(|mut input| {
        thread::Builder::new().spawn(move || {
            let mut piece = [0; 256];
            while input.read(&mut piece).is_ok_and(|length| length > 0) {}
            stop();
        })
    });
    waiting.map(drop).map_err(|error| Failure::system("standard input", &error, "check the limits of this process"))
}

/// Where to listen. The requests go without TLS, so they must not leave this machine.
fn address(matches: &ArgMatches) -> Result<SocketAddr, Failure> {
    let port = matches.get_one::<u16>(PORT).copied().unwrap_or_default();
    match matches.get_one::<SocketAddr>(LISTEN) {
        None => Ok((Ipv4Addr::LOCALHOST, port).into()),
        Some(address) if address.ip().is_loopback() => Ok(*address),
        Some(_) => Err(Failure::usage("the address is not of this machine alone", "use one such as 127.0.0.1:8412")),
    }
}

/// Where credentials and the audit trail are kept.
fn store(matches: &ArgMatches) -> Result<Box<dyn Store>, Failure> {
    let Some(state) = matches.get_one::<OsString>(STATE) else { return Ok(Box::new(Memory::default())) };
    let opened = match state.to_str().filter(|text| Postgres::is_url(text)) {
        Some(url) => Postgres::open(url).map(|store| Box::new(store) as Box<dyn Store>),
        None => Sqlite::open(Path::new(state)).map(|store| Box::new(store) as Box<dyn Store>),
    };
    opened.map_err(|error| {
        Failure::unusable(
            format!("--state cannot be used: {error}"),
            "check the file, or the database and its password",
        )
    })
}

/// The admin token, and whether it is kept in a file.
fn admin_token(matches: &ArgMatches) -> Result<(AdminToken, bool), Failure> {
    let no_numbers = || Failure::unusable("the system has no random numbers", "check the system");
    let Some(path) = matches.get_one::<PathBuf>(ADMIN_TOKEN_FILE) else {
        return Ok((AdminToken::random().ok_or_else(no_numbers)?, false));
    };
    let help = "name a file with an admin token that only you can read, or one that does not exist yet";
    let token =
        LocalToken::of_file(path).map_err(|error| Failure::system("the file of --admin-token-file", &error, help))?;
    Ok((AdminToken::parse(token.as_str()).ok_or_else(no_numbers)?, true))
}

/// The credential that is there from the start: the JSON of a new one that is to be printed.
async fn credential(local: &Local, matches: &ArgMatches) -> Result<Option<Zeroizing<String>>, Failure> {
    let roles: Vec<String> =
        matches.get_many(ROLE).map_or_else(|| vec!["admin".to_owned()], |roles| roles.cloned().collect());
    if let Some(path) = matches.get_one::<PathBuf>(CREDENTIAL_FILE) {
        keep(local, path, roles.clone()).await?;
    }
    let Some(name) = matches.get_one::<String>(CREATE) else { return Ok(None) };
    let new = NewCredential { name: name.clone(), roles, id: None, public_key: None };
    local.create(new).await.map(Some).map_err(refused)
}

/// Makes the credential of a file known. Without a file, creates a credential and writes the file.
async fn keep(local: &Local, path: &Path, roles: Vec<String>) -> Result<(), Failure> {
    let mut new = NewCredential { name: NAME.to_owned(), roles, id: None, public_key: None };
    match std::fs::File::open(path).and_then(read_secret) {
        Ok(text) => {
            let credential = CredentialFile::parse(&text)?;
            new.public_key = Some(credential.key.public_key().clone());
            new.id = credential.credential_id;
            match local.create(new).await {
                Err(error) if error.code() != CreateError::KEY_IN_USE => Err(refused(error)),
                _ => Ok(()),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = local.create(new).await.map_err(refused)?;
            import::write_new(path, &CredentialFile::parse(text.as_bytes())?)
        }
        Err(error) => Err(Failure::input("the file of --credential-file", &error)),
    }
}

fn unusable(error: &dyn std::error::Error) -> Failure {
    Failure::unusable(error.to_string(), "check --listen, --port and --state")
}

fn refused(error: CreateError) -> Failure {
    Failure::unusable(format!("the credential cannot be created: {error}"), error.help())
}

/// What a program needs to know, as one line of JSON. The admin token and the private key are shown once.
/// With `--create`, the line is a credential file.
fn announcement(
    local: &Local,
    admin_token: Option<&AdminToken>,
    credential: Option<&Zeroizing<String>>,
) -> Zeroizing<String> {
    let about = json!({
        "url": local.url(),
        "organization": local.organization(),
        "pid": std::process::id(),
        "version": env!("CARGO_PKG_VERSION"),
    });
    let mut line = Zeroizing::new(String::with_capacity(8 * 1024));
    line.push_str(about.to_string().strip_suffix('}').unwrap_or_default());
    line.push_str(r#","page":""#);
    line.push_str(&local.page());
    if let Some(token) = admin_token.map(AdminToken::as_str) {
        // Visible ASCII. Only the user's own could have a quote, and that is never printed.
        for part in ["#admin_token=", token, r#"","admin_token":""#, token] {
            line.push_str(part);
        }
    }
    line.push('"');
    if let Some(credential) = credential {
        line.push(',');
        line.push_str(credential.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default());
    }
    line.push_str("}\n");
    line
}
