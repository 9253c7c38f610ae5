//! What takes long, or many connections.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::harness::credential;
use crate::proxy::{Proxy, Upstream, status_of};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// Opens connections that send half a head, and calls meanwhile.
fn answers_beside(connections: usize) {
    let upstream = Upstream::sending(OK);
    let proxy = Proxy::to(&upstream);
    let idle: Vec<_> = (0..connections)
        .map(|_| {
            let mut stream = proxy.connect();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: ").expect("sent");
            stream
        })
        .collect();
    for _ in 0..10 {
        assert_eq!(status_of(&proxy.call("GET /", "", b"")), 200);
    }
    drop(idle);
}

#[test]
fn idle_connections_hold_nobody_up() {
    answers_beside(300);
}

#[test]
#[ignore = "takes 20 seconds: make test-load"]
fn a_caller_that_is_too_slow_is_disconnected() {
    let upstream = Upstream::sending(OK);
    let proxy = Proxy::to(&upstream);
    let mut streams: Vec<TcpStream> = (0..3).map(|_| proxy.connect()).collect();
    // The first sends nothing, the second half a head, the third a byte a second.
    streams[1].write_all(b"GET / HTTP/1.1\r\n").expect("sent");
    let mut slow = streams[2].try_clone().expect("a socket");
    std::thread::spawn(move || {
        while slow.write_all(b"G").is_ok() {
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    });
    for stream in &mut streams {
        // Ends only if the proxy closes the connection.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert!(upstream.requests().is_empty());
    assert_eq!(status_of(&proxy.call("GET /", "", b"")), 200);
}

#[test]
#[ignore = "takes 20 seconds: make test-load"]
fn an_upstream_or_a_proxy_that_says_nothing_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address").to_string();
    let [upstream, proxy] = [format!("https://{address}"), format!("http://{address}")];
    let direct = Proxy::start(&[&upstream], &credential());
    let more = [&credential()[..], &[("HTTPS_PROXY", &proxy)]].concat();
    let through = Proxy::start(&["https://api.scoutos.com"], &more);
    std::thread::scope(|scope| {
        for proxy in [&direct, &through] {
            scope.spawn(|| {
                let answer = proxy.call("GET /", "", b"");
                assert_eq!(status_of(&answer), 502, "{answer}");
                assert!(answer.contains("the connection timed out"), "{answer}");
            });
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "opens 10,000 connections: make test-load"]
fn ten_thousand_connections_take_bounded_memory_and_pass() {
    let upstream = Upstream::sending(OK);
    let proxy = Proxy::to(&upstream);
    let address: std::net::SocketAddr = proxy.address.parse().expect("an address");
    // Those beyond the limit wait in the system's queue, and beyond that are not connected at all.
    let timeout = std::time::Duration::from_millis(20);
    let connections: Vec<_> = (0..10_000).filter_map(|_| TcpStream::connect_timeout(&address, timeout).ok()).collect();
    assert!(connections.len() > 2048, "{}", connections.len());
    let status = std::fs::read_to_string(format!("/proc/{}/status", proxy.child.id())).expect("a process");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    println!("{} of 10,000 connected, peak {peak} KiB", connections.len());
    assert!(peak < 64 * 1024, "{peak} KiB");
    drop(connections);
    assert_eq!(status_of(&proxy.call("GET /", "", b"")), 200);
}
