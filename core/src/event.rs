//! `Event`: what a signer did, for logs and metrics. An event cannot hold a token or a key, by type.

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
