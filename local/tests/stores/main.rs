//! The stores: what all promise, what each one promises, and two servers on one database.

/// A server, and calls to it.
#[allow(dead_code, reason = "these tests need a part of it")]
#[path = "../api/harness.rs"]
mod harness;

/// A real PostgreSQL server.
#[allow(dead_code, reason = "these tests need a part of it")]
mod postgres;

/// What stands between a server and its database.
mod wire;

/// What all stores promise.
mod contract;

/// A store in a file.
mod file;

/// Two servers on one database.
mod nodes;
