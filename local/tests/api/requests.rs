//! Who is accepted, and why others are refused.

use scout_auth::{Settings, Signer};
use scout_auth_local::Subject;
use serde_json::json;

use crate::harness::{CREDENTIALS, Server, key, mint, text};

#[test]
fn any_path_says_who_was_authenticated_and_how() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let token = signer.token().unwrap();
    for line in ["GET /v2/workflows", "POST /v2/agents/a1/interact", "DELETE /drive/x", "GET /world/w/_interact"] {
        let answer = server.call(token.as_str(), line, None).expect(200);
        assert_eq!(format!("{} {}", text(&answer["method"]), text(&answer["path"])), line);
        assert_eq!(answer["authenticated_by"], "signed_jwt");
        assert_eq!(answer["credential_id"], json!(signer.credential_id()));
        assert_eq!((&answer["roles"], &answer["organization"]), (&json!(["member"]), &json!(server.organization)));
    }
    let raw = server.call(&key(0).to_base64url(), "GET /v2/workflows", None).expect(200);
    assert_eq!((&raw["authenticated_by"], &raw["kid"]), (&json!("private_key"), &json!(key(0).kid().as_str())));
}

#[test]
fn a_token_is_refused_whose_sub_is_not_the_credential_of_its_kid() {
    let server = Server::start();
    server.create("a", &["member"], key(0));
    let other = server.create("b", &["member"], key(1));
    for id in ["cred_unknown", &text(&other["id"]), &server.organization] {
        let token = mint(id, key(0), Settings::default());
        server.call(&token, "GET /v2/workflows", None).refused(401, "ERR_LOCAL_SUBJECT");
    }
}

#[test]
fn with_sub_workspace_the_sub_is_the_organisation() {
    let server = Server::with(|options| options.subject = Subject::Workspace);
    let signer = server.signer(&["member"]);
    server.call(signer.token().unwrap().as_str(), "GET /v2/workflows", None).refused(401, "ERR_LOCAL_SUBJECT");
    let token = mint(&server.organization, key(0), Settings::default());
    server.call(&token, "GET /v2/workflows", None).expect(200);
}

#[test]
fn a_refusal_has_its_reason_and_a_challenge_of_rfc_6750() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let token = signer.token().unwrap();
    let (head, signature) = token.as_str().rsplit_once('.').unwrap();
    let swapped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{head}.{swapped}{}", &signature[1..]);
    let stranger = mint("cred_1", key(1), Settings::default());
    let public = key(0).public_key().to_base64url();
    for (bearer, status, code) in [
        (forged.as_str(), 401, "ERR_TOKEN_SIGNATURE"),
        (stranger.as_str(), 401, "ERR_TOKEN_KID_UNKNOWN"),
        ("a.b.c", 401, "ERR_TOKEN_MALFORMED"),
        (public.as_str(), 401, "ERR_KEY_IS_PUBLIC"),
        (&*key(1).to_base64url(), 401, "ERR_LOCAL_KEY_UNKNOWN"),
        ("some-old-legacy-key-of-another-server", 401, "ERR_LOCAL_LEGACY_KEY_UNKNOWN"),
    ] {
        let answer = server.call(bearer, "GET /v2/workflows", None);
        answer.refused(status, code);
        let challenge = answer.header("WWW-Authenticate").unwrap();
        assert!(challenge.starts_with("Bearer realm=\"scout\", error=\"invalid_token\""), "{challenge}");
        assert!(!answer.json()["help"].as_str().unwrap().is_empty());
    }
    let none = server.call_with("", "GET /v2/workflows", None);
    none.refused(401, "ERR_LOCAL_NO_CREDENTIAL");
    assert_eq!(none.header("WWW-Authenticate"), Some("Bearer realm=\"scout\""));
    let twice = format!("Authorization: Bearer {0}\r\nAuthorization: Bearer {0}\r\n", token.as_str());
    server.call_with(&twice, "GET /v2/workflows", None).refused(400, "ERR_LOCAL_AUTHORIZATION");
}

#[test]
fn an_opaque_server_says_the_same_to_every_refusal() {
    let server = Server::with(|options| options.is_opaque = true);
    let signer = server.signer(&["member"]);
    let token = signer.token().unwrap();
    let line = format!("PATCH {CREDENTIALS}/{}", signer.credential_id());
    server.manage(&line, Some(&json!({ "enabled": false }))).expect(200);
    let stranger = mint("cred_1", key(1), Settings::default());
    let answers = [token.as_str(), &stranger, "a.b.c", "x"].map(|bearer| {
        let answer = server.call(bearer, "GET /v2/workflows", None);
        (answer.status, answer.body.clone(), answer.header("WWW-Authenticate").map(str::to_owned))
    });
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert!(!answers[0].1.contains("ERR_"), "{answers:?}");
}

#[test]
fn the_roles_of_a_token_narrow_those_of_the_credential_and_never_widen_them() {
    let server = Server::start();
    let credential = server.create("a", &["admin", "member"], key(0));
    let call = |roles: &[&str]| {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let token = mint(&text(&credential["id"]), key(0), Settings { roles: Some(roles), ..Settings::default() });
        (server.call(&token, "GET /v2/x", None), server.call(&token, &format!("GET {CREDENTIALS}"), None))
    };
    let (any, management) = call(&["member", "owner"]);
    assert_eq!(any.expect(200)["roles"], json!(["member"]));
    management.refused(403, "ERR_LOCAL_NOT_ADMIN");
    let (any, management) = call(&["admin"]);
    assert_eq!(any.expect(200)["roles"], json!(["admin"]));
    management.expect(200);
    let (any, _) = call(&["owner"]);
    any.refused(403, "ERR_LOCAL_NO_ROLE");
    assert!(any.header("WWW-Authenticate").unwrap().contains("error=\"insufficient_scope\""));
}

#[test]
fn a_credential_with_scopes_may_do_nothing_else() {
    let server = Server::start();
    let signer = server.signer(&["admin"]);
    let token = signer.token().unwrap();
    let line = format!("PATCH {CREDENTIALS}/{}", signer.credential_id());
    let scopes = json!({ "scopes": [{ "method": "POST", "path": "/v2/workflows/*/run" }] });
    server.manage(&line, Some(&scopes)).expect(200);
    server.call(token.as_str(), "POST /v2/workflows/w1/run", None).expect(200);
    for line in ["GET /v2/workflows/w1/run", "POST /v2/workflows/w1", "GET /v2/organizations/credentials"] {
        server.call(token.as_str(), line, None).refused(403, "ERR_LOCAL_SCOPE");
    }
    server.manage(&line, Some(&json!({ "scopes": null }))).expect(200);
    server.call(token.as_str(), "GET /v2/workflows", None).expect(200);
}

#[test]
fn an_organisation_sees_nothing_of_another_and_has_its_own_clock() {
    let server = Server::start();
    let first = server.signer(&["admin"]);
    let other = server.manage("POST /_local/organizations", None).expect(201);
    let of_other = format!("Authorization: Bearer {}\r\nScout-Organization: {}\r\n", server.admin, text(&other["id"]));
    let body = json!({ "roles": ["admin"], "public_key": key(1).public_key().to_base64url() });
    let second = server.call_with(&of_other, &format!("POST {CREDENTIALS}"), Some(&body)).expect(201);
    let second = Signer::new(text(&second["credential"]["id"]), key(1).clone()).unwrap();
    let [one, two] = [&first, &second].map(|signer| signer.token().unwrap());
    let line = format!("GET {CREDENTIALS}/{}", first.credential_id());
    server.call(two.as_str(), &line, None).refused(404, "ERR_LOCAL_CREDENTIAL_UNKNOWN");
    server.call_with(&of_other, "POST /_local/clock", Some(&json!({ "advance": 3600 }))).expect(200);
    server.call(one.as_str(), "GET /v2/x", None).expect(200);
    server.call(two.as_str(), "GET /v2/x", None).refused(401, "ERR_TOKEN_EXPIRED");
}
