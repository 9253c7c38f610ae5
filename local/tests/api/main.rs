//! The local Scout over real connections, with tokens that core's signer mints.

/// A server, and calls to it.
mod harness;

/// A real PostgreSQL server.
#[allow(dead_code, reason = "these tests need a part of it")]
#[path = "../stores/postgres.rs"]
mod postgres;

/// Org credentials, from their creation to their deletion.
mod credentials;

/// Who is accepted, and why others are refused.
mod requests;

/// Legacy keys.
mod legacy_keys;

/// The audit trail.
mod audit;

/// The steps of Scout's own page.
mod scout_page;

/// What tests control.
mod controls;

/// The description of the API.
mod openapi;

/// Requests that are not answered at all.
mod guard;

/// What somebody would try who has no credential, or one that may do less.
mod attacks;
