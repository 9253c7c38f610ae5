//! Systems without `fork`.

/// Runs the work.
pub fn holding_off_forks<T>(work: impl FnOnce() -> T) -> T {
    work()
}

pub(crate) fn let_forks_pass() {}
