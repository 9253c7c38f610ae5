//! Who is refused.

#[cfg(unix)]
use std::fs::Permissions;
use std::io::{Read as _, Write as _};
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::harness::{Files, credential, program};
use crate::live::TlsServer;
use crate::proxy::{Proxy, Upstream, body_of, status_of};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A proxy to a server that accepts everything, and the server.
fn open() -> (Proxy, Upstream) {
    let upstream = Upstream::sending(OK);
    (Proxy::to(&upstream), upstream)
}

/// The proxy refuses, and the upstream hears nothing.
#[track_caller]
fn refuses(status: u16, words: &str, request: impl Fn(&Proxy) -> String) {
    let (proxy, upstream) = open();
    let answer = proxy.send(request(&proxy).as_bytes());
    assert_eq!(status_of(&answer), status, "{answer}");
    assert!(body_of(&answer).contains(words), "{answer}");
    assert!(upstream.requests().is_empty());
}

#[test]
fn a_caller_without_the_local_token_is_refused() {
    let (words, host) = ("the local token is missing or wrong", |proxy: &Proxy| proxy.address.clone());
    refuses(401, words, |proxy| format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", host(proxy)));
    for value in ["Bearer local_x", "Bearer ", "Basic x", ""] {
        refuses(401, words, |proxy| {
            format!("GET / HTTP/1.1\r\nHost: {}\r\nAuthorization: {value}\r\n\r\n", host(proxy))
        });
    }
    refuses(401, words, |proxy| {
        let token = &proxy.token;
        format!(
            "GET /?token={token} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
            host(proxy),
            &token[1..]
        )
    });
    // Two headers: servers differ in which of them counts.
    refuses(401, words, |proxy| proxy.head("GET /", "Authorization: Bearer x\r\n\r\n"));
}

#[test]
fn a_name_that_was_made_to_lead_here_is_refused() {
    let words = "the header Host does not name this proxy";
    for host in ["evil.example", "evil.example:80", "127.0.0.1", "localhost", "127.0.0.1.evil.example", "127.1", ""] {
        refuses(403, words, |proxy| {
            format!("GET / HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\r\n", proxy.token)
        });
    }
    refuses(403, words, |proxy| format!("GET / HTTP/1.1\r\nAuthorization: Bearer {}\r\n\r\n", proxy.token));
    refuses(403, words, |proxy| proxy.head("GET /", "Host: evil.example\r\n\r\n"));
}

#[test]
fn the_proxy_is_known_as_localhost_too() {
    let (proxy, upstream) = open();
    let port = proxy.address.rsplit_once(':').expect("a port").1;
    let head = format!(
        "GET / HTTP/1.1\r\nHost: LocalHost:{port}\r\nAuthorization: bearer {}\r\nConnection: close\r\n\r\n",
        proxy.token
    );
    assert_eq!(status_of(&proxy.send(head.as_bytes())), 200);
    upstream.only_request();
}

#[test]
fn a_web_page_is_refused() {
    for origin in ["https://evil.example", "null", "http://localhost:3000", "https://api.scoutos.com"] {
        refuses(403, "requests of web pages are refused", |proxy| {
            proxy.head("POST /", &format!("Origin: {origin}\r\n\r\n"))
        });
    }
    refuses(403, "requests of web pages are refused", |proxy| {
        proxy.head(
            "GET /",
            &format!("Origin: http://{}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", proxy.address),
        )
    });
}

#[test]
fn a_request_that_asks_to_be_shown_is_refused() {
    refuses(501, "TRACE is refused", |proxy| proxy.head("TRACE /", "\r\n"));
}

#[test]
fn the_proxy_leads_to_no_other_server() {
    let words = "the request is not for a path of this server";
    refuses(400, words, |proxy| proxy.head("GET http://evil.example/", "\r\n"));
    refuses(400, words, |proxy| proxy.head("CONNECT evil.example:443", "\r\n"));
    refuses(400, words, |proxy| proxy.head("OPTIONS *", "\r\n"));
    let (proxy, upstream) = open();
    assert_eq!(status_of(&proxy.call("GET //evil.example/", "", b"")), 200);
    assert_eq!(upstream.only_request().line(), "GET //evil.example/ HTTP/1.1");
}

#[test]
fn a_request_with_both_lengths_is_one_request_and_the_last_of_its_connection() {
    let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    for (headers, body) in [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: chunked\r\nContent-Length: 900\r\n", format!("3\r\nabc\r\n0\r\n\r\n{hidden}")),
    ] {
        let (proxy, upstream) = open();
        let answer = proxy.send(format!("{}{body}", proxy.head("POST /shown", &format!("{headers}\r\n"))).as_bytes());
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
        let request = upstream.only_request();
        assert_eq!(request.line(), "POST /shown HTTP/1.1");
        assert_ne!(request.header("content-length").is_some(), request.header("transfer-encoding").is_some());
    }
}

#[test]
fn an_ambiguous_length_is_refused() {
    let (proxy, upstream) = open();
    for headers in [
        "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: 1, 2\r\n",
        "Content-Length : 1\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
    ] {
        let answer = proxy.send(proxy.head("POST /", &format!("{headers}\r\nx")).as_bytes());
        assert_eq!(status_of(&answer), 400, "{headers}");
    }
    assert!(upstream.requests().is_empty());
}

#[test]
fn a_coding_that_would_be_lost_is_refused() {
    for headers in ["gzip, chunked\r\n", "chunked\r\nTransfer-Encoding: chunked\r\n"] {
        let headers = format!("Transfer-Encoding: {headers}\r\n0\r\n\r\n");
        refuses(501, "the transfer coding is not known", |proxy| proxy.head("POST /", &headers));
    }
}

#[test]
fn a_malformed_chunk_ends_the_connection_and_no_request_follows_it() {
    for chunk in ["2\r\nabc\r\n", "zz\r\n", "-1\r\n", "2\nab\r\n", "ffffffffffffffff1\r\n"] {
        let (proxy, upstream) = open();
        let hidden = "GET /hidden HTTP/1.1\r\n\r\n";
        let head = proxy.head("POST /", "Transfer-Encoding: chunked\r\n\r\n");
        proxy.send(format!("{head}{chunk}0\r\n\r\n{hidden}").as_bytes());
        assert!(upstream.requests().iter().all(|request| !request.line().contains("hidden")), "{chunk:?}");
    }
}

#[test]
fn a_folded_header_is_refused() {
    refuses(400, "", |proxy| proxy.head("GET /", "X-Own: a\r\n Authorization: Bearer x\r\n\r\n"));
    refuses(400, "", |proxy| proxy.head("GET /", "X-Own: a\r\n\tb\r\n\r\n"));
}

#[test]
fn a_line_that_ends_with_lf_alone_is_written_as_it_should_be() {
    let (proxy, upstream) = open();
    let head = proxy.head("GET /", "X-Own: a\r\nX-Other: b\r\nConnection: close\r\n\r\n").replace("\r\n", "\n");
    assert_eq!(status_of(&proxy.send(head.as_bytes())), 200);
    let request = upstream.only_request();
    assert_eq!((request.header("x-own"), request.header("x-other")), (Some("a"), Some("b")));
    assert_eq!(request.head.matches('\n').count(), request.head.matches("\r\n").count());
}

#[test]
fn a_header_that_would_become_two_is_refused() {
    for value in ["a\rX-Injected: 1", "a\0b", "a\rb"] {
        refuses(400, "", |proxy| proxy.head("GET /", &format!("X-Own: {value}\r\n\r\n")));
    }
    refuses(400, "", |proxy| proxy.head("GET /a b", "\r\n"));
    refuses(400, "", |proxy| proxy.head("GET /", "X Own: a\r\n\r\n"));
}

#[test]
fn a_head_without_end_is_refused() {
    let (proxy, upstream) = open();
    for headers in [format!("X-Own: {}", "a".repeat(70_000)), "X-Own: a\r\n".repeat(5000)] {
        let answer = proxy.send(proxy.head("GET /", &headers).as_bytes());
        assert_eq!(status_of(&answer), 431);
    }
    assert!(upstream.requests().is_empty());
}

#[test]
fn a_request_that_the_upstream_would_read_as_two_arrives_as_one() {
    let (proxy, upstream) = open();
    let path = "/v2/%0d%0aHost:%20evil.example%0d%0a%0d%0aGET%20/hidden";
    assert_eq!(status_of(&proxy.call(&format!("GET {path}"), "", b"")), 200);
    assert_eq!(upstream.only_request().line(), format!("GET {path} HTTP/1.1"));
}

#[test]
fn an_upstream_with_a_wrong_certificate_gets_nothing() {
    let files = Files::new();
    let server = TlsServer::start(&files);
    let origin = server.url.trim_end_matches('/').to_owned();
    let answer = Proxy::start(&[&origin], &credential()).call("POST /secret", "Content-Length: 1\r\n", b"x");
    assert_eq!(status_of(&answer), 502);
    assert!(body_of(&answer).contains("TLS certificate is not trusted: it is from an unknown authority"), "{answer}");
    let received = server.stop();
    assert!(!received.contains("secret") && !received.contains("Bearer"), "{received}");
}

#[test]
fn an_upstream_with_the_certificate_of_a_company_is_reached() {
    let files = Files::new();
    let server = TlsServer::start(&files);
    let origin = server.url.trim_end_matches('/').to_owned();
    let [key, id] = credential();
    let proxy = Proxy::start(&[&origin], &[key, id, ("SSL_CERT_FILE", &server.certificate)]);
    assert_eq!(status_of(&proxy.call("GET /", "", b"")), 200);
    server.stop();
}

#[cfg(unix)]
#[test]
fn a_socket_file_can_be_opened_by_its_owner_alone() {
    use std::os::unix::fs::MetadataExt as _;
    let files = Files::new();
    let path = files.path("socket");
    let upstream = Upstream::sending(OK);
    let path_text = path.to_str().expect("UTF-8");
    let proxy = Proxy::start(&["--unix", path_text, &upstream.origin()], &credential());
    assert_eq!(std::fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
    let mut stream = std::os::unix::net::UnixStream::connect(&path).expect("a connection");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: api.scoutos.com\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert_eq!(status_of(&answer), 200);
    upstream.only_request().token();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let set_mode = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    set_mode(path.parent().expect("a folder"), 0o755);
    let call = || as_nobody(&["curl", "--silent", "--unix-socket", path_text, "http://localhost/"]).status.code();
    // curl could not connect.
    assert_eq!(call(), Some(7));
    set_mode(&path, 0o666);
    assert_eq!(call(), Some(0));
    drop(proxy);
}

/// Runs a program as another user.
#[cfg(unix)]
fn as_nobody(words: &[&str]) -> std::process::Output {
    let mut program = std::process::Command::new("setpriv");
    program.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).args(words).envs(credential());
    program.output().expect("setpriv is installed")
}

#[cfg(target_os = "linux")]
#[test]
fn other_programs_of_the_user_cannot_read_the_key_from_the_process() {
    // From root nothing can be kept.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let upstream = Upstream::sending(OK);
    let files = Files::new();
    let copy = files.path("scout-auth");
    std::fs::copy(env!("CARGO_BIN_EXE_scout-auth"), &copy).expect("copied");
    let folder = copy.parent().expect("a folder");
    std::fs::set_permissions(folder, Permissions::from_mode(0o777)).expect("a mode");
    let script = "cd \"$0\" && ./scout-auth proxy \"$1\" > out & until test -s \"$0/out\"; do sleep 0.02; done
        cat /proc/$!/environ; kill $!; wait";
    let output = as_nobody(&["sh", "-c", script, folder.to_str().expect("UTF-8"), &upstream.origin()]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("Permission denied"), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn the_credential_goes_to_no_unsafe_place() {
    for (origin, status, words) in [
        ("http://192.0.2.1", 3, "must not be sent over plain http"),
        ("https://user@api.scoutos.com", 3, "URL"),
        ("https://api.scoutos.com/v2", 2, "the origin has a path"),
        ("nothing", 3, "URL"),
    ] {
        let output = program(&["proxy", origin], &credential()).output().expect("it ends");
        assert_eq!(output.status.code(), Some(status), "{origin}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(words), "{origin}: {output:?}");
    }
}
