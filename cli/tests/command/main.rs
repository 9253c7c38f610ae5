//! The command, driven as a library and as the real binary.

/// Running it, and a key to run it with.
mod harness;

/// A server on this machine.
mod server;

/// What each subcommand does.
mod commands;

/// `jwk`, `jwks`.
mod jwk;

/// `curl`.
#[cfg(unix)]
mod curl;

/// `import`.
#[cfg(unix)]
mod import;

/// `token --github`.
mod github;

/// `--verbose`.
mod verbose;

/// What is refused, with which status and words.
mod refusals;

/// The sources of keys and tokens.
mod sources;

/// What only a process shows: closed streams, other programs.
mod process;

/// What is typed at a terminal.
#[cfg(unix)]
mod terminal;

/// `doctor` without the network.
mod doctor;

/// `doctor --url` against a server on this machine.
#[cfg(feature = "net")]
mod live;

/// `proxy` and `run`.
#[cfg(feature = "net")]
mod proxy;

/// `serve`.
#[cfg(feature = "net")]
mod serve;

/// `serve --state`, and servers that are killed.
#[cfg(all(feature = "net", unix))]
mod state;

/// A real PostgreSQL server.
#[cfg(all(feature = "net", unix))]
#[allow(dead_code, reason = "these tests need a part of it")]
#[path = "../../../local/tests/stores/postgres.rs"]
mod postgres;

/// `credentials`, with a server of `serve`.
#[cfg(feature = "net")]
mod credentials;

/// `scan`.
mod scan;

/// `completions`, `man`.
#[cfg(feature = "manual")]
mod manual;
