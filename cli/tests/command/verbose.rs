//! `--verbose`: where the credential is read from, and what is minted.

use scout_auth::Kid;

use crate::harness::{Files, ID, Outcome, binary, credential, key, key_text, library};

/// The notes on standard error, without the times.
fn notes(outcome: &Outcome) -> Vec<String> {
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let note = |line: &str| line.strip_prefix("note: ").expect("a note").to_owned();
    let untimed = |note: String| note.split(", expires at ").next().unwrap_or_default().to_owned();
    outcome.stderr.lines().map(note).map(untimed).collect()
}

fn minted(kid: Kid) -> String {
    format!("minted a token with kid {kid}")
}

#[test]
fn a_token_is_printed_alone_and_the_notes_are_on_standard_error() {
    for subcommand in ["token", "authorization", "headers"] {
        let quiet = library(&[subcommand], &credential(), b"");
        assert_eq!(quiet.stderr, "");
        let outcome = binary(&[subcommand, "--verbose"], &credential(), b"");
        assert_eq!(outcome.stdout.lines().count(), 1);
        let expected = [
            "the private key is read from SCOUT_PRIVATE_KEY".to_owned(),
            "the credential id is read from SCOUT_CREDENTIAL_ID".to_owned(),
            minted(key().kid()),
        ];
        assert_eq!(notes(&outcome), expected);
        assert!(!outcome.stderr.contains(outcome.stdout.trim()), "the token is in the notes");
    }
}

#[test]
fn each_source_is_named_with_its_path() {
    let files = Files::new();
    let (file, key_file) = (files.credential(), files.write("key.pem", key().to_pem()));
    let folder = files.path("folder");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("private_key"), key_text()).expect("written");
    std::fs::write(folder.join("credential_id"), ID).expect("written");
    let folder = folder.to_str().expect("UTF-8");
    let command = format!(r#"["cat","{file}"]"#);
    let id = ("SCOUT_CREDENTIAL_ID", ID);
    for (args, environment, stdin, expected) in [
        (
            &["--credential-file", &file][..],
            &[][..],
            "",
            format!("the credential is read from the file {file} (--credential-file)"),
        ),
        (
            &[],
            &[("SCOUT_CREDENTIAL_FILE", folder)],
            "",
            format!("the credential is read from the folder {folder} (SCOUT_CREDENTIAL_FILE)"),
        ),
        (
            &[],
            &[("SCOUT_CREDENTIAL_COMMAND", &command)],
            "",
            "the credential is the output of the program in SCOUT_CREDENTIAL_COMMAND".to_owned(),
        ),
        (
            &["--key-file", &key_file],
            &[id],
            "",
            format!("the private key is read from the file {key_file} (--key-file)"),
        ),
        (
            &["--key-file", "-"],
            &[id],
            key_text(),
            "the private key is read from standard input (--key-file)".to_owned(),
        ),
        (
            &[],
            &[id, ("SCOUT_PRIVATE_KEY_FILE", &key_file)],
            "",
            format!("the private key is read from the file {key_file} (SCOUT_PRIVATE_KEY_FILE)"),
        ),
        (&[], &[id, ("SCOUT_API_KEY", key_text())], "", "the private key is read from SCOUT_API_KEY".to_owned()),
        (&[], &[id], key_text(), "the private key is read from standard input".to_owned()),
    ] {
        let outcome = library(&[&["token", "--verbose"], args].concat(), environment, stdin.as_bytes());
        let notes = notes(&outcome);
        assert_eq!(notes[0], expected);
        assert_eq!(notes.last(), Some(&minted(key().kid())));
        outcome.holds_no_key();
    }
}

#[test]
fn an_option_is_named_in_place_of_its_variable() {
    let kid = key().kid().to_string();
    let environment = [&credential()[..], &[("SCOUT_KID", &kid)]].concat();
    let outcome = library(&["token", "--verbose", "--credential-id", "cred_9", "--kid", &kid], &environment, b"");
    let notes = notes(&outcome);
    assert_eq!(
        notes[1..3],
        ["the credential id is read from --credential-id", "the kid that the key must have is read from --kid"]
    );
}

#[test]
fn a_legacy_key_is_named_and_nothing_is_minted() {
    let outcome = library(&["authorization", "--verbose"], &[("SCOUT_API_KEY", "scout_legacy_0123456789")], b"");
    assert_eq!(notes(&outcome), ["the API key is read from SCOUT_API_KEY"]);
}

#[test]
fn a_key_in_place_of_a_path_is_not_shown() {
    for name in ["SCOUT_CREDENTIAL_FILE", "SCOUT_PRIVATE_KEY_FILE", "SCOUT_CREDENTIAL_COMMAND"] {
        let environment = [(name, key_text()), ("SCOUT_CREDENTIAL_ID", ID)];
        let outcome = library(&["token", "--verbose"], &environment, b"");
        assert!(outcome.stderr.starts_with("note: ") && outcome.stderr.contains("\nerror: "), "{outcome:?}");
        outcome.holds_no_key();
    }
}

#[test]
fn doctor_tells_the_source_beside_its_report() {
    let files = Files::new();
    let file = files.credential();
    let outcome = library(&["doctor", "--verbose", "--credential-file", &file], &[], b"");
    let expected = [format!("the credential is read from the file {file} (--credential-file)"), minted(key().kid())];
    assert_eq!(notes(&outcome), expected);
    outcome.holds_no_key();
    let legacy = library(&["doctor", "--verbose"], &[("SCOUT_API_KEY", "scout_legacy_0123456789")], b"");
    assert_eq!(notes(&legacy), ["the API key is read from SCOUT_API_KEY"]);
    assert_eq!(library(&["doctor", "--verbose"], &[], b"").stderr, "");
}

#[cfg(feature = "net")]
#[test]
fn a_subcommand_that_runs_on_tells_each_event_when_it_happens() {
    // Both mint before they go on, and end at once: the client is gone, the program does nothing.
    let subcommands = [
        &["mcp", "--verbose", "http://127.0.0.1:9/mcp"][..],
        &["run", "--verbose", "--origin", "http://127.0.0.1:9", "--", "/bin/true"],
    ];
    for args in subcommands {
        let expected = [
            "the private key is read from SCOUT_PRIVATE_KEY".to_owned(),
            "the credential id is read from SCOUT_CREDENTIAL_ID".to_owned(),
            minted(key().kid()),
        ];
        assert_eq!(notes(&binary(args, &credential(), b"")), expected);
    }
}
