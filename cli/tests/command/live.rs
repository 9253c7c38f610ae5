//! `doctor --url` against a server on this machine.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, SystemTime};

use scout_auth::Verifier;

use crate::harness::{Files, ID, Outcome, binary, credential, key, other_key};
use crate::server::Server;

/// A server with an answer that has no body.
fn answering(status: &str, date: SystemTime, headers: &str) -> Server {
    let date = httpdate::fmt_http_date(date);
    Server::sending(format!("HTTP/1.1 {status}\r\nDate: {date}\r\n{headers}Content-Length: 0\r\n\r\n"))
}

fn doctor(url: &str, environment: &[(&str, &str)]) -> Outcome {
    let outcome = binary(&["doctor", "--url", url], environment, b"");
    outcome.holds_no_key();
    outcome
}

#[test]
fn an_accepted_credential_is_sent_once_and_found_right() {
    let server = answering("200 OK", SystemTime::now(), "");
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
        let server = answering("401 Unauthorized", server_time, "");
        let outcome = doctor(&server.url("http"), &credential());
        assert_eq!(outcome.status, 6, "{outcome:?}");
        let clock = format!("warn  server clock   this machine's clock is 2 h {words}\n");
        assert!(outcome.stdout.contains(&clock), "{outcome:?}");
        assert!(outcome.stdout.contains("fail  live call      401 Unauthorized"), "{outcome:?}");
        assert!(outcome.stdout.contains("help: the key is disabled, deleted or copied wrongly"), "{outcome:?}");
        assert!(outcome.stdout.contains("name the workspace id as the credential id"), "{outcome:?}");
        server.only_request();
    }
}

#[test]
fn a_403_is_explained_by_the_role() {
    let server = answering("403 Forbidden", SystemTime::now(), "");
    let outcome = doctor(&server.url("http"), &credential());
    assert_eq!(outcome.status, 6);
    assert!(outcome.stdout.contains("403 Forbidden: the key is valid") && outcome.stdout.contains("the key's role"));
}

#[test]
fn a_redirect_is_not_followed() {
    let target = TcpListener::bind("127.0.0.1:0").expect("a port");
    let location = format!("Location: http://{}/\r\n", target.local_addr().expect("an address"));
    let server = answering("302 Found", SystemTime::now(), &location);
    let outcome = doctor(&server.url("http"), &credential());
    assert_eq!(outcome.status, 6);
    assert!(outcome.stdout.contains("302: a redirect, which was not followed"), "{outcome:?}");
    server.only_request();
    target.set_nonblocking(true).expect("a socket");
    assert_eq!(target.accept().map_err(|error| error.kind()).err(), Some(ErrorKind::WouldBlock));
}

#[test]
fn a_legacy_key_is_sent_as_it_is() {
    let server = answering("204 No Content", SystemTime::now(), "");
    let outcome = doctor(&server.url("http"), &[("SCOUT_API_KEY", "scout_legacy_0123")]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(server.only_request().contains("authorization: Bearer scout_legacy_0123\r\n"));
}

#[test]
fn plain_http_goes_past_every_proxy() {
    let server = answering("200 OK", SystemTime::now(), "");
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
    assert!(outcome.stdout.contains("there was no answer: the server does not speak TLS"), "{outcome:?}");
}

/// An https server for 127.0.0.1 with a certificate of its own: `openssl s_server`.
pub(crate) struct TlsServer {
    process: Child,
    log: BufReader<ChildStdout>,
    pub(crate) url: String,
    pub(crate) certificate: String,
}

impl TlsServer {
    pub(crate) fn start(files: &Files) -> Self {
        let key = files.write("key", &*other_key().to_pem());
        let certificate = files.path("certificate").to_str().expect("UTF-8").to_owned();
        let openssl = |args: &str, option: &str| {
            let mut command = Command::new("openssl");
            command.args(args.split(' ')).args(["-key", &key, option, &certificate]);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            command.spawn().expect("openssl is installed")
        };
        let names =
            "-subj /CN=scout-auth-test -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE";
        let mut request = openssl(&format!("req -x509 {names}"), "-out");
        assert!(request.wait().expect("ended").success());
        let mut process = openssl("s_server -www -accept 127.0.0.1:0", "-cert");
        let mut log = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut line = String::new();
        while !line.starts_with("ACCEPT ") {
            line.clear();
            assert_ne!(log.read_line(&mut line).expect("a line"), 0, "openssl s_server ended");
        }
        let url = format!("https://{}/", line["ACCEPT ".len()..].trim());
        Self { process, log, url, certificate }
    }

    /// Ends the server, and returns what it wrote.
    pub(crate) fn stop(mut self) -> String {
        self.process.kill().expect("ended");
        self.process.wait().expect("ended");
        let mut received = String::new();
        self.log.read_to_string(&mut received).expect("UTF-8");
        received
    }
}

#[test]
fn a_server_with_an_untrusted_certificate_gets_no_credential() {
    let files = Files::new();
    let server = TlsServer::start(&files);
    let outcome = doctor(&server.url, &credential());
    assert!(!server.stop().contains("Bearer"));
    assert_eq!(outcome.status, 6, "{outcome:?}");
    let words = "there was no answer: the server's TLS certificate is not trusted: it is from an unknown authority\n";
    assert!(outcome.stdout.contains(words) && outcome.stdout.contains("in SSL_CERT_FILE\n"), "{outcome:?}");
}

#[test]
fn a_certificate_of_ssl_cert_file_is_trusted() {
    let files = Files::new();
    let server = TlsServer::start(&files);
    let [key, id] = credential();
    let outcome = doctor(&server.url, &[key, id, ("SSL_CERT_FILE", &server.certificate)]);
    server.stop();
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("200: the server accepted the credential"), "{outcome:?}");
}

#[test]
fn a_host_of_no_proxy_is_reached_without_the_proxy() {
    let files = Files::new();
    let server = TlsServer::start(&files);
    let [key, id] = credential();
    let environment = [key, id, ("SSL_CERT_FILE", &server.certificate), ("HTTPS_PROXY", "http://127.0.0.1:9")];
    let outcome = doctor(&server.url, &environment);
    assert!(outcome.stdout.contains("there was no answer: the proxy cannot be used\n"), "{outcome:?}");
    let outcome = doctor(&server.url, &[&environment[..], &[("NO_PROXY", "example.org, 127.0.0.1")]].concat());
    server.stop();
    assert_eq!(outcome.status, 0, "{outcome:?}");
}

#[test]
fn a_certificate_for_another_host_is_named_as_such() {
    let files = Files::new();
    let server = TlsServer::start(&files);
    let [key, id] = credential();
    let url = server.url.replace("127.0.0.1", "localhost");
    let outcome = doctor(&url, &[key, id, ("SSL_CERT_FILE", &server.certificate)]);
    server.stop();
    assert!(outcome.stdout.contains("is not trusted: it is for another host\n"), "{outcome:?}");
}

#[test]
fn a_host_that_does_not_exist_is_named_as_such() {
    let outcome = doctor("https://scout-auth.invalid/", &credential());
    assert_eq!(outcome.status, 6, "{outcome:?}");
    assert!(outcome.stdout.contains("there was no answer: the name of the host was not found\n"), "{outcome:?}");
}

#[test]
fn what_the_server_says_of_a_refusal_is_shown_without_the_credential() {
    let body = r#"{"detail":"Invalid API key scout_legacy_0123"}"#;
    let length = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let server = Server::sending(format!("HTTP/1.1 401 Unauthorized\r\n{length}"));
    let outcome = doctor(&server.url("http"), &[("SCOUT_API_KEY", "scout_legacy_0123")]);
    let words = "401 Unauthorized: the server refused the credential; it says: Invalid API key ...\n";
    assert!(outcome.stdout.contains(words), "{outcome:?}");
    server.only_request();
}

#[test]
fn a_limited_rate_and_a_wrong_path_are_named() {
    for (status, headers, words) in [
        ("429 Too Many Requests", "Retry-After: 7\r\n", "try again in 7 s, as the server asks\n"),
        ("429 Too Many Requests", "", "429 Too Many Requests: the server limits the rate\n"),
        ("404 Not Found", "", "404 Not Found: the server has nothing at this URL\n"),
        ("422 Unprocessable Content", "", "422: the server refused the request\n"),
        ("503 Service Unavailable", "", "503: the server failed\n"),
    ] {
        let server = answering(status, SystemTime::now(), headers);
        let outcome = doctor(&server.url("http"), &credential());
        assert!(outcome.status == 6 && outcome.stdout.contains(words), "{outcome:?}");
    }
}

#[test]
fn without_a_url_scout_itself_is_asked() {
    let server = Server::sending("HTTP/1.1 502 Bad Gateway\r\n\r\n".to_owned());
    let [key, id] = credential();
    let proxy = server.url("http").replace("/v2/workflows", "");
    let outcome = binary(&["doctor", "--url"], &[key, id, ("HTTPS_PROXY", &proxy)], b"");
    outcome.holds_no_key();
    assert_eq!(outcome.status, 6, "{outcome:?}");
    let request = server.only_request();
    assert!(request.starts_with("CONNECT api.scoutos.com:443 ") && !request.contains("Bearer"), "{request}");
}

#[test]
fn an_answer_that_never_comes_is_told() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let outcome = doctor(&format!("http://{closed}/"), &credential());
    assert_eq!(outcome.status, 6);
    assert!(outcome.stdout.contains("there was no answer: Connection refused"), "{outcome:?}");
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
