//! `Controls`: what tests control of one organisation. Nothing of it is stored.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use scout_auth::{Clock as _, SystemClock};
use serde::Serialize;

/// So many requests are kept; older ones are dropped.
const RECORDED: usize = 1000;

/// Their texts have so many bytes in all: the head of one request can have 64 KiB.
const TEXTS: usize = 8 * 1024 * 1024;

/// A clock that can be moved, failures that were asked for, and the requests that arrived.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    offset: AtomicI64,
    faults: Mutex<VecDeque<Fault>>,
    requests: Mutex<Requests>,
}

/// The last requests that arrived, the oldest first.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Requests {
    #[serde(rename = "requests")]
    last: VecDeque<Recorded>,
    /// So many older ones are not here any more.
    dropped: u64,
    /// The bytes of their texts.
    #[serde(skip)]
    texts: usize,
}

/// What is to go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Which requests it is for: those whose path begins so.
    pub(crate) path: String,
    /// For so many requests.
    pub(crate) times: u32,
    /// Wait so long first.
    pub(crate) delay: Duration,
    /// What then.
    pub(crate) then: Then,
}

/// How a request ends that is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// As it would without the fault.
    Answer,
    /// With this status, and perhaps a `Retry-After` in seconds.
    Status(u16, Option<u32>),
    /// The connection is cut before an answer.
    Close,
}

/// A request that arrived. It has no credential in it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Recorded {
    pub(crate) time: u64,
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Its length in bytes.
    pub(crate) body_length: usize,
    pub(crate) status: u16,
    /// Why it was refused, if it was.
    pub(crate) code: Option<&'static str>,
    pub(crate) credential_id: Option<String>,
}

impl Controls {
    /// The organisation's time, in Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        SystemClock.now().unix.saturating_add_signed(self.offset())
    }

    /// How far the clock is ahead of the system's, in seconds.
    pub(crate) fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Sets how far the clock is ahead of the system's, in seconds.
    pub(crate) fn set_offset(&self, seconds: i64) {
        self.offset.store(seconds, Ordering::Relaxed);
    }

    /// Adds a fault, behind those that are there.
    pub(crate) fn add_fault(&self, fault: Fault) {
        lock(&self.faults).push_back(fault);
    }

    /// Takes one use of the first fault that is for this path.
    pub(crate) fn take_fault(&self, path: &str) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        let at = faults.iter().position(|fault| path.starts_with(&fault.path))?;
        let fault = &mut faults[at];
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 { faults.remove(at) } else { Some(fault.clone()) }
    }

    /// Records a request.
    pub(crate) fn record(&self, request: Recorded) {
        lock(&self.requests).add(request);
    }

    /// The requests that were recorded.
    pub(crate) fn requests(&self) -> Requests {
        lock(&self.requests).clone()
    }

    /// Everything as at the start.
    pub(crate) fn reset(&self) {
        self.set_offset(0);
        lock(&self.faults).clear();
        *lock(&self.requests) = Requests::default();
    }
}

impl Requests {
    fn add(&mut self, request: Recorded) {
        self.texts += request.texts();
        self.last.push_back(request);
        while self.last.len() > RECORDED || self.texts > TEXTS {
            let Some(oldest) = self.last.pop_front() else { break };
            self.texts -= oldest.texts();
            self.dropped += 1;
        }
    }
}

impl Recorded {
    /// The bytes of its texts.
    fn texts(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.method.len() + self.path.len() + headers
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
