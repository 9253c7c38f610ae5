//! `proxy`: serves programs on this machine, and sends their requests on with the credential.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::ArgMatches;
use hyper::http::uri::PathAndQuery;
use serde_json::json;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::arguments::{JSON, LISTEN, ORIGIN, QUIET, TOKEN_FILE, UNIX};
use crate::commands::mint;
use crate::failure::Failure;
use crate::host::Host;
use crate::net::{self, Client, NoAnswer};
use crate::process::{at_signals, keep_memory_private};
use crate::proxy::{Callers, Exchange, Listener, LocalToken, Place, Server, Upstream};
use crate::words;

/// Lines of the log that wait to be written. More are dropped.
const WAITING: usize = 1024;

/// `scout-auth proxy`
pub(crate) fn proxy(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let way = Way::of(matches, host)?;
    let place = place(matches)?;
    let token = token(matches)?;
    block_on(async {
        let (events, mut log) = mpsc::channel(WAITING);
        let (listener, address) = open(place).await?;
        let callers = match address {
            Some(address) => Callers::with_token(token.clone(), address),
            None => Callers::OfSocket,
        };
        let log_event = events.clone();
        let lines = move |line| drop(log_event.try_send(Event::Line(line)));
        let server =
            Server::start(listener, way.exchange(callers, (!matches.get_flag(QUIET)).then(|| Box::new(lines) as _)));
        let stop = events.clone();
        at_signals(move || {
            let stop = stop.clone();
            async move { drop(stop.send(Event::Stop).await) }
        })?;
        host.print(&announcement(matches, address, &token))?;
        until_stop(&mut log, host).await;
        tokio::spawn(async move {
            server.stop().await;
            let _ = events.send(Event::Stop).await;
        });
        // A second signal ends it at once.
        until_stop(&mut log, host).await;
        Ok(())
    })
}

/// The way to the upstream, with the credential.
pub(super) struct Way {
    upstream: Upstream,
    client: Client,
}

impl Way {
    /// That of the options and the environment. It fails now, and not at the first request, if there is
    /// no token or if it may not go there.
    pub(super) fn of(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Self, Failure> {
        keep_memory_private();
        let credential = mint::credential(matches, host)?;
        let origin = matches.get_one::<String>(ORIGIN).map(String::as_str).unwrap_or_default();
        drop(Zeroizing::new(credential.authorization_for(origin)?));
        let upstream = Upstream::parse(origin);
        let url = upstream.as_ref().and_then(|upstream| upstream.at(PathAndQuery::from_static("/")));
        let (Some(upstream), Some(url)) = (upstream, url) else {
            return Err(Failure::usage(
                "the origin has a path",
                "name the server alone, such as https://api.scoutos.com",
            ));
        };
        let unusable = |NoAnswer { reason, help }: NoAnswer| Failure::usage(reason, help);
        Ok(Self { upstream, client: Client::new(&url, credential).map_err(unusable)? })
    }

    /// What answers these callers.
    pub(super) fn exchange(self, callers: Callers, log: Option<Box<dyn Fn(String) + Send + Sync>>) -> Exchange {
        Exchange { upstream: self.upstream, client: self.client, callers, log }
    }
}

/// Runs `work` on the runtime of the network.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let failed = |error| Err(Failure::system("the network", &error, "check the limits of this process"));
    net::block_on(work).unwrap_or_else(failed)
}

/// Opens the socket. Returns its address, if it has one.
pub(super) async fn open(place: Place) -> Result<(Listener, Option<SocketAddr>), Failure> {
    let failed = |error: io::Error| {
        Failure::system("the address to listen on", &error, "choose another with --listen or --unix")
    };
    let listener = Listener::open(place).await.map_err(failed)?;
    let address = listener.address().map_err(failed)?;
    Ok((listener, address))
}

/// Where to listen. Others than this machine must not come near it: without TLS they would send the
/// local token in the clear.
fn place(matches: &ArgMatches) -> Result<Place, Failure> {
    #[cfg(unix)]
    if let Some(path) = matches.get_one::<PathBuf>(UNIX) {
        return Ok(Place::Unix(path.clone()));
    }
    match matches.get_one::<SocketAddr>(LISTEN) {
        Some(address) if address.ip().is_loopback() => Ok(Place::Tcp(*address)),
        _ => Err(Failure::usage("the address is not of this machine alone", "use one such as 127.0.0.1:8411")),
    }
}

fn token(matches: &ArgMatches) -> Result<LocalToken, Failure> {
    let help = "name a file with a local token that only you can read, or one that does not exist yet";
    match matches.get_one::<PathBuf>(TOKEN_FILE) {
        Some(path) => {
            LocalToken::of_file(path).map_err(|error| Failure::system("the file of --token-file", &error, help))
        }
        None => LocalToken::random().map_err(|error| Failure::system("the random numbers", &error, "check the system")),
    }
}

/// What a program needs to know, as lines for its environment. The local token is shown once.
fn announcement(matches: &ArgMatches, address: Option<SocketAddr>, token: &LocalToken) -> Zeroizing<String> {
    let is_kept = matches.contains_id(TOKEN_FILE);
    let path = || matches.get_one::<PathBuf>(UNIX).map(|path| path.display().to_string()).unwrap_or_default();
    let text = match address {
        _ if matches.get_flag(JSON) => {
            let json = match address {
                Some(address) if is_kept => json!({ "base_url": format!("http://{address}") }),
                Some(address) => json!({ "base_url": format!("http://{address}"), "api_key": token.as_str() }),
                None => json!({ "unix": path() }),
            };
            words::ascii(&json.to_string()) + "\n"
        }
        Some(address) if is_kept => format!("SCOUT_BASE_URL=http://{address}\n"),
        Some(address) => format!("SCOUT_BASE_URL=http://{address}\nSCOUT_API_KEY={}\n", token.as_str()),
        None => format!("{}\n", path()),
    };
    Zeroizing::new(text)
}

enum Event {
    /// A line of the log.
    Line(String),
    /// A signal, or the end of the last answer.
    Stop,
}

async fn until_stop(events: &mut mpsc::Receiver<Event>, host: &mut Host<'_>) {
    while let Some(Event::Line(line)) = events.recv().await {
        host.tell(&line);
    }
}
