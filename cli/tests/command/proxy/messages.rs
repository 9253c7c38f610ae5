//! What is passed on, and what is not.

use crate::proxy::{Proxy, Upstream, body_of, status_of};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

#[test]
fn a_request_gets_a_token_and_keeps_its_own_headers() {
    let upstream = Upstream::sending(OK);
    let proxy = Proxy::to(&upstream);
    let answer = proxy.call("PATCH /v2/a%20b//c?x=1&y=%0d%0a", "X-Own: 1\r\nAccept: text/plain\r\n", b"");
    assert_eq!((status_of(&answer), body_of(&answer)), (200, "hi"), "{answer}");
    let request = upstream.only_request();
    assert_eq!(request.line(), "PATCH /v2/a%20b//c?x=1&y=%0d%0a HTTP/1.1");
    assert_eq!(request.header("x-own"), Some("1"));
    assert_eq!(request.header("accept"), Some("text/plain"));
    assert_eq!(request.header("host").map(str::to_owned), Some(upstream.origin().replace("http://", "")));
    assert_ne!(request.token(), proxy.token);
    assert!(!request.head.contains(&proxy.token));
}

#[test]
fn what_concerns_one_connection_or_the_caller_alone_is_taken_off() {
    let upstream = Upstream::sending(OK);
    let proxy = Proxy::to(&upstream);
    let headers = "Connection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nCookie: a=b\r\n\
                   Proxy-Authorization: Basic x\r\nProxy-Connection: close\r\nUpgrade: h2c\r\nTrailer: x\r\n";
    assert_eq!(status_of(&proxy.call("GET /", headers, b"")), 200);
    let request = upstream.only_request();
    for name in [
        "connection",
        "x-hop",
        "keep-alive",
        "te",
        "cookie",
        "proxy-authorization",
        "proxy-connection",
        "upgrade",
        "trailer",
        "content-length",
        "transfer-encoding",
    ] {
        assert_eq!(request.header(name), None, "{name}");
    }
    request.token();
}

#[test]
fn an_answer_sets_no_cookie_and_leads_to_no_other_server() {
    let upstream = Upstream::sending(
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nAlt-Svc: h3=\":443\"\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-End: 1\r\n\
         Content-Length: 2\r\n\r\nhi",
    );
    let answer = Proxy::to(&upstream).call("GET /", "", b"").to_lowercase();
    assert!(answer.contains("\r\nx-end: 1\r\n"), "{answer}");
    for name in ["set-cookie", "alt-svc", "x-hop"] {
        assert!(!answer.contains(&format!("\r\n{name}:")), "{answer}");
    }
}

#[test]
fn a_redirect_is_passed_on_and_not_followed() {
    let elsewhere = Upstream::sending(OK);
    let location = elsewhere.origin();
    let upstream = Upstream::sending_in_turn(vec![format!(
        "HTTP/1.1 302 Found\r\nLocation: {location}/x\r\nContent-Length: 0\r\n\r\n"
    )]);
    let answer = Proxy::to(&upstream).call("GET /", "", b"");
    assert_eq!(status_of(&answer), 302);
    assert!(answer.contains(&format!("\r\nlocation: {location}/x\r\n")), "{answer}");
    assert_eq!(elsewhere.requests().len(), 0);
    upstream.only_request();
}

#[test]
fn a_redirect_within_the_upstream_leads_through_the_proxy() {
    let upstream = Upstream::new(|requests, stream| {
        let host = requests[0].header("host").expect("a host");
        let answer =
            format!("HTTP/1.1 307 Moved\r\nLocation: http://{host}//other.example/?q#f\r\nContent-Length: 0\r\n\r\n");
        super::upstream::write(stream, &answer);
    });
    let proxy = Proxy::to(&upstream);
    let answer = proxy.call("GET /", "", b"");
    let location = format!("\r\nlocation: http://{}//other.example/?q#f\r\n", proxy.address);
    assert!(answer.contains(&location), "{answer}");
}

#[test]
fn an_answer_without_a_body_keeps_the_length_that_it_names() {
    let upstream = Upstream::sending("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
    let answer = Proxy::to(&upstream).call("HEAD /", "", b"");
    assert!(answer.contains("\r\ncontent-length: 1234\r\n"), "{answer}");
}

#[test]
fn an_upstream_that_is_not_there_is_told_with_the_reason() {
    let upstream = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let origin = format!("http://{}", upstream.local_addr().expect("an address"));
    drop(upstream);
    let answer = Proxy::start(&[&origin], &crate::harness::credential()).call("GET /", "", b"");
    assert_eq!(status_of(&answer), 502);
    let body: serde_json::Value = serde_json::from_str(body_of(&answer)).expect("JSON");
    assert_eq!(body["detail"], "scout-auth: the upstream did not answer: Connection refused");
    assert_eq!(body["code"], "ERR_UPSTREAM");
}

#[test]
fn an_answer_that_is_cut_off_is_not_made_complete() {
    for cut in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let upstream = Upstream::new(move |_, stream| {
            super::upstream::write(stream, cut);
            let _ = stream.shutdown(std::net::Shutdown::Both);
        });
        let answer = Proxy::to(&upstream).call("GET /", "", b"");
        assert!(answer.contains("content-length: 10\r\n") || !answer.contains("\r\n0\r\n"), "{answer}");
        assert!(body_of(&answer).len() < 10, "{answer}");
    }
}
