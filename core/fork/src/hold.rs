//! The fork handlers, and what they wait for.

use std::cell::Cell;
use std::ffi::c_void;
use std::mem;
use std::ptr::without_provenance_mut;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread;
use std::time::{Duration, Instant};

/// How many pieces of work are in progress, in all threads.
static WORKING: AtomicUsize = AtomicUsize::new(0);
/// How many threads are in `fork`.
static FORKING: AtomicUsize = AtomicUsize::new(0);
static IS_REGISTERED: AtomicBool = AtomicBool::new(false);
/// The pthread key whose destructor calls [`end_of_keys`], plus one; 0 before it exists.
static KEY: AtomicUsize = AtomicUsize::new(0);

/// How long a fork waits for work: far longer than a signature takes.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long work waits for forks. Longer than `PATIENCE`, since the fork itself takes time too.
const PATIENCE_OF_WORK: Duration = Duration::from_secs(3);
const WAIT: Duration = Duration::from_micros(20);

thread_local! {
    /// How much of `WORKING` is this thread's. A signal handler may fork in the middle of it.
    static OWN: Cell<usize> = const { Cell::new(0) };
    static END: EndOfThread = const { EndOfThread };
}

/// Runs the work while no other thread of this process forks: a fork waits until the work is done,
/// for a second at most.
pub fn holding_off_forks<T>(work: impl FnOnce() -> T) -> T {
    register();
    // This comes before the work. On some systems Rust runs its destructors from a pthread key of its
    // own, which must be older than the key of aws-lc. An error means that the thread is ending.
    let _ = END.try_with(|_| ());
    let _working = Working::begin();
    work()
}

/// Called in the middle of long work that holds no lock at this moment.
pub(crate) fn let_forks_pass() {
    if FORKING.load(SeqCst) > 0 && OWN.get() == 1 {
        Working::end();
        mem::forget(Working::begin());
    }
}

/// Registers the fork handlers and makes the key.
///
/// This is not `Once`, which a fork could leave half done: then the child would wait forever. Two
/// threads may register at once, which is harmless. The mark comes last, so that a child of a fork
/// in between registers for itself.
fn register() {
    if IS_REGISTERED.load(SeqCst) {
        return;
    }
    let mut key = 0;
    // SAFETY: the handlers are sound between fork and exec: they use atomics, a thread-local number
    // and, in the parent only, the clock and `sched_yield`. They never outlive this library: libc
    // removes them when it is unloaded. The destructor of the key stays in memory, since the C
    // library and addons of Node and Python are never unloaded.
    unsafe {
        libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child));
        // Without a key the end of a thread is not held off; aws-lc needs one too, and aborts.
        if libc::pthread_key_create(&raw mut key, Some(end_of_keys)) == 0
            && KEY.compare_exchange(0, key as usize + 1, SeqCst, SeqCst).is_err()
        {
            libc::pthread_key_delete(key);
        }
    }
    IS_REGISTERED.store(true, SeqCst);
}

/// One piece of work in progress.
struct Working;

impl Working {
    fn begin() -> Self {
        let own = OWN.get();
        if own > 0 {
            OWN.set(own + 1);
            WORKING.fetch_add(1, SeqCst);
            return Self;
        }
        let begin = Instant::now();
        loop {
            OWN.set(1);
            WORKING.fetch_add(1, SeqCst);
            // In this order here, and in the opposite one in `before`: one of them sees the other.
            if FORKING.load(SeqCst) == 0 {
                return Self;
            }
            // A thread that was killed inside `fork` never ends it. So nothing waits forever.
            if begin.elapsed() > PATIENCE_OF_WORK {
                FORKING.store(0, SeqCst);
                return Self;
            }
            Self::end();
            thread::sleep(WAIT);
        }
    }

    fn end() {
        WORKING.fetch_sub(1, SeqCst);
        // Not below 0: at the end of a thread some systems make its thread-locals again.
        OWN.set(OWN.get().saturating_sub(1));
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        Self::end();
    }
}

/// Its destructor runs when a thread ends that has done work.
///
/// aws-lc takes its global locks in the destructor of a pthread key of its own, which runs later.
/// So this work ends only after that: a key destructor that sets its key again is called in another
/// round, when all keys have had the first one (POSIX, `pthread_key_create`).
struct EndOfThread;

impl Drop for EndOfThread {
    fn drop(&mut self) {
        let working = Working::begin();
        if set_key(FIRST_ROUND) {
            mem::forget(working);
        }
    }
}

const FIRST_ROUND: usize = 1;
const SECOND_ROUND: usize = 2;

extern "C" fn end_of_keys(round: *mut c_void) {
    if round.addr() != FIRST_ROUND || !set_key(SECOND_ROUND) {
        Working::end();
    }
}

fn set_key(round: usize) -> bool {
    let Some(key) = KEY.load(SeqCst).checked_sub(1) else { return false };
    #[allow(clippy::cast_possible_truncation, reason = "this number was a pthread_key_t")]
    let key = key as libc::pthread_key_t;
    // SAFETY: the key exists, and its value is a number that nothing dereferences.
    unsafe { libc::pthread_setspecific(key, without_provenance_mut(round)) == 0 }
}

extern "C" fn before() {
    FORKING.fetch_add(1, SeqCst);
    wait_for_others();
}

/// Waits until no other thread works. Returns false if that takes too long.
fn wait_for_others() -> bool {
    let begin = Instant::now();
    while WORKING.load(SeqCst) > OWN.get() {
        if begin.elapsed() > PATIENCE {
            return false;
        }
        // Not `sleep`, at which a thread can be cancelled: it would leave `FORKING` set.
        thread::yield_now();
    }
    true
}

extern "C" fn after_in_parent() {
    // Not below 0: see `Working::begin`.
    let _ = FORKING.try_update(SeqCst, SeqCst, |forking| forking.checked_sub(1));
}

/// The child has this one thread.
extern "C" fn after_in_child() {
    FORKING.store(0, SeqCst);
    WORKING.store(OWN.get(), SeqCst);
}

#[cfg(test)]
mod tests {
    use std::ptr;
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::alone;

    #[test]
    fn a_fork_that_never_ended_does_not_stop_work_forever() {
        let _alone = alone();
        FORKING.store(1, SeqCst);
        holding_off_forks(|| ());
        assert_eq!(FORKING.load(SeqCst), 0, "the next work would wait again");
        after_in_parent();
        assert_eq!(FORKING.load(SeqCst), 0);
    }

    /// `pthread_cancel` acts inside `sleep`, and would leave the thread's fork without an end.
    #[test]
    fn a_thread_that_is_cancelled_while_its_fork_waits_still_ends_it() {
        extern "C" fn fork(_: *mut c_void) -> *mut c_void {
            before();
            after_in_parent();
            ptr::null_mut()
        }
        let _alone = alone();
        let mut thread = 0;
        // SAFETY: `fork` is such a function; the thread is created and joined once.
        unsafe {
            holding_off_forks(|| {
                assert_eq!(libc::pthread_create(&raw mut thread, ptr::null(), fork, ptr::null_mut()), 0);
                while FORKING.load(SeqCst) == 0 {
                    thread::yield_now();
                }
                assert_eq!(libc::pthread_cancel(thread), 0);
            });
            assert_eq!(libc::pthread_join(thread, ptr::null_mut()), 0);
        }
        assert_eq!(FORKING.load(SeqCst), 0);
    }

    #[test]
    fn a_fork_in_a_signal_handler_does_not_wait_for_the_work_that_it_interrupts() {
        let _alone = alone();
        holding_off_forks(|| {
            FORKING.fetch_add(1, SeqCst);
            assert!(wait_for_others());
            after_in_child();
        });
        assert_eq!((WORKING.load(SeqCst), OWN.get()), (0, 0), "each later fork of the child would wait");
    }

    #[test]
    fn a_fork_waits_until_a_thread_that_worked_has_ended() {
        let _alone = alone();
        let (send, receive) = channel();
        let thread = thread::spawn(move || {
            // Destroyed after `END`, which comes later: then the end of the thread is held off.
            thread_local!(static LAST: Cell<Option<Probe>> = const { Cell::new(None) });
            LAST.set(Some(Probe(send)));
            holding_off_forks(|| ());
        });
        assert_eq!(receive.recv(), Ok((1, 1)));
        thread.join().unwrap();
        // `join` returns when the kernel has ended the thread, long after the keys.
        assert_eq!(WORKING.load(SeqCst), 0);
    }

    struct Probe(Sender<(usize, usize)>);

    impl Drop for Probe {
        fn drop(&mut self) {
            let _ = self.0.send((WORKING.load(SeqCst), OWN.get()));
        }
    }

    #[test]
    fn long_work_lets_a_fork_pass() {
        let _alone = alone();
        let stop = AtomicBool::new(false);
        let (send, receive) = channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                holding_off_forks(|| {
                    send.send(()).unwrap();
                    while !stop.load(SeqCst) {
                        let_forks_pass();
                    }
                });
            });
            receive.recv().unwrap();
            FORKING.fetch_add(1, SeqCst);
            assert!(wait_for_others());
            after_in_parent();
            stop.store(true, SeqCst);
        });
    }
}
