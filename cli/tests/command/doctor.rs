//! `doctor` without the network.

use serde_json::Value;

use crate::harness::{Files, ID, Outcome, binary, credential, key, key_text, library, other_key};

fn doctor(environment: &[(&str, &str)]) -> Outcome {
    let outcome = binary(&["doctor"], environment, b"");
    outcome.holds_no_key();
    assert_eq!(outcome.stderr, "");
    outcome
}

/// The line of one check.
fn line<'a>(outcome: &'a Outcome, name: &str) -> &'a str {
    let found = outcome.stdout.lines().find(|line| line.get(6..).is_some_and(|rest| rest.starts_with(name)));
    found.unwrap_or_else(|| panic!("no {name}: {}", outcome.stdout))
}

#[test]
fn a_good_environment_is_all_right() {
    let kid = key().kid().to_string();
    let outcome = doctor(&[credential()[0], credential()[1], ("SCOUT_KID", &kid)]);
    assert_eq!(outcome.status, 0);
    assert!(outcome.stdout.lines().all(|line| line.starts_with("ok    ")), "{}", outcome.stdout);
    assert!(line(&outcome, "private key").ends_with("RSA, 2048 bits, in the form that Scout issues"));
    assert!(line(&outcome, "kid").contains(&kid));
}

#[test]
fn an_empty_environment_says_what_to_set() {
    let outcome = doctor(&[]);
    assert_eq!(outcome.status, 3);
    assert!(outcome.stdout.contains("fail  environment    an environment variable is not set: SCOUT_PRIVATE_KEY\n"));
    assert!(outcome.stdout.contains("help: set SCOUT_PRIVATE_KEY "), "{}", outcome.stdout);
}

#[test]
fn a_half_set_environment_names_what_is_missing() {
    let outcome = doctor(&credential()[..1]);
    assert_eq!(outcome.status, 3);
    assert!(line(&outcome, "credential id").starts_with("fail"), "{}", outcome.stdout);
    let outcome = doctor(&credential()[1..]);
    assert_eq!(outcome.status, 3);
    assert!(line(&outcome, "private key").starts_with("fail") && line(&outcome, "credential id").starts_with("skip"));
    let outcome = doctor(&[credential()[0], credential()[1], ("SCOUT_PRIVATE_KEY_FILE", "/nowhere")]);
    assert_eq!(outcome.status, 3);
    assert!(line(&outcome, "private key").contains("are both set"), "{}", outcome.stdout);
}

#[test]
fn a_public_key_in_place_of_the_private_key_is_found() {
    let public = key().public_key().to_base64url();
    let outcome = doctor(&[("SCOUT_PRIVATE_KEY", &public), credential()[1]]);
    assert_eq!(outcome.status, 4);
    assert!(line(&outcome, "private key").contains("this is a public key, but a private key is required"));
}

#[test]
fn the_first_failed_check_gives_the_status() {
    let other = other_key().kid().to_string();
    let outcome = doctor(&[credential()[0], ("SCOUT_CREDENTIAL_ID", "two words"), ("SCOUT_KID", &other)]);
    assert!(line(&outcome, "credential id").starts_with("fail") && line(&outcome, "kid").starts_with("fail"));
    assert_eq!(outcome.status, 3);
}

#[test]
fn a_kid_of_another_key_is_found() {
    let other = other_key().kid().to_string();
    let outcome = doctor(&[credential()[0], credential()[1], ("SCOUT_KID", &other)]);
    assert_eq!(outcome.status, 4);
    let line = line(&outcome, "kid");
    assert!(line.starts_with("fail") && line.contains(&other) && line.contains(key().kid().as_str()), "{line}");
}

#[test]
fn a_credential_id_that_cannot_be_one_is_found_and_not_shown() {
    let outcome = doctor(&[credential()[0], ("SCOUT_CREDENTIAL_ID", "my secret")]);
    assert_eq!(outcome.status, 3);
    assert!(line(&outcome, "credential id").starts_with("fail") && !outcome.stdout.contains("my secret"));
}

#[test]
fn the_form_of_the_key_is_told() {
    let mangled = format!("export SCOUT_PRIVATE_KEY='{}'", key_text());
    for (text, verdict, words) in [
        (&*key().to_pem(), "ok", "in PEM"),
        (&format!("{}\n", key_text()), "ok", "in the form that Scout issues"),
        (&mangled, "warn", "in another form"),
        (&*key().to_jwk(), "warn", "in another form"),
    ] {
        let outcome = doctor(&[("SCOUT_PRIVATE_KEY", text), credential()[1]]);
        let line = line(&outcome, "private key");
        assert!(outcome.status == 0 && line.starts_with(verdict) && line.contains(words), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let files = Files::new();
    let file = files.write("key", key_text());
    for (mode, verdict) in [(0o600, "ok"), (0o400, "ok"), (0o640, "warn"), (0o644, "warn")] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
        let outcome = doctor(&[("SCOUT_PRIVATE_KEY_FILE", &file), credential()[1]]);
        assert_eq!(outcome.status, 0);
        let line = line(&outcome, "key file");
        assert!(line.starts_with(verdict) && line.contains(&format!("(mode {mode:o})")), "{line}");
    }
}

#[test]
fn a_legacy_key_is_all_right_and_is_not_used_beside_an_org_credential() {
    let legacy = ("SCOUT_API_KEY", "scout_legacy_0123");
    let outcome = doctor(&[legacy]);
    assert_eq!((outcome.status, outcome.stdout.contains(legacy.1)), (0, false));
    assert!(line(&outcome, "api key").starts_with("ok"));
    let outcome = doctor(&[credential()[0], credential()[1], legacy]);
    assert_eq!((outcome.status, outcome.stdout.contains(legacy.1)), (0, false));
    assert!(line(&outcome, "environment").starts_with("warn"));
    assert_eq!(doctor(&[("SCOUT_API_KEY", "two words")]).status, 3);
}

#[test]
fn json_says_the_same() {
    let json = library(&["doctor", "--json"], &credential(), b"").json();
    assert_eq!(json["ok"], true);
    let wrong = [("SCOUT_PRIVATE_KEY", "no key"), ("SCOUT_CREDENTIAL_ID", ID)];
    let outcome = library(&["doctor", "--json"], &wrong, b"");
    let json: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let check = json["checks"].as_array().expect("checks").iter().find(|check| check["name"] == "private key");
    let check = check.expect("a check of the key");
    assert_eq!((outcome.status, &json["ok"]), (4, &false.into()));
    assert_eq!((&check["verdict"], &check["code"]), (&"failed".into(), &"ERR_KEY_ENCODING".into()));
    assert!(check["help"].as_str().is_some_and(|help| !help.is_empty()));
}

#[cfg(not(feature = "net"))]
#[test]
fn a_build_without_a_network_client_says_so() {
    let outcome = library(&["doctor", "--url", "https://api.scoutos.com/"], &credential(), b"");
    assert_eq!(outcome.status, 2);
    assert!(line(&outcome, "live call").contains("no network client"));
}
