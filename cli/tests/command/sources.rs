//! The sources of keys and tokens.

use scout_auth_cli::{Stream, Streams};

use crate::harness::{Files, ID, credential, key, key_text, library, on_streams, other_key, token_issued};

fn line(key: &scout_auth::PrivateKey) -> String {
    format!("{}\n", key.kid())
}

#[test]
fn a_key_comes_from_a_file_the_environment_or_standard_input() {
    let files = Files::new();
    let pem = files.write("key.pem", &*key().to_pem());
    let der = files.write("key.der", &*key().to_der());
    let expected = line(key());
    assert_eq!(library(&["kid", "--key-file", &pem], &[], b"").good(), expected);
    assert_eq!(library(&["kid", "--key-file", &der], &[], b"").good(), expected);
    assert_eq!(library(&["kid", "--key-file", "-"], &[], key_text().as_bytes()).good(), expected);
    assert_eq!(library(&["kid"], &[("SCOUT_PRIVATE_KEY", key_text())], b"").good(), expected);
    assert_eq!(library(&["kid"], &[("SCOUT_PRIVATE_KEY_FILE", &pem)], b"").good(), expected);
    assert_eq!(library(&["kid"], &[], &key().to_der()).good(), expected);
    assert_eq!(library(&["kid"], &[("SCOUT_PRIVATE_KEY", "")], key_text().as_bytes()).good(), expected);
}

#[test]
fn a_key_file_comes_before_the_environment_and_that_before_standard_input() {
    let files = Files::new();
    let file = files.write("other", &*other_key().to_base64url());
    let other = other_key().to_pem();
    assert_eq!(library(&["kid", "--key-file", &file], &credential(), b"").good(), line(other_key()));
    assert_eq!(library(&["kid", "--key-file", "-"], &credential(), other.as_bytes()).good(), line(other_key()));
    assert_eq!(library(&["kid"], &credential(), other.as_bytes()).good(), line(key()));
}

#[test]
fn a_key_file_goes_with_the_credential_id_of_the_environment() {
    let files = Files::new();
    let file = files.write("key", key_text());
    let environment = [("SCOUT_CREDENTIAL_ID", ID)];
    assert!(library(&["token", "--key-file", &file], &environment, b"").good().starts_with("eyJ"));
    assert!(library(&["authorization", "--key-file", &file], &environment, b"").good().starts_with("Bearer eyJ"));
    assert!(library(&["token"], &environment, key_text().as_bytes()).good().starts_with("eyJ"));
}

#[test]
fn a_token_comes_from_a_file_or_standard_input() {
    let files = Files::new();
    let (keys, token) = (files.public_key(), token_issued(0));
    let file = files.write("token", format!("{token}\r\n"));
    for (args, stdin) in [
        (&["verify", "--keys", &keys, "--token-file", &file][..], ""),
        (&["verify", "--keys", &keys, "--token-file", "-"], &token),
        (&["verify", "--keys", &keys], &format!("\n {token}\n")),
        (&["verify", "--keys", "-", "--token-file", &file], &key().public_key().to_pem()),
    ] {
        library(args, &[], stdin.as_bytes()).good();
    }
}

#[test]
fn an_unread_key_on_standard_input_is_reported() {
    let other = other_key().to_pem();
    for stream in [Stream::Pipe, Stream::File { mode: 0o600 }] {
        let streams = Streams { stdin: stream, ..Streams::default() };
        for command in ["kid", "pem"] {
            let outcome = on_streams(streams, &[command], &credential(), other.as_bytes());
            let note =
                "note: the key is that of SCOUT_PRIVATE_KEY; standard input is not read (--key-file - reads it)\n";
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, note));
            on_streams(streams, &[command, "--key-file", "-"], &credential(), other.as_bytes()).good();
            on_streams(streams, &[command], &[], other.as_bytes()).good();
        }
        on_streams(streams, &["token"], &credential(), b"").good();
    }
}

#[test]
fn keygen_warns_of_a_file_that_others_can_read() {
    for (mode, warned) in [(0o600, false), (0o644, true), (0o640, true)] {
        let streams = Streams { stdout: Stream::File { mode }, ..Streams::default() };
        let outcome = on_streams(streams, &["keygen"], &[], b"");
        assert_eq!(
            (outcome.status, outcome.stderr.starts_with("warning: others can read")),
            (0, warned),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_prompt_on_a_terminal_says_what_to_paste() {
    let streams = Streams { stdin: Stream::Terminal, ..Streams::default() };
    let outcome = on_streams(streams, &["kid"], &[], key_text().as_bytes());
    assert_eq!((outcome.status, outcome.stdout.as_str()), (0, line(key()).as_str()));
    assert!(outcome.stderr.starts_with("Paste the key, "), "{outcome:?}");
    let outcome = on_streams(streams, &["inspect"], &[], token_issued(0).as_bytes());
    assert!(outcome.stderr.starts_with("Paste the token, "), "{outcome:?}");
    assert_eq!(on_streams(streams, &["kid"], &credential(), b"").good(), line(key()));
}

#[test]
fn a_terminal_gets_colours_if_the_user_wants_them() {
    let streams = Streams { stdout: Stream::Terminal, stderr: Stream::Terminal, ..Streams::default() };
    let (stdin, coloured) = (b"x.y", "\x1b[1;31merror:\x1b[0m ");
    assert!(on_streams(streams, &["inspect"], &[], stdin).stderr.starts_with(coloured));
    assert!(on_streams(streams, &["doctor"], &credential(), b"").stdout.contains("\x1b[1;32mok"));
    for plain in [
        on_streams(streams, &["inspect"], &[("NO_COLOR", "1")], stdin),
        on_streams(Streams { stdout: Stream::Terminal, ..Streams::default() }, &["inspect"], &[], stdin),
    ] {
        assert!(plain.stderr.starts_with("error: "), "{plain:?}");
    }
    assert!(on_streams(streams, &["inspect"], &[("NO_COLOR", "")], stdin).stderr.starts_with(coloured));
    assert!(on_streams(streams, &["inspect"], &[("TERM", "dumb")], stdin).stderr.starts_with("error: "));
    assert!(on_streams(streams, &["inspect"], &[("TERM", "xterm")], stdin).stderr.starts_with(coloured));
}
