//! Other programs: where they are, and running one in place of this command.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, reason};
use crate::host::Host;

/// The program of that name in a folder of `PATH`. A relative folder is passed over, and an empty one:
/// both mean the current directory, where others may have put a file.
pub(crate) fn find(name: &str, host: &Host<'_>) -> Option<PathBuf> {
    let folders = (host.variable)("PATH").unwrap_or_default();
    std::env::split_paths(&folders).filter(|folder| folder.is_absolute()).find_map(|folder| in_folder(&folder, name))
}

/// The program of that name in one folder. Anybody may have put it into a folder such as /tmp.
pub(crate) fn in_folder(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    (is_executable(&path) && !is_for_everybody(folder)).then_some(path)
}

/// Whether everybody may put files there, and each may remove only his own.
#[cfg(unix)]
fn is_for_everybody(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    const SHARED: u32 = 0o1002;
    folder.metadata().is_ok_and(|metadata| metadata.permissions().mode() & SHARED == SHARED)
}

#[cfg(not(unix))]
fn is_for_everybody(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Runs the program in place of this process: it has the same id, streams, signals and exit status.
#[cfg(unix)]
pub(crate) fn replace(command: &mut Command) -> Result<u8, Failure> {
    use std::os::unix::process::CommandExt as _;
    pass_streams_on();
    let error = command.exec();
    Err(cannot_start(command.get_program(), &error))
}

/// Keeps the standard streams open in the next program. Node marks them to be closed there.
#[cfg(unix)]
fn pass_streams_on() {
    use std::io::{stderr, stdin, stdout};
    use std::os::fd::AsFd as _;
    for stream in [stdin().as_fd(), stdout().as_fd(), stderr().as_fd()] {
        // A stream that is closed stays so.
        let _ = rustix::io::fcntl_setfd(stream, rustix::io::FdFlags::empty());
    }
}

/// Runs the program and returns its exit status.
#[cfg(not(unix))]
pub(crate) fn replace(command: &mut Command) -> Result<u8, Failure> {
    let status = command.status().map_err(|error| cannot_start(command.get_program(), &error))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn cannot_start(program: &OsStr, error: &std::io::Error) -> Failure {
    let name = Path::new(program).file_stem().unwrap_or_default().to_string_lossy();
    Failure::unusable(format!("{name} cannot be started: {}", reason(error)), "check its permissions")
}
