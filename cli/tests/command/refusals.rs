//! What is refused, with which status and words. No secret is in them.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use scout_auth_cli::{Host, Stream, Streams, run};

use crate::harness::{Files, ID, binary, credential, key, key_text, library, other_key, token_issued};

#[test]
fn a_key_given_as_an_argument_is_not_repeated() {
    let key = key_text();
    let option = format!("--{key}");
    let assigned = format!("--key-file={key}");
    let flag = format!("--json={key}");
    for args in [
        &["kid", key][..],
        &["kid", &option],
        &["kid", &flag],
        &["token", key],
        &["token", "--kid", "x", "--", key],
        &["inspect", key],
        &["verify", key],
        &["help", key],
        &[key],
        &[&option],
        &["-k", key],
    ] {
        let outcome = binary(args, &[], b"");
        outcome.refused(2, "error: ");
        assert_eq!(outcome.stdout, "");
        assert!(outcome.stderr.contains("--key-file") && outcome.stderr.contains("standard input"), "{outcome:?}");
    }
    binary(&["token", "--lifetime", key], &[], b"").refused(2, "--lifetime <SECONDS>");
    binary(&["keygen", "--bits", key], &[], b"").refused(2, "--bits <BITS>");
    binary(&["kid", &assigned], &[], b"").refused(3, "error: the key file cannot be read");
    binary(&["verify", "--keys", key], &[], b"").refused(3, "error: the key file cannot be read");
    binary(&["inspect", "--token-file", key], &[], b"").refused(3, "error: the file of --token-file cannot be read: ");
    binary(&["doctor"], &[("SCOUT_PRIVATE_KEY_FILE", key), ("SCOUT_CREDENTIAL_ID", key)], b"").holds_no_key();
    binary(&["doctor", "--url", key], &credential(), b"").holds_no_key();
    binary(&["token"], &[("SCOUT_CREDENTIAL_ID", key), ("SCOUT_PRIVATE_KEY", key)], b"")
        .refused(3, "error: the credential id ");
}

#[test]
fn status_1_is_a_fault_inside() {
    let variable = |name: &str| -> Option<OsString> { panic!("{name} {}", key_text()) };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut host = Host {
        program: Path::new("scout-auth"),
        variable: &variable,
        names: &Vec::new,
        stdin: &mut io::empty(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        streams: Streams { stderr: Stream::Terminal, ..Streams::default() },
    };
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let status = run([OsString::from("token")], &mut host);
    std::panic::set_hook(hook);
    assert_eq!((status, stdout.len()), (1, 0));
    let expected = "error: scout-auth failed internally (ERR_INTERNAL)\nhelp: report it with the version of scout-auth and what you called\n";
    assert_eq!(String::from_utf8_lossy(&stderr), expected);
}

/// Standard output that cannot be written.
struct Failing(ErrorKind);

impl Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn printed_to(stdout: &mut dyn Write, args: &[&str], stdin: &[u8]) -> (u8, String) {
    let mut stderr = Vec::new();
    let (variable, names, mut stdin, streams) = (|_: &str| None, Vec::new, stdin, Streams::default());
    let mut host = Host {
        program: Path::new("scout-auth"),
        variable: &variable,
        names: &names,
        stdin: &mut stdin,
        stdout,
        stderr: &mut stderr,
        streams,
    };
    let status = run(args.iter().map(OsString::from), &mut host);
    (status, String::from_utf8(stderr).expect("UTF-8"))
}

#[test]
fn status_1_is_an_output_that_cannot_be_written() {
    let (status, stderr) = printed_to(&mut Failing(ErrorKind::StorageFull), &["kid"], key_text().as_bytes());
    assert_eq!(status, 1);
    assert!(
        stderr.starts_with("error: standard output cannot be written: no storage space (ERR_OUTPUT)\nhelp: "),
        "{stderr}"
    );
}

#[test]
fn a_reader_that_went_away_changes_no_verdict() {
    let files = Files::new();
    let keys = files.public_key();
    let mut gone = Failing(ErrorKind::BrokenPipe);
    assert_eq!(printed_to(&mut gone, &["kid"], key_text().as_bytes()), (0, String::new()));
    let (status, _) = printed_to(&mut gone, &["inspect", "--keys", &keys], token_issued(-1000).as_bytes());
    assert_eq!(status, 5);
    assert_eq!(printed_to(&mut gone, &["doctor"], b""), (3, String::new()));
}

#[test]
fn help_for_something_missing_names_every_way_to_pass_it() {
    let legacy = ("SCOUT_API_KEY", "scout_legacy_0123");
    let id = credential()[1];
    let key = "help: set it or SCOUT_PRIVATE_KEY_FILE, or pass the key by --key-file or standard input\n";
    library(&["kid"], &[], b"").refused(3, key);
    library(&["kid"], &[legacy], b"").refused(3, key);
    library(&["token"], &[id], b"").refused(3, key);
    library(&["token"], &[], b"").refused(3, "help: set it, or use --credential-id\n");
    let minted = "help: a token is minted from SCOUT_PRIVATE_KEY and SCOUT_CREDENTIAL_ID; SCOUT_API_KEY is used by";
    library(&["token"], &[legacy], b"").refused(3, minted);
    library(&["authorization", "--lifetime", "60"], &[legacy], b"").refused(3, minted);
    let file = library(&["kid", "--key-file", "/nowhere"], &[], b"");
    file.refused(
        3,
        "error: the key file cannot be read: No such file or directory (ERR_KEY_FILE)\nhelp: check the path, in",
    );
}

#[test]
fn an_empty_input_is_named_as_empty() {
    let files = Files::new();
    let keys = files.public_key();
    for args in [&["inspect"][..], &["verify", "--keys", &keys]] {
        library(args, &[], b" \n").refused(3, "error: the input is empty: there is no token (ERR_INPUT)");
    }
}

#[test]
fn an_error_ends_with_its_code_and_json_holds_the_same() {
    let files = Files::new();
    let keys = files.public_key();
    let cut = &key_text()[..key_text().len() - 5];
    for (args, stdin, code) in [
        (&["kid"][..], cut, "ERR_KEY_TRUNCATED"),
        (&["token", "--credential-id", ID], cut, "ERR_KEY_TRUNCATED"),
        (&["authorization", "--credential-id", "two words"], key_text(), "ERR_CREDENTIAL_ID"),
        (&["keygen", "--bits", "1"], "", "ERR_KEY_SIZE"),
        (&["verify", "--keys", &keys], "a.b.c", "ERR_TOKEN_MALFORMED"),
        (&["inspect"], "a.b.c", "ERR_TOKEN_MALFORMED"),
        (&["inspect", "--token-file", "/nowhere"], "", "ERR_INPUT"),
    ] {
        let plain = library(args, &[], stdin.as_bytes());
        assert!(plain.stderr.lines().next().is_some_and(|line| line.ends_with(&format!(" ({code})"))), "{plain:?}");
        assert_eq!(plain.stdout, "");
        let outcome = library(&[args, &["--json"]].concat(), &[], stdin.as_bytes());
        assert_eq!((outcome.status, &outcome.stderr), (plain.status, &plain.stderr));
        let json: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        assert_eq!(json["error"], code);
        let text =
            format!("error: {} ({code})\nhelp: {}\n", json["text"].as_str().unwrap(), json["help"].as_str().unwrap());
        assert_eq!(text, outcome.stderr);
    }
}

#[test]
fn status_2_is_a_wrong_command_line() {
    for (args, words) in [
        (&[][..], "a subcommand is required"),
        (&["tokn"], "did you mean token?"),
        (&["token", "--lifetme", "9"], "did you mean --lifetime?"),
        (&["version"], "did you mean --version?"),
        (
            &["token", "--kye", "x"],
            "unexpected argument found: --kye (ERR_USAGE)\nhelp: token takes --key-file, --cred",
        ),
        (&["frobnicate"], "unrecognized subcommand: frobnicate"),
        (&["token", "--lifetime", "5m"], "help: The lifetime of the token, in whole seconds from 1 to 300"),
        (&["token", "--lifetime", "-1"], "--lifetime <SECONDS>"),
        (&["token", "--header"], "unexpected argument found: --header"),
        (&["authorization", "--header", "--json"], "--header"),
        (&["token", "--kid"], "--kid <KID>"),
        (&["verify"], "--keys <PATH>"),
        (&["keygen", "--bits", "many"], "--bits <BITS>"),
        (&["verify", "--keys", "-"], "cannot both come from standard input"),
        (&["inspect", "--keys", "-", "--token-file", "-"], "cannot both come from standard input"),
    ] {
        let outcome = library(args, &credential(), b"");
        outcome.refused(2, words);
        assert_eq!(outcome.stdout, "", "{args:?}");
    }
}

#[test]
fn status_3_is_a_wrong_environment_file_or_value() {
    let files = Files::new();
    let [private, id] = credential();
    let both = [private, ("SCOUT_PRIVATE_KEY_FILE", "also"), id];
    for (args, environment, words) in [
        (&["token"][..], &[][..], "SCOUT_CREDENTIAL_ID"),
        (&["token"], &[private], "an environment variable is not set: SCOUT_CREDENTIAL_ID"),
        (&["token"], &[id], "an environment variable is not set: SCOUT_PRIVATE_KEY"),
        (&["kid"], &[], "an environment variable is not set: SCOUT_PRIVATE_KEY"),
        (&["token"], &both, "contradict each other: SCOUT_PRIVATE_KEY and SCOUT_PRIVATE_KEY_FILE"),
        (&["token"], &[("SCOUT_PRIVATE_KEY_FILE", "/nowhere"), id], "the key file cannot be read"),
        (&["token", "--lifetime", "0"], &credential(), "the lifetime"),
        (&["token", "--lifetime", "301"], &credential(), "the lifetime"),
        (&["token", "--credential-id", "two words"], &credential(), "the credential id"),
        (&["token", "--credential-id", ""], &credential(), "the credential id"),
        (&["authorization"], &[id, ("SCOUT_API_KEY", "scout_legacy")], "SCOUT_PRIVATE_KEY"),
        (&["authorization"], &[("SCOUT_API_KEY", "two words")], "the API key"),
        (&["keygen", "--bits", "1024"], &[], "the key size is not"),
        (&["verify", "--keys", &files.public_key(), "--leeway", "301"], &[], "the leeway"),
    ] {
        let outcome = library(args, environment, b"");
        outcome.refused(3, words);
        assert_eq!(outcome.stdout, "", "{args:?}");
    }
}

#[test]
fn status_4_is_a_key_that_cannot_be_used() {
    let files = Files::new();
    let public = key().public_key().to_base64url();
    let cut = &key_text()[..key_text().len() - 5];
    let other = other_key().kid().to_string();
    let with = |key| [("SCOUT_PRIVATE_KEY", key), ("SCOUT_CREDENTIAL_ID", ID)];
    for (args, key, words) in [
        (&["token"][..], public.as_str(), "this is a public key, but a private key is required"),
        (&["token"], cut, "the key is cut short"),
        (&["token"], "scout_legacy_0123456789", "this looks like a legacy API key"),
        (&["token", "--kid", &other], key_text(), "the expected kid belongs to another key"),
        (&["token", "--kid", &format!("-{}", &other[1..])], key_text(), "the expected kid belongs to another key"),
        (&["token", "--kid", "short"], key_text(), "the expected kid is not"),
        (&["pem"], cut, "the key is cut short"),
        (&["kid"], cut, "the key is cut short"),
        (&["pem", "--public"], cut, "the key is cut short"),
    ] {
        let outcome = library(args, &with(key), b"");
        outcome.refused(4, words);
        assert_eq!(outcome.stdout, "", "{args:?}");
    }
    let private = files.write("private", key_text());
    let outcome = library(&["verify", "--keys", &private], &[], token_issued(0).as_bytes());
    outcome.refused(4, "this is a private key, but a public key is required");
    let long = vec![b'A'; 70_000];
    library(&["kid"], &[], &long).refused(4, "the key text is longer than 64 KiB");
}

#[test]
fn status_5_is_a_refused_token() {
    let files = Files::new();
    let keys = files.public_key();
    let good = token_issued(0);
    let (message, _) = good.rsplit_once('.').expect("a signature");
    let stranger = files.write("other.pem", other_key().public_key().to_pem());
    for (keys, token, words) in [
        (&keys, token_issued(-1000).as_str(), "the token has expired"),
        (&keys, token_issued(1000).as_str(), "the token was issued in the future"),
        (&stranger, &good, "the token's kid matches no known key"),
        (&keys, &format!("{message}.{}", "A".repeat(342)), "the token's signature does not match its key"),
        (&keys, "a.b", "the token is not a strict JWT"),
        (&keys, "Bearer", "the token is not a strict JWT"),
        (&keys, "{}", "the token is not a strict JWT"),
        (&keys, &"a".repeat(9000), "the token is longer than 8 KiB"),
    ] {
        for command in ["verify", "inspect"] {
            library(&[command, "--keys", keys], &[], token.as_bytes()).refused(5, words);
        }
    }
    library(&["inspect"], &[], b"\xff").refused(5, "the token is not a strict JWT");
    library(&["inspect"], &[], "a".repeat(9000).as_bytes()).refused(5, "the token is longer than 8 KiB");
}
