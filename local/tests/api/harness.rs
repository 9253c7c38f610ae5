//! A server, and calls to it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use scout_auth::{PrivateKey, Settings, Signer};
use scout_auth_local::{AdminToken, Local, Options, Postgres, Sqlite};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::postgres;

pub(crate) const CREDENTIALS: &str = "/v2/organizations/credentials";

/// A server of a test's own, in a thread.
pub(crate) struct Server {
    /// Such as `127.0.0.1:40001`.
    pub(crate) address: String,
    pub(crate) admin: String,
    pub(crate) organization: String,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
    /// Of its store.
    _folder: Option<TempDir>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// A server with options of its own.
    pub(crate) fn with(set: impl FnOnce(&mut Options)) -> Self {
        let token = AdminToken::random().expect("random numbers");
        let admin = token.as_str().to_owned();
        let mut options = Options::new(token);
        let folder = choose_store(&mut options);
        set(&mut options);
        let (started, start) = channel();
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let local = Local::start(options).await.expect("it starts");
                started.send((local.url(), local.organization().to_owned())).expect("the test waits");
                stopped.notified().await;
                local.stop().await;
            });
        });
        let (url, organization) = start.recv().expect("it starts");
        let address = url.strip_prefix("http://").expect("http").to_owned();
        Self { address, admin, organization, stop, thread: Some(thread), _folder: folder }
    }

    /// A call with this bearer.
    pub(crate) fn call(&self, bearer: &str, line: &str, body: Option<&Value>) -> Answer {
        self.call_with(&format!("Authorization: Bearer {bearer}\r\n"), line, body)
    }

    /// A call with the admin token.
    pub(crate) fn manage(&self, line: &str, body: Option<&Value>) -> Answer {
        self.call(&self.admin, line, body)
    }

    /// A call with these header lines.
    pub(crate) fn call_with(&self, headers: &str, line: &str, body: Option<&Value>) -> Answer {
        let body = body.map(ToString::to_string);
        let about = body.as_ref().map_or_else(String::new, |body| {
            format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
        });
        let address = &self.address;
        let head = format!("{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}{about}\r\n");
        self.send(format!("{head}{}", body.unwrap_or_default()).as_bytes())
    }

    /// Sends bytes on a connection of its own, and reads to its end.
    pub(crate) fn send(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        // The server may refuse before it has read all.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::read(&String::from_utf8_lossy(&answer))
    }

    /// Creates a credential with this public key.
    pub(crate) fn create(&self, name: &str, roles: &[&str], key: &PrivateKey) -> Value {
        let body = json!({ "name": name, "roles": roles, "public_key": key.public_key().to_base64url() });
        self.manage(&format!("POST {CREDENTIALS}"), Some(&body)).expect(201)["credential"].clone()
    }

    /// Creates a credential with the first key of the tests, and its signer.
    pub(crate) fn signer(&self, roles: &[&str]) -> Signer {
        let credential = self.create("test", roles, key(0));
        Signer::new(text(&credential["id"]), key(0).clone()).expect("a signer")
    }
}

/// `SCOUT_LOCAL_STORE` chooses the store, so that the same tests run on each. Without it, it is in memory.
fn choose_store(options: &mut Options) -> Option<TempDir> {
    match std::env::var("SCOUT_LOCAL_STORE").as_deref() {
        Err(_) => None,
        Ok("sqlite") => {
            let folder = tempfile::tempdir().expect("a folder");
            options.store = Box::new(Sqlite::open(&folder.path().join("state")).expect("a file"));
            Some(folder)
        }
        Ok("postgres") => {
            options.store = Box::new(Postgres::open(&postgres::Server::shared().database()).expect("a database"));
            None
        }
        Ok(other) => panic!("no store is called {other}"),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.notify_one();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(ended.is_none_or(|ended| ended.is_ok()) || thread::panicking(), "the server panicked");
    }
}

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    /// 0 if the connection was cut.
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// The body, if the status is this.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// Asserts a refusal, by its status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, text(&self.json()["code"]).as_str()), (status, code), "{self:?}");
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Throwaway keys: those of the cases that all languages run. Making new ones takes seconds.
pub(crate) fn key(at: usize) -> &'static PrivateKey {
    static KEYS: OnceLock<Vec<PrivateKey>> = OnceLock::new();
    let cases = || {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/keys.json");
        let text = std::fs::read_to_string(path).expect("the cases");
        let texts = text.split('"').filter(|text| text.starts_with("MIIE"));
        let mut keys: Vec<_> = texts.filter_map(|text| PrivateKey::parse(text).ok()).collect();
        keys.sort_by_key(PrivateKey::kid);
        keys.dedup_by_key(|key| key.kid());
        keys
    };
    &KEYS.get_or_init(cases)[at]
}

/// A token with these settings.
pub(crate) fn mint(id: &str, key: &PrivateKey, settings: Settings) -> String {
    let signer = Signer::with_settings(id.to_owned(), key.clone(), settings).expect("a signer");
    signer.token().expect("a token").as_str().to_owned()
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
