//! What a forked child finds.

#![cfg(unix)]

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use scout_auth_fork::holding_off_forks;

#[test]
fn a_child_never_finds_work_half_done_and_can_work_itself() {
    let is_half_done = AtomicBool::new(false);
    let start = Barrier::new(2);
    for _ in 0..20 {
        thread::scope(|scope| {
            scope.spawn(|| {
                holding_off_forks(|| {
                    is_half_done.store(true, Ordering::SeqCst);
                    start.wait();
                    thread::sleep(Duration::from_millis(20));
                    is_half_done.store(false, Ordering::SeqCst);
                });
            });
            start.wait();
            let status = in_child(|| holding_off_forks(|| !is_half_done.load(Ordering::SeqCst)));
            assert_eq!(status, 0);
        });
    }
}

/// After a second the fork continues, and the child can work.
#[test]
fn work_without_end_does_not_hold_a_fork_off_forever() {
    let stop = AtomicBool::new(false);
    let start = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            holding_off_forks(|| {
                start.wait();
                while !stop.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(1));
                }
            });
        });
        start.wait();
        let status = in_child(|| holding_off_forks(|| true));
        stop.store(true, Ordering::SeqCst);
        assert_eq!(status, 0);
    });
}

/// The wait status of a child that does the work: 0 if the work returned true. An alarm kills a child
/// that hangs.
fn in_child(work: impl FnOnce() -> bool) -> i32 {
    // SAFETY: the child runs the code under test, which is what has to be safe there, and leaves by
    // `_exit` without running anything of the test harness.
    unsafe {
        match libc::fork() {
            0 => {
                libc::alarm(30);
                libc::_exit(i32::from(!work()))
            }
            child => {
                let mut status = -1;
                assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
                status
            }
        }
    }
}
