use scout_auth_local::{Memory, Postgres, Sqlite, Store, StoreError};
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{CREDENTIALS, Server, key, text};
use crate::postgres;

/// Where a store is kept.
enum Place {
    Memory,
    File(TempDir),
    Database(String),
}

impl Place {
    fn all() -> [Self; 3] {
        [Self::Memory, Self::file(), Self::Database(postgres::Server::shared().database())]
    }

    /// Those that outlive a process.
    fn durable() -> [Self; 2] {
        [Self::file(), Self::Database(postgres::Server::shared().database())]
    }

    fn file() -> Self {
        Self::File(tempfile::tempdir().expect("a folder"))
    }

    fn open(&self) -> Box<dyn Store> {
        match self {
            Self::Memory => Box::new(Memory::default()),
            Self::File(folder) => Box::new(Sqlite::open(&folder.path().join("state")).expect("a file")),
            Self::Database(url) => Box::new(Postgres::open(url).expect("a database")),
        }
    }

    fn serve(&self) -> Server {
        let store = self.open();
        Server::with(|options| options.store = store)
    }
}

fn lines(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn lines_are_loaded_in_their_order_and_some_at_a_time() {
    for place in Place::all() {
        let mut store = place.open();
        assert_eq!(store.load(0, 10), Ok(vec![]));
        store.append(0, &lines(&["a", "b"])).expect("it is stored");
        store.append(2, &lines(&["c"])).expect("it is stored");
        assert_eq!(store.load(0, 10), Ok(lines(&["a", "b", "c"])));
        assert_eq!(store.load(0, 2), Ok(lines(&["a", "b"])));
        assert_eq!(store.load(2, 10), Ok(lines(&["c"])));
        for after in [3, 4, u64::MAX] {
            assert_eq!(store.load(after, 10), Ok(vec![]));
        }
    }
}

#[test]
fn a_line_is_loaded_as_it_was_appended() {
    let long = "x".repeat(1 << 20);
    let texts = ["", "'; DROP TABLE event; --", "\"\\{},NULL \u{1} \u{2028} é 日本 🔑", &long];
    for place in Place::all() {
        let mut store = place.open();
        store.append(0, &lines(&texts)).expect("it is stored");
        assert_eq!(store.load(0, 10), Ok(lines(&texts)));
    }
}

#[test]
fn an_append_that_was_overtaken_changes_nothing() {
    for place in Place::all() {
        let mut store = place.open();
        store.append(0, &lines(&["a", "b"])).expect("it is stored");
        for after in [0, 1, 3, u64::MAX] {
            assert_eq!(store.append(after, &lines(&["x", "y", "z"])), Err(StoreError::Overtaken));
        }
        assert_eq!(store.load(0, 10), Ok(lines(&["a", "b"])));
    }
}

#[test]
fn what_was_appended_is_there_after_a_restart() {
    for place in Place::durable() {
        place.open().append(0, &lines(&["a"])).expect("it is stored");
        place.open().append(1, &lines(&["b"])).expect("it is stored");
        assert_eq!(place.open().load(0, 10), Ok(lines(&["a", "b"])));
    }
}

#[test]
fn credentials_and_the_audit_trail_outlive_the_server() {
    for place in Place::durable() {
        let (seen, token) = {
            let server = place.serve();
            let signer = server.signer(&["admin"]);
            let id = text(&server.create("other", &["member"], key(1))["id"]);
            let path = format!("{CREDENTIALS}/{id}");
            server.manage(&format!("PATCH {path}"), Some(&json!({ "name": "renamed", "enabled": false }))).expect(200);
            let token = signer.token().expect("a token").as_str().to_owned();
            server.call(&token, "GET /v2/workflows", None).expect(200);
            (state(&server), token)
        };
        let server = place.serve();
        assert_eq!(state(&server), seen);
        server.call(&token, "GET /v2/workflows", None).expect(200);
        server.call(&key(1).to_base64url(), "GET /v2/workflows", None).refused(401, "ERR_LOCAL_DISABLED");
    }
}

/// What a server answers, without what begins again when it starts.
fn state(server: &Server) -> (serde_json::Value, String) {
    let mut credentials = server.manage(&format!("GET {CREDENTIALS}"), None).expect(200);
    for credential in credentials["credentials"].as_array_mut().expect("a list") {
        credential.as_object_mut().expect("an object").remove("last_used_at");
    }
    (credentials, server.manage("GET /v2/organizations/audit", None).body)
}
