//! The process of a command that runs for long: the signals that end it, its streams and its memory.

use std::fs::File;
use std::io;

use crate::failure::Failure;

/// Calls `stop`, in a task, at each signal that asks the process to end.
#[cfg(unix)]
pub(crate) fn at_signals<S: Future<Output = ()> + Send>(
    stop: impl Fn() -> S + Clone + Send + Sync + 'static,
) -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let (mut signal, stop) = (signal(kind).map_err(|error| no_signals(&error))?, stop.clone());
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                stop().await;
            }
        });
    }
    Ok(())
}

/// Calls `stop`, in a task, at each signal that asks the process to end.
#[cfg(not(unix))]
pub(crate) fn at_signals<S: Future<Output = ()> + Send>(
    stop: impl Fn() -> S + Clone + Send + Sync + 'static,
) -> Result<(), Failure> {
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            stop().await;
        }
    });
    Ok(())
}

#[cfg(unix)]
fn no_signals(error: &io::Error) -> Failure {
    Failure::system("signals", error, "run it in a usual process")
}

/// Other programs of this user cannot read the memory and the environment of this process, and a crash
/// leaves no copy of them.
pub(crate) fn keep_memory_private() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Where the system cannot do that, the rest still holds.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// So many files are for other things than connections.
const OTHER_FILES: usize = 64;

/// How many files this process may open for connections, after raising its limit as far as it may.
#[cfg(unix)]
pub(crate) fn open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).is_ok();
    let limit = if raised { limit.maximum } else { limit.current };
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX).saturating_sub(OTHER_FILES)
}

#[cfg(not(unix))]
pub(crate) fn open_files() -> usize {
    usize::MAX
}

/// Standard input as a file: the command holds the lock of `io::stdin` while it runs.
pub(crate) fn input() -> io::Result<File> {
    duplicate(&io::stdin())
}

/// Standard output as a file.
pub(crate) fn output() -> io::Result<File> {
    duplicate(&io::stdout())
}

#[cfg(unix)]
fn duplicate(stream: &impl std::os::fd::AsFd) -> io::Result<File> {
    stream.as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn duplicate(stream: &impl std::os::windows::io::AsHandle) -> io::Result<File> {
    stream.as_handle().try_clone_to_owned().map(File::from)
}
