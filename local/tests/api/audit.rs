//! The audit trail.

use scout_auth::Settings;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::harness::{CREDENTIALS, Server, key, mint, text};

const AUDIT: &str = "GET /v2/organizations/audit";

fn lines(server: &Server) -> Vec<String> {
    let headers = format!("Authorization: Bearer {}\r\nAccept: application/x-ndjson\r\n", server.admin);
    let answer = server.call_with(&headers, AUDIT, None);
    assert_eq!(answer.header("Content-Type"), Some("application/x-ndjson"));
    answer.body.lines().map(str::to_owned).collect()
}

#[test]
fn each_change_is_one_event_with_its_actor_and_its_kid() {
    let server = Server::start();
    let signer = server.signer(&["admin"]);
    let token = signer.token().unwrap();
    let line = format!("PATCH {CREDENTIALS}/{}", signer.credential_id());
    let changes = json!({ "name": "renamed", "scopes": [{ "method": "*", "path": "/**" }] });
    server.call(token.as_str(), &line, Some(&changes)).expect(200);
    // What is so already is no event.
    server.call(token.as_str(), &line, Some(&json!({ "name": "renamed", "enabled": true }))).expect(200);
    server.manage(&line, Some(&json!({ "enabled": false }))).expect(200);
    let events: Vec<Value> = server.manage(AUDIT, None).expect(200)["events"].as_array().unwrap().clone();
    let told: Vec<_> = events.iter().map(|event| (text(&event["event"]), text(&event["actor"]["type"]))).collect();
    let pair = |event: &str, actor: &str| (event.to_owned(), actor.to_owned());
    assert_eq!(
        told,
        [
            pair("organization.created", "system"),
            pair("credential.created", "system"),
            pair("credential.renamed", "organization"),
            pair("credential.scoped", "organization"),
            pair("credential.disabled", "system"),
        ]
    );
    assert!(events[1..].iter().all(|event| event["kid"] == json!(key(0).kid().as_str())), "{events:?}");
    assert_eq!(events[2]["actor"]["id"], json!(signer.credential_id()));
}

#[test]
fn each_line_has_the_sha_256_of_the_line_before_it() {
    let server = Server::start();
    server.create("a", &["member"], key(0));
    server.create("b", &["member"], key(1));
    let other = server.manage("POST /_local/organizations", None).expect(201);
    server.create("c", &["member"], key(2));
    let lines = lines(&server);
    assert_eq!(lines.len(), 4);
    assert!(!lines.concat().contains(&text(&other["id"])), "another organisation's event");
    for pair in lines.windows(2) {
        let hash = Sha256::digest(&pair[0]).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(text(&serde_json::from_str::<Value>(&pair[1]).unwrap()["previous"]), hash);
    }
}

#[test]
fn a_refusal_is_in_the_trail_once_a_second_for_a_credential_and_reason() {
    let server = Server::start();
    server.create("a", &["member"], key(0));
    let token = mint("cred_wrong", key(0), Settings::default());
    for _ in 0..30 {
        server.call(&token, "GET /v2/x", None).refused(401, "ERR_LOCAL_SUBJECT");
    }
    // The writer is a thread of its own: a change comes after what was noted before.
    server.create("b", &["member"], key(1));
    let refusals: Vec<_> = lines(&server).into_iter().filter(|line| line.contains("request.refused")).collect();
    assert!((1..=10).contains(&refusals.len()), "{refusals:?}");
    assert!(refusals[0].contains("ERR_LOCAL_SUBJECT") && refusals[0].contains(key(0).kid().as_str()), "{refusals:?}");
}
