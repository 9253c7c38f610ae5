//! `doctor` without the network.

use serde_json::Value;

use crate::harness::{Files, ID, Outcome, binary, credential, key, key_text, library, other_key, token_issued};

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
    assert!(line(&outcome, "private key").contains("contradict each other"), "{}", outcome.stdout);
}

#[test]
fn a_public_key_in_place_of_the_private_key_is_found() {
    let public = key().public_key().to_base64url();
    let outcome = doctor(&[("SCOUT_PRIVATE_KEY", &public), credential()[1]]);
    assert_eq!(outcome.status, 4);
    assert!(line(&outcome, "private key").contains("this is a public key, but a private key is required"));
}

#[test]
fn the_status_is_that_of_the_first_failed_check() {
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
    for (mode, verdict) in [(0o600, "ok"), (0o400, "ok"), (0o440, "ok"), (0o640, "warn"), (0o644, "warn")] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
        let outcome = doctor(&[("SCOUT_PRIVATE_KEY_FILE", &file), credential()[1]]);
        assert_eq!(outcome.status, 0);
        let line = line(&outcome, "key file");
        assert!(line.starts_with(verdict) && line.contains(&format!("(mode {mode:o})")), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn a_credential_file_a_folder_and_a_command_are_read_and_checked() {
    use std::os::unix::fs::PermissionsExt as _;
    let files = Files::new();
    let (file, kid) = (files.credential(), key().kid().to_string());
    std::fs::create_dir(files.path("folder")).expect("made");
    let folder = files.path("folder").to_str().expect("UTF-8").to_owned();
    for (name, text) in [("folder/private_key", key_text()), ("folder/credential_id", ID)] {
        let path = files.write(name, text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).expect("set");
    }
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("set");
    let command = serde_json::json!(["/bin/cat", file]).to_string();
    for source in
        [("SCOUT_CREDENTIAL_FILE", &file), ("SCOUT_CREDENTIAL_FILE", &folder), ("SCOUT_CREDENTIAL_COMMAND", &command)]
    {
        let outcome = doctor(&[(source.0, source.1)]);
        assert_eq!(outcome.status, 0, "{}", outcome.stdout);
        assert!(outcome.stdout.lines().all(|line| line.starts_with("ok    ")), "{}", outcome.stdout);
        assert!(line(&outcome, "credential ").ends_with("it can be read: RSA, 2048 bits"));
        assert!(line(&outcome, "kid").contains(&kid) && line(&outcome, "clock").ends_with("the key signs"));
    }
    let outcome = library(&["doctor", "--credential-file", &file], &[("SCOUT_PRIVATE_KEY", "no key")], b"");
    assert_eq!(outcome.status, 0, "{}", outcome.stdout);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("set");
    assert!(line(&doctor(&[("SCOUT_CREDENTIAL_FILE", &file)]), "key file").starts_with("warn"));
}

#[cfg(unix)]
#[test]
fn a_source_that_cannot_be_used_is_a_failure_with_its_code() {
    let files = Files::new();
    let half = files.write("half.json", format!("{{\"private_key\":\"{}\"}}", key_text()));
    let other = other_key().kid().to_string();
    let good = files.credential();
    for (environment, status, name, words) in [
        (&[("SCOUT_CREDENTIAL_FILE", "/nowhere")][..], 3, "credential", "cannot be read"),
        (&[("SCOUT_CREDENTIAL_FILE", &half)], 3, "credential", "lacks a field: credential_id"),
        (&[("SCOUT_CREDENTIAL_COMMAND", "cat")], 3, "credential", "not a list of a program"),
        (&[("SCOUT_CREDENTIAL_COMMAND", "[\"/bin/false\"]")], 3, "credential", "failed: exit status 1"),
        (&[("SCOUT_CREDENTIAL_FILE", &good), credential()[0]], 3, "credential", "contradict each other"),
        (&[("SCOUT_CREDENTIAL_FILE", &good), ("SCOUT_KID", &other)], 4, "kid", "belongs to another key"),
    ] {
        let outcome = doctor(environment);
        let line = line(&outcome, name);
        assert!(line.starts_with("fail") && line.contains(words), "{}", outcome.stdout);
        assert_eq!(outcome.status, status, "{}", outcome.stdout);
    }
}

#[test]
fn a_hash_of_the_spki_in_place_of_the_kid_is_found() {
    let files = Files::new();
    let names = library(&["kid", "--all", "--json", "--key-file", &files.public_key()], &[], b"").json();
    for name in ["spki_sha256_hex", "spki_sha256_base64url"] {
        let hash = names[name].as_str().expect("a text");
        let outcome = doctor(&[credential()[0], credential()[1], ("SCOUT_KID", hash)]);
        assert_eq!(outcome.status, 4);
        assert!(outcome.stdout.contains("help: SCOUT_KID is the SHA-256 of the public key in SPKI"), "{name}");
        let file = [("SCOUT_CREDENTIAL_FILE", &*files.credential())];
        for environment in [&credential()[..], &file] {
            let outcome = doctor(environment);
            let shown = line(&outcome, "public key");
            assert!(shown.starts_with("ok") && shown.contains(hash), "{shown}");
        }
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
fn what_is_not_a_legacy_key_in_its_variable_is_named() {
    let token = token_issued(0);
    let expired = token_issued(-1000);
    let public = key().public_key().to_base64url();
    for (text, status, verdict, words) in [
        (key_text(), 0, "warn", "a private key: it is itself sent with each request"),
        (&public, 4, "fail", "this is a public key"),
        (&token, 0, "warn", "a token: Scout accepts it for 5 minutes at most"),
        (&expired, 5, "fail", "the token has expired"),
        ("************", 4, "fail", "this is a masked copy"),
        ("<YOUR_API_KEY>", 4, "fail", "this is a placeholder"),
        ("op://vault/scout/key", 4, "fail", "a reference to a secret"),
        ("scout_legacy_0123456789", 0, "ok", "a legacy key"),
        ("short", 0, "ok", "a legacy key"),
    ] {
        let outcome = doctor(&[("SCOUT_API_KEY", text)]);
        let line = line(&outcome, "api key");
        assert!(line.starts_with(verdict) && line.contains(words), "{text}: {line}");
        assert_eq!(outcome.status, status, "{text}");
    }
}

#[test]
fn a_private_key_in_the_variable_of_the_api_key_is_found() {
    let outcome = doctor(&[("SCOUT_API_KEY", key_text()), credential()[1]]);
    assert_eq!(outcome.status, 0);
    let environment = line(&outcome, "environment");
    assert!(environment.starts_with("warn") && environment.contains("SCOUT_API_KEY holds the private key"));
    assert!(outcome.stdout.contains("help: set it as SCOUT_PRIVATE_KEY\n"), "{}", outcome.stdout);
}

#[test]
fn a_kid_in_place_of_the_credential_id_is_found() {
    let (kid, other) = (key().kid().to_string(), other_key().kid().to_string());
    let outcome = doctor(&[credential()[0], ("SCOUT_CREDENTIAL_ID", &kid)]);
    assert_eq!(outcome.status, 3);
    assert!(line(&outcome, "credential id").contains("the credential id is the kid of the key"), "{}", outcome.stdout);
    let swapped = doctor(&[credential()[0], ("SCOUT_CREDENTIAL_ID", &kid), ("SCOUT_KID", ID)]);
    assert!(line(&swapped, "credential id").starts_with("fail") && line(&swapped, "kid").starts_with("fail"));
    let outcome = doctor(&[credential()[0], ("SCOUT_CREDENTIAL_ID", &other)]);
    assert_eq!(outcome.status, 0);
    assert!(line(&outcome, "credential id").starts_with("warn"), "{}", outcome.stdout);
}

#[test]
fn variables_that_nothing_reads_are_named() {
    let [key, id] = credential();
    let outcome = doctor(&[key, id, ("SCOUT_CRED_ID", "x"), ("SCOUT_PRIVATEKEY", "x"), ("SCOUT_PUBLIC_KEY", "x")]);
    assert_eq!(outcome.status, 0);
    let variables = line(&outcome, "variables");
    assert!(variables.starts_with("warn") && variables.ends_with(": SCOUT_CRED_ID, SCOUT_PRIVATEKEY"), "{variables}");
    let secret = format!("SCOUT_{}", &key_text()[..20]);
    assert!(!doctor(&[key, id, (&secret, "x")]).stdout.contains("variables"));
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
    assert_eq!((&check["verdict"], &check["code"]), (&"fail".into(), &"ERR_KEY_ENCODING".into()));
    assert!(check["help"].as_str().is_some_and(|help| !help.is_empty()));
}
