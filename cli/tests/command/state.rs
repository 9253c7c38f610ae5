//! `serve --state`, as a process, and what is left of a server that is killed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Files, binary, key, library, other_key, program};
use crate::postgres::Server as Database;

const CREDENTIALS: &str = "/v2/organizations/credentials";

/// So many threads change something at once.
const CALLERS: usize = 4;

/// A server that runs, and its admin token.
struct Serve {
    child: Child,
    address: String,
    admin: String,
}

impl Serve {
    fn start(state: &str, environment: &[(&str, &str)]) -> Self {
        let args = ["serve", "--port", "0", "--until-eof", "--state", state];
        let mut child = program(&args, environment).stderr(Stdio::null()).spawn().expect("the binary starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let about: Value = serde_json::from_str(&line).expect("a line of JSON: the state can be loaded");
        let text = |name: &str| about[name].as_str().expect("a text").to_owned();
        Self { child, address: text("url").replace("http://", ""), admin: text("admin_token") }
    }

    fn manage(&self, line: &str, body: &str) -> Option<(u16, Value)> {
        manage(&self.address, &self.admin, line, body)
    }

    fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status and the body of an answer. `None` if there is no whole answer.
fn manage(address: &str, admin: &str, line: &str, body: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {admin}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.get(9..12)?.parse().ok()?, serde_json::from_str(body).ok()?))
}

#[test]
fn the_state_outlives_the_server() {
    let files = Files::new();
    let path = files.path("state");
    let state = path.to_str().expect("text");
    let body = format!(r#"{{"name":"kept","roles":["admin"],"public_key":"{}"}}"#, key().public_key().to_base64url());
    let (status, _) = Serve::start(state, &[]).manage(&format!("POST {CREDENTIALS}"), &body).expect("an answer");
    assert_eq!(status, 201);
    let server = Serve::start(state, &[]);
    let (_, list) = server.manage(&format!("GET {CREDENTIALS}"), "").expect("an answer");
    assert_eq!(list["credentials"][0]["name"], "kept");
    let second = binary(&["serve", "--port", "0", "--state", state], &[], b"");
    second.refused(3, "--state cannot be used: another process uses the file");
}

#[test]
fn a_state_that_cannot_be_used_is_refused_without_its_password() {
    let files = Files::new();
    let text = files.write("text", "SCOUT_CREDENTIAL_ID=cred_1");
    for (state, words) in [
        (text.as_str(), "the file is of another program"),
        ("/nowhere/state", "the file cannot be made"),
        ("postgres://scout:hunter2@127.0.0.1/scout", "the URL contains a password"),
        ("postgres://scout@127.0.0.1:1/scout", "error connecting to server"),
    ] {
        let refused = library(&["serve", "--port", "0", "--state", state], &[], b"");
        refused.refused(3, words);
        assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    }
}

#[test]
fn the_password_of_a_database_comes_from_the_environment_or_a_file() {
    let server = Database::shared();
    let url = server.database_with_password("hunter2");
    let host = url.split_once("?host=").expect("a socket").1;
    let files = Files::new();
    let file = files.write("pgpass", "localhost:5432:*:guarded:hunter2\n");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a file");
    for environment in [("PGPASSWORD", "hunter2"), ("PGPASSFILE", file.as_str())] {
        drop(Serve::start(&url, &[environment]));
    }
    let refused = binary(&["serve", "--port", "0", "--state", &url], &[("PGPASSWORD", "hunter3")], b"");
    refused.refused(3, "password authentication failed");
    assert!(!refused.stderr.contains("hunter") && host.starts_with("/tmp/"), "{refused:?}");
}

#[test]
fn no_acknowledged_change_is_lost_by_kill_9() {
    kill_all(5, 2);
}

#[test]
#[ignore = "takes minutes: make test-kill"]
fn no_acknowledged_change_is_lost_by_200_times_kill_9() {
    kill_all(200, 20);
}

fn kill_all(times: usize, restarts: usize) {
    let files = Files::new();
    let path = files.path("state");
    let count = killed(path.to_str().expect("text"), times, Serve::kill);
    println!("file: {times} × kill -9, {count} changes acknowledged, none lost");
    let database = Database::shared();
    let count = killed(&database.database(), times, Serve::kill);
    println!("database: {times} × kill -9 of the server, {count} changes acknowledged, none lost");
    // The database dies, and the server is killed after it.
    let own = Database::unstable();
    let count = killed(&own.database(), restarts, |server| {
        own.command("stop");
        server.kill();
        own.command("start");
    });
    println!("database: {restarts} × crash of the database, {count} changes acknowledged, none lost");
}

/// What a caller has sent, and what was acknowledged.
#[derive(Default)]
struct Caller {
    sent: AtomicUsize,
    stored: AtomicUsize,
}

/// Changes something, and kills the server meanwhile. After each start, every change that was acknowledged
/// must be there. Returns how many there were.
fn killed(state: &str, times: usize, kill: impl Fn(Serve)) -> usize {
    let mut server = Serve::start(state, &[]);
    let ids: Vec<_> = (0..CALLERS).map(|at| create(&server, at)).collect();
    let callers: Vec<_> = ids.iter().map(|_| Arc::<Caller>::default()).collect();
    for round in 0..times {
        let threads: Vec<_> =
            ids.iter().zip(&callers).map(|(id, caller)| rename(&server, id, Arc::clone(caller))).collect();
        // At another moment each time: after some changes, and a piece of the next.
        let enough = callers[0].stored.load(Ordering::SeqCst) + 1 + round % 3;
        while callers[0].stored.load(Ordering::SeqCst) < enough {
            thread::sleep(Duration::from_micros(100));
        }
        thread::sleep(Duration::from_micros((round * 137 % 2000) as u64));
        kill(server);
        for thread in threads {
            thread.join().expect("no panic");
        }
        server = Serve::start(state, &[]);
        for (id, caller) in ids.iter().zip(&callers) {
            let (_, credential) = server.manage(&format!("GET {CREDENTIALS}/{id}"), "").expect("an answer");
            let name: usize = credential["name"].as_str().and_then(|name| name.parse().ok()).expect("a number");
            let (stored, sent) = (caller.stored.load(Ordering::SeqCst), caller.sent.load(Ordering::SeqCst));
            assert!((stored..=sent).contains(&name), "round {round}: {name}, of {stored} to {sent}");
            caller.stored.store(name, Ordering::SeqCst);
            caller.sent.store(name, Ordering::SeqCst);
        }
    }
    callers.iter().map(|caller| caller.stored.load(Ordering::SeqCst)).sum()
}

/// A credential with a number as its name. Two keys are enough: the others are made by the server.
fn create(server: &Serve, at: usize) -> String {
    let own = |key: &scout_auth::PrivateKey| format!(r#","public_key":"{}""#, key.public_key().to_base64url());
    let public_key = [key(), other_key()].get(at).map_or_else(String::new, |key| own(key));
    let body = format!(r#"{{"name":"0","roles":["member"]{public_key}}}"#);
    let (status, issued) = server.manage(&format!("POST {CREDENTIALS}"), &body).expect("an answer");
    assert_eq!(status, 201);
    issued["credential"]["id"].as_str().expect("an id").to_owned()
}

/// Renames a credential to the next number, again and again, until the server is gone.
fn rename(server: &Serve, id: &str, caller: Arc<Caller>) -> thread::JoinHandle<()> {
    let (address, admin, line) = (server.address.clone(), server.admin.clone(), format!("PATCH {CREDENTIALS}/{id}"));
    thread::spawn(move || {
        loop {
            let next = caller.sent.fetch_add(1, Ordering::SeqCst) + 1;
            match manage(&address, &admin, &line, &format!(r#"{{"name":"{next}"}}"#)) {
                Some((200, _)) => caller.stored.store(next, Ordering::SeqCst),
                _ => return,
            }
        }
    })
}
