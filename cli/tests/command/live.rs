//! `doctor --url` against a server on this machine.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use scout_auth::Verifier;

use crate::harness::{Files, ID, Outcome, binary, credential, key, other_key};

/// A server that gives one answer and keeps the request.
struct Server {
    listener: TcpListener,
    request: JoinHandle<String>,
}

impl Server {
    fn answering(status: &str, date: SystemTime, headers: &str) -> Self {
        let date = httpdate::fmt_http_date(date);
        Self::sending(format!("HTTP/1.1 {status}\r\nDate: {date}\r\n{headers}Content-Length: 0\r\n\r\n"))
    }

    fn sending(answer: String) -> Self {
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

    fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/v2/workflows", self.listener.local_addr().expect("an address"))
    }

    /// The one request; fails where there was another.
    fn only_request(self) -> String {
        let request = self.request.join().expect("a request");
        self.listener.set_nonblocking(true).expect("a socket");
        assert_eq!(self.listener.accept().map_err(|error| error.kind()).err(), Some(ErrorKind::WouldBlock));
        request
    }
}

fn doctor(url: &str, environment: &[(&str, &str)]) -> Outcome {
    let outcome = binary(&["doctor", "--url", url], environment, b"");
    outcome.holds_no_key();
    outcome
}

#[test]
fn an_accepted_credential_is_sent_once_and_found_right() {
    let server = Server::answering("200 OK", SystemTime::now(), "");
    let outcome = doctor(&server.url("http"), &credential());
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("ok    server clock   agrees with this machine's, to 5 s\n"), "{outcome:?}");
    assert!(outcome.stdout.contains("ok    live call      200: the server accepted the credential\n"), "{outcome:?}");
    let request = server.only_request();
    assert!(request.starts_with("GET /v2/workflows HTTP/1.1\r\n"), "{request}");
    let token = request.lines().find_map(|line| line.strip_prefix("authorization: Bearer ")).expect("the header");
    assert_eq!(Verifier::new([key().public_key().clone()]).unwrap().verify(token).expect("accepted").credential_id, ID);
    assert!(!outcome.stdout.contains(token));
}

#[test]
fn a_401_is_explained_and_the_clocks_are_compared() {
    let (now, difference) = (SystemTime::now(), Duration::from_secs(7230));
    for (server_time, words) in [(now + difference, "behind the server's"), (now - difference, "ahead of the server's")]
    {
        let server = Server::answering("401 Unauthorized", server_time, "");
        let outcome = doctor(&server.url("http"), &credential());
        assert_eq!(outcome.status, 6, "{outcome:?}");
        let clock = format!("warn  server clock   this machine's clock is 2 h {words}\n");
        assert!(outcome.stdout.contains(&clock), "{outcome:?}");
        assert!(outcome.stdout.contains("fail  live call      401 Unauthorized"), "{outcome:?}");
        assert!(outcome.stdout.contains("help: the key is disabled, deleted or copied wrongly"), "{outcome:?}");
        server.only_request();
    }
}

#[test]
fn a_403_is_explained_by_the_role() {
    let server = Server::answering("403 Forbidden", SystemTime::now(), "");
    let outcome = doctor(&server.url("http"), &credential());
    assert_eq!(outcome.status, 6);
    assert!(outcome.stdout.contains("403 Forbidden: the key is valid") && outcome.stdout.contains("the key's role"));
}

#[test]
fn a_redirect_is_not_followed() {
    let target = TcpListener::bind("127.0.0.1:0").expect("a port");
    let location = format!("Location: http://{}/\r\n", target.local_addr().expect("an address"));
    let server = Server::answering("302 Found", SystemTime::now(), &location);
    let outcome = doctor(&server.url("http"), &credential());
    assert_eq!(outcome.status, 6);
    assert!(outcome.stdout.contains("302: a redirect, which was not followed"), "{outcome:?}");
    server.only_request();
    target.set_nonblocking(true).expect("a socket");
    assert_eq!(target.accept().map_err(|error| error.kind()).err(), Some(ErrorKind::WouldBlock));
}

#[test]
fn a_legacy_key_is_sent_as_it_is() {
    let server = Server::answering("204 No Content", SystemTime::now(), "");
    let outcome = doctor(&server.url("http"), &[("SCOUT_API_KEY", "scout_legacy_0123")]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(server.only_request().contains("authorization: Bearer scout_legacy_0123\r\n"));
}

#[test]
fn plain_http_goes_past_every_proxy() {
    let server = Server::answering("200 OK", SystemTime::now(), "");
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let proxy = format!("http://{}", proxy.local_addr().expect("an address"));
    let environment = [credential()[0], credential()[1], ("HTTP_PROXY", &proxy), ("ALL_PROXY", &proxy)];
    assert_eq!(doctor(&server.url("http"), &environment).status, 0);
    assert!(server.only_request().starts_with("GET /v2/workflows "));
}

#[test]
fn a_server_that_does_not_speak_tls_is_told() {
    let server = Server::sending("HTTP/1.1 400 Bad Request\r\n\r\n".to_owned());
    let outcome = doctor(&server.url("https"), &credential());
    assert_eq!(outcome.status, 6, "{outcome:?}");
    assert!(outcome.stdout.contains("there was no answer: the server does not speak TLS as it should"), "{outcome:?}");
}

#[test]
fn a_server_with_an_untrusted_certificate_gets_no_credential() {
    let files = Files::new();
    let key = files.write("key", &*other_key().to_pem());
    let certificate = files.path("certificate");
    let openssl = |args: &str, option: &str| {
        let mut command = Command::new("openssl");
        command.args(args.split(' ')).args(["-key", &key, option]).arg(&certificate);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed")
    };
    let mut request = openssl("req -x509 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1", "-out");
    assert!(request.wait().expect("ended").success());
    let mut server = openssl("s_server -accept 127.0.0.1:0", "-cert");
    let mut log = BufReader::new(server.stdout.take().expect("a pipe"));
    let mut line = String::new();
    while !line.starts_with("ACCEPT ") {
        line.clear();
        assert_ne!(log.read_line(&mut line).expect("a line"), 0, "openssl s_server ended");
    }
    let outcome = doctor(&format!("https://{}/", line["ACCEPT ".len()..].trim()), &credential());
    server.kill().expect("ended");
    server.wait().expect("ended");
    assert_eq!(outcome.status, 6, "{outcome:?}");
    assert!(outcome.stdout.contains("there was no answer: the server's TLS certificate is not trusted"), "{outcome:?}");
    let mut received = String::new();
    log.read_to_string(&mut received).expect("UTF-8");
    assert!(!received.contains("Bearer"), "{received}");
}

#[test]
fn an_answer_that_never_comes_is_told() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let outcome = doctor(&format!("http://{closed}/"), &credential());
    assert_eq!(outcome.status, 6);
    assert!(outcome.stdout.contains("there was no answer: connection refused"), "{outcome:?}");
}

#[test]
fn a_credential_goes_nowhere_unsafe_and_an_unusable_one_nowhere() {
    let outcome = doctor("http://192.0.2.1/", &credential());
    assert_eq!(outcome.status, 3);
    assert!(
        outcome.stdout.contains("fail  live call      the credential must not be sent over plain http"),
        "{outcome:?}"
    );
    let outcome = doctor("http://127.0.0.1:9/", &credential()[..1]);
    assert_eq!(outcome.status, 3);
    assert!(outcome.stdout.contains("skip  live call      not tried"), "{outcome:?}");
}
