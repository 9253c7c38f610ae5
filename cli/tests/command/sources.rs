//! Where keys and tokens come from.

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
fn someone_at_a_terminal_is_told_what_is_awaited() {
    let streams = Streams { stdin: Stream::Terminal, ..Streams::default() };
    let outcome = on_streams(streams, &["kid"], &[], key_text().as_bytes());
    assert_eq!((outcome.status, outcome.stdout.as_str()), (0, line(key()).as_str()));
    assert!(outcome.stderr.starts_with("Paste the key, "), "{outcome:?}");
    let outcome = on_streams(streams, &["inspect"], &[], token_issued(0).as_bytes());
    assert!(outcome.stderr.starts_with("Paste the token, "), "{outcome:?}");
    assert_eq!(on_streams(streams, &["kid"], &credential(), b"").good(), line(key()));
}

#[test]
fn colour_is_for_terminals_where_it_is_wanted() {
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
