//! Requests that are not answered at all.

use serde_json::json;

use crate::harness::{CREDENTIALS, Server};

#[test]
fn a_web_page_of_another_origin_is_refused_whatever_it_knows() {
    let server = Server::start();
    let admin = format!("Authorization: Bearer {}\r\n", server.admin);
    let own = format!("{admin}Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n", server.address);
    server.call_with(&own, &format!("GET {CREDENTIALS}"), None).expect(200);
    for header in
        ["Origin: http://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"]
    {
        let answer = server.call_with(&format!("{admin}{header}\r\n"), &format!("GET {CREDENTIALS}"), None);
        answer.refused(403, "ERR_LOCAL_ORIGIN");
        assert_eq!(answer.header("Access-Control-Allow-Origin"), None);
    }
}

#[test]
fn a_request_under_another_name_is_refused_before_its_credential_is_looked_at() {
    let server = Server::start();
    let (admin, port) = (&server.admin, server.address.split(':').nth(1).unwrap());
    let call = |target: &str, hosts: &str| {
        server.send(
            format!("GET {target} HTTP/1.1\r\n{hosts}Authorization: Bearer {admin}\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        )
    };
    call(CREDENTIALS, &format!("Host: localhost:{port}\r\n")).expect(200);
    for hosts in
        ["Host: evil.example\r\n", "Host: 127.0.0.1\r\n", "", &format!("Host: {0}\r\nHost: {0}\r\n", server.address)]
    {
        call(CREDENTIALS, hosts).refused(403, "ERR_LOCAL_HOST");
    }
    call(&format!("http://{}/", server.address), &format!("Host: {}\r\n", server.address))
        .refused(400, "ERR_LOCAL_FORM");
}

#[test]
fn a_change_must_be_json_by_its_content_type() {
    let server = Server::start();
    let body = r#"{"roles":["member"]}"#;
    let (address, admin, length) = (&server.address, &server.admin, body.len());
    let head = format!(
        "POST {CREDENTIALS} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {admin}\r\nConnection: close\r\n"
    );
    let answer =
        server.send(format!("{head}Content-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes());
    answer.refused(415, "ERR_LOCAL_MEDIA_TYPE");
}

#[test]
fn what_is_too_large_ends_in_a_refusal() {
    let server = Server::start();
    let signer = server.signer(&["member"]);
    let (address, token) = (&server.address, signer.token().unwrap());
    let head = format!(
        "POST /v2/x HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n",
        token.as_str()
    );
    let body = "x".repeat(1024 * 1024 + 1);
    let answer = server.send(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    answer.refused(413, "ERR_LOCAL_TOO_LARGE");
    let answer = server.send(format!("{head}X-Long: {}\r\n\r\n", "x".repeat(256 * 1024)).as_bytes());
    assert_eq!(answer.status, 431, "{answer:?}");
    let long = server.manage(&format!("POST {CREDENTIALS}"), Some(&json!({ "name": "x".repeat(1024 * 1024) })));
    long.refused(413, "ERR_LOCAL_TOO_LARGE");
}

#[test]
fn a_path_or_query_that_cannot_be_read_is_told_in_json() {
    let server = Server::start();
    server.manage(&format!("GET {CREDENTIALS}/%ff"), None).refused(404, "ERR_LOCAL_NOT_FOUND");
    for line in [format!("DELETE {CREDENTIALS}/x?force=perhaps"), "GET /v2/organizations/audit?after=-1".to_owned()] {
        let answer = server.manage(&line, None).expect(422);
        assert_eq!(answer["detail"][0]["loc"][0], "query", "{line}");
    }
}
