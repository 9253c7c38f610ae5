//! Org credentials, from their creation to their deletion.

use scout_auth::{CredentialFile, Settings, Signer};
use serde_json::json;

use crate::harness::{CREDENTIALS, Server, key, mint, text};

#[test]
fn a_new_key_pair_is_returned_once_and_the_answer_is_a_credential_file() {
    let server = Server::start();
    let answer =
        server.manage(&format!("POST {CREDENTIALS}"), Some(&json!({ "name": "prod-api", "roles": ["member"] })));
    let created = answer.expect(201);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    let file = CredentialFile::parse(answer.body.as_bytes()).unwrap();
    assert_eq!(text(&created["credential"]["kid"]), file.key.kid().as_str());
    let id = file.credential_id.unwrap();
    let token = mint(&id, &file.key, Settings::default());
    server.call(&token, "GET /v2/workflows", None).expect(200);
    // Nowhere else.
    let private_key = text(&created["private_key"]);
    for line in ["GET /v2/organizations/credentials", "GET /v2/organizations/audit", "GET /.well-known/jwks.json"] {
        let body = server.manage(line, None).body;
        assert!(body.contains(text(&created["credential"]["kid"]).as_str()), "{line}: {body}");
        assert!(!body.contains(&private_key[60..90]), "{line}: {body}");
    }
    let again = server.manage(&format!("GET {CREDENTIALS}/{id}/private-key"), None);
    again.refused(410, "ERR_LOCAL_PRIVATE_KEY_NOT_KEPT");
}

#[test]
fn a_disabled_credential_is_refused_by_the_next_request_and_accepted_again_when_enabled() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let (token, id) = (signer.token().unwrap(), signer.credential_id());
    let switch = |enabled: bool| {
        let line = format!("PATCH {CREDENTIALS}/{id}");
        server.manage(&line, Some(&json!({ "enabled": enabled }))).expect(200)["status"].clone()
    };
    for _ in 0..20 {
        server.call(token.as_str(), "GET /v2/workflows", None).expect(200);
        assert_eq!(switch(false), "disabled");
        server.call(token.as_str(), "GET /v2/workflows", None).refused(401, "ERR_LOCAL_DISABLED");
        assert_eq!(switch(true), "enabled");
    }
}

#[test]
fn a_rotation_makes_a_successor_beside_the_old_one_which_works_until_it_is_disabled() {
    let server = Server::start();
    let old = server.create("prod-api", &["member"], key(0));
    let (old_id, scopes) = (text(&old["id"]), json!([{ "method": "GET", "path": "/v2/**" }]));
    server.manage(&format!("PATCH {CREDENTIALS}/{old_id}"), Some(&json!({ "scopes": scopes }))).expect(200);
    let rotated = server.manage(&format!("POST {CREDENTIALS}/{old_id}/rotate"), None).expect(201);
    let new = &rotated["credential"];
    assert_eq!(
        (&new["name"], &new["roles"], &new["scopes"], &new["predecessor"]),
        (&json!("prod-api-v2"), &json!(["member"]), &scopes, &json!(old_id))
    );
    let key_of_new = scout_auth::PrivateKey::parse(text(&rotated["private_key"])).unwrap();
    let old_token = mint(&old_id, key(0), Settings::default());
    let new_token = mint(&text(&new["id"]), &key_of_new, Settings::default());
    for token in [&old_token, &new_token] {
        server.call(token, "GET /v2/workflows", None).expect(200);
    }
    let shown = server.manage(&format!("GET {CREDENTIALS}/{old_id}"), None).expect(200);
    assert_eq!((&shown["successor"], &shown["status"]), (&new["id"], &json!("enabled")));
    server.manage(&format!("PATCH {CREDENTIALS}/{old_id}"), Some(&json!({ "enabled": false }))).expect(200);
    server.call(&old_token, "GET /v2/workflows", None).refused(401, "ERR_LOCAL_DISABLED");
    server.call(&new_token, "GET /v2/workflows", None).expect(200);
}

#[test]
fn a_grace_period_ends_by_the_clock_of_the_organisation() {
    let server = Server::start();
    let old = server.create("prod-api", &["member"], key(0));
    let id = text(&old["id"]);
    let body = json!({ "grace_period_hours": 1, "public_key": key(1).public_key().to_base64url() });
    let rotated = server.manage(&format!("POST {CREDENTIALS}/{id}/rotate"), Some(&body)).expect(201);
    assert!(rotated.get("private_key").is_none(), "{rotated}");
    let key_as_bearer = key(0).to_base64url();
    server.call(&key_as_bearer, "GET /v2/workflows", None).expect(200);
    server.manage("POST /_local/clock", Some(&json!({ "advance": 3601 }))).expect(200);
    server.call(&key_as_bearer, "GET /v2/workflows", None).refused(401, "ERR_LOCAL_EXPIRED");
    assert_eq!(server.manage(&format!("GET {CREDENTIALS}/{id}"), None).expect(200)["status"], "disabled");
}

#[test]
fn a_deletion_is_refused_while_the_credential_is_enabled_and_is_for_ever() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let id = signer.credential_id();
    server.manage(&format!("DELETE {CREDENTIALS}/{id}"), None).refused(409, "ERR_LOCAL_ENABLED");
    server.manage(&format!("DELETE {CREDENTIALS}/{id}?force=true"), None).expect(204);
    server.call(signer.token().unwrap().as_str(), "GET /v2/x", None).refused(401, "ERR_LOCAL_DELETED");
    server.manage(&format!("GET {CREDENTIALS}/{id}"), None).refused(404, "ERR_LOCAL_CREDENTIAL_UNKNOWN");
    let again = json!({ "roles": ["member"], "public_key": key(0).public_key().to_base64url() });
    server.manage(&format!("POST {CREDENTIALS}"), Some(&again)).refused(409, "ERR_LOCAL_KEY_IN_USE");
    assert_eq!(server.manage(&format!("GET {CREDENTIALS}"), None).expect(200), json!({ "credentials": [] }));
}

#[test]
fn a_request_with_an_idempotency_key_is_carried_out_once() {
    let server = Server::start();
    let own = json!({ "name": "a", "roles": ["member"], "public_key": key(0).public_key().to_base64url() });
    let made = json!({ "name": "b", "roles": ["member"] });
    let create = |key: &str, body: &serde_json::Value| {
        let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: {key}\r\n", server.admin);
        server.call_with(&headers, &format!("POST {CREDENTIALS}"), Some(body))
    };
    let first = create("one", &own).expect(201);
    assert_eq!(create("one", &own).expect(201)["credential"]["id"], first["credential"]["id"]);
    create("one", &made).refused(422, "ERR_LOCAL_IDEMPOTENCY_KEY");
    create("two", &made).expect(201);
    create("two", &made).refused(409, "ERR_LOCAL_ANSWERED");
    for wrong in ["", "three\r\nIdempotency-Key: four", &"x".repeat(256)] {
        create(wrong, &made).refused(422, "ERR_LOCAL_INVALID");
    }
    let all = server.manage(&format!("GET {CREDENTIALS}"), None).expect(200);
    assert_eq!(all["credentials"].as_array().unwrap().len(), 2);
}

#[test]
fn the_idempotency_key_of_a_request_that_changes_nothing_is_used_too() {
    let server = Server::start();
    let id = server.signer(&["member"]).credential_id().clone();
    let with_key = |key: &str, line: &str, body: Option<&serde_json::Value>| {
        let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: {key}\r\n", server.admin);
        server.call_with(&headers, line, body)
    };
    let events = || server.manage("GET /v2/organizations/audit", None).expect(200)["events"].as_array().unwrap().len();
    let legacy = server.manage("POST /v2/organizations/legacy-keys", None).expect(201);
    let legacy = format!("PATCH /v2/organizations/legacy-keys/{}", text(&legacy["legacy_key"]["id"]));
    let (enable, disable) = (json!({ "enabled": true }), json!({ "enabled": false }));
    let before = events();
    for (key, line) in [("one", format!("PATCH {CREDENTIALS}/{id}")), ("two", legacy)] {
        with_key(key, &line, Some(&enable)).expect(200);
        with_key(key, &line, Some(&disable)).refused(422, "ERR_LOCAL_IDEMPOTENCY_KEY");
        assert_eq!(with_key(key, &line, Some(&enable)).expect(200)["status"], "enabled");
        server.manage(&line, Some(&enable)).expect(200);
    }
    assert_eq!(events(), before + 2, "without a key, what changes nothing is no event");
}

#[test]
fn a_deletion_that_is_repeated_with_its_idempotency_key_is_done() {
    let server = Server::start();
    let id = server.signer(&["member"]).credential_id().clone();
    let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: one\r\n", server.admin);
    for _ in 0..2 {
        server.call_with(&headers, &format!("DELETE {CREDENTIALS}/{id}?force=true"), None).expect(204);
    }
    server.call_with(&headers, &format!("DELETE {CREDENTIALS}/{id}"), None).refused(422, "ERR_LOCAL_IDEMPOTENCY_KEY");
    server.manage(&format!("DELETE {CREDENTIALS}/{id}"), None).refused(404, "ERR_LOCAL_CREDENTIAL_UNKNOWN");
}

#[test]
fn a_wrong_member_is_named_in_the_form_of_fastapi() {
    let server = Server::start();
    for (body, member) in [
        (json!({}), "roles"),
        (json!({ "roles": [] }), "roles"),
        (json!({ "roles": ["a", "a"] }), "roles"),
        (json!({ "roles": ["member"], "name": "" }), "name"),
        (json!({ "roles": ["member"], "name": "a\nb" }), "name"),
        (json!({ "roles": ["member"], "scopes": [] }), "scopes"),
        (json!({ "roles": ["member"], "public_key": "x" }), "public_key"),
        (json!({ "roles": ["member"], "public_key": *key(0).to_base64url() }), "public_key"),
        (json!({ "roles": ["member"], "nme": "x" }), ""),
    ] {
        let answer = server.manage(&format!("POST {CREDENTIALS}"), Some(&body)).expect(422);
        assert_eq!(answer["detail"][0]["loc"], json!(["body", member]), "{body}: {answer}");
        assert!(answer["detail"][0]["msg"].is_string() && answer["detail"][0]["type"].is_string(), "{answer}");
    }
}

#[test]
fn a_credential_with_the_role_admin_manages_its_own_organisation_and_no_other() {
    let server = Server::start();
    let admin = server.signer(&["admin"]);
    let member = server.create("member", &["member"], key(1));
    let member = Signer::new(text(&member["id"]), key(1).clone()).unwrap();
    let line = format!("GET {CREDENTIALS}");
    let listed = server.call(admin.token().unwrap().as_str(), &line, None).expect(200);
    assert_eq!(listed["credentials"].as_array().unwrap().len(), 2);
    server.call(member.token().unwrap().as_str(), &line, None).refused(403, "ERR_LOCAL_NOT_ADMIN");
    let other = server.manage("POST /_local/organizations", Some(&json!({ "name": "other" }))).expect(201);
    let headers =
        |bearer: &str| format!("Authorization: Bearer {bearer}\r\nScout-Organization: {}\r\n", text(&other["id"]));
    let own = server.call_with(&headers(admin.token().unwrap().as_str()), &line, None).expect(200);
    assert_eq!(own["credentials"].as_array().unwrap().len(), 2, "the header is the admin token's alone");
    let twice = format!("{}Scout-Organization: {}\r\n", headers(&server.admin), server.organization);
    server.call_with(&twice, &line, None).refused(404, "ERR_LOCAL_ORGANIZATION_UNKNOWN");
    let others = server.call_with(&headers(&server.admin), &line, None).expect(200);
    assert_eq!(others, json!({ "credentials": [] }));
}
