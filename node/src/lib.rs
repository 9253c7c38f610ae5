//! The Node binding: plain functions over opaque handles.
//!
//! The public API is `lib/*.ts`, and only that calls these functions. Each of them checks and copies
//! its input, calls one function of core, and maps the error. Nothing here is `unsafe`.
//!
//! Why functions and not `#[napi]` classes: napi locks and searches a process-wide table at each call
//! of a method. That costs five times as much as returning the current token may cost.
//!
//! No panic leaves this library. Every function has `catch_unwind`, and so has a closure made by napi.
//! [`signer::Mint`] has its own boundary, because napi calls it from the thread pool without one.

#![allow(unreachable_pub, reason = "what `#[napi]` exports must be `pub`")]
#![allow(clippy::needless_pass_by_value, reason = "napi passes arguments by value")]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

use napi::bindgen_prelude::Object;
use napi_derive::napi;

/// Errors on their way to JavaScript.
mod error;

/// What JavaScript passes: key text, seconds.
mod input;

/// `PrivateKey`, `PublicKey`, and the conversions of key text.
mod key;

/// The settings of a signer.
mod settings;

/// `Token`, `mintToken`.
mod token;

/// What signers did.
mod event;

/// `Signer`.
mod signer;

/// `TestClock`.
mod test_clock;

/// `ApiKey`.
mod api_key;

/// `Verifier`.
mod verifier;

/// Credentials from the environment.
mod environment;

/// The command `scout-auth`.
mod command;

/// Panics on demand, for the tests of the boundary.
#[cfg(feature = "test-hooks")]
mod panics;

/// Runs when the library is loaded, in each thread that loads it.
#[napi(module_exports)]
#[allow(clippy::unnecessary_wraps, reason = "napi's signature")]
fn init(_exports: Object) -> napi::Result<()> {
    error::install_panic_hook();
    scout_auth::Events::collect();
    Ok(())
}
