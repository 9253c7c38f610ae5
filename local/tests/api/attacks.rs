//! What somebody would try who has no credential, or one that may do less.

use std::collections::HashSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use scout_auth::{PrivateKey, Settings, Signer};
use scout_auth_local::Sqlite;
use serde_json::{Value, json};

use crate::harness::{Answer, CREDENTIALS, Server, key, mint, text};

const LEGACY_KEYS: &str = "/v2/organizations/legacy-keys";

/// What a connection returns until its end for these bytes.
fn exchange(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    // The server may refuse before it has read all.
    let _ = stream.write_all(bytes);
    let mut answers = Vec::new();
    let _ = stream.read_to_end(&mut answers);
    String::from_utf8_lossy(&answers).into_owned()
}

fn statuses(answers: &str) -> Vec<&str> {
    answers.split("HTTP/1.1 ").skip(1).map(|answer| answer.split(' ').next().unwrap_or_default()).collect()
}

fn credentials(server: &Server) -> Vec<Value> {
    server.manage(&format!("GET {CREDENTIALS}"), None).expect(200)["credentials"].as_array().unwrap().clone()
}

#[test]
fn a_name_that_leads_to_this_machine_is_not_the_name_of_the_server() {
    let server = Server::start();
    let port = server.address.split(':').nth(1).unwrap();
    let list = |host: &str, more: &str| {
        let admin = &server.admin;
        let head = format!("GET {CREDENTIALS} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {admin}\r\n{more}");
        server.send(format!("{head}Connection: close\r\n\r\n").as_bytes())
    };
    list(&format!("LOCALHOST:{port}"), "").expect(200);
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.",
        "0.0.0.0",
        "[::1]",
        "2130706433",
        "127.1",
        "user@127.0.0.1",
        "127.0.0.1:80",
        "",
    ] {
        let own = format!("X-Forwarded-Host: {0}\r\nForwarded: host={0}\r\n", server.address);
        list(&format!("{host}:{port}"), &own).refused(403, "ERR_LOCAL_HOST");
    }
}

#[test]
fn a_preflight_of_a_browser_allows_nothing() {
    let server = Server::start();
    for path in [CREDENTIALS, "/_local/reset", "/v2/workflows"] {
        let headers = "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n\
            Access-Control-Request-Headers: authorization\r\nAccess-Control-Request-Private-Network: true\r\n";
        let answer = server.call_with(headers, &format!("OPTIONS {path}"), None);
        answer.refused(403, "ERR_LOCAL_ORIGIN");
        for allowed in ["Origin", "Methods", "Headers", "Private-Network"] {
            assert_eq!(answer.header(&format!("Access-Control-Allow-{allowed}")), None, "{answer:?}");
        }
    }
}

#[test]
fn markup_in_a_name_comes_back_as_the_text_of_json() {
    let server = Server::start();
    let names = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{7*7}}", "'; DROP TABLE event; --"];
    for (at, name) in names.iter().enumerate() {
        assert_eq!(server.create(name, &["admin"], key(at))["name"], json!(name));
    }
    let token = mint(&text(&credentials(&server)[0]["id"]), key(0), Settings::default());
    for line in [format!("GET {CREDENTIALS}"), "GET /v2/%3Cscript%3E".to_owned(), "GET /v2/x".to_owned()] {
        let answer = server.call(&token, &line, None);
        answer.expect(200);
        assert_eq!(answer.header("Content-Type"), Some("application/json"), "{answer:?}");
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"), "{answer:?}");
    }
    let listed: HashSet<_> = credentials(&server).iter().map(|own| text(&own["name"])).collect();
    assert_eq!(listed, names.map(str::to_owned).into());
}

#[test]
fn pipelined_requests_are_each_authenticated_for_themselves() {
    let server = Server::start();
    let bearers = [server.create("a", &["member"], key(0)), server.create("b", &["member"], key(1))]
        .iter()
        .zip([key(0), key(1)])
        .map(|(credential, key)| mint(&text(&credential["id"]), key, Settings::default()))
        .chain(["a.b.c".to_owned()])
        .collect::<Vec<_>>();
    let one = |bearer: &str, end: &str| {
        format!("GET /v2/x HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {bearer}\r\n{end}\r\n", server.address)
    };
    let last = one("a.b.c", "Connection: close\r\n");
    let requests: String = bearers.iter().cycle().take(60).map(|bearer| one(bearer, "")).chain([last]).collect();
    let answers = exchange(&server, requests.as_bytes());
    let expected: Vec<_> = ["200", "200", "401"].into_iter().cycle().take(60).chain(["401"]).collect();
    assert_eq!(statuses(&answers), expected);
    let names: Vec<_> = answers.match_indices("\"name\":\"").map(|(at, _)| &answers[at + 8..at + 9]).collect();
    assert_eq!(names, ["a", "b"].repeat(20));
}

#[test]
fn a_body_whose_end_can_be_read_in_two_ways_brings_no_second_request() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let token = signer.token().unwrap();
    let (host, admin) = (&server.address, &server.admin);
    let hidden = format!(
        "DELETE {CREDENTIALS}/{}?force=true HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {admin}\r\n\
         Connection: close\r\n\r\n",
        signer.credential_id()
    );
    for (version, headers, body) in [
        ("1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("1.1", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
        ("1.1", "Content-Length: 5\r\nContent-Length: 0\r\n", ""),
        ("1.1", "Content-Length: +5\r\n", ""),
        ("1.1", "Content-Length: 0x0\r\n", ""),
        ("1.1", "Content-Length : 0\r\n", ""),
        ("1.1", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        ("1.1", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        ("1.1", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("1.1", "Transfer-Encoding: chunked\r\n", "0x0\r\n\r\n"),
        ("1.1", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"),
        ("1.1", "X-Folded: a\r\n Content-Length: 0\r\n", ""),
        ("1.1", "X-Zero: \0\r\n", ""),
        ("1.0", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    ] {
        let bearer = token.as_str();
        let head = format!("POST /v2/x HTTP/{version}\r\nHost: {host}\r\nAuthorization: Bearer {bearer}\r\n{headers}");
        let answers = exchange(&server, format!("{head}\r\n{body}{hidden}").as_bytes());
        assert!(statuses(&answers).len() <= 1, "{headers}: {answers}");
        assert!(!answers.contains("204 No Content"), "{headers}: {answers}");
    }
    assert_eq!(credentials(&server).len(), 1);
}

#[test]
fn a_body_that_nobody_reads_is_not_the_next_request() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let (host, admin) = (&server.address, &server.admin);
    let hidden = format!(
        "DELETE {CREDENTIALS}/{}?force=true HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {admin}\r\n\
         Connection: close\r\n\r\n",
        signer.credential_id()
    );
    for (line, headers) in [
        (format!("POST {CREDENTIALS}"), "Authorization: Bearer a.b.c\r\n"),
        (format!("GET {CREDENTIALS}"), "Authorization: Bearer a.b.c\r\n"),
        ("DELETE /_local/reset".to_owned(), ""),
        ("POST /v2/x".to_owned(), "Origin: https://evil.example\r\n"),
    ] {
        let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {}\r\n\r\n", hidden.len());
        // The end of the connection, if it is still open.
        let last = format!("GET /v2/last HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answers = exchange(&server, format!("{head}{hidden}{last}").as_bytes());
        assert!(statuses(&answers).iter().all(|status| status.starts_with('4')), "{line}: {answers}");
    }
    assert_eq!(credentials(&server).len(), 1);
}

#[test]
fn no_spelling_of_a_path_leads_out_of_the_scopes() {
    let server = Server::start();
    let signer = server.signer(&["admin"]);
    let token = signer.token().unwrap();
    let scopes = json!({ "scopes": [{ "method": "GET", "path": "/v2/agents/**" }] });
    server.manage(&format!("PATCH {CREDENTIALS}/{}", signer.credential_id()), Some(&scopes)).expect(200);
    server.call(token.as_str(), "GET /v2/agents/a1", None).expect(200);
    for path in [
        "/v2/agents/../organizations/credentials",
        "/v2/agents/%2e%2e/organizations/credentials",
        "/v2/agents/.%2E/organizations/credentials",
        "/v2/agents/..%2forganizations/credentials",
        "/v2/agents/..%5corganizations/credentials",
        "/v2/agents/..;/organizations/credentials",
        "/v2/agents/..;a=b/organizations/credentials",
        "/v2/agents/..%3b/organizations/credentials",
        "/v2/agents/%252e%252e/organizations/credentials",
        "/v2/agents/a1%00",
        "/v2/./organizations/credentials",
        "//v2/organizations/credentials",
        "/v2//organizations/credentials",
        "/v2/organizations/credentials/",
        "/v2/organizations;/credentials",
        "/v2/organizations/credentials?/v2/agents/a1",
        "/v2/organizations/%63redentials",
        "/%76%32/organizations/credentials",
        "/V2/AGENTS/a1",
        "/v2/organizations/credentials",
    ] {
        let answer = server.call(token.as_str(), &format!("GET {path}"), None);
        answer.refused(403, "ERR_LOCAL_SCOPE");
        // A header that other servers take for the path or the method.
        let headers = format!(
            "Authorization: Bearer {}\r\nX-Original-URL: /v2/agents/a1\r\nX-HTTP-Method-Override: GET\r\n",
            token.as_str()
        );
        server.call_with(&headers, &format!("GET {path}"), None).refused(403, "ERR_LOCAL_SCOPE");
    }
}

#[test]
fn another_spelling_of_a_path_of_the_server_changes_nothing() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let token = signer.token().unwrap();
    let id = signer.credential_id();
    for line in [
        "POST /_local/%72eset".to_owned(),
        "POST //_local/reset".to_owned(),
        "POST /v2/..;/_local/reset".to_owned(),
        "POST /_local/reset/".to_owned(),
        "POST /_local/./reset".to_owned(),
        "POST /_LOCAL/reset".to_owned(),
        format!("DELETE /v2/organizations//credentials/{id}?force=true"),
        format!("DELETE /v2/organizations/credentials/{id}/?force=true"),
        format!("DELETE {CREDENTIALS}/{}?force=true", id.replace('_', "%5F")),
        format!("DELETE {CREDENTIALS}/%2e/{id}?force=true"),
    ] {
        let answer = server.call(token.as_str(), &line, None);
        assert!(answer.status != 204, "{line}: {answer:?}");
        assert!(answer.status != 200 || answer.json()["authenticated_by"] == "signed_jwt", "{line}: {answer:?}");
    }
    assert_eq!(credentials(&server).len(), 1);
}

/// A call with the admin token, and these bytes as JSON.
fn send(server: &Server, line: &str, body: &[u8]) -> Answer {
    let head = format!(
        "{line} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        server.address,
        server.admin,
        body.len()
    );
    server.send(&[head.as_bytes(), body].concat())
}

#[test]
fn bad_json_is_refused_and_changes_nothing() {
    let server = Server::start();
    let nested = |open: &str, close: &str| format!("{{\"scopes\":{}{}}}", open.repeat(100_000), close.repeat(100_000));
    for body in [
        nested("[", "]").as_bytes(),
        nested("{\"a\":", "}").as_bytes(),
        br#"{"roles":["member"],"name":"\ud800"}"#,
        b"{\"roles\":[\"member\"],\"name\":\"\xff\xfe\"}",
        br#"{"roles":["member"],"name":"a\u0000b"}"#,
        br#"{"roles":["member"],"name":1e999}"#,
        br#"{"roles":["member"]}{"roles":["admin"]}"#,
        br#"{"roles":["member"],"__proto__":{"roles":["admin"]}}"#,
        br#"{"roles":["member"],}"#,
        b"\xef\xbb\xbf{\"roles\":[\"member\"]}",
        br#"[{"roles":["member"]}]"#,
        b"null",
    ] {
        send(&server, &format!("POST {CREDENTIALS}"), body).refused(422, "ERR_LOCAL_INVALID");
    }
    assert_eq!(credentials(&server), [] as [Value; 0]);
}

#[test]
fn a_member_that_occurs_twice_is_refused_on_every_path_and_changes_nothing() {
    let server = Server::start();
    let id = server.signer(&["member"]).credential_id().clone();
    let legacy = server.manage(&format!("POST {LEGACY_KEYS}"), None).expect(201)["legacy_key"].clone();
    let legacy = format!("{LEGACY_KEYS}/{}", text(&legacy["id"]));
    let before = (credentials(&server), server.manage(&format!("GET {LEGACY_KEYS}"), None).body);
    for (line, body) in [
        (format!("POST {CREDENTIALS}"), r#"{"roles":["member"],"name":"a","name":"b"}"#),
        (format!("POST {CREDENTIALS}"), r#"{"roles":["member"],"r\u006fles":["admin"]}"#),
        (format!("POST {CREDENTIALS}"), r#"{"roles":["member"],"scopes":[{"method":"*","path":"/a","path":"/**"}]}"#),
        (format!("PATCH {CREDENTIALS}/{id}"), r#"{"enabled":true,"enabled":false}"#),
        (format!("PATCH {CREDENTIALS}/{id}"), r#"{"scopes":[{"method":"*","path":"/a","p\u0061th":"/**"}]}"#),
        (format!("POST {CREDENTIALS}/{id}/rotate"), r#"{"grace_period_hours":1,"grace_period_hours":null}"#),
        (format!("DELETE {CREDENTIALS}/{id}?force=true"), r#"{"a":1,"a":2}"#),
        (format!("POST {LEGACY_KEYS}"), r#"{"key":null,"key":null}"#),
        (format!("PATCH {legacy}"), r#"{"enabled":true,"enabled":false}"#),
        (format!("POST {legacy}/rotate"), r#"{"grace_period_hours":1,"grace_period_hours":2}"#),
        ("POST /_local/clock".to_owned(), r#"{"offset":1,"offset":2}"#),
        ("POST /_local/fail".to_owned(), r#"{"status":401,"status":500}"#),
        ("POST /_local/organizations".to_owned(), r#"{"name":"a","name":"b"}"#),
    ] {
        let answer = send(&server, &line, body.as_bytes());
        assert_eq!(answer.status, 422, "{line} {body}: {answer:?}");
        answer.refused(422, "ERR_LOCAL_INVALID");
    }
    assert_eq!((credentials(&server), server.manage(&format!("GET {LEGACY_KEYS}"), None).body), before);
}

#[test]
fn requests_at_the_same_time_with_one_idempotency_key_make_one_credential() {
    let server = Server::start();
    let create = |body: &Value| {
        let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: once\r\n", server.admin);
        server.call_with(&headers, &format!("POST {CREDENTIALS}"), Some(body))
    };
    let body = json!({ "name": "made", "roles": ["member"] });
    let mut statuses: Vec<_> = thread::scope(|scope| {
        let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| create(&body).status)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    assert_eq!(credentials(&server).len(), 1);
    let id = text(&credentials(&server)[0]["id"]);
    // Neither with another body, nor for another change.
    create(&json!({ "name": "made", "roles": ["admin"] })).refused(422, "ERR_LOCAL_IDEMPOTENCY_KEY");
    let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: once\r\n", server.admin);
    let disable = server.call_with(&headers, &format!("PATCH {CREDENTIALS}/{id}"), Some(&json!({ "enabled": false })));
    disable.refused(422, "ERR_LOCAL_IDEMPOTENCY_KEY");
    assert_eq!(credentials(&server)[0]["status"], "enabled");
}

#[test]
fn a_guess_at_the_admin_token_is_refused_and_locks_nobody_out() {
    let server = Server::start();
    let own = &server.admin;
    let changed = |at: usize| -> String {
        let swapped = if own.as_bytes()[at] == b'A' { 'B' } else { 'A' };
        own.chars().enumerate().map(|(index, own)| if index == at { swapped } else { own }).collect()
    };
    let mut guesses: Vec<_> = (0..own.len()).map(changed).collect();
    guesses.extend([own[1..].to_owned(), own[..own.len() - 1].to_owned(), format!("{own}A"), own.repeat(2)]);
    guesses.extend([own.to_ascii_lowercase(), own.to_ascii_uppercase(), "null".to_owned(), "A".repeat(16_000)]);
    for guess in guesses.iter().filter(|guess| *guess != own) {
        assert_eq!(server.call(guess, &format!("GET {CREDENTIALS}"), None).status, 401);
        server.call(guess, "POST /_local/reset", None).refused(401, "ERR_LOCAL_ADMIN_TOKEN");
    }
    server.manage(&format!("GET {CREDENTIALS}"), None).expect(200);
    // It is no credential: it manages, and sends no request.
    server.manage("GET /v2/workflows", None).refused(401, "ERR_LOCAL_IS_ADMIN_TOKEN");
}

#[test]
fn silent_connections_end_and_those_who_wait_are_answered() {
    // Connections do not depend on the store.
    if std::env::var_os("SCOUT_LOCAL_STORE").is_some() {
        return;
    }
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most }).unwrap();
    let server = Server::start();
    let open = |sent: &str| {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        stream
    };
    let mut slow = open("GET /v2/x HTTP/1.1\r\nX-Slow: ");
    let kept = open(&format!("GET /v2/x HTTP/1.1\r\nHost: {}\r\n\r\n", server.address));
    // With these, there are 1024.
    let silent: Vec<_> = (0..1022).map(|_| open("")).collect();
    // It comes last, and waits for one of them to end.
    let head = format!("GET {CREDENTIALS} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", server.address);
    let mut waiting = open(&format!("{head}Authorization: Bearer {}\r\n\r\n", server.admin));
    let is_cut = (0..600).any(|_| {
        thread::sleep(Duration::from_millis(100));
        slow.write_all(b"a").is_err()
    });
    assert!(is_cut, "a head that comes a byte at a time keeps its connection");
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    for mut stream in silent.into_iter().chain([kept]) {
        assert!(stream.read_to_end(&mut Vec::new()).is_ok(), "a silent connection stays open");
    }
}

/// Each eight bytes of a secret that are not in what may be shown.
fn pieces(secret: &[u8], shown: &[u8]) -> Vec<Vec<u8>> {
    let shown: HashSet<_> = shown.windows(8).collect();
    secret.windows(8).filter(|piece| !shown.contains(piece)).map(<[u8]>::to_vec).collect()
}

#[test]
fn no_eight_characters_of_a_secret_are_in_what_the_server_stores_says_or_answers() {
    let folder = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(String::new()));
    let server = Server::with(|options| {
        options.store = Box::new(Sqlite::open(&folder.path().join("state")).unwrap());
        let told = Arc::clone(&told);
        options.tell = Box::new(move |line| told.lock().unwrap().push_str(line));
    });
    let created = server.manage(&format!("POST {CREDENTIALS}"), Some(&json!({ "roles": ["admin"] }))).expect(201);
    let (id, private) = (text(&created["credential"]["id"]), text(&created["private_key"]));
    let key_of_it = PrivateKey::parse(private.as_str()).unwrap();
    let public = key_of_it.public_key().to_base64url();
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=').replace('+', "-").replace('/', "_"));
    let legacy = text(&server.manage(&format!("POST {LEGACY_KEYS}"), None).expect(201)["key"]);
    let signer = Signer::new(id.clone(), key_of_it.clone()).unwrap();
    let token = signer.token().unwrap().as_str().to_owned();

    let mut secrets = pieces(key_of_it.to_base64url().as_bytes(), public.as_bytes());
    secrets.extend(pieces(&decoded(&key_of_it.to_base64url()).unwrap(), &decoded(&public).unwrap()));
    secrets.extend(pieces(token.as_bytes(), b""));
    // The first ten characters tell keys apart.
    secrets.extend(pieces(legacy.as_bytes(), &legacy.as_bytes()[..10]));
    secrets.extend(pieces(server.admin.as_bytes(), b""));

    let mut answers = Vec::new();
    let mut call = |headers: &str, line: &str, body: Option<&Value>| {
        let answer = server.call_with(headers, line, body);
        answers.push((line.to_owned(), format!("{answer:?}").into_bytes()));
    };
    for line in ["GET /v2/workflows", "POST /v2/x", "GET /_local/requests", "POST /_local/reset", "GET /v2/../x"] {
        for secret in [&private, &legacy, &token, &server.admin] {
            call(&format!("Authorization: Bearer {}\r\n", &secret[..secret.len() - 1]), line, None);
            call(&format!("Authorization: Basic {secret}\r\n"), line, None);
            call(&format!("Authorization: {secret}\r\n"), line, None);
            call(&format!("Proxy-Authorization: Bearer {secret}\r\nCookie: key={secret}\r\n"), line, None);
            call(&format!("X-API-Key: {secret}\r\n"), line, None);
        }
    }
    for secret in [&private, &legacy, &token] {
        call(&format!("Authorization: Bearer {secret}\r\n"), "GET /v2/workflows", None);
    }
    let admin = format!("Authorization: Bearer {}\r\n", server.admin);
    for line in [
        format!("POST {CREDENTIALS}"),
        format!("POST {LEGACY_KEYS}"),
        format!("PATCH {CREDENTIALS}/{id}"),
        format!("POST {CREDENTIALS}/{id}/rotate"),
    ] {
        call(&admin, &line, Some(&json!({ "roles": ["member"], "public_key": private, "key": token })));
        call(&admin, &line, Some(&json!({ "roles": [], "private_key": private, "key": legacy })));
    }
    for line in [
        format!("GET {CREDENTIALS}"),
        format!("GET {CREDENTIALS}/{id}"),
        format!("GET {CREDENTIALS}/{id}/private-key"),
        format!("GET {LEGACY_KEYS}"),
        "GET /v2/organizations/audit".to_owned(),
        "GET /.well-known/jwks.json".to_owned(),
        "GET /_local/requests".to_owned(),
    ] {
        call(&admin, &line, None);
    }
    drop(server);
    for file in fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        answers.push((path.display().to_string(), fs::read(&path).unwrap()));
    }
    answers.push(("what it told".to_owned(), told.lock().unwrap().clone().into_bytes()));
    assert!(answers.iter().any(|(_, bytes)| bytes.windows(8).any(|piece| piece == &public.as_bytes()[60..68])));
    for (line, bytes) in answers {
        let shown: HashSet<_> = bytes.windows(8).collect();
        let found = secrets.iter().find(|piece| shown.contains(piece.as_slice()));
        assert!(found.is_none(), "a part of a secret is in {line}");
    }
}
