//! What signers did, for the channel `scout_auth` of `node:diagnostics_channel`.
//!
//! Core reports an event on the thread where it happens, in the middle of a call, and only a thread
//! with JavaScript can publish it. So core collects the events of each thread, and `lib/events.ts` takes
//! those of its own thread after each call that may cause some. A mint in the thread pool carries its
//! events to the thread that waits for it.

use napi_derive::napi;
use scout_auth::{Event, Events};

use crate::error::Failure;
use crate::input::number;

/// What a signer did. It cannot contain a token or a key.
#[napi(discriminant = "name", discriminant_case = "snake_case", object_from_js = false)]
pub enum SignerEvent {
    /// A token was minted.
    Minted {
        /// The kid of the key that signed.
        kid: String,
        /// `exp`, in Unix seconds.
        expires_at: i64,
    },
    /// The source held another credential, which replaced the one before.
    Rotated {
        /// The kid before.
        old: String,
        /// The kid from now on.
        new: String,
    },
    /// The source could not be read again. The last good credential stays.
    SourceFailed {
        /// Why.
        error: Failure,
    },
    /// A 401 was answered.
    Rejected {
        /// The kid of the current credential.
        kid: String,
        /// Whether the request was worth sending once more.
        retry: bool,
    },
    /// The server's clock was found to differ from the local one.
    ClockOffset {
        /// Positive if the server's clock is ahead.
        seconds: i64,
    },
}

impl From<Event> for SignerEvent {
    fn from(event: Event) -> Self {
        match event {
            Event::Minted { kid, expires_at } => Self::Minted { kid: kid.to_string(), expires_at: number(expires_at) },
            Event::Rotated { old, new } => Self::Rotated { old: old.to_string(), new: new.to_string() },
            Event::SourceFailed { error } => Self::SourceFailed { error: error.into() },
            Event::Rejected { kid, retry } => Self::Rejected { kid: kid.to_string(), retry },
            Event::ClockOffset { seconds } => Self::ClockOffset { seconds },
        }
    }
}

/// Takes the events of this thread. If they are not wanted, they are forgotten.
#[napi(catch_unwind)]
pub fn take_events(wanted: bool) -> Option<Vec<SignerEvent>> {
    let events = Events::take();
    wanted.then(|| events.into_iter().map(SignerEvent::from).collect())
}
