//! Bodies that stream, and connections that change their protocol.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, mpsc};

use crate::proxy::upstream::{Upstream, read_chunk, write};
use crate::proxy::{Proxy, status_of};

/// Reads up to and with an empty line.
fn read_head(reader: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).expect("a line"), 0, "{head}");
    }
    head
}

#[test]
fn an_event_arrives_while_the_stream_goes_on() {
    // The second event is sent when the first was read: whoever collects the body waits for ever.
    let (was_read, may_go_on) = mpsc::channel();
    let may_go_on = Mutex::new(may_go_on);
    let upstream = Upstream::new(move |_, stream| {
        write(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        for event in ["9\r\ndata: 1\n\n\r\n", "9\r\ndata: 2\n\n\r\n0\r\n\r\n"] {
            write(stream, event);
            may_go_on.lock().expect("no panic").recv().expect("read");
        }
    });
    let proxy = Proxy::to(&upstream);
    let mut stream = proxy.connect();
    stream.write_all(proxy.head("GET /", "\r\n").as_bytes()).expect("sent");
    let mut reader = BufReader::new(stream);
    assert!(read_head(&mut reader).contains("content-type: text/event-stream\r\n"));
    for event in [b"data: 1\n\n", b"data: 2\n\n"] {
        assert_eq!(read_chunk(&mut reader), Some(event.to_vec()));
        was_read.send(()).expect("the server waits");
    }
    assert_eq!(read_chunk(&mut reader), Some(Vec::new()));
}

#[test]
fn a_body_arrives_while_the_caller_still_sends_it() {
    // The server answers when it has the first piece, and the caller sends the second when it has the answer.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
        read_head(&mut reader);
        let first = read_chunk(&mut reader).expect("a piece");
        write(&mut stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
        let second = read_chunk(&mut reader).expect("a piece");
        write(&mut stream, "0\r\n\r\n");
        [first, second]
    });
    let proxy = Proxy::start(&[&origin], &crate::harness::credential());
    let mut stream = proxy.connect();
    let head = proxy.head("POST /", "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    assert_eq!(status_of(&read_head(&mut reader)), 200);
    stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n").expect("sent");
    assert_eq!(server.join().expect("served"), [&b"first"[..], b"second"]);
}

#[test]
fn a_caller_that_goes_away_ends_the_stream_of_the_upstream() {
    let (ended, end) = mpsc::channel();
    let ended = Mutex::new(ended);
    let upstream = Upstream::new(move |_, stream| {
        write(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
        // Nothing more comes from the proxy until it closes.
        let read = stream.read(&mut [0]).unwrap_or(0);
        ended.lock().expect("no panic").send(read).expect("the test waits");
    });
    let proxy = Proxy::to(&upstream);
    let mut stream = proxy.connect();
    stream.write_all(proxy.head("GET /", "\r\n").as_bytes()).expect("sent");
    read_head(&mut BufReader::new(stream.try_clone().expect("a socket")));
    drop(stream);
    assert_eq!(end.recv().expect("the server tells"), 0);
}

#[test]
fn a_web_socket_is_connected_end_to_end() {
    let upstream = Upstream::new(|requests, stream| {
        let request = requests.last().expect("a request");
        assert_eq!(request.header("connection"), Some("upgrade"));
        assert_eq!(request.header("upgrade"), Some("websocket"));
        assert_eq!(request.header("sec-websocket-key"), Some("dGhlIHNhbXBsZSBub25jZQ=="));
        request.token();
        write(
            stream,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfirst",
        );
        let mut bytes = [0; 4];
        while stream.read_exact(&mut bytes).is_ok() {
            stream.write_all(&bytes.map(|byte| byte.to_ascii_uppercase())).expect("sent");
        }
    });
    let proxy = Proxy::to(&upstream);
    let mut stream = proxy.connect();
    let headers = "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(proxy.head("GET /socket", headers).as_bytes()).expect("sent");
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let head = read_head(&mut reader);
    assert_eq!(status_of(&head), 101);
    assert!(head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{head}");
    let mut read = |length: usize| {
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes).expect("bytes");
        String::from_utf8(bytes).expect("UTF-8")
    };
    assert_eq!(read(5), "first");
    for (sent, answered) in [(b"ping", "PING"), (b"\0abc", "\0ABC")] {
        stream.write_all(sent).expect("sent");
        assert_eq!(read(4), answered);
    }
}

#[test]
fn a_web_socket_that_the_upstream_refuses_is_an_answer_like_others() {
    let upstream = Upstream::sending("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    let answer = Proxy::to(&upstream).call("GET /", "Connection: upgrade\r\nUpgrade: websocket\r\n", b"");
    assert_eq!(status_of(&answer), 403);
}

#[test]
fn another_protocol_that_the_caller_did_not_ask_for_is_no_answer() {
    let upstream = Upstream::sending(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    );
    let answer = Proxy::to(&upstream).call("GET /", "", b"");
    assert_eq!(status_of(&answer), 502, "{answer}");
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[cfg(unix)]
#[test]
fn an_open_web_socket_counts_as_a_connection() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    let upstream = Upstream::sending(switch);
    // 64 descriptors are set aside, and each connection has two.
    let proxy = Proxy::with_open_files(70, &[&upstream.origin()]);
    let open = || {
        let mut stream = proxy.connect();
        let head = proxy.head("GET /", "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("sent");
        BufReader::new(stream)
    };
    let mut sockets: Vec<_> = (0..3).map(|_| open()).collect();
    for socket in &mut sockets {
        assert_eq!(status_of(&read_head(socket)), 101);
    }
    let mut fourth = open();
    fourth.get_ref().set_read_timeout(Some(std::time::Duration::from_millis(300))).expect("a socket");
    assert!(fourth.fill_buf().is_err(), "it waits for one of the three to end");
    fourth.get_ref().set_read_timeout(None).expect("a socket");
    drop(sockets.pop());
    assert_eq!(status_of(&read_head(&mut fourth)), 101);
}
