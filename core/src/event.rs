//! `Event`: what a signer did, for logs and metrics. An event cannot hold a token or a key, by type.

use std::cell::Cell;
use std::fmt;
use std::sync::OnceLock;

use log::Level;

use crate::error::Error;
use crate::kid::Kid;

/// What happened to a credential or its current token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A token was minted that expires at that Unix time, in seconds.
    Minted {
        /// The kid of the key that signed.
        kid: Kid,
        /// The claim `exp`.
        expires_at: u64,
    },
    /// The source held another credential, which replaced the one before.
    Rotated {
        /// The kid before.
        old: Kid,
        /// The kid from now on.
        new: Kid,
    },
    /// The source could not be read. The last good credential stays.
    SourceFailed {
        /// Why.
        error: Error,
    },
    /// A 401 was answered.
    Rejected {
        /// The kid of the current credential.
        kid: Kid,
        /// Whether another attempt would send something else.
        retry: bool,
    },
    /// The server's clock was found to differ from the local one by that many seconds.
    ClockOffset {
        /// Positive if the server's clock is ahead.
        seconds: i64,
    },
}

/// The program that wants to know each event, in addition to the `log` facade.
static OBSERVER: OnceLock<fn(&Event)> = OnceLock::new();

impl Event {
    /// Calls `observer` at each event of this process, on the thread where it happens. The first
    /// call decides; returns whether this was it. The observer must not call back into this crate.
    pub fn observe(observer: fn(&Self)) -> bool {
        OBSERVER.set(observer).is_ok()
    }

    /// The stable name: `minted`, `rotated`, `source_failed`, `rejected`, `clock_offset`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Minted { .. } => "minted",
            Self::Rotated { .. } => "rotated",
            Self::SourceFailed { .. } => "source_failed",
            Self::Rejected { .. } => "rejected",
            Self::ClockOffset { .. } => "clock_offset",
        }
    }

    /// Whether somebody should look at it: a failure rather than daily business.
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::SourceFailed { .. } | Self::Rejected { .. } | Self::ClockOffset { .. })
    }

    pub(crate) fn emit(self) {
        let level = match self {
            Self::Minted { .. } => Level::Debug,
            Self::Rotated { .. } => Level::Info,
            _ => Level::Warn,
        };
        log::log!(target: "scout_auth", level, "{self}");
        if let Some(observer) = OBSERVER.get() {
            observer(&self);
        }
    }
}

/// How many events one thread keeps: more than one call can cause. Later ones are dropped.
const MOST: usize = 8;

thread_local! {
    /// Nothing in it needs to be dropped, so a thread may end at any time.
    static EVENTS: Cell<Events> = const { Cell::new(Events::NONE) };
}

/// The events of one thread, in order, for a program that can look at them only after a call.
#[derive(Clone, Copy, Debug)]
pub struct Events([Option<Event>; MOST]);

impl Events {
    const NONE: Self = Self([None; MOST]);

    /// Collects the events of each thread from now on, if [`Event::observe`] was not called with
    /// another observer before.
    pub fn collect() {
        Event::observe(|&event| {
            let mut events = Self::NONE;
            events.0[0] = Some(event);
            events.put();
        });
    }

    /// Takes the events of this thread.
    pub fn take() -> Self {
        EVENTS.replace(Self::NONE)
    }

    /// Adds these to the events of this thread.
    pub fn put(self) {
        let mut events = EVENTS.get();
        for event in self {
            if let Some(free) = events.0.iter_mut().find(|place| place.is_none()) {
                *free = Some(event);
            }
        }
        EVENTS.set(events);
    }
}

impl IntoIterator for Events {
    type Item = Event;
    type IntoIter = std::iter::Flatten<std::array::IntoIter<Option<Event>, MOST>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().flatten()
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minted { kid, expires_at } => write!(f, "minted a token with kid {kid}, expires at {expires_at}"),
            Self::Rotated { old, new } => write!(f, "the credential changed: kid {old} is now {new}"),
            Self::SourceFailed { error } => write!(f, "the credential could not be read again: {error}"),
            Self::Rejected { kid, retry: true } => write!(f, "a 401 was answered with kid {kid}; one retry"),
            Self::Rejected { kid, retry: false } => write!(f, "a 401 was answered with kid {kid}; no retry"),
            Self::ClockOffset { seconds } => write!(f, "the server's clock differs by {seconds} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn each_thread_keeps_its_own_events_in_order_and_no_more_than_eight() {
        Events::collect();
        for seconds in 0..10 {
            Event::ClockOffset { seconds }.emit();
        }
        assert_eq!(thread::spawn(|| Events::take().into_iter().count()).join().unwrap(), 0);
        let taken: Vec<Event> = Events::take().into_iter().collect();
        assert_eq!(taken, (0..8).map(|seconds| Event::ClockOffset { seconds }).collect::<Vec<_>>());
        assert_eq!(Events::take().into_iter().count(), 0);
    }
}
