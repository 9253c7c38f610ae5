//! `libscout_auth`: scout-auth for C.
//!
//! Each function checks and copies its inputs, calls core once, and maps the error.
//! `tests/header.rs` writes `include/scout_auth.h` from these files, so C programmers read their
//! comments.

// What C calls is named as C names it, and documented as C documents it.
#![allow(non_camel_case_types)]
#![allow(clippy::doc_markdown)]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

/// The boundary: no panic crosses it, and all unsafe code is here.
pub mod ffi;

/// Errors and the version.
pub mod error;

/// Private and public keys.
pub mod key;

/// Settings of a signer.
pub mod settings;

/// Tokens.
pub mod token;

/// Signers, which mint tokens and keep the current one.
pub mod signer;

/// API keys, which are sent as they are.
pub mod api_key;

/// Verifiers and the claims of a verified token.
pub mod verifier;

/// Credentials from the environment.
pub mod environment;

/// What signers did, for logs and metrics.
pub mod event;

#[cfg(not(panic = "unwind"))]
compile_error!("no panic may reach C: build with panic = \"unwind\"");
