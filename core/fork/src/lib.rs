//! Makes `fork` wait while this process is inside aws-lc.
//!
//! aws-lc takes global locks for some nanoseconds: at each signature, at each random number, at the
//! first error of a thread and at the end of a thread. If another thread forks in that moment, the
//! child inherits the lock as held, and its first signature waits forever. (Measured: one child in
//! 1000 beside eight threads that sign all the time.) So `fork` waits until no thread is inside.
//!
//! This crate is separate from `scout-auth` because it contains the only unsafe code of the core:
//! registering fork handlers, and the aws-lc calls of [`generate_rsa`].

#![cfg_attr(not(test), warn(clippy::unwrap_used))]

mod generate;
#[cfg_attr(not(unix), path = "elsewhere.rs")]
mod hold;

pub use generate::generate_rsa;
pub use hold::holding_off_forks;

/// The tests share the counters of this process, so they run one at a time.
#[cfg(test)]
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
