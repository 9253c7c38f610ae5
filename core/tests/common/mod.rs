//! What several test files need: throwaway keys, and openssl as the other side.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use scout_auth::PrivateKey;

/// A throwaway key, made once for a test binary.
pub static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(2048).unwrap());

/// The key in the form that Scout issues.
pub static KEY_TEXT: LazyLock<String> = LazyLock::new(|| KEY.to_base64url().to_string());

/// Runs openssl with that input and returns its output. The tests fail if openssl is missing.
pub fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("these tests need the openssl command");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The same, as text.
pub fn openssl_text(arguments: &[&str], input: impl AsRef<[u8]>) -> String {
    String::from_utf8(openssl(arguments, input.as_ref())).unwrap()
}

/// Runs the work in a forked child and returns its wait status: 0 if the work returned true. Its
/// alarm kills a child that hangs.
#[cfg(unix)]
pub fn in_child(work: impl FnOnce() -> bool) -> i32 {
    // SAFETY: the child runs the code under test, which is what has to be safe there, and leaves
    // by `_exit` without running anything of the test harness.
    unsafe {
        match libc::fork() {
            0 => {
                libc::alarm(60);
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
