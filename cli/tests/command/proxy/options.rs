//! The command itself: its options, output and end.

use std::io::{BufRead as _, BufReader, Read as _};

use crate::harness::{Files, credential, program};
use crate::proxy::{Proxy, Upstream, status_of};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[test]
fn the_output_is_lines_for_the_environment_of_a_program() {
    let mut child = program(&["proxy", "--quiet", "http://127.0.0.1:9"], &credential()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map(|line| line.expect("a line"));
    let url = lines.next().expect("a line");
    assert!(url.starts_with("SCOUT_BASE_URL=http://127.0.0.1:"), "{url}");
    let key = lines.next().expect("a line");
    // 256 bits in base64url.
    assert_eq!(key.strip_prefix("SCOUT_API_KEY=local_").map(str::len), Some(43), "{key}");
    child.kill().expect("ended");
    child.wait().expect("ended");
}

#[test]
fn each_proxy_has_a_token_of_its_own() {
    let upstream = Upstream::sending(OK);
    assert_ne!(Proxy::to(&upstream).token, Proxy::to(&upstream).token);
}

#[cfg(unix)]
#[test]
fn the_log_names_the_request_and_no_secret() {
    let upstream = Upstream::sending("HTTP/1.1 204 No Content\r\n\r\n");
    let proxy = Proxy::to(&upstream);
    proxy.call("GET /v2/%1b%5b2J\u{e9}?secret=1", "X-Secret: 1\r\n", b"");
    proxy.send(format!("GET /refused HTTP/1.1\r\nHost: {}\r\n\r\n", proxy.address).as_bytes());
    let (token, sent) = (proxy.token.clone(), upstream.requests()[0].token().to_owned());
    let (status, log) = proxy.stop();
    assert_eq!(status, Some(0));
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(
        lines[0].starts_with("GET /v2/%1b%5b2J") && lines[0].contains(" 204 ") && lines[0].ends_with(" ms"),
        "{log}"
    );
    assert!(lines[1].starts_with("GET /refused 401 "), "{log}");
    assert!(
        log.is_ascii() && !log.to_lowercase().contains("secret") && !log.contains(&token) && !log.contains(&sent),
        "{log}"
    );
}

#[cfg(unix)]
#[test]
fn a_quiet_proxy_says_nothing() {
    let upstream = Upstream::sending(OK);
    let proxy = Proxy::start(&["--quiet", &upstream.origin()], &credential());
    proxy.call("GET /", "", b"");
    assert_eq!(proxy.stop(), (Some(0), String::new()));
}

#[test]
fn it_listens_on_this_machine_only() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let output = program(&["proxy", "--listen", address], &credential()).output().expect("it ends");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("not of this machine alone"), "{output:?}");
    }
}

#[test]
fn an_address_in_use_is_told() {
    let upstream = Upstream::sending(OK);
    let proxy = Proxy::to(&upstream);
    let output = program(&["proxy", "--listen", &proxy.address], &credential()).output().expect("it ends");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Address already in use"), "{output:?}");
}

#[test]
fn a_missing_credential_is_told_at_once() {
    let output = program(&["proxy"], &[]).output().expect("it ends");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("SCOUT_PRIVATE_KEY") && text.contains("help: set SCOUT_CREDENTIAL_FILE, or "), "{text}");
}

#[cfg(unix)]
#[test]
fn a_token_file_outlives_the_proxy() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let files = Files::new();
    let path = files.path("token");
    let upstream = Upstream::sending(OK);
    let start = || Proxy::start(&["--token-file", path.to_str().expect("UTF-8"), &upstream.origin()], &credential());
    let mut proxy = start();
    assert_eq!(proxy.token, "", "it is not printed");
    assert_eq!(std::fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
    let token = std::fs::read_to_string(&path).expect("a token").trim().to_owned();
    for _ in 0..2 {
        proxy.token.clone_from(&token);
        assert_eq!(status_of(&proxy.call("GET /", "", b"")), 200);
        proxy = start();
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    let output =
        program(&["proxy", "--token-file", path.to_str().expect("UTF-8")], &credential()).output().expect("it ends");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("other users can read it") && !text.contains(&token), "{text}");
    std::fs::write(&path, "short").expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    let output =
        program(&["proxy", "--token-file", path.to_str().expect("UTF-8")], &credential()).output().expect("it ends");
    assert!(String::from_utf8_lossy(&output.stderr).contains("holds no local token"), "{output:?}");
}

#[cfg(unix)]
#[test]
fn a_token_file_of_another_user_is_refused() {
    // Only root can open one.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let files = Files::new();
    let known = "known_to_another_user_0123456789abcdef";
    let path = files.write("token", format!("{known}\n"));
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    std::os::unix::fs::chown(&path, Some(65534), None).expect("chown");
    // If the token were taken, the address would be the error.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("an address").to_string();
    let args = ["proxy", "--token-file", &path, "--listen", &taken];
    let output = program(&args, &credential()).output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("it belongs to another user") && !text.contains(known), "{text}");
}

#[cfg(unix)]
#[test]
fn the_socket_file_of_a_later_proxy_stays() {
    let files = Files::new();
    let path = files.path("socket");
    let args = ["--unix", path.to_str().expect("UTF-8"), "http://127.0.0.1:9"];
    let earlier = Proxy::start(&args, &credential());
    std::fs::remove_file(&path).expect("a file");
    let later = Proxy::start(&args, &credential());
    earlier.stop();
    assert!(path.exists());
    later.stop();
    assert!(!path.exists());
}

#[cfg(unix)]
#[test]
fn a_socket_file_goes_with_the_proxy_and_one_that_was_left_behind_is_replaced() {
    let files = Files::new();
    let path = files.path("socket");
    drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
    let args = ["--unix", path.to_str().expect("UTF-8"), "http://127.0.0.1:9"];
    let proxy = Proxy::start(&args, &credential());
    let output = program(&[&["proxy"], &args[..]].concat(), &credential()).output().expect("it ends");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Address already in use"), "{output:?}");
    assert_eq!(proxy.stop().0, Some(0));
    assert!(!path.exists());
    // Another file is never removed.
    std::fs::write(&path, "mine").expect("written");
    let output = program(&[&["proxy"], &args[..]].concat(), &credential()).output().expect("it ends");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(std::fs::read(&path).expect("still there"), b"mine");
}

#[cfg(unix)]
#[test]
fn a_running_answer_is_finished_after_a_signal_and_nothing_new_is_accepted() {
    use std::io::Write as _;
    let upstream = Upstream::new(|_, stream| {
        super::upstream::write(stream, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
        let go_on = stream.try_clone().expect("a socket");
        // The rest comes when the proxy no longer listens.
        let path = std::env::temp_dir().join(format!("scout-auth-test-{}", std::process::id()));
        while !path.exists() {
            std::thread::yield_now();
        }
        std::fs::remove_file(path).expect("removed");
        super::upstream::write(&mut { go_on }, "lf");
    });
    let proxy = Proxy::to(&upstream);
    let mut stream = proxy.connect();
    stream.write_all(proxy.head("GET /", "\r\n").as_bytes()).expect("sent");
    let mut start = [0; 15];
    stream.read_exact(&mut start).expect("the start of an answer");
    proxy.signal(rustix::process::Signal::INT);
    while std::net::TcpStream::connect(&proxy.address).is_ok() {
        std::thread::yield_now();
    }
    std::fs::write(std::env::temp_dir().join(format!("scout-auth-test-{}", std::process::id())), "").expect("written");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("the rest");
    assert!(rest.ends_with("\r\n\r\nhalf"), "{rest}");
    let mut proxy = proxy;
    assert_eq!(proxy.child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_caller_may_keep_its_connection() {
    use std::io::Write as _;
    let upstream = Upstream::sending(OK);
    let proxy = Proxy::to(&upstream);
    let mut stream = BufReader::new(proxy.connect());
    for _ in 0..3 {
        stream.get_mut().write_all(proxy.head("GET /", "\r\n").as_bytes()).expect("sent");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).expect("a line"), 0);
        }
        assert_eq!(status_of(&head), 200);
    }
    assert_eq!(upstream.requests().len(), 3);
    let tokens: std::collections::HashSet<_> =
        upstream.requests().iter().map(|request| request.token().to_owned()).collect();
    assert_eq!(tokens.len(), 1, "a token is kept");
}
