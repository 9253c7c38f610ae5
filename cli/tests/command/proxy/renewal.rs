//! A 401, and a rotation.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use crate::harness::{Files, ID, credential, key, key_text, other_key};
use crate::proxy::upstream::read_chunk;
use crate::proxy::{Proxy, Request, Upstream, body_of, status_of};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A refusal by a server whose clock is an hour behind: a new token is worth a try.
fn refusal() -> String {
    let date = httpdate::fmt_http_date(SystemTime::now() - Duration::from_hours(1));
    format!("HTTP/1.1 401 Unauthorized\r\nDate: {date}\r\nContent-Length: 2\r\n\r\nno")
}

fn refusing_once() -> Upstream {
    Upstream::sending_in_turn(vec![refusal(), OK.to_owned()])
}

#[test]
fn a_401_is_answered_with_a_new_token_and_the_same_body() {
    let upstream = refusing_once();
    let answer = Proxy::to(&upstream).call("POST /v2", "Content-Length: 4\r\nX-Own: 1\r\n", b"body");
    assert_eq!((status_of(&answer), body_of(&answer)), (200, "ok"));
    let [first, second] = &upstream.requests()[..] else { panic!("two requests: {:?}", upstream.requests()) };
    assert_ne!(first.token(), second.token());
    let without_token = |request: &Request| request.head.replace(request.token(), "");
    assert_eq!((without_token(first), &first.body), (without_token(second), &second.body));
    assert_eq!(second.body, b"body");
}

#[test]
fn a_body_of_unknown_length_is_sent_again_too() {
    let upstream = refusing_once();
    let body = b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n";
    assert_eq!(status_of(&Proxy::to(&upstream).call("POST /", "Transfer-Encoding: chunked\r\n", body)), 200);
    let bodies: Vec<_> = upstream.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies, [b"onetwo", b"onetwo"]);
}

#[test]
fn a_web_socket_is_renewed_too() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello";
    let upstream = Upstream::sending_in_turn(vec![refusal(), switch.to_owned()]);
    let proxy = Proxy::to(&upstream);
    let mut stream = proxy.connect();
    let head = proxy.head("GET /", "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    let mut answer = String::new();
    while !answer.ends_with("\r\n\r\nhello") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        answer.push(byte[0].into());
    }
    assert_eq!(status_of(&answer), 101);
    let requests = upstream.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.header("upgrade") == Some("websocket")), "{requests:?}");
    assert_ne!(requests[0].token(), requests[1].token());
}

#[test]
fn a_second_401_is_the_callers() {
    let upstream = Upstream::sending_in_turn(vec![refusal()]);
    let answer = Proxy::to(&upstream).call("GET /", "", b"");
    assert_eq!((status_of(&answer), body_of(&answer)), (401, "no"));
    assert_eq!(upstream.requests().len(), 2);
}

#[test]
fn a_body_of_one_mebibyte_is_sent_again_and_a_longer_one_is_not() {
    for (length, requests, status) in [(1024 * 1024, 2, 200), (1024 * 1024 + 1, 1, 401)] {
        let upstream = refusing_once();
        let headers = format!("Content-Length: {length}\r\n");
        let answer = Proxy::to(&upstream).call("POST /", &headers, &vec![b'x'; length]);
        assert_eq!(status_of(&answer), status, "{length}");
        let sent: Vec<_> = upstream.requests().iter().map(|request| request.body.len()).collect();
        assert_eq!(sent, vec![length; requests]);
    }
}

#[test]
fn the_401_to_a_body_that_is_not_sent_again_arrives_whole() {
    // More than the system keeps between two sockets.
    const HALF: usize = 16 * 1024 * 1024;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let server = std::thread::spawn(move || {
        let mut reader = BufReader::new(listener.accept().expect("a connection").0);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).expect("a line");
        }
        let mut half = vec![0; HALF];
        reader.read_exact(&mut half).expect("the first half");
        let refusal = refusal();
        let (start, end) = refusal.split_at(refusal.len() - 1);
        super::upstream::write(reader.get_mut(), start);
        reader.read_exact(&mut half).expect("the second half");
        super::upstream::write(reader.get_mut(), end);
    });
    let headers = format!("Content-Length: {}\r\n", 2 * HALF);
    let answer = Proxy::start(&[&origin], &credential()).call("POST /", &headers, &vec![b'x'; 2 * HALF]);
    assert_eq!((status_of(&answer), body_of(&answer)), (401, "no"));
    server.join().expect("served");
}

#[test]
fn a_401_that_comes_early_lets_the_second_sending_take_over_the_rest() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let (has_first, go_on) = std::sync::mpsc::channel();
    let server = std::thread::spawn(move || {
        let accept = || {
            let mut reader = BufReader::new(listener.accept().expect("a connection").0);
            let mut line = String::new();
            while line != "\r\n" {
                line.clear();
                reader.read_line(&mut line).expect("a line");
            }
            let piece = read_chunk(&mut reader).expect("a piece");
            (reader, piece)
        };
        let (mut first, piece) = accept();
        let mut pieces = vec![piece];
        let refusal = refusal();
        let (start, end) = refusal.split_at(refusal.len() - 1);
        super::upstream::write(first.get_mut(), start);
        let (mut second, piece) = accept();
        pieces.push(piece);
        // The first connection lives on, and must not take what belongs to the second.
        super::upstream::write(first.get_mut(), end);
        has_first.send(()).expect("the caller waits");
        pieces.push(read_chunk(&mut second).expect("a piece"));
        super::upstream::write(second.get_mut(), OK);
        pieces
    });
    let proxy = Proxy::start(&[&origin], &credential());
    let mut stream = proxy.connect();
    let head = proxy.head("POST /", "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    stream.write_all(format!("{head}3\r\none\r\n").as_bytes()).expect("sent");
    go_on.recv().expect("the second request has the first piece");
    stream.write_all(b"3\r\ntwo\r\n0\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert_eq!(status_of(&answer), 200);
    assert_eq!(server.join().expect("served"), [b"one", b"one", b"two"]);
}

#[test]
fn a_legacy_key_is_sent_once() {
    let upstream = Upstream::sending_in_turn(vec![refusal()]);
    let proxy = Proxy::start(&[&upstream.origin()], &[("SCOUT_API_KEY", "scout_legacy_0123")]);
    assert_eq!(status_of(&proxy.call("GET /", "", b"")), 401);
    assert_eq!(upstream.only_request().header("authorization"), Some("Bearer scout_legacy_0123"));
}

#[test]
fn a_rotated_credential_is_used_without_a_restart() {
    let files = Files::new();
    let path = files.credential();
    let new_kid = other_key().kid();
    let upstream = Upstream::new(move |requests, stream| {
        let request = requests.last().expect("a request");
        // As Scout does after the old key was disabled: the second request of the caller meets that.
        let is_refused = requests.len() > 1 && kid_of(request) != new_kid.as_str();
        super::upstream::write(stream, if is_refused { "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n" } else { OK });
    });
    let proxy = Proxy::start(&[&upstream.origin()], &[("SCOUT_CREDENTIAL_FILE", &path)]);
    assert_eq!(status_of(&proxy.call("GET /", "", b"")), 200);
    let rotated = serde_json::json!({ "private_key": &*other_key().to_base64url(), "credential_id": ID });
    let new = files.write("new", rotated.to_string());
    std::fs::rename(new, &path).expect("replaced");
    for _ in 0..3 {
        assert_eq!(status_of(&proxy.call("POST /", "Content-Length: 1\r\n", b"x")), 200);
    }
    let kids: Vec<_> = upstream.requests().iter().map(kid_of).collect();
    let (old, new) = (key().kid().as_str().to_owned(), new_kid.as_str().to_owned());
    assert_eq!(kids, [old.clone(), old, new.clone(), new.clone(), new]);
}

/// The kid in the header of the token.
fn kid_of(request: &Request) -> String {
    let outcome = crate::harness::library(&["inspect", "--json"], &[], request.token().as_bytes());
    let text = outcome.json();
    text["header"]["kid"].as_str().expect("a kid").to_owned()
}

#[test]
fn a_program_that_supplies_the_credential_holds_nobody_up() {
    // At its second run, the program waits for a file that is made when another request was answered. If the
    // proxy waited for the program, it would be ended after its time, and its third run would see that.
    let files = Files::new();
    let text = serde_json::json!({ "private_key": key_text(), "credential_id": ID }).to_string();
    files.write("credential", text);
    let script = files.write(
        "supply",
        "cd \"${0%/*}\"
         test -e waiting && : > ended
         if test -e first; then : > waiting; until test -e go; do sleep 0.02; done; mv waiting done; fi
         : > first; cat credential",
    );
    let command = serde_json::json!(["/bin/sh", script]).to_string();
    let upstream = Upstream::new(|requests, stream| {
        let is_refused = requests.last().expect("a request").line().starts_with("GET /refused");
        super::upstream::write(stream, if is_refused { "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n" } else { OK });
    });
    let environment = [("SCOUT_CREDENTIAL_COMMAND", command.as_str()), ("PATH", "/usr/bin:/bin")];
    let proxy = Proxy::start(&[&upstream.origin()], &environment);
    std::thread::scope(|scope| {
        // Core asks the program again after a second at the earliest.
        scope.spawn(|| {
            while !files.path("done").exists() {
                assert_eq!(status_of(&proxy.call("GET /refused", "", b"")), 401);
            }
        });
        while !files.path("waiting").exists() {
            std::thread::yield_now();
        }
        assert_eq!(status_of(&proxy.call("GET /other", "", b"")), 200);
        files.write("go", "");
    });
    assert!(!files.path("ended").exists());
}
