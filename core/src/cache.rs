//! The current token: when it is due, and who mints the next one.
//!
//! Reading is lock-free. When a token is due, one thread mints, and the others use the one that is
//! still valid. There is no lock that a forked child could inherit locked: the right to mint is the
//! process id of its holder, and another process ignores it.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::clock::Now;
use crate::error::Result;
use crate::offset::Offset;
use crate::token::Token;

/// How long a thread without a valid token waits for the one that mints, before it mints for itself.
/// No signature takes that long; the minting thread may have died.
const PATIENCE: Duration = Duration::from_secs(1);
const WAIT: Duration = Duration::from_micros(50);

/// What a cache needs of the signer whose tokens it keeps.
pub(crate) trait Mint {
    /// What mints the tokens; it may be replaced.
    type Credential: Clone;

    /// The local clock.
    fn now(&self) -> Now;

    /// Looks whether the credential has been replaced. `None` if it is as it was.
    fn look(&self, credential: &Self::Credential, now: Now) -> Option<Looked<Self::Credential>>;

    /// Makes and signs a token. `clock_offset` is to be added to the local clock. Returns for how
    /// many seconds it may be used, too.
    fn mint(&self, credential: &Self::Credential, now: Now, clock_offset: i64) -> Result<(Token, u64)>;
}

/// What a look at the source of a credential brought.
pub(crate) struct Looked<C> {
    pub(crate) credential: C,
    /// Whether tokens of the credential before are still good.
    pub(crate) keeps_token: bool,
}

/// The token that a signer hands out.
pub(crate) struct Cache<C> {
    state: ArcSwap<State<C>>,
    /// The process in which a thread is minting, or 0.
    minting: AtomicU32,
    /// A token is due when fewer seconds than this remain.
    refresh_margin: u64,
}

/// Replaced as a whole, so that a token minted before an `invalidate`, with another credential or
/// for another clock offset cannot be stored after it.
#[derive(Clone)]
struct State<C> {
    credential: C,
    current: Option<Current>,
    /// What was learnt of the server's clock.
    offset: Offset,
}

#[derive(Clone)]
struct Current {
    token: Token,
    minted: Now,
    /// Seconds from minting to the end of its use.
    usable: u64,
}

impl<C: Clone> Cache<C> {
    pub(crate) fn new(credential: C, refresh_margin: u64) -> Self {
        let state = State { credential, current: None, offset: Offset::default() };
        Self { state: ArcSwap::from_pointee(state), minting: AtomicU32::new(0), refresh_margin }
    }

    /// Calls `then` with the current token, or with the one that `signer` mints if it is due.
    ///
    /// The current token is lent and not cloned, because threads would contend for its count.
    ///
    /// Errors: those of `mint`, if no valid token is left.
    pub(crate) fn with_token<T>(
        &self,
        signer: &impl Mint<Credential = C>,
        then: impl FnOnce(&Token) -> T,
    ) -> Result<T> {
        match &self.state.load().current {
            Some(current) if self.is_fresh(current, signer.now()) => Ok(then(&current.token)),
            _ => self.refresh(signer).map(|token| then(&token)),
        }
    }

    /// Whether `with_token` would lend this very token without minting or waiting.
    pub(crate) fn is_current(&self, token: &Token, signer: &impl Mint) -> bool {
        let state = self.state.load();
        let current = state.current.as_ref().filter(|current| current.token.is_same(token));
        current.is_some_and(|current| self.is_fresh(current, signer.now()))
    }

    #[cold]
    fn refresh(&self, signer: &impl Mint<Credential = C>) -> Result<Token> {
        // Not the sum of the pauses: each lasts longer than it says.
        let began = Instant::now();
        loop {
            let mut state = self.state.load_full();
            let now = signer.now();
            let current = state.current.clone();
            if let Some(current) = current.as_ref().filter(|current| self.is_fresh(current, now)) {
                return Ok(current.token.clone());
            }
            let valid = current.filter(|current| remaining(current, now) > 0);
            let claim = Claim::take(&self.minting);
            if claim.is_none() && began.elapsed() < PATIENCE {
                if let Some(current) = valid {
                    return Ok(current.token);
                }
                thread::sleep(WAIT);
                continue;
            }
            // The holder before this one may have stored its token after `state` was read.
            if !Arc::ptr_eq(&state, &self.state.load()) {
                continue;
            }
            // Without the claim another thread is looking, for longer than anybody waits.
            let looked = claim.as_ref().and_then(|_| signer.look(&state.credential, now));
            if let Some(looked) = looked {
                let Some(new) = self.replace(&state, looked.applied_to(&state)) else { continue };
                state = new;
            }
            return match signer.mint(&state.credential, now, state.offset.seconds) {
                Ok((token, usable)) => {
                    let current = Some(Current { token: token.clone(), minted: now, usable });
                    self.replace(&state, State { current, ..State::clone(&state) });
                    Ok(token)
                }
                Err(error) => valid.map(|current| current.token).ok_or(error),
            };
        }
    }

    /// Looks at the source now, when no other thread mints or looks; waits a second for it at most.
    pub(crate) fn look(&self, now: Now, look: impl Fn(&C, Now) -> Option<Looked<C>>) {
        let began = Instant::now();
        loop {
            if let Some(_claim) = Claim::take(&self.minting) {
                let state = self.state.load_full();
                let Some(looked) = look(&state.credential, now) else { return };
                if self.replace(&state, looked.applied_to(&state)).is_some() {
                    return;
                }
            }
            if began.elapsed() >= PATIENCE {
                return;
            }
            thread::sleep(WAIT);
        }
    }

    /// Forgets the current token.
    pub(crate) fn invalidate(&self) {
        self.state.rcu(|state| State { current: None, ..State::clone(state) });
    }

    /// Drops a token that the server refused, if it is the current one, and learns the server's
    /// clock: `learn` takes the offset so far and whether the token is the current one. `refused`
    /// takes the credential and when the current token was minted, and returns the credential to use
    /// instead, if there is one. Returns whether another attempt would send something else.
    pub(crate) fn rejected(
        &self,
        token: &str,
        next_issued_at: impl Fn(i64) -> u64,
        learn: impl Fn(Offset, bool) -> Offset,
        refused: impl Fn(&C, Option<Now>) -> Option<C>,
    ) -> bool {
        loop {
            let state = self.state.load_full();
            let current = state.current.as_ref().filter(|current| current.token.as_str() == token);
            let offset = learn(state.offset, current.is_some());
            let has_moved = offset.seconds != state.offset.seconds;
            let next = refused(&state.credential, state.current.as_ref().map(|current| current.minted));
            let retry = has_moved
                || next.is_some()
                || current.is_none_or(|current| current.token.issued_at() != next_issued_at(offset.seconds));
            if current.is_none() && !has_moved && next.is_none() {
                return retry;
            }
            let credential = next.unwrap_or_else(|| state.credential.clone());
            if self.replace(&state, State { credential, current: None, offset }).is_some() {
                return retry;
            }
        }
    }

    /// The credential in use.
    pub(crate) fn credential(&self) -> C {
        self.state.load().credential.clone()
    }

    /// The offset learnt from the server, in seconds.
    pub(crate) fn clock_offset(&self) -> i64 {
        self.state.load().offset.seconds
    }

    /// Stores the new state if the old one still stands, and returns it then.
    fn replace(&self, old: &Arc<State<C>>, new: State<C>) -> Option<Arc<State<C>>> {
        let new = Arc::new(new);
        let stood = Arc::ptr_eq(old, &self.state.compare_and_swap(old, Arc::clone(&new)));
        stood.then_some(new)
    }

    fn is_fresh(&self, current: &Current, now: Now) -> bool {
        // The second condition matters if the margin is 0.
        let remaining = remaining(current, now);
        remaining >= self.refresh_margin && remaining > 0
    }
}

impl<C> Looked<C> {
    fn applied_to(self, state: &State<C>) -> State<C> {
        let current = state.current.clone().filter(|_| self.keeps_token);
        State { credential: self.credential, current, offset: state.offset }
    }
}

/// The seconds for which the token may still be used. Of the two clocks, the one by which the token
/// is older counts: after a suspension the wall clock, after the wall clock was set back the
/// monotonic one. If the wall clock shows a time before the minting, it was set back, and `iat` may
/// lie in the future: nothing remains.
fn remaining(current: &Current, now: Now) -> u64 {
    let Some(by_day) = now.unix.checked_sub(current.minted.unix) else { return 0 };
    let by_monotonic = now.monotonic.saturating_sub(current.minted.monotonic).as_secs();
    current.usable.saturating_sub(by_day.max(by_monotonic))
}

/// The right to mint, for one thread at a time, until it is dropped.
struct Claim<'a>(&'a AtomicU32);

impl<'a> Claim<'a> {
    fn take(minting: &'a AtomicU32) -> Option<Self> {
        let process = process::id();
        let holder = minting.load(Ordering::Relaxed);
        // Another process holds it if a fork happened while a thread of the parent was minting.
        let free = holder != process;
        let taken = free && minting.compare_exchange(holder, process, Ordering::Acquire, Ordering::Relaxed).is_ok();
        taken.then(|| Self(minting))
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::error::Error;
    use crate::secret::SecretText;

    const START: u64 = 1_800_000_000;

    /// A cache of 300 s tokens, its clock, and a count of mints.
    struct Story {
        cache: Cache<()>,
        clock: Mutex<Now>,
        mints: AtomicUsize,
    }

    /// A story's clock, and another way to mint.
    struct By<F>(&'static Story, F);

    impl<F: Fn(Now, i64) -> Result<Token>> Mint for By<F> {
        type Credential = ();

        fn now(&self) -> Now {
            *self.0.clock.lock().unwrap()
        }

        fn look(&self, (): &(), _: Now) -> Option<Looked<()>> {
            None
        }

        fn mint(&self, (): &(), now: Now, offset: i64) -> Result<(Token, u64)> {
            (self.1)(now, offset).map(|token| (token, 300))
        }
    }

    impl Story {
        fn begin() -> &'static Self {
            Self::with_margin(30)
        }

        fn with_margin(refresh_margin: u64) -> &'static Self {
            let clock = Mutex::new(Now { unix: START, monotonic: Duration::from_secs(1000) });
            Box::leak(Box::new(Self { cache: Cache::new((), refresh_margin), clock, mints: AtomicUsize::new(0) }))
        }

        fn token(&'static self) -> Token {
            self.token_by(|now, offset| self.mint(now, offset)).unwrap()
        }

        fn token_by(&'static self, mint: impl Fn(Now, i64) -> Result<Token>) -> Result<Token> {
            self.cache.with_token(&By(self, mint), Token::clone)
        }

        fn is_current(&'static self, token: &Token) -> bool {
            self.cache.is_current(token, &By(self, |now, offset| self.mint(now, offset)))
        }

        #[allow(clippy::unnecessary_wraps, reason = "the cache's signature")]
        fn mint(&self, now: Now, offset: i64) -> Result<Token> {
            let count = self.mints.fetch_add(1, Ordering::Relaxed);
            let issued_at = now.unix.saturating_add_signed(offset);
            Ok(Token::new(SecretText::new(format!("Bearer {count}")), issued_at, issued_at + 300))
        }

        /// Both clocks go on.
        fn wait(&self, seconds: u64) {
            let mut clock = self.clock.lock().unwrap();
            clock.unix += seconds;
            clock.monotonic += Duration::from_secs(seconds);
        }

        /// Somebody sets the time of day.
        fn step(&self, seconds: i64) {
            let mut clock = self.clock.lock().unwrap();
            clock.unix = clock.unix.saturating_add_signed(seconds);
        }

        fn mints(&self) -> usize {
            self.mints.load(Ordering::Relaxed)
        }

        fn rejected(&self, token: &str, server_ahead: i64) -> bool {
            let now = self.clock.lock().unwrap().unix;
            let learn = |known: Offset, _| known.learn(server_ahead, Duration::ZERO, Duration::ZERO);
            self.cache.rejected(token, |offset| now.saturating_add_signed(offset), learn, |(), _| None)
        }
    }

    #[test]
    fn without_a_margin_a_token_is_kept_to_its_last_second_and_no_longer() {
        let story = Story::with_margin(0);
        story.token();
        story.wait(299);
        story.token();
        assert_eq!(story.mints(), 1);
        story.wait(1);
        story.token();
        assert_eq!(story.mints(), 2);
    }

    #[test]
    fn a_token_is_kept_until_fewer_than_30_seconds_remain() {
        let story = Story::begin();
        let first = story.token();
        story.wait(270);
        assert!(first.is_same(&story.token()) && story.is_current(&first));
        story.wait(1);
        assert!(!story.is_current(&first));
        assert_eq!(story.token().as_str(), "1");
        assert_eq!(story.mints(), 2);
    }

    #[test]
    fn invalidate_makes_the_next_call_mint() {
        let story = Story::begin();
        let first = story.token();
        story.cache.invalidate();
        assert!(!story.is_current(&first));
        assert_eq!(story.token().as_str(), "1");
    }

    #[test]
    fn a_clock_set_back_behind_the_minting_makes_a_new_token() {
        let story = Story::begin();
        story.token();
        story.wait(10);
        story.step(-11);
        assert_eq!(story.token().issued_at(), START - 1);
        story.wait(200);
        assert_eq!(story.mints(), 2);
    }

    #[test]
    fn a_clock_set_back_within_the_lifetime_does_not_prolong_the_token() {
        let story = Story::begin();
        story.token();
        story.wait(250);
        story.step(-200);
        assert_eq!(story.token().as_str(), "0");
        story.wait(21);
        assert_eq!(story.token().as_str(), "1");
    }

    #[test]
    fn a_clock_set_forward_or_a_suspension_makes_a_new_token() {
        let story = Story::begin();
        story.token();
        story.step(3600);
        let token = story.token();
        assert_eq!((token.as_str(), token.issued_at()), ("1", START + 3600));
    }

    #[test]
    fn a_failed_mint_leaves_the_valid_token_and_is_an_error_without_one() {
        let story = Story::begin();
        let broken = |_, _| Err(Error::Engine);
        assert_eq!(story.token_by(broken).unwrap_err(), Error::Engine);
        let first = story.token();
        story.wait(290);
        assert!(first.is_same(&story.token_by(broken).unwrap()));
        story.wait(10);
        assert_eq!(story.token_by(broken).unwrap_err(), Error::Engine);
        assert_eq!(story.token().as_str(), "1");
    }

    #[test]
    fn a_token_minted_before_an_invalidation_is_not_stored_after_it() {
        let story = Story::begin();
        let overtaken = |now, offset| {
            story.cache.invalidate();
            story.mint(now, offset)
        };
        assert_eq!(story.token_by(overtaken).unwrap().as_str(), "0");
        assert_eq!(story.token().as_str(), "1");
    }

    #[test]
    fn the_right_to_mint_of_another_process_means_nothing() {
        let story = Story::begin();
        story.cache.minting.store(process::id() + 1, Ordering::Relaxed);
        assert_eq!(story.token().as_str(), "0");
        assert_eq!(story.cache.minting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_thread_without_a_valid_token_does_not_wait_for_ever() {
        let story = Story::begin();
        story.cache.minting.store(process::id(), Ordering::Relaxed);
        assert_eq!(story.token().as_str(), "0");
    }

    #[test]
    fn a_thread_with_a_valid_token_does_not_wait_at_all() {
        let story = Story::begin();
        story.token();
        story.wait(280);
        story.cache.minting.store(process::id(), Ordering::Relaxed);
        assert_eq!(story.token().as_str(), "0");
        assert_eq!(story.mints(), 1);
    }

    /// Whether there is no token yet, one that is due, or one that has expired.
    #[test]
    fn sixty_four_threads_across_a_refresh_make_one_signature() {
        for wait in [0, 280, 1000] {
            let story = Story::begin();
            if wait > 0 {
                story.token();
                story.wait(wait);
            }
            let before = story.mints();
            let slow = |now, offset| {
                thread::sleep(Duration::from_millis(20));
                story.mint(now, offset)
            };
            let oldest = thread::scope(|scope| {
                let threads: Vec<_> =
                    (0..64).map(|_| scope.spawn(|| story.token_by(slow).unwrap().expires_at())).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).min().unwrap()
            });
            assert_eq!(story.mints() - before, 1, "after {wait} s");
            assert!(oldest > START + wait, "after {wait} s");
        }
    }

    #[test]
    fn a_rejected_token_is_dropped_only_where_it_is_the_current_one() {
        let story = Story::begin();
        let first = story.token();
        story.wait(1);
        assert!(story.rejected("another", 0));
        assert!(first.is_same(&story.token()));
        assert!(story.rejected(first.as_str(), 0));
        let second = story.token();
        assert_eq!(second.as_str(), "1");
        assert!(story.rejected(first.as_str(), 0));
        assert!(second.is_same(&story.token()));
    }

    #[test]
    fn a_retry_that_would_send_the_same_token_is_not_worth_it() {
        let story = Story::begin();
        let token = story.token();
        assert!(!story.rejected(token.as_str(), 0));
        assert!(story.rejected(story.token().as_str(), 60));
        assert_eq!((story.token().issued_at(), story.cache.clock_offset()), (START + 60, 60));
    }

    #[test]
    fn a_new_clock_offset_drops_the_token_that_was_minted_without_it() {
        let story = Story::begin();
        story.token();
        assert!(story.rejected("another", -120));
        assert_eq!(story.token().issued_at(), START - 120);
    }
}
