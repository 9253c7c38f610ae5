//! Legacy keys.

use serde_json::json;

use crate::harness::{Server, text};

const KEYS: &str = "/v2/organizations/legacy-keys";

#[test]
fn a_legacy_key_is_shown_once_and_is_sent_as_it_is() {
    let server = Server::start();
    let created = server.manage(&format!("POST {KEYS}"), None).expect(201);
    let key = text(&created["key"]);
    assert!(key.starts_with("scout_") && key.starts_with(&text(&created["legacy_key"]["prefix"])), "{created}");
    let answer = server.call(&key, "GET /v2/workflows", None).expect(200);
    assert_eq!((&answer["authenticated_by"], &answer["roles"]), (&json!("legacy_key"), &json!(["admin"])));
    for line in [format!("GET {KEYS}"), "GET /v2/organizations/audit".to_owned()] {
        assert!(!server.manage(&line, None).body.contains(&key[12..]), "{line}");
    }
    server.call(&key[..key.len() - 1], "GET /v2/workflows", None).refused(401, "ERR_LOCAL_LEGACY_KEY_DAMAGED");
    server.manage(&format!("POST {KEYS}"), None).refused(409, "ERR_LOCAL_LEGACY_KEY_EXISTS");
}

#[test]
fn a_legacy_key_that_is_rotated_works_until_its_grace_period_is_over() {
    let server = Server::start();
    let old = server.manage(&format!("POST {KEYS}"), None).expect(201);
    let rotate = format!("POST {KEYS}/{}/rotate", text(&old["legacy_key"]["id"]));
    let new = server.manage(&rotate, Some(&json!({ "grace_period_hours": 0.5 }))).expect(201);
    for key in [&old, &new] {
        server.call(&text(&key["key"]), "GET /v2/workflows", None).expect(200);
    }
    server.manage("POST /_local/clock", Some(&json!({ "advance": 1801 }))).expect(200);
    server.call(&text(&old["key"]), "GET /v2/workflows", None).refused(401, "ERR_LOCAL_EXPIRED");
    server.call(&text(&new["key"]), "GET /v2/workflows", None).expect(200);
}

#[test]
fn a_legacy_key_that_was_rotated_has_one_successor_and_can_be_enabled_again() {
    let server = Server::start();
    let old = server.manage(&format!("POST {KEYS}"), None).expect(201);
    let path = format!("{KEYS}/{}", text(&old["legacy_key"]["id"]));
    let new = server.manage(&format!("POST {path}/rotate"), None).expect(201);
    server.manage(&format!("POST {path}/rotate"), None).refused(409, "ERR_LOCAL_LEGACY_KEY_EXISTS");
    server.call(&text(&old["key"]), "GET /v2/workflows", None).refused(401, "ERR_LOCAL_EXPIRED");
    let enabled = server.manage(&format!("PATCH {path}"), Some(&json!({ "enabled": true }))).expect(200);
    assert_eq!((&enabled["status"], &enabled["expires_at"]), (&json!("enabled"), &json!(null)));
    for key in [&old, &new] {
        server.call(&text(&key["key"]), "GET /v2/workflows", None).expect(200);
    }
    let path = format!("{KEYS}/{}", text(&new["legacy_key"]["id"]));
    server.manage(&format!("POST {path}/rotate"), None).expect(201);
}

#[test]
fn a_legacy_key_is_disabled_and_then_deleted() {
    let server = Server::start();
    let own = "a-key-of-somebody-elses-making-1234";
    let created = server.manage(&format!("POST {KEYS}"), Some(&json!({ "key": own }))).expect(201);
    assert!(created.get("key").is_none(), "{created}");
    let id = text(&created["legacy_key"]["id"]);
    server.call(own, "GET /v2/workflows", None).expect(200);
    server.manage(&format!("PATCH {KEYS}/{id}"), Some(&json!({ "enabled": false }))).expect(200);
    server.call(own, "GET /v2/workflows", None).refused(401, "ERR_LOCAL_DISABLED");
    server.manage(&format!("DELETE {KEYS}/{id}"), None).expect(204);
    server.call(own, "GET /v2/workflows", None).refused(401, "ERR_LOCAL_DELETED");
    server.manage(&format!("POST {KEYS}"), Some(&json!({ "key": "too-short" }))).expect(422);
}
