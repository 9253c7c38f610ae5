//! The current token: when it is due, and who mints the next one.
//!
//! Reading is lock-free. When a token is due, one thread mints and the others go on with the one
//! that is still valid. There is no lock that a forked child could inherit held: the right to mint
//! is a number, the process id of the holder, and it means nothing in another process.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::clock::{Clock, Now};
use crate::error::Result;
use crate::token::Token;

/// How long a thread that has no valid token waits for the one that mints, before it mints for
/// itself: far longer than any signature takes, for the case that the minting thread is gone.
const PATIENCE: Duration = Duration::from_secs(1);
const WAIT: Duration = Duration::from_micros(50);

/// The token that a signer hands out.
pub(crate) struct Cache {
    state: ArcSwap<State>,
    /// The process in which a thread is minting, or 0.
    minting: AtomicU32,
    /// Seconds from minting to expiry: the lifetime less the backdate.
    usable: u64,
    /// A token is due when fewer seconds than this remain.
    refresh_margin: u64,
}

/// Replaced as a whole, so that a token minted before an `invalidate` or for another clock offset
/// cannot be stored after it.
struct State {
    current: Option<Current>,
    /// Seconds to add to the local clock, learnt from the server.
    clock_offset: i64,
}

#[derive(Clone)]
struct Current {
    token: Token,
    minted: Now,
}

impl Cache {
    pub(crate) fn new(usable: u64, refresh_margin: u64) -> Self {
        let state = ArcSwap::from_pointee(State { current: None, clock_offset: 0 });
        Self { state, minting: AtomicU32::new(0), usable, refresh_margin }
    }

    /// The current token, or the one that `mint` makes where it is due. `mint` is given the local
    /// clock and the offset to add to it.
    ///
    /// Errors: those of `mint`, where no valid token is left.
    pub(crate) fn token(&self, clock: &dyn Clock, mint: impl Fn(Now, i64) -> Result<Token>) -> Result<Token> {
        match &self.state.load().current {
            Some(current) if self.is_fresh(current, clock.now()) => Ok(current.token.clone()),
            _ => self.refresh(clock, mint),
        }
    }

    #[cold]
    fn refresh(&self, clock: &dyn Clock, mint: impl Fn(Now, i64) -> Result<Token>) -> Result<Token> {
        let mut waited = Duration::ZERO;
        loop {
            let state = self.state.load_full();
            let now = clock.now();
            let current = state.current.as_ref();
            if let Some(current) = current.filter(|current| self.is_fresh(current, now)) {
                return Ok(current.token.clone());
            }
            let valid = current.filter(|current| self.remaining(current, now) > 0);
            let claim = Claim::take(&self.minting);
            if claim.is_none() && waited < PATIENCE {
                if let Some(current) = valid {
                    return Ok(current.token.clone());
                }
                thread::sleep(WAIT);
                waited += WAIT;
                continue;
            }
            // The holder before this one may have stored its token after `state` was read.
            if !Arc::ptr_eq(&state, &self.state.load()) {
                continue;
            }
            return match mint(now, state.clock_offset) {
                Ok(token) => {
                    let current = Some(Current { token: token.clone(), minted: now });
                    self.replace(&state, State { current, ..*state });
                    Ok(token)
                }
                Err(error) => valid.map(|current| current.token.clone()).ok_or(error),
            };
        }
    }

    /// Forgets the current token.
    pub(crate) fn invalidate(&self) {
        self.state.rcu(|state| State { current: None, clock_offset: state.clock_offset });
    }

    /// Takes note that the server refused the token, and whether its clock was learnt to differ
    /// from the local one: `learn` is given the offset so far and gives the new one. Answers
    /// whether another attempt would send something else.
    pub(crate) fn rejected(
        &self,
        token: &str,
        next_issued_at: impl Fn(i64) -> u64,
        learn: impl Fn(i64) -> i64,
    ) -> bool {
        loop {
            let state = self.state.load_full();
            let clock_offset = learn(state.clock_offset);
            let refused = state.current.as_ref().filter(|current| current.token.as_str() == token);
            let relearnt = clock_offset != state.clock_offset;
            let retry =
                relearnt || refused.is_none_or(|current| current.token.issued_at() != next_issued_at(clock_offset));
            if refused.is_none() && !relearnt {
                return retry;
            }
            if self.replace(&state, State { current: None, clock_offset }) {
                return retry;
            }
        }
    }

    /// The offset learnt from the server, in seconds.
    pub(crate) fn clock_offset(&self) -> i64 {
        self.state.load().clock_offset
    }

    /// Stores the new state where the old one still stands, and says whether it did.
    fn replace(&self, old: &Arc<State>, new: State) -> bool {
        Arc::ptr_eq(old, &self.state.compare_and_swap(old, Arc::new(new)))
    }

    fn is_fresh(&self, current: &Current, now: Now) -> bool {
        // The second condition matters where the margin is 0.
        let remaining = self.remaining(current, now);
        remaining >= self.refresh_margin && remaining > 0
    }

    /// The seconds for which the token is valid yet. Both clocks are asked, and the one by which
    /// the token is older is believed: after a suspension that is the time of day, after the time
    /// of day was set back it is the monotonic one. A time of day before the minting means that it
    /// was set back, and then `iat` may lie in the future: nothing remains.
    fn remaining(&self, current: &Current, now: Now) -> u64 {
        let Some(by_day) = now.unix.checked_sub(current.minted.unix) else { return 0 };
        let by_monotonic = now.monotonic.saturating_sub(current.minted.monotonic).as_secs();
        self.usable.saturating_sub(by_day.max(by_monotonic))
    }
}

/// The right to mint, for one thread at a time; given back when dropped.
struct Claim<'a>(&'a AtomicU32);

impl<'a> Claim<'a> {
    fn take(minting: &'a AtomicU32) -> Option<Self> {
        let process = process::id();
        let holder = minting.load(Ordering::Relaxed);
        // Held by another process: a fork happened while a thread of the parent was minting.
        let free = holder != process;
        let taken = free && minting.compare_exchange(holder, process, Ordering::Acquire, Ordering::Relaxed).is_ok();
        taken.then_some(Self(minting))
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Release);
    }
}
