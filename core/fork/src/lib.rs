//! Holds off `fork` while code runs that takes a lock which is not ours.
//!
//! aws-lc reads the fork generation at each signature and each random number, under a lock that it
//! holds for some nanoseconds. A thread of the parent that is there at the moment of a fork leaves
//! it held in the child, whose first signature then waits for ever (seen about once in 1000 forks
//! beside eight threads that sign all the time). So a fork waits until no thread is there.
//!
//! This crate is apart from `scout-auth` because registering a fork handler is `unsafe`, and that
//! crate has no unsafe code.

#[cfg(unix)]
pub use unix::holding_off_forks;

/// Runs the work. Nothing forks on this system.
#[cfg(not(unix))]
pub fn holding_off_forks<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[cfg(unix)]
mod unix {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    /// The threads that are at work.
    static WORKING: AtomicUsize = AtomicUsize::new(0);
    /// The threads that are forking.
    static FORKING: AtomicUsize = AtomicUsize::new(0);
    static IS_REGISTERED: AtomicBool = AtomicBool::new(false);

    /// How long a fork waits for the threads at work: far longer than a signature, and shorter than
    /// anybody would wait for the making of a large key.
    const PATIENCE: Duration = Duration::from_secs(1);
    const WAIT: Duration = Duration::from_micros(20);

    /// Runs the work while no thread of this process forks: a fork waits for it, for a second at
    /// most. The work must not fork itself.
    pub fn holding_off_forks<T>(work: impl FnOnce() -> T) -> T {
        // Not `Once`: a fork could leave it half done, and the child would wait for it.
        if !IS_REGISTERED.swap(true, Ordering::SeqCst) {
            // SAFETY: what the handlers do is sound between fork and exec: they use atomic numbers
            // and, in the parent alone, the clock and sleep. They outlive no library that holds them:
            // libc forgets them with it, and addons of Node and Python are never unloaded.
            unsafe { libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child)) };
        }
        let _working = Working::begin();
        work()
    }

    struct Working;

    impl Working {
        fn begin() -> Self {
            loop {
                WORKING.fetch_add(1, Ordering::SeqCst);
                // In this order here, and in the other one in `before`: one of the two sees the other.
                if FORKING.load(Ordering::SeqCst) == 0 {
                    return Self;
                }
                WORKING.fetch_sub(1, Ordering::SeqCst);
                thread::sleep(WAIT);
            }
        }
    }

    impl Drop for Working {
        fn drop(&mut self) {
            WORKING.fetch_sub(1, Ordering::SeqCst);
        }
    }

    extern "C" fn before() {
        FORKING.fetch_add(1, Ordering::SeqCst);
        let begin = Instant::now();
        while WORKING.load(Ordering::SeqCst) > 0 && begin.elapsed() < PATIENCE {
            thread::sleep(WAIT);
        }
    }

    extern "C" fn after_in_parent() {
        FORKING.fetch_sub(1, Ordering::SeqCst);
    }

    /// The child has this one thread, and it is not at work.
    extern "C" fn after_in_child() {
        FORKING.store(0, Ordering::SeqCst);
        WORKING.store(0, Ordering::SeqCst);
    }
}
