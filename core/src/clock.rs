//! The clock: wall-clock time for the claims, and monotonic time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use crate::error::{Error, Result};

/// The first second of 2020. A clock before that was never set.
const EARLIEST: u64 = 1_577_836_800;

/// What a clock shows at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Wall-clock time, in Unix seconds.
    pub unix: u64,
    /// Monotonic time since some fixed moment. It shows how old a token is even if the wall clock
    /// was set back.
    pub monotonic: Duration,
}

/// A source of time. A function that returns Unix seconds is one too. Its monotonic time stands
/// still.
pub trait Clock: Send + Sync + 'static {
    /// Reads both clocks.
    fn now(&self) -> Now;
}

impl<F: Fn() -> u64 + Send + Sync + 'static> Clock for F {
    fn now(&self) -> Now {
        Now { unix: self(), monotonic: Duration::ZERO }
    }
}

/// The clocks of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The kernel's coarse clocks are at most a few milliseconds behind, and whole seconds are enough.
/// They cost a memory read; the precise ones may cost ten times as much.
#[cfg(target_os = "linux")]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        use rustix::time::{ClockId, clock_gettime};
        let unix = clock_gettime(ClockId::RealtimeCoarse).tv_sec;
        let monotonic = clock_gettime(ClockId::MonotonicCoarse);
        Now {
            unix: u64::try_from(unix).unwrap_or(0),
            monotonic: Duration::from_secs(u64::try_from(monotonic.tv_sec).unwrap_or(0)),
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        use std::sync::OnceLock;
        use std::time::{Instant, SystemTime};
        static START: OnceLock<Instant> = OnceLock::new();
        Now {
            unix: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs()),
            monotonic: START.get_or_init(Instant::now).elapsed(),
        }
    }
}

/// The clocks of the operating system, moved: for tests of what happens later. Clones move together.
#[derive(Clone, Debug, Default)]
pub struct TestClock(Arc<Moved>);

#[derive(Debug, Default)]
struct Moved {
    /// Of the wall clock, in seconds.
    by: AtomicI64,
    /// In seconds. Time does not run backwards, so the monotonic clock is moved forwards alone.
    passed: AtomicU64,
}

impl TestClock {
    /// Moves the clocks forwards, or the wall clock alone backwards, by so many seconds.
    pub fn advance(&self, seconds: i64) {
        self.0.by.fetch_add(seconds, Ordering::Relaxed);
        self.0.passed.fetch_add(u64::try_from(seconds).unwrap_or(0), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Now {
        let Now { unix, monotonic } = SystemClock.now();
        let (by, passed) = (self.0.by.load(Ordering::Relaxed), self.0.passed.load(Ordering::Relaxed));
        let passed = Duration::from_secs(passed);
        Now { unix: unix.saturating_add_signed(by), monotonic: monotonic.saturating_add(passed) }
    }
}

/// The time, unless it shows that the clock was never set.
///
/// Errors: `Clock`.
pub(crate) fn checked(unix: u64) -> Result<u64> {
    if unix < EARLIEST { Err(Error::Clock) } else { Ok(unix) }
}

/// The seconds of a duration, or `None` if it has a fraction of a second.
pub(crate) fn whole_seconds(duration: Duration) -> Option<u64> {
    (duration.subsec_nanos() == 0).then_some(duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_clock_moves_its_clones_and_no_monotonic_time_backwards() {
        let clock = TestClock::default();
        let clone = clock.clone();
        let before = SystemClock.now();
        clock.advance(3600);
        clock.advance(-7200);
        let (now, after) = (clone.now(), SystemClock.now());
        assert!((before.unix - 3600..=after.unix - 3600).contains(&now.unix));
        let hour = Duration::from_hours(1);
        assert!((before.monotonic + hour..=after.monotonic + hour).contains(&now.monotonic));
    }
}
