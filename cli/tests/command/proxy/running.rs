//! A running proxy, and calls to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::harness::{credential, program};
use crate::proxy::Upstream;

pub(super) struct Proxy {
    pub(super) child: Child,
    /// Such as `127.0.0.1:40001`.
    pub(super) address: String,
    pub(super) token: String,
}

impl Proxy {
    /// A proxy to this server, with the credential of all tests.
    pub(super) fn to(upstream: &Upstream) -> Self {
        Self::start(&[&upstream.origin()], &credential())
    }

    pub(super) fn start(args: &[&str], environment: &[(&str, &str)]) -> Self {
        let args: Vec<_> = ["proxy", "--json"].iter().chain(args).copied().collect();
        Self::of(program(&args, environment))
    }

    /// A proxy that may have this many open files, with the credential of all tests.
    #[cfg(unix)]
    pub(super) fn with_open_files(limit: u32, args: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {limit} && exec \"$@\""), "sh", env!("CARGO_BIN_EXE_scout-auth")]);
        command.args(["proxy", "--json"]).args(args).env_clear().envs(credential());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the binary starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let started: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let text = |name: &str| started[name].as_str().unwrap_or_default().to_owned();
        let address = text("base_url").replace("http://", "");
        Self { child, address, token: text("api_key") }
    }

    pub(super) fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).expect("a connection")
    }

    /// The head of a request with the local token, without its last empty line.
    pub(super) fn head(&self, line: &str, headers: &str) -> String {
        let (address, token) = (&self.address, &self.token);
        format!("{line} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{headers}")
    }

    /// Sends a request with the local token, on a connection of its own, and returns the answer.
    pub(super) fn call(&self, line: &str, headers: &str, body: &[u8]) -> String {
        let head = self.head(line, &format!("{headers}Connection: close\r\n\r\n"));
        self.send(&[head.as_bytes(), body].concat())
    }

    /// Sends these bytes, and returns all that comes back.
    pub(super) fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // The proxy may refuse before it has read all.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let _ = stream.shutdown(Shutdown::Both);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ends it with SIGTERM, and returns its status and what it wrote to standard error.
    #[cfg(unix)]
    pub(super) fn stop(mut self) -> (Option<i32>, String) {
        self.signal(rustix::process::Signal::TERM);
        let status = self.child.wait().expect("it ends");
        let mut log = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut log).expect("UTF-8");
        (status.code(), log)
    }

    #[cfg(unix)]
    pub(super) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(self.child.id().try_into().expect("a number")).expect("an id");
        rustix::process::kill_process(id, signal).expect("it runs");
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
pub(super) fn status_of(answer: &str) -> u16 {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

pub(super) fn body_of(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
