//! What only a process shows: closed streams, other people's software, the same answers as the library.

use std::io::Write as _;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::harness::{Files, binary, credential, key_text, library, program, token_issued};

#[test]
fn the_binary_and_the_library_answer_the_same() {
    let files = Files::new();
    let keys = files.public_key();
    let expired = token_issued(-100_000);
    for (args, stdin) in [
        (&["--help"][..], ""),
        (&["--version"], ""),
        (&["token", "--help"], ""),
        (&["help", "doctor"], ""),
        (&["pem"], key_text()),
        (&["pem", "--public"], key_text()),
        (&["kid", "--json"], key_text()),
        (&["kid"], "no key"),
        (&["verify", "--keys", &keys], &expired),
        (&["no-such"], ""),
    ] {
        assert_eq!(binary(args, &[], stdin.as_bytes()), library(args, &[], stdin.as_bytes()), "{args:?}");
    }
}

#[test]
fn help_and_version_name_the_command_and_the_statuses() {
    let help = binary(&["--help"], &[], b"").good();
    assert!(help.contains("Usage: scout-auth <COMMAND>") && help.contains("\n  5  the token was refused\n"), "{help}");
    assert!(binary(&["token", "--help"], &[], b"").good().contains("Usage: scout-auth token [OPTIONS]"));
    assert_eq!(binary(&["--version"], &[], b"").good(), concat!("scout-auth ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_closed_standard_output_is_no_error() {
    let mut child = program(&["pem"], &[]).spawn().expect("the binary starts");
    // The binary waits for its input, so the reader is gone before anything is written.
    drop(child.stdout.take());
    child.stdin.take().expect("a pipe").write_all(key_text().as_bytes()).expect("read");
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = program(&["token"], &credential()).stdout(full).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.starts_with(b"error: standard output cannot be written: "));
}

#[cfg(unix)]
#[test]
fn streams_are_known_for_what_they_are() {
    let files = Files::new();
    let out = std::fs::File::create(files.path("out")).expect("a file");
    let mut permissions = out.metadata().expect("a file").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    out.set_permissions(permissions).expect("set");
    let output = program(&["keygen"], &[]).stdout(out).output().expect("the binary runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("(mode 644)"), "{output:?}");
    assert!(binary(&["kid"], &credential(), b"").stderr.starts_with("note: "));
    let output = program(&["kid"], &credential()).stdin(std::process::Stdio::null()).output().expect("the binary runs");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(unix)]
#[test]
fn the_demo_writes_no_escape_codes_if_its_output_is_no_terminal() {
    let demo = Command::new("sh")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/demo.sh"))
        .env("SCOUT_AUTH", env!("CARGO_BIN_EXE_scout-auth"))
        .env("TERM", "xterm")
        .output()
        .expect("sh");
    let text = String::from_utf8(demo.stdout).expect("UTF-8");
    assert!(demo.status.success() && text.contains("\nVerified OK\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn openssl_accepts_a_token_of_the_binary() {
    let files = Files::new();
    let token = binary(&["token", "--role", "member", "--claim", "team=web"], &credential(), b"").good();
    let (message, signature) = token.trim().rsplit_once('.').expect("a signature");
    let claims = URL_SAFE_NO_PAD.decode(message.split('.').next_back().expect("claims")).expect("base64url");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!((&claims["roles"], &claims["team"]), (&serde_json::json!(["member"]), &"web".into()));
    let public = library(&["pem", "--public"], &credential(), b"").good();
    let openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-verify", &files.write("public.pem", public)])
        .args(["-signature", &files.write("signature", URL_SAFE_NO_PAD.decode(signature).expect("base64url"))])
        .arg(files.write("message", message))
        .output()
        .expect("openssl is installed");
    assert_eq!(String::from_utf8_lossy(&openssl.stdout), "Verified OK\n", "{openssl:?}");
}

#[test]
fn openssl_makes_a_key_that_the_binary_takes() {
    let genpkey = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let pem = Command::new("openssl").args(genpkey).output().expect("openssl is installed").stdout;
    let files = Files::new();
    let file = files.write("key.pem", &pem);
    let ours = binary(&["pem", "--public", "--key-file", &file], &[], b"").good();
    let theirs = Command::new("openssl").args(["pkey", "-pubout", "-in", &file]).output().expect("openssl").stdout;
    assert_eq!(ours.as_bytes(), theirs);
    assert_eq!(binary(&["pem"], &[], &pem).good().as_bytes(), pem);
}
