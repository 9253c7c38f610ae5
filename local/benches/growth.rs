//! What a server with 1 to 10,000 credentials costs: CPU time of the whole process, the caller's included.
//!
//! `cargo bench --package scout-auth-local --bench growth`

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::time::{ClockId, clock_gettime};
use scout_auth::{PrivateKey, PublicKey, Signer};
use scout_auth_local::{AdminToken, Local, Options, Sqlite, Store as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const COUNTS: [u64; 5] = [1, 10, 100, 1_000, 10_000];

/// So often each thing is done. The median counts.
const ROUNDS: usize = 30;

fn main() {
    let own = PrivateKey::generate(2048).expect("a key");
    println!("{:>11} {:>9} {:>9} {:>9} {:>9} {:>9}", "credentials", "start", "request", "show", "list", "change");
    println!("{:>11} {:>9} {:>9} {:>9} {:>9} {:>9}", "", "ms", "µs", "µs", "ms", "ms");
    for count in COUNTS {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        fill(&path, count, own.public_key());
        let (start, server) = cost(|| Server::start(&path));
        let last = format!("cred_{count}");
        let token = Signer::new(last.clone(), own.clone()).and_then(|signer| signer.authorization()).expect("a token");
        let request = median(|_| server.call("GET /v2/workflows", token.as_str(), ""));
        let one = format!("/v2/organizations/credentials/{last}");
        let show = median(|_| server.call(&format!("GET {one}"), &server.admin, ""));
        let list = median(|_| server.call("GET /v2/organizations/credentials", &server.admin, ""));
        let change = median(|at| {
            server.call(&format!("PATCH {one}"), &server.admin, &json!({ "name": at.to_string() }).to_string())
        });
        println!(
            "{count:>11} {:>9.1} {:>9.0} {:>9.0} {:>9.2} {:>9.2}",
            start / 1e3,
            request,
            show,
            list / 1e3,
            change / 1e3
        );
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
    Sha256::digest(line).iter().map(|byte| format!("{byte:02x}")).collect()
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

/// The CPU time that something takes, in microseconds.
fn cost<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
    };
    let began = now();
    let done = work();
    (now() - began, done)
}

fn median(mut work: impl FnMut(usize)) -> f64 {
    let mut costs: Vec<_> = (0..ROUNDS).map(|at| cost(|| work(at)).0).collect();
    costs.sort_by(f64::total_cmp);
    costs[ROUNDS / 2]
}
