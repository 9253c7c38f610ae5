//! `credentials`, with a server of `serve`.

use scout_auth::CredentialFile;
use serde_json::Value;

use crate::harness::{Files, Outcome, key, library};
use crate::serve::{Serve, token};

/// Runs `credentials` with the admin token.
fn manage(serve: &Serve, args: &[&str]) -> Outcome {
    let (url, token) = (serve.text("url"), serve.text("admin_token"));
    let args: Vec<_> = ["credentials"].iter().chain(args).copied().collect();
    library(&args, &[("SCOUT_LOCAL_URL", &url), ("SCOUT_LOCAL_ADMIN_TOKEN", &token)], b"")
}

fn id(json: &Value) -> String {
    json["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_credential_is_created_rotated_disabled_and_deleted() {
    let serve = Serve::start(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("credential.json");
    let out = path.to_str().expect("text");
    let said = manage(&serve, &["create", "prod-api", "--role", "member", "--out", out]).good();
    assert!(said.contains("prod-api") && !said.contains("MII"), "{said}");
    let file = CredentialFile::parse(&std::fs::read(&path).expect("a file")).expect("a credential file");
    let old = file.credential_id.clone().expect("an id");
    assert_eq!(serve.status(&token(&file)), 200);
    manage(&serve, &["create", "prod-api", "--out", out]).refused(1, "there is one already");

    let lines = manage(&serve, &["rotate", &old]).good();
    assert!(lines.starts_with("SCOUT_PRIVATE_KEY=MII") && lines.contains("\nSCOUT_CREDENTIAL_ID=cred_"), "{lines}");
    let successor = CredentialFile::parse(lines.as_bytes()).expect("a credential file");
    assert_eq!([serve.status(&token(&file)), serve.status(&token(&successor))], [200, 200]);

    manage(&serve, &["disable", &old]).good();
    assert_eq!([serve.status(&token(&file)), serve.status(&token(&successor))], [401, 200]);
    let list = manage(&serve, &["list"]).good();
    let row = |name: &str| list.lines().find(|line| line.contains(name)).expect("a row").to_owned();
    assert!(row("prod-api ").contains("disabled") && row("prod-api-v2").contains("enabled"), "{list}");

    manage(&serve, &["enable", &old]).good();
    manage(&serve, &["delete", &old]).refused(6, "the credential is enabled");
    manage(&serve, &["delete", &old, "--force"]).good();
    manage(&serve, &["show", &old]).refused(6, "the organisation has no credential with this id");
}

#[test]
fn an_own_public_key_is_used_and_the_answer_is_the_servers() {
    let serve = Serve::start(&[]);
    let files = Files::new();
    let args = ["create", "own", "--public-key", &files.write("public.pem", key().public_key().to_pem()), "--json"];
    let created = manage(&serve, &args).json();
    assert_eq!(created["credential"]["kid"], key().kid().as_str());
    assert_eq!(created["credential"]["roles"][0], "member");
    assert!(created.get("private_key").is_none(), "{created}");
    let renamed = manage(&serve, &["rename", &id(&created["credential"]), "a \u{202e}name", "--json"]).json();
    assert_eq!(renamed["name"], "a \u{202e}name");
    let list = manage(&serve, &["list"]).good();
    assert!(list.contains("a \\u202ename") && !list.contains('\u{202e}'), "{list}");
}

#[test]
fn the_audit_trail_is_printed_and_checked() {
    let serve = Serve::start(&["--create", "first"]);
    let printed = manage(&serve, &["audit"]).good();
    assert!(printed.contains("  credential.created  by system  cred_"), "{printed}");
    let checked = manage(&serve, &["audit", "--verify"]).good();
    assert!(checked.starts_with("2 events, each of which follows from the one before\nlast  "), "{checked}");
}

#[test]
fn a_last_event_that_was_changed_in_the_file_is_found_with_the_hash_of_an_earlier_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state");
    let args = ["--state", path.to_str().expect("text")];
    let mut serve = Serve::start(&args);
    manage(&serve, &["create", "a-name-that-is-long"]).good();
    let checked = manage(&serve, &["audit", "--verify"]).good();
    let last = checked.trim_end().rsplit(' ').next().expect("a hash");
    manage(&serve, &["audit", "--verify", "--last", last]).good();
    manage(&serve, &["audit", "--verify", "--last", "abc"]).refused(2, "--last is no hash");
    assert_eq!(serve.end(), Some(0));

    let mut file = std::fs::read(&path).expect("a file");
    let at = file.windows(19).position(|bytes| bytes == b"a-name-that-is-long").expect("the last event");
    file[at] = b'b';
    std::fs::write(&path, file).expect("it is written");
    let serve = Serve::start(&args);
    assert!(manage(&serve, &["list"]).good().contains("b-name-that-is-long"));
    manage(&serve, &["audit", "--verify"]).good();
    manage(&serve, &["audit", "--verify", "--last", last]).refused(6, "no event has the hash of --last");
}

#[test]
fn a_credential_has_the_scopes_that_the_command_names_until_it_removes_them() {
    let serve = Serve::start(&[]);
    let files = Files::new();
    let file = files.write("public.pem", key().public_key().to_pem());
    let args = ["create", "reader", "--scope", "GET /v2/x", "--scope", "GET /v2/y/**", "--public-key", &file];
    let created = manage(&serve, &args).good();
    assert!(created.contains("\nmay            GET /v2/x\nmay            GET /v2/y/**\n"), "{created}");
    let id = created.lines().next().and_then(|line| line.split_whitespace().last()).expect("an id").to_owned();
    let own = CredentialFile { key: key().clone(), credential_id: Some(id.clone()), kid: None };
    assert_eq!(serve.status(&token(&own)), 200);
    let scoped = manage(&serve, &["scope", &id, "GET /v2/y/**", "POST /v2/x"]).good();
    assert!(scoped.contains("may            POST /v2/x\n") && !scoped.contains("GET /v2/x\n"), "{scoped}");
    assert_eq!(serve.status(&token(&own)), 403);
    let free = manage(&serve, &["scope", &id, "--all"]).good();
    assert!(!free.contains("\nmay "), "{free}");
    assert_eq!(serve.status(&token(&own)), 200);
    manage(&serve, &["scope", &id, "/v2/x"]).refused(2, "this is no scope");
    manage(&serve, &["scope", &id, "get /v2/x"]).refused(6, "a method in capital letters");
    manage(&serve, &["scope", &id]).refused(2, "required");
}

#[test]
fn a_credential_with_the_role_admin_needs_no_admin_token() {
    let serve = Serve::start(&["--create", "first"]);
    let file = CredentialFile::parse(serve.line.as_bytes()).expect("a credential file");
    let (url, key) = (serve.text("url"), file.key.to_base64url());
    let id = file.credential_id.expect("an id");
    let environment = [("SCOUT_PRIVATE_KEY", key.as_str()), ("SCOUT_CREDENTIAL_ID", &id), ("SCOUT_LOCAL_URL", &url)];
    let list = library(&["credentials", "list"], &environment, b"").good();
    assert!(list.contains(&id), "{list}");
    let nowhere = library(&["credentials", "list"], &[("SCOUT_LOCAL_URL", &url)], b"");
    nowhere.refused(3, "SCOUT_");
    let elsewhere = [environment[0], environment[1], ("SCOUT_LOCAL_URL", "http://scout.example")];
    library(&["credentials", "list"], &elsewhere, b"").refused(3, "http");
}

#[test]
fn an_id_leads_to_no_other_path() {
    let serve = Serve::start(&[]);
    for id in ["", "..", "a/b", "a?force=true", "a%2fb"] {
        manage(&serve, &["show", id]).refused(2, "this is no credential id");
    }
}

#[test]
fn without_a_server_the_help_says_how_to_start_one() {
    let environment = [("SCOUT_LOCAL_URL", "http://127.0.0.1:1"), ("SCOUT_LOCAL_ADMIN_TOKEN", "x")];
    let refused = library(&["credentials", "list"], &environment, b"");
    refused.refused(6, "there was no answer");
    assert!(refused.stderr.contains("scout-auth serve"), "{refused:?}");
}
