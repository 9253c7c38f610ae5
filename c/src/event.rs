//! What signers did, for logs and metrics.

use std::ffi::c_char;
use std::sync::OnceLock;

use scout_auth_core::{Error, Event, Kid};

use crate::ffi::{SCOUT_OK, boundary, required};
use crate::key::SCOUT_KID_SIZE;

/// A token was minted: `kid`, and `seconds` is its expiry, in Unix seconds.
pub const SCOUT_EVENT_MINTED: i32 = 1;

/// The source held another credential, which replaced the one before: `kid`, `old_kid`.
pub const SCOUT_EVENT_ROTATED: i32 = 2;

/// The source could not be read, and the last good credential stays: `error`.
pub const SCOUT_EVENT_SOURCE_FAILED: i32 = 3;

/// A 401 was answered: `kid`, and `retry` as scout_signer_rejected wrote it.
pub const SCOUT_EVENT_REJECTED: i32 = 4;

/// The server's clock differs from the local one: by `seconds`, positive if it is ahead.
pub const SCOUT_EVENT_CLOCK_OFFSET: i32 = 5;

/// What happened. Fields that its kind does not name are 0 or "". It holds no key and no token.
#[repr(C)]
pub struct scout_event {
    /// One of SCOUT_EVENT_*. Later versions may add kinds: ignore those that you do not know.
    pub kind: i32,
    /// One of SCOUT_ERR_*.
    pub error: i32,
    /// A Unix time or a difference, in seconds.
    pub seconds: i64,
    /// The kid of the current credential.
    pub kid: [c_char; SCOUT_KID_SIZE],
    /// The kid before a rotation.
    pub old_kid: [c_char; SCOUT_KID_SIZE],
    /// Whether another attempt would send something else.
    pub retry: bool,
}

static CALLBACK: OnceLock<extern "C" fn(&scout_event)> = OnceLock::new();

/// Sets the function that is called at each event of this process, on the thread where it happens.
/// The event is valid during the call. The callback must return, throw no exception, and not call
/// this library. Call this once, before there are signers.
///
/// Errors: SCOUT_ERR_ARGUMENT if `callback` is NULL, or if there is one already.
#[unsafe(no_mangle)]
pub extern "C" fn scout_set_event_callback(callback: Option<extern "C" fn(event: &scout_event)>) -> i32 {
    boundary(|| {
        CALLBACK.set(required(callback)?).map_err(|_| Error::Argument)?;
        Event::observe(tell);
        Ok(())
    })
}

fn tell(event: &Event) {
    if let Some(callback) = CALLBACK.get() {
        callback(&in_c(event));
    }
}

fn in_c(event: &Event) -> scout_event {
    const NO_KID: [c_char; SCOUT_KID_SIZE] = [0; SCOUT_KID_SIZE];
    let of = |kind| scout_event { kind, error: SCOUT_OK, seconds: 0, kid: NO_KID, old_kid: NO_KID, retry: false };
    match *event {
        Event::Minted { kid, expires_at } => scout_event {
            kid: terminated(kid),
            seconds: i64::try_from(expires_at).unwrap_or(i64::MAX),
            ..of(SCOUT_EVENT_MINTED)
        },
        Event::Rotated { old, new } => {
            scout_event { kid: terminated(new), old_kid: terminated(old), ..of(SCOUT_EVENT_ROTATED) }
        }
        Event::SourceFailed { error } => scout_event { error: error.number().into(), ..of(SCOUT_EVENT_SOURCE_FAILED) },
        Event::Rejected { kid, retry } => scout_event { kid: terminated(kid), retry, ..of(SCOUT_EVENT_REJECTED) },
        Event::ClockOffset { seconds } => scout_event { seconds, ..of(SCOUT_EVENT_CLOCK_OFFSET) },
    }
}

/// The kid with its NUL.
fn terminated(kid: Kid) -> [c_char; SCOUT_KID_SIZE] {
    let mut text = [0; SCOUT_KID_SIZE];
    for (to, from) in text.iter_mut().zip(kid.as_str().bytes()) {
        // A kid is ASCII.
        *to = c_char::try_from(from).unwrap_or_default();
    }
    text
}
