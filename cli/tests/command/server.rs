//! A server on this machine that answers one request.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener};
use std::thread::{self, JoinHandle};

/// A server that answers once and keeps the request.
pub(crate) struct Server {
    listener: TcpListener,
    request: JoinHandle<String>,
}

impl Server {
    pub(crate) fn sending(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let accepting = listener.try_clone().expect("a socket");
        let request = thread::spawn(move || {
            let (mut stream, _) = accepting.accept().expect("a connection");
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).expect("a request") == 0 || !request.is_ascii() {
                    break;
                }
                request.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).expect("an answer");
            // A socket closed before all was read would be reset, and the answer lost with it.
            stream.shutdown(Shutdown::Write).expect("the end of the answer");
            let _ = stream.read_to_end(&mut Vec::new());
            String::from_utf8_lossy(&request).into_owned()
        });
        Self { listener, request }
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/v2/workflows", self.listener.local_addr().expect("an address"))
    }

    /// The only request. Fails if there was another.
    pub(crate) fn only_request(self) -> String {
        let request = self.request.join().expect("a request");
        self.listener.set_nonblocking(true).expect("a socket");
        assert_eq!(self.listener.accept().map_err(|error| error.kind()).err(), Some(ErrorKind::WouldBlock));
        request
    }
}
