//! A credential command: a program that prints a credential, such as a secret manager's client.

use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::secret::{MAX_KEY_TEXT, SecretBytes};

/// How long a command may run, until its output ends and it has exited.
const TIME_LIMIT: Duration = Duration::from_secs(10);
const WAIT: Duration = Duration::from_millis(2);

/// Runs the command and returns what it prints.
///
/// No shell: the first text is the program, the others are its arguments. Its standard input is
/// empty and its standard error is ours. It is the leader of a process group of its own, which is
/// killed after ten seconds.
///
/// Errors: `CommandStart`, `CommandTimeout`, `CommandOutput` for more than 64 KiB, `CommandFailed`.
pub(super) fn run(command: &[String]) -> Result<SecretBytes> {
    let deadline = Instant::now() + TIME_LIMIT;
    let (program, arguments) = command.split_first().ok_or(Error::CommandArguments)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| Error::CommandStart { kind: error.kind() })?;
    let output = child.stdout.take().ok_or(Error::Internal);
    let output = output.and_then(|output| read(output, deadline));
    let output = output.and_then(|output| exit(&mut child, deadline).map(|()| output));
    // After these two the command was not collected yet, so its process group is surely its own.
    if matches!(output, Err(Error::CommandTimeout | Error::CommandOutput)) {
        kill(&mut child);
    }
    output
}

/// Reads to the end of the output. One byte more than a credential may have is read, to refuse a
/// longer output without reading to its end.
fn read(mut output: ChildStdout, deadline: Instant) -> Result<SecretBytes> {
    let mut bytes = Zeroizing::new(vec![0; MAX_KEY_TEXT + 1]);
    let mut length = 0;
    loop {
        wait_for_output(&output, deadline)?;
        match output.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Error::CommandOutput),
        }
        if length == bytes.len() {
            return Err(Error::CommandOutput);
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

fn wait_for_output(output: &ChildStdout, deadline: Instant) -> Result<()> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::CommandTimeout);
        }
        let timeout = Timespec::try_from(left).map_err(|_| Error::Internal)?;
        match poll(&mut [PollFd::new(&output.as_fd(), PollFlags::IN)], Some(&timeout)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(_) => return Err(Error::CommandOutput),
        }
    }
}

/// Waits for the exit of a command whose output has ended.
fn exit(child: &mut Child, deadline: Instant) -> Result<()> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(Error::CommandFailed { status: status.code() }),
            // The process ignores SIGCHLD, so the system keeps no status. What was printed is
            // checked like any credential.
            Err(_) => return Ok(()),
            Ok(None) if Instant::now() >= deadline => return Err(Error::CommandTimeout),
            Ok(None) => thread::sleep(WAIT),
        }
    }
}

/// Kills the command's process group and collects the command.
fn kill(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}
