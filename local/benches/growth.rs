//! What a server with 1 to 10,000 credentials costs: CPU time of the whole process, the caller's included.
//!
//! `cargo bench --package scout-auth-local --bench growth`

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::time::{ClockId, clock_gettime};
use scout_auth::{PrivateKey, PublicKey, Signer};
use scout_auth_local::{AdminToken, Local, Options, Sqlite, Store as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const CREDENTIALS: &str = "/v2/organizations/credentials";

const COUNTS: [u64; 5] = [1, 10, 100, 1_000, 10_000];

/// So often each thing is done. The median counts.
const ROUNDS: usize = 30;

fn main() {
    let own = PrivateKey::generate(2048).expect("a key");
    println!("CPU milliseconds");
    println!("{:>11} {:>9} {:>9} {:>9} {:>9} {:>9}", "credentials", "start", "request", "show", "list", "change");
    for count in COUNTS {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        fill(&path, count, own.public_key());
        let (start, server) = cost(|| Server::start(&path));
        let id = format!("cred_{count}");
        let token = Signer::new(id.clone(), own.clone()).and_then(|signer| signer.authorization()).expect("a token");
        let one = format!("{CREDENTIALS}/{id}");
        let costs = [
            start,
            median(|_| server.call("GET /v2/workflows", token.as_str(), "")),
            median(|_| server.call(&format!("GET {one}"), &server.admin, "")),
            median(|_| server.call(&format!("GET {CREDENTIALS}"), &server.admin, "")),
            median(|at| server.call(&format!("PATCH {one}"), &server.admin, &format!(r#"{{"name":"{at}"}}"#))),
        ];
        println!("{count:>11} {}", costs.map(|cost| format!("{:>9}", milliseconds(cost))).join(" "));
    }
}

/// Writes the events of so many credentials. The last one has this key.
fn fill(path: &Path, count: u64, own: &PublicKey) {
    let mut previous = hash("");
    let mut lines = Vec::new();
    let mut add = |sequence: u64, mut event: Value| {
        let rest = json!({
            "sequence": sequence, "time": 1_700_000_000 + sequence, "organization": "org_bench",
            "actor": { "type": "system", "id": "system" }, "previous": previous,
        });
        event.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        lines.push(event.to_string());
        previous = hash(lines.last().expect("a line"));
    };
    add(1, json!({ "event": "organization.created", "name": "bench" }));
    for at in 1..=count {
        let key = if at == count { own.clone() } else { nobody(at) };
        let event = json!({
            "event": "credential.created", "credential_id": format!("cred_{at}"), "kid": key.kid().as_str(),
            "public_key": key.to_base64url(), "name": format!("service-{at}"), "roles": ["member"],
        });
        add(at + 1, event);
    }
    Sqlite::open(path).and_then(|mut store| store.append(0, &lines)).expect("it is stored");
}

/// A public key whose private key nobody has: making pairs would take minutes.
fn nobody(at: u64) -> PublicKey {
    let mut n: Vec<u8> =
        (0..8_u64).flat_map(|block| Sha256::digest([at.to_be_bytes(), block.to_be_bytes()].concat())).collect();
    n[0] |= 0x80;
    n[255] |= 1;
    let text = json!({ "kty": "RSA", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode(n) }).to_string();
    PublicKey::parse(&text).expect("a public key")
}

fn hash(line: &str) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).expect("a digit"));
    Sha256::digest(line).iter().flat_map(digits).collect()
}

struct Server {
    address: String,
    admin: String,
}

impl Server {
    /// A server that runs to the end of this program.
    fn start(path: &Path) -> Self {
        let token = AdminToken::random().expect("random numbers");
        let admin = format!("Bearer {}", token.as_str());
        let mut options = Options::new(token);
        options.store = Box::new(Sqlite::open(path).expect("a file"));
        let (started, start) = channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let local = Local::start(options).await.expect("it starts");
                started.send(local.url().replace("http://", "")).expect("somebody waits");
                std::future::pending::<()>().await;
            });
        });
        Self { address: start.recv().expect("it starts"), admin }
    }

    fn call(&self, line: &str, authorization: &str, body: &str) {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let head = format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: {authorization}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{line}: {}", String::from_utf8_lossy(&answer));
    }
}

/// The CPU time that something takes.
fn cost<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let now = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).expect("not negative");
    let began = now();
    let done = work();
    (now().saturating_sub(began), done)
}

fn median(mut work: impl FnMut(usize)) -> Duration {
    let mut costs: Vec<_> = (0..ROUNDS).map(|at| cost(|| work(at)).0).collect();
    costs.sort();
    costs[ROUNDS / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}
