//! Keys and tokens that are typed at a terminal.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::harness::{Outcome, key, key_text, token_issued};

/// Runs the binary on a pseudo-terminal: see `typed.py`. Standard output and error are the screen.
pub(crate) fn typed(args: &[&str], text: &str) -> Outcome {
    typed_in_parts(args, &[text])
}

/// As [`typed`], each part when the command asks for it.
pub(crate) fn typed_in_parts(args: &[&str], parts: &[&str]) -> Outcome {
    let mut child = Command::new("python3")
        .args([concat!(env!("CARGO_MANIFEST_DIR"), "/tests/command/typed.py"), env!("CARGO_BIN_EXE_scout-auth")])
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("PATH"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    child.stdin.take().expect("a pipe").write_all(parts.join("\0").as_bytes()).expect("read");
    let output = child.wait_with_output().expect("ended");
    assert!(output.status.success(), "{output:?}");
    let screen = Outcome { status: 0, stdout: String::from_utf8(output.stdout).expect("UTF-8"), stderr: String::new() };
    assert!(screen.stdout.ends_with(", shows what is typed: True\n"), "{screen:?}");
    screen.holds_no_key();
    screen
}

#[track_caller]
fn assert_kid(screen: &Outcome) {
    assert!(screen.stdout.contains(&format!("\r\n{}\r\n", key().kid())), "{screen:?}");
    assert!(screen.stdout.contains("\nstatus 0, "), "{screen:?}");
}

#[test]
fn a_pasted_key_ends_with_enter_and_is_not_shown() {
    assert_kid(&typed(&["kid"], &format!("{}\n", key_text())));
}

#[test]
fn a_pasted_key_of_several_lines_is_read_to_its_end() {
    assert_kid(&typed(&["kid"], &key().to_pem()));
    let jwk = key().to_jwk().replace(',', ",\n");
    assert_kid(&typed(&["kid"], &format!("{jwk}\n")));
}

#[test]
fn a_pasted_line_may_be_longer_than_a_terminal_usually_takes() {
    assert_kid(&typed(&["kid"], &format!("{}{}\n", " ".repeat(5000), key_text())));
}

#[test]
fn ctrl_d_ends_the_input_too_and_backspace_corrects_it() {
    assert_kid(&typed(&["kid"], &format!("{}xx\u{7f}\u{8}\u{4}", key_text())));
}

#[test]
fn ctrl_c_ends_the_command_and_the_terminal_shows_again_what_is_typed() {
    let screen = typed(&["kid"], &format!("{}\u{3}", &key_text()[..100]));
    assert!(screen.stdout.contains("\nstatus -2, "), "{screen:?}");
}

#[test]
fn a_token_is_typed_in_the_same_way() {
    let screen = typed(&["inspect"], &format!("{}\n", token_issued(0)));
    assert!(screen.stdout.contains("\nstatus 0, ") && screen.stdout.contains("cred_123"), "{screen:?}");
    assert!(!screen.stdout.contains("eyJ"), "{screen:?}");
}
