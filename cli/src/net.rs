//! The network client of `doctor --url` and of the commands that stand between a program and Scout.
//!
//! HTTP/1.1, over TLS or to this machine, on one thread. HTTP/2 would bind all streams to one
//! connection, whose limit (often 100) open event streams would exhaust; and it has no upgrades.

/// A request's body, kept so that it can be sent again.
mod body;

/// TLS, and the certificate authorities that are trusted.
mod tls;

/// The way to a server: direct, or through the user's proxy.
mod connect;

/// Why there was no answer.
mod no_answer;

/// Sends requests, with the credential.
mod client;

use std::io;

pub(crate) use body::Body;
pub(crate) use client::{Client, Unsent};
pub(crate) use no_answer::NoAnswer;

/// Runs `work` on this thread. Only the commands that use the network start the runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    // A look-up of a name cannot be stopped, and must not delay the end.
    runtime.shutdown_background();
    Ok(result)
}
