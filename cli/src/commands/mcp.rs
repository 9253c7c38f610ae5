//! `mcp`: an MCP server on standard input and output that is the one at a URL.
//!
//! A client starts the command and writes JSON-RPC messages, one a line. The bridge sends each to the
//! server over streamable HTTP, with the credential, and writes what the server answers. It knows the
//! protocol versions with sessions (2025-03-26 to 2025-11-25) and without (2026-07-28).

/// Server-sent events.
mod events;

/// JSON-RPC messages.
mod message;

/// What a message repeats in headers.
mod metadata;

/// What the server answers over HTTP.
mod answer;

/// Lines of the client, and its session.
mod session;

/// Standard input and output.
mod stdio;

/// Requests to the server.
mod server;

/// Messages between the client and the server.
mod bridge;

use std::future::ready;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::ArgMatches;
use hyper::Uri;
use scout_auth::Error;
use tokio::sync::mpsc::channel;
use tokio::task::LocalSet;
use zeroize::Zeroizing;

use crate::arguments::URL;
use crate::commands::mcp::bridge::Bridge;
use crate::commands::mcp::server::Server;
use crate::commands::mint;
use crate::failure::Failure;
use crate::host::{Host, Stream};
use crate::net::{self, Client};
use crate::process::{self, at_signals, keep_memory_private};

/// The largest message, in bytes: images and files are in messages, as base64.
const LARGEST: usize = 16 << 20;

/// How long the client may take to read the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// `scout-auth mcp`
pub(crate) fn mcp(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let url = matches.get_one::<String>(URL).map_or("", String::as_str);
    keep_memory_private();
    let credential = mint::credential(matches, host)?;
    // Before a client waits for it: whether there is a token, and whether it may go there.
    drop(Zeroizing::new(credential.authorization_for(url)?));
    let url: Uri = url.parse().map_err(|_| Error::Url)?;
    if host.streams.stdin == Stream::Terminal {
        host.tell("This command is for MCP clients, which start it: see scout-auth mcp --help. Ctrl-D ends it.\n");
    }
    let failed = |error| Failure::input("standard input", &error);
    let (input, output) = (process::input().map_err(failed)?, process::output().map_err(failed)?);
    let client = Client::new(&url, credential).map_err(|_| Error::Internal)?;
    let (to_bridge, from_client) = channel(1);
    let (to_client, from_bridge) = channel(1);
    let (written, is_written) = mpsc::channel::<()>();
    let ended = to_bridge.clone();
    thread::spawn(move || stdio::read(input, &to_bridge));
    thread::spawn(move || {
        stdio::write(output, from_bridge, &ended);
        drop(written);
    });
    net::block_on(async {
        let bridge = Bridge::new(Server::new(url, client), to_client);
        let end = bridge.end();
        at_signals(move || {
            end.notify_one();
            ready(())
        })?;
        LocalSet::new().run_until(bridge.run(from_client)).await;
        Ok::<_, Failure>(())
    })
    .map_err(|_| Error::Internal)??;
    // What was passed on last may not be written yet. A client that is still there but no longer reads is not waited for.
    let _ = is_written.recv_timeout(LAST_LINES);
    Ok(())
}
