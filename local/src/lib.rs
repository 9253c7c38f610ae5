#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

// Modules are listed in dependency order: each may use only modules listed before it.
// `core/tests/structure.rs` checks this.

/// Every answer that is not a success: status, code, what is wrong, what to do.
mod problem;

/// Random ids and secrets.
mod random;

/// SHA-256 of a text.
mod hash;

/// The text of a legacy key.
mod legacy_key;

/// What a credential may do: methods and paths.
mod scope;

/// What tests control: the clock, failures, and the requests that were recorded.
mod controls;

/// One change, as the audit trail keeps it.
mod event;

/// What all events together say: organisations, credentials, legacy keys.
mod snapshot;

/// Where events are kept.
mod store;

/// The one writer of events, and the snapshot that requests read.
mod journal;

/// The token of who manages this server.
mod admin_token;

/// Who sends a request, or why it is refused.
mod authentication;

/// What is answered to a request.
mod api;

/// Sockets and connections, and their limits.
mod server;

/// A running server.
mod local;

/// A local Scout for tests.
mod testing;

pub use admin_token::AdminToken;
pub use authentication::Subject;
pub use event::Actor;
pub use local::{CreateError, Local, NewCredential, Options, StartError};
#[cfg(feature = "postgres")]
pub use store::Postgres;
#[cfg(feature = "sqlite")]
pub use store::Sqlite;
pub use store::{Memory, Store, StoreError};
pub use testing::{LocalScout, TestCredential, TestError};
