//! `proxy`, as a process between a caller and a server on this machine.

/// A server that keeps what it gets.
mod upstream;

/// A running proxy, and calls to it.
mod running;

/// What is passed on, and what is not.
mod messages;

/// Bodies that stream, and connections that change their protocol.
mod streams;

/// A 401, and a rotation.
mod renewal;

/// Who is refused.
mod attacks;

/// The command itself: its options, output and end.
mod options;

/// What takes long, or many connections.
mod load;

/// `run`.
#[cfg(unix)]
mod run;

use running::{Proxy, body_of, status_of};
use upstream::{Request, Upstream};
