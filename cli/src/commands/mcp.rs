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

use std::thread;

use clap::ArgMatches;
use hyper::Uri;
use scout_auth::Error;
use tokio::sync::mpsc::channel;
use tokio::task::LocalSet;

use crate::arguments::URL;
use crate::commands::mcp::bridge::Bridge;
use crate::commands::mcp::server::Server;
use crate::commands::mint;
use crate::failure::Failure;
use crate::host::{Host, Stream};
use crate::net::{self, Client};

/// The largest message, in bytes: images and files are in messages, as base64.
const LARGEST: usize = 16 << 20;

/// `scout-auth mcp`
pub(crate) fn mcp(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let url = matches.get_one::<String>(URL).map_or("", String::as_str);
    let credential = mint::credential(matches, host)?;
    // Before a client waits for it: whether there is a token, and whether it may go there.
    credential.authorization_for(url)?;
    let url: Uri = url.parse().map_err(|_| Error::Url)?;
    if host.streams.stdin == Stream::Terminal {
        host.tell("This command is for MCP clients, which start it: see scout-auth mcp --help. Ctrl-D ends it.\n");
    }
    let failed = |error| Failure::input("standard input", &error);
    let (input, output) = (stdio::input().map_err(failed)?, stdio::output().map_err(failed)?);
    let (to_bridge, from_client) = channel(1);
    let (to_client, from_bridge) = channel(1);
    let ended = to_bridge.clone();
    thread::spawn(move || stdio::read(input, &to_bridge));
    let writer = thread::spawn(move || stdio::write(output, from_bridge, &ended));
    let client = Client::new(&url, credential).map_err(|_| Error::Internal)?;
    let done = net::block_on(async {
        let bridge = Bridge::new(Server::new(url, client), to_client);
        LocalSet::new().run_until(bridge.run(from_client)).await;
    });
    done.map_err(|_| Error::Internal)?;
    // What was written last is on its way.
    let _ = writer.join();
    Ok(())
}
