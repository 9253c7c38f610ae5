//! What tests control.

use serde_json::json;

use crate::harness::{CREDENTIALS, Server, text};

#[test]
fn a_clock_that_is_moved_shows_in_the_header_date_and_expires_tokens() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let token = signer.token().unwrap();
    server.call(token.as_str(), "GET /v2/x", None).expect(200);
    let moved = server.manage("POST /_local/clock", Some(&json!({ "now": 1_900_000_000 }))).expect(200);
    assert!((1_900_000_000..1_900_000_060).contains(&moved["now"].as_i64().unwrap()), "{moved}");
    let refused = server.call(token.as_str(), "GET /v2/x", None);
    refused.refused(401, "ERR_TOKEN_EXPIRED");
    assert!(refused.header("Date").unwrap().starts_with("Sun, 17 Mar 2030 17:4"), "{refused:?}");
    // The signer learns the server's time from the refusal, if it is believable.
    server.manage("POST /_local/clock", Some(&json!({ "offset": -600 }))).expect(200);
    let refused = server.call(token.as_str(), "GET /v2/x", None);
    refused.refused(401, "ERR_TOKEN_FROM_FUTURE");
    assert!(signer.rejected(token.as_str(), refused.header("Date")));
    server.call(signer.token().unwrap().as_str(), "GET /v2/x", None).expect(200);
}

#[test]
fn the_next_requests_fail_as_they_were_asked_to() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let token = signer.token().unwrap();
    let call = |path: &str| server.call(token.as_str(), &format!("GET {path}"), None);
    server.manage("POST /_local/fail", Some(&json!({ "status": 429, "retry_after": 7, "next": 2 }))).expect(204);
    for _ in 0..2 {
        let answer = call("/v2/x");
        answer.refused(429, "ERR_LOCAL_FAULT");
        assert_eq!(answer.header("Retry-After"), Some("7"));
    }
    call("/v2/x").expect(200);
    server.manage("POST /_local/fail", Some(&json!({ "close": true, "path": "/v2/agents" }))).expect(204);
    call("/v2/x").expect(200);
    assert_eq!(call("/v2/agents/a").status, 0);
    call("/v2/agents/a").expect(200);
    server.manage("POST /_local/fail", Some(&json!({ "status": 401 }))).expect(204);
    assert!(call("/v2/x").header("WWW-Authenticate").is_some());
    server.manage("POST /_local/fail", Some(&json!({ "delay": 0.05 }))).expect(204);
    call("/v2/x").expect(200);
    for wrong in [
        json!({ "status": 200 }),
        json!({}),
        json!({ "status": 503, "close": true }),
        json!({ "close": true, "retry_after": 1 }),
        json!({ "close": false, "delay": 0 }),
    ] {
        server.manage("POST /_local/fail", Some(&wrong)).refused(422, "ERR_LOCAL_INVALID");
    }
    call("/v2/x").expect(200);
}

#[test]
fn requests_are_recorded_without_their_credential() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let token = signer.token().unwrap();
    let headers = format!("Authorization: Bearer {}\r\nCookie: secret=1\r\nX-Trace: t1\r\n", token.as_str());
    server.call_with(&headers, "POST /v2/x?page=2", Some(&json!({ "a": 1 }))).expect(200);
    server.call("a.b.c", "GET /v2/y", None).refused(401, "ERR_TOKEN_MALFORMED");
    let answer = server.manage("GET /_local/requests", None);
    let requests = answer.expect(200)["requests"].clone();
    assert_eq!((&requests[0]["path"], &requests[0]["status"]), (&json!("/v2/x?page=2"), &json!(200)));
    assert_eq!(requests[0]["credential_id"], json!(signer.credential_id()));
    assert_eq!((&requests[1]["path"], &requests[1]["code"]), (&json!("/v2/y"), &json!("ERR_TOKEN_MALFORMED")));
    assert!(answer.body.contains("x-trace"), "{answer:?}");
    assert!(!answer.body.contains("secret=1") && !answer.body.contains("Bearer"), "{answer:?}");
}

#[test]
fn recorded_requests_need_eight_mebibytes_at_most_and_the_answer_says_how_many_are_gone() {
    let server = Server::start();
    let long = "x".repeat(60_000);
    for number in 0..160 {
        server.call_with(&format!("X-Long: {long}\r\n"), &format!("GET /v2/{number}"), None).expect(401);
    }
    let answer = server.manage("GET /_local/requests", None).expect(200);
    let requests = answer["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 139, "as many as 8 MiB hold");
    assert_eq!((&answer["dropped"], text(&requests[0]["path"]).as_str()), (&json!(21), "/v2/21"));
    server.manage("POST /_local/reset", None).expect(204);
    let answer = server.manage("GET /_local/requests", None).expect(200);
    assert_eq!(answer, json!({ "requests": [], "dropped": 0 }));
}

#[test]
fn a_reset_leaves_the_organisation_and_its_audit_trail() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    server.manage("POST /_local/clock", Some(&json!({ "offset": 60 }))).expect(200);
    server.manage("POST /_local/reset", None).expect(204);
    assert_eq!(server.manage(&format!("GET {CREDENTIALS}"), None).expect(200), json!({ "credentials": [] }));
    assert_eq!(server.manage("GET /_local/clock", None).expect(200)["offset"], 0);
    server.call(signer.token().unwrap().as_str(), "GET /v2/x", None).refused(401, "ERR_TOKEN_KID_UNKNOWN");
    let events = server.manage("GET /v2/organizations/audit", None).expect(200)["events"].clone();
    assert_eq!(text(&events[2]["event"]), "organization.reset");
    // The same key may come again.
    server.signer(&["member"]);
}

#[test]
fn only_the_admin_token_controls_the_server() {
    let server = Server::start();
    let signer = server.signer(&["admin"]);
    for line in ["GET /_local/requests", "POST /_local/reset", "POST /_local/organizations", "GET /_local/clock"] {
        server.call(signer.token().unwrap().as_str(), line, None).refused(401, "ERR_LOCAL_ADMIN_TOKEN");
    }
    server.manage("GET /_local/unknown", None).refused(404, "ERR_LOCAL_NOT_FOUND");
    server.manage("DELETE /_local/reset", None).refused(405, "ERR_LOCAL_METHOD");
}
