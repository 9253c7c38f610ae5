//! `completions`, `man`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::harness::{Files, library};

/// What is typed before Tab, and the arguments that the command then gets.
const CASES: &str = "\
scout-auth auth|authorization
scout-auth token --lif|token --lifetime
scout-auth authorization --hea|authorization --header
scout-auth head|headers
scout-auth cur|curl
scout-auth token --git|token --github
scout-auth jwk --pri|jwk --private
scout-auth jwks my-|jwks my-key.pem
scout-auth import --forc|import --force
scout-auth import my-|import my-key.pem
scout-auth pem --base|pem --base64url
scout-auth kid --js|kid --json
scout-auth inspect --tok|inspect --token-file
scout-auth verify --lee|verify --leeway
scout-auth keygen --bi|keygen --bits
scout-auth doctor --js|doctor --json
scout-auth completions z|completions zsh
scout-auth man verif|man verify
scout-auth man --ou|man --out
scout-auth token --key-file my-|token --key-file my-key.pem
";

/// Presses Tab in a real shell: see `tab.py`.
fn press_tab_in(shell: &str) {
    let files = Files::new();
    files.write("script", library(&["completions", shell], &[], b"").good());
    files.write("my-key.pem", "");
    let stub = files.write("scout-auth", "#!/bin/sh\necho \"arguments<$*>\"\n");
    assert!(Command::new("chmod").args(["+x", &stub]).status().expect("chmod").success());
    let mut tab = Command::new("python3")
        .args([concat!(env!("CARGO_MANIFEST_DIR"), "/tests/command/tab.py"), shell])
        .arg(files.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    tab.stdin.take().expect("a pipe").write_all(CASES.as_bytes()).expect("read");
    let output = tab.wait_with_output().expect("ended");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), CASES.lines().count());
}

#[test]
fn bash_completes_at_the_press_of_tab() {
    press_tab_in("bash");
}

#[test]
fn zsh_completes_at_the_press_of_tab() {
    press_tab_in("zsh");
}

#[test]
fn fish_completes_at_the_press_of_tab() {
    press_tab_in("fish");
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = library(&["completions", shell], &[], b"").good();
        assert!(script.contains("authorization") && script.contains("key-file"), "{shell}");
    }
    library(&["completions", "tcsh"], &[], b"").refused(2, "help: use one of bash, elvish, fish, powershell, zsh");
}

#[test]
fn manual_pages_have_the_sections_of_a_manual_page() {
    let page = library(&["man"], &[], b"").good();
    for part in
        [".TH scout-auth 1", ".SH SYNOPSIS", ".SH \"ENVIRONMENT\"\n", ".SH \"EXIT STATUS\"\n", ".SH \"EXAMPLES\"\n"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains("SCOUT_PRIVATE_KEY_FILE") && page.contains("5  the token was refused"), "{page}");
    let page = library(&["man", "token"], &[], b"").good();
    for part in [".TH scout-auth-token 1", r"[\-\-key\-file <PATH>]", ".SH \"EXIT STATUS\"\n", ".SH \"EXAMPLES\"\n"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("EXTRA"), "{page}");
    library(&["man", "no-such"], &[], b"").refused(2, "help: use one of token, authorization, ");
}

#[test]
fn man_writes_a_page_for_each_subcommand_that_help_lists() {
    let files = Files::new();
    let folder = files.path("man1");
    library(&["man", "--out", folder.to_str().expect("UTF-8")], &[], b"").good();
    let help = library(&["--help"], &[], b"").good();
    for name in subcommands(&help) {
        let page = std::fs::read_to_string(folder.join(format!("scout-auth-{name}.1"))).expect(name);
        assert!(page.contains(&format!(".TH scout-auth-{name} 1")), "{page}");
    }
    assert!(folder.join("scout-auth.1").exists());
}

#[test]
fn each_help_text_has_an_example() {
    let help = library(&["--help"], &[], b"").good();
    for name in subcommands(&help) {
        let help = library(&[name, "--help"], &[], b"").good();
        let examples = help.split("\nExamples:\n").nth(1).expect("examples");
        assert!(examples.contains(&format!("scout-auth {name}")), "{help}");
    }
    let help = library(&["doctor", "--help"], &[], b"").good();
    for words in ["SCOUT_CREDENTIAL_ID", "Exit status:", "warn  it works"] {
        assert!(help.contains(words), "{help}");
    }
}

/// The subcommands that the help of the whole command lists.
fn subcommands(help: &str) -> Vec<&str> {
    let listed = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list");
    let names = listed.lines().filter_map(|line| line.split_whitespace().next());
    let names: Vec<_> = names.filter(|name| *name != "help").collect();
    assert!(names.len() > 5, "{help}");
    names
}
