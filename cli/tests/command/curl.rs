//! `curl`, with the real curl and servers on this machine.

use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use crate::harness::{Files, Outcome, binary, credential, key_text, library, program};
#[cfg(feature = "net")]
use crate::live::TlsServer;
use crate::server::Server;

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
const HI: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// Runs curl with a credential, and with more variables.
fn curl(args: &[&str], more: &[(&str, &str)]) -> Outcome {
    let environment = [&credential()[..], &[("PATH", PATH)], more].concat();
    binary(&[&["curl"], args].concat(), &environment, b"")
}

/// A folder with a `curl` that is this script.
fn wrapper(files: &Files, script: &str) -> String {
    let path = files.write("curl", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("set");
    files.path("").display().to_string()
}

/// The token of a request, which must verify.
#[track_caller]
fn assert_token(request: &str) {
    let header = request.lines().find_map(|line| line.strip_prefix("Authorization: Bearer ")).expect("the header");
    let files = Files::new();
    library(&["verify", "--keys", &files.public_key()], &[], header.as_bytes()).good();
}

#[test]
fn the_header_is_sent_and_is_neither_an_argument_nor_a_variable() {
    let files = Files::new();
    let log = files.path("log").display().to_string();
    let folder = wrapper(&files, &format!("echo \"$@\" >{log}; env >>{log}; exec /usr/bin/curl \"$@\""));
    let server = Server::sending(HI.to_owned());
    let args = ["-sS", "-H", "X-Mine: 1", "--json", "{}", &server.url("http")];
    let outcome = curl(&args, &[("PATH", &format!("{folder}:{PATH}"))]);
    assert_eq!(outcome.good(), "hi");
    let request = server.only_request();
    assert!(request.starts_with("POST /v2/workflows ") && request.contains("\r\nX-Mine: 1\r\n"), "{request}");
    assert_token(&request);
    let log = std::fs::read_to_string(log).expect("curl ran");
    assert!(log.contains("X-Mine") && log.contains("PATH="), "{log}");
    assert!(!log.contains("Bearer") && !log.contains("SCOUT_") && !log.contains(&key_text()[40..80]), "{log}");
}

#[test]
fn a_legacy_key_of_any_characters_arrives_as_it_is() {
    let server = Server::sending(HI.to_owned());
    let environment = [("SCOUT_API_KEY", r#"quote"and\backslash\n"#), ("PATH", PATH)];
    assert_eq!(binary(&["curl", "-sS", &server.url("http")], &environment, b"").good(), "hi");
    assert!(server.only_request().contains("\r\nAuthorization: Bearer quote\"and\\backslash\\n\r\n"));
}

#[test]
fn curl_does_not_start_without_a_credential_or_for_a_url_that_must_not_have_it() {
    let files = Files::new();
    let log = files.path("log").display().to_string();
    let path = format!("{}:{PATH}", wrapper(&files, &format!("echo started >{log}")));
    let server = Server::sending(HI.to_owned());
    let url = server.url("http");
    binary(&["curl", &url], &[("PATH", &path)], b"").refused(3, "an environment variable is not set");
    for (args, status, words) in [
        (&["http://example.com/"][..], 3, "the credential must not be sent over plain http"),
        (&["https://example.com/", "http://example.com/"], 2, "cannot be mixed"),
        (&[&url, "https://example.com/"], 2, "cannot be mixed"),
        (&["-o", "x", "--url", "http://example.com/"], 3, "must not be sent over plain http"),
        (&["example.com"], 3, "the URL is not a plain absolute"),
        (&["https://me@example.com/"], 3, "the URL is not a plain absolute"),
        (&["https://{a,b}.example.com/"], 3, "the URL is not a plain absolute"),
        (&["https://example.com%2F.evil/"], 3, "the URL is not a plain absolute"),
        (&["https://example.com/", "--", "-v"], 3, "the URL is not a plain absolute"),
        (&["-sS"], 2, "there is no URL"),
        (&[], 2, "there is no URL"),
        (&[&url, "-o"], 2, "has no value"),
        (&[&url, "-v"], 2, "-v cannot be used"),
        (&[&url, "-sv"], 2, "-v cannot be used"),
        (&[&url, "--verbose"], 2, "--verbose cannot be used"),
        (&[&url, "--trace-ascii", "-"], 2, "--trace-ascii cannot be used"),
        (&[&url, "--libcurl", "x.c"], 2, "--libcurl cannot be used"),
        (&[&url, "-K", "x"], 2, "-K cannot be used"),
        (&[&url, "--config", "x"], 2, "--config cannot be used"),
        (&[&url, "--next", "http://example.com/"], 2, "--next cannot be used"),
        (&[&url, "-:", "http://example.com/"], 2, "-: cannot be used"),
        (&[&url, "-L", "--location-trusted"], 2, "--location-trusted cannot be used"),
        (&[&url, "--loc"], 2, "--loc cannot be used"),
        (&[&url, "--expand-url", "x"], 2, "--expand-url cannot be used"),
        (&[&url, "--proto", "all"], 2, "--proto cannot be used"),
        (&[&url, "-k"], 2, "-k cannot be used"),
        (&[&url, "-u", "me:secret"], 2, "-u cannot be used"),
        (&[&url, "--oauth2-bearer", "x"], 2, "an option cannot be used"),
        (&[&url, "-H", "authorization : Basic x"], 2, "the header Authorization is that of scout-auth"),
        (&[&url, "-HAuthorization;"], 2, "the header Authorization is that of scout-auth"),
        (&[&url, "-X", "TRACE"], 2, "TRACE cannot be used"),
        (&[&url, "--request", "trace"], 2, "TRACE cannot be used"),
        (&[&url, "-x", "http://127.0.0.1:1"], 2, "cannot be used with http"),
        (&[&url, "--noproxy", "x"], 2, "cannot be used with http"),
        (&[&url, "--connect-to", "::example.com:80"], 2, "cannot be used with http"),
        (&[&url, &format!("--{}", key_text())], 2, "an option cannot be used"),
    ] {
        let outcome = curl(args, &[("PATH", &path)]);
        outcome.refused(status, words);
        assert_eq!(outcome.stdout, "", "{args:?}");
    }
    assert!(!files.path("log").exists());
}

#[test]
fn a_redirect_to_another_origin_carries_no_header() {
    let other = Server::sending(HI.to_owned());
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.url("http"));
    let server = Server::sending(answer);
    assert_eq!(curl(&["-sSL", &server.url("http")], &[]).good(), "hi");
    assert_token(&server.only_request());
    let request = other.only_request();
    assert!(request.starts_with("GET /v2/workflows ") && !request.contains("Authorization"), "{request}");
}

#[test]
fn a_curl_that_may_send_the_header_on_is_not_used_with_redirects() {
    let files = Files::new();
    let folder = wrapper(&files, "echo 'curl 7.81.0 (x86_64-pc-linux-gnu)'");
    let with = |args: &[&str]| curl(args, &[("PATH", &folder)]);
    for option in ["-L", "-sSfL", "--location"] {
        with(&[option, "https://example.com/"]).refused(3, "older than 7.83");
    }
    let log = files.path("log").display().to_string();
    wrapper(&files, &format!("/usr/bin/env >>{log}; echo 'curl 7.81.0 (x86_64-pc-linux-gnu)'"));
    with(&["-L", "https://example.com/"]).refused(3, "older than 7.83");
    let log = std::fs::read_to_string(log).expect("curl ran");
    assert!(log.contains("PATH=") && !log.contains("SCOUT_"), "{log}");
    assert!(with(&["https://example.com/"]).good().starts_with("curl 7.81.0"));
}

#[test]
fn a_curl_that_may_send_the_header_to_a_proxy_is_not_used_with_one() {
    let files = Files::new();
    let folder = wrapper(&files, "echo 'curl 7.29.0 (x86_64-redhat-linux-gnu)'");
    let path = ("PATH", &*folder);
    let text = "older than 7.43, and may send the header to a proxy";
    curl(&["https://example.com/"], &[path, ("HTTPS_PROXY", "http://127.0.0.1:1")]).refused(3, text);
    curl(&["https://example.com/"], &[path, ("all_proxy", "http://127.0.0.1:1")]).refused(3, text);
    curl(&["-x", "http://127.0.0.1:1", "https://example.com/"], &[path]).refused(3, text);
    assert!(curl(&["https://example.com/"], &[path]).good().starts_with("curl 7.29.0"));
    curl(&["http://127.0.0.1:1/"], &[path, ("ALL_PROXY", "http://127.0.0.1:1")]).good();
    wrapper(&files, "echo 'curl 7.43.0 (x86_64-redhat-linux-gnu)'");
    curl(&["https://example.com/"], &[path, ("HTTPS_PROXY", "http://127.0.0.1:1")]).good();
}

#[test]
fn neither_proxies_of_the_environment_nor_curlrc_change_where_the_header_goes() {
    let files = Files::new();
    let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a port");
    elsewhere.set_nonblocking(true).expect("a socket");
    let url = format!("http://{}", elsewhere.local_addr().expect("an address"));
    files.write(".curlrc", format!("url = {url}\nproxy = {url}\nverbose\n"));
    let home = files.path("").display().to_string();
    let server = Server::sending(HI.to_owned());
    let more = [("HOME", &*home), ("CURL_HOME", &home), ("http_proxy", &url), ("ALL_PROXY", &url)];
    assert_eq!(curl(&["-sS", "--max-time", "20", &server.url("http")], &more).good(), "hi");
    assert_token(&server.only_request());
    assert!(elsewhere.accept().is_err());
}

#[test]
fn the_exit_status_and_the_signals_are_those_of_curl() {
    let server = Server::sending("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned());
    assert_eq!(curl(&["-sf", &server.url("http")], &[]).status, 22);
    assert_eq!(curl(&["-s", "http://127.0.0.1:1/"], &[]).status, 7);
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", silent.local_addr().expect("an address"));
    let environment = [&credential()[..], &[("PATH", PATH)]].concat();
    let mut child = program(&["curl", "-sS", &url], &environment).spawn().expect("the binary starts");
    let (mut stream, _) = silent.accept().expect("a connection");
    assert_ne!(stream.read(&mut [0; 64]).expect("a request"), 0);
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    assert_eq!(child.wait().expect("ended").signal(), Some(15));
}

#[test]
fn a_curl_in_the_current_directory_is_never_run() {
    let files = Files::new();
    let folder = wrapper(&files, "echo from here");
    for path in ["", ".", "bin::.", "./"] {
        let environment = [&credential()[..], &[("PATH", path)]].concat();
        let output = program(&["curl", "https://example.com/"], &environment).current_dir(&folder).output();
        let output = output.expect("the binary runs");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), &b""[..]), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("curl is not in a folder of PATH"), "{output:?}");
    }
}

#[test]
fn a_curl_in_a_folder_that_everybody_may_write_to_is_never_run() {
    let files = Files::new();
    let folder = wrapper(&files, "echo from here");
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o1777)).expect("set");
    let outcome = curl(&["https://example.com/"], &[("PATH", &folder)]);
    outcome.refused(3, "curl is not in a folder of PATH");
}

#[cfg(feature = "net")]
#[test]
fn https_needs_a_certificate_that_is_trusted() {
    let files = Files::new();
    let server = TlsServer::start(&files);
    let url = server.url.clone();
    assert_eq!(curl(&["-s", &url], &[]).status, 60);
    let outcome = curl(&["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", &server.certificate, &url], &[]);
    assert_eq!(outcome.good(), "200");
    server.stop();
}
