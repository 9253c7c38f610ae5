//! A server that keeps what it gets, byte for byte.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use scout_auth::{Error, Verifier};

use crate::harness::{ID, key, other_key};

/// A request, as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

pub(super) struct Upstream {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Upstream {
    /// Answers each request by writing to its connection. The handler gets the requests so far, the
    /// newest last.
    pub(super) fn new(answer: impl Fn(&[Request], &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (requests, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let kept = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, kept, answer) =
                    (stream.expect("a connection"), Arc::clone(&kept), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
                    while let Some(request) = Request::read(&mut reader) {
                        let so_far = {
                            let mut kept = kept.lock().expect("no panic");
                            kept.push(request);
                            kept.clone()
                        };
                        answer(&so_far, &mut stream);
                    }
                });
            }
        });
        Self { address, requests }
    }

    /// Answers each request with the same text.
    pub(super) fn sending(answer: &'static str) -> Self {
        Self::new(move |_, stream| write(stream, answer))
    }

    /// Answers the first request with the first text, and so on; the last text stays.
    pub(super) fn sending_in_turn(answers: Vec<String>) -> Self {
        Self::new(move |requests, stream| write(stream, &answers[(requests.len() - 1).min(answers.len() - 1)]))
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }

    #[track_caller]
    pub(super) fn only_request(&self) -> Request {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }
}

/// The proxy may have gone away.
pub(super) fn write(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

impl Request {
    fn read(reader: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if reader.read_until(b'\n', &mut head).ok()? == 0 {
                return None;
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut request = Self { head, body: Vec::new() };
        if let Some(length) = request.header("content-length") {
            request.body.resize(length.parse().ok()?, 0);
            reader.read_exact(&mut request.body).ok()?;
        } else if request.header("transfer-encoding").is_some() {
            let mut chunk = read_chunk(reader)?;
            while !chunk.is_empty() {
                request.body.extend(&chunk);
                chunk = read_chunk(reader)?;
            }
        }
        Some(request)
    }

    pub(super) fn line(&self) -> &str {
        self.head.lines().next().expect("a line")
    }

    /// The value of a header that occurs once at most.
    #[track_caller]
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let values: Vec<_> = self.head.lines().filter_map(|line| value(line, name)).collect();
        assert!(values.len() <= 1, "{name}: {values:?}");
        values.first().copied()
    }

    /// The token. Fails if it is not one of the key.
    #[track_caller]
    pub(super) fn token(&self) -> &str {
        let token = self.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).expect("a token");
        let keys = [key().public_key().clone(), other_key().public_key().clone()];
        match Verifier::new(keys).expect("keys").verify(token) {
            Ok(claims) => assert_eq!(claims.credential_id, ID),
            // For a server whose clock is behind. What is badly signed is another error.
            Err(error) => assert_eq!(error, Error::TokenExpired),
        }
        token
    }
}

/// The next chunk of a body. The last one is empty.
pub(super) fn read_chunk(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let length = usize::from_str_radix(line.trim_end(), 16).ok()?;
    let mut chunk = vec![0; length + 2];
    reader.read_exact(&mut chunk).ok()?;
    chunk.truncate(length);
    Some(chunk)
}

/// The value, if the line is that header.
pub(super) fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (found, value) = line.split_once(':')?;
    found.eq_ignore_ascii_case(name).then(|| value.trim())
}
