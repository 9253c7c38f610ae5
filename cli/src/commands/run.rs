//! `run`: runs a program that calls Scout, without the private key.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::process::{Command, ExitStatus};

use clap::ArgMatches;
use scout_auth::{Environment, PrivateKey};
use zeroize::Zeroizing;

use crate::arguments::{COMMAND, TOKEN};
use crate::commands::mint;
use crate::commands::proxy::{Way, block_on, open};
use crate::failure::Failure;
use crate::host::Host;
use crate::proxy::{Callers, LocalToken, Place, Server};

/// What the program reads.
const BASE_URL: &str = "SCOUT_BASE_URL";

/// As a shell has it: the program was not found, or cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_RUN: u8 = 126;

/// As a shell has it: 128 and the number of the signal that ended the program.
const SIGNALLED: i32 = 128;

/// In every private key of PKCS#8 in base64, whether alone or in other text.
const KEY_MARK: &[u8] = b"IBADANBgkqhkiG9w0BAQEFAASC";

/// `scout-auth run`
pub(crate) fn run(matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    let mut program = program(matches, host)?;
    if matches.get_flag(TOKEN) {
        return with_token(program, matches, host);
    }
    let way = Way::of(matches, host)?;
    let token =
        LocalToken::random().map_err(|error| Failure::system("the random numbers", &error, "check the system"))?;
    block_on(async {
        let (listener, address) = open(Place::Tcp(([127, 0, 0, 1], 0).into())).await?;
        let Some(address) = address else { return Err(scout_auth::Error::Internal.into()) };
        keep_calls_here(&mut program, host);
        program.env(BASE_URL, format!("http://{address}")).env(Environment::API_KEY, token.as_str());
        let signals =
            signals::open().map_err(|error| Failure::system("signals", &error, "run it in a usual process"))?;
        let mut child = tokio::process::Command::from(program).spawn().map_err(|error| not_run(&error))?;
        // Only now, because it raises the limit of open files, which the program would inherit.
        let _server = Server::start(listener, way.exchange(Callers::with_token(token, address), None));
        signals::pass_on(signals, child.id());
        Ok(status(child.wait().await.map_err(|error| not_run(&error))?))
    })
}

/// Keeps the program's calls on this machine. A proxy of its environment would see what it sends, and
/// could not pass it on.
fn keep_calls_here(program: &mut Command, host: &Host<'_>) {
    let variable = |name| (host.variable)(name).filter(|hosts| !hosts.is_empty());
    for (name, other) in [("NO_PROXY", "no_proxy"), ("no_proxy", "NO_PROXY")] {
        let mut hosts = variable(name).or_else(|| variable(other)).unwrap_or_default();
        // An asterisk stands for all, but only if it stands alone.
        if hosts != "*" {
            hosts.push(if hosts.is_empty() { "" } else { "," });
            hosts.push("127.0.0.1");
        }
        program.env(name, hosts);
    }
}

/// Runs the program with a token in place of a proxy.
fn with_token(mut program: Command, matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    let credential = mint::credential(matches, host)?;
    program.env(Environment::API_KEY, &*Zeroizing::new(credential.bearer()?));
    host.tell("warning: the token in SCOUT_API_KEY is valid for 5 minutes at most; without --token it does not end\n");
    #[cfg(unix)]
    return Err(not_run(&std::os::unix::process::CommandExt::exec(&mut program)));
    #[cfg(not(unix))]
    program.status().map(status).map_err(|error| not_run(&error))
}

/// The program, and its environment without what holds the private key or leads to it.
fn program(matches: &ArgMatches, host: &Host<'_>) -> Result<Command, Failure> {
    let mut words = matches.get_many::<OsString>(COMMAND).into_iter().flatten();
    let mut program = Command::new(words.next().ok_or(scout_auth::Error::Internal)?);
    program.args(words);
    for name in (host.names)() {
        let text = name.to_string_lossy();
        let is_private = text.starts_with("SCOUT_PRIVATE_KEY")
            || text.starts_with("SCOUT_CREDENTIAL_")
            || Environment::ORG_CREDENTIAL.contains(&&*text)
            || (host.variable)(&text).is_some_and(|value| holds_key(&Zeroizing::new(value.into_encoded_bytes())));
        if is_private {
            program.env_remove(name);
        }
    }
    Ok(program)
}

fn holds_key(value: &[u8]) -> bool {
    value.windows(KEY_MARK.len()).any(|part| part == KEY_MARK) || PrivateKey::parse(value).is_ok()
}

fn not_run(error: &io::Error) -> Failure {
    let status = if error.kind() == ErrorKind::NotFound { NOT_FOUND } else { NOT_RUN };
    Failure { status, ..Failure::system("the program", error, "check its name, its path and its permissions") }
}

fn status(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or(signal.map(|signal| SIGNALLED + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// Signals for this process are for the program.
#[cfg(unix)]
mod signals {
    use std::fs::File;
    use std::io;

    use rustix::process::{Pid, Signal, getpgrp, kill_process};
    use rustix::termios::tcgetpgrp;
    use tokio::signal::unix::{self, SignalKind, signal};

    /// Catches them, from now on.
    pub(super) fn open() -> io::Result<Vec<(Signal, unix::Signal)>> {
        let kinds = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM, Signal::USR1, Signal::USR2];
        kinds.into_iter().map(|kind| Ok((kind, signal(SignalKind::from_raw(kind.as_raw()))?))).collect()
    }

    /// Passes them on.
    pub(super) fn pass_on(signals: Vec<(Signal, unix::Signal)>, child: Option<u32>) {
        let child = child.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        for (kind, mut signal) in signals {
            tokio::spawn(async move {
                while signal.recv().await.is_some() {
                    if let Some(child) = child.filter(|_| !comes_from_terminal(kind)) {
                        // It may have ended.
                        let _ = kill_process(child, kind);
                    }
                }
            });
        }
    }

    /// Whether the terminal sent it: then the program has it already, and must not get it twice.
    fn comes_from_terminal(kind: Signal) -> bool {
        let is_key = [Signal::INT, Signal::QUIT].contains(&kind);
        is_key && File::open("/dev/tty").is_ok_and(|tty| tcgetpgrp(&tty).is_ok_and(|group| group == getpgrp()))
    }
}

#[cfg(not(unix))]
mod signals {
    use std::io;

    /// Without this, Ctrl-C would end this process before the program.
    pub(super) fn open() -> io::Result<()> {
        tokio::spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
        Ok(())
    }

    /// The console tells the program itself.
    pub(super) fn pass_on((): (), _: Option<u32>) {}
}
