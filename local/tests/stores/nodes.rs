use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use scout_auth_local::Postgres;
use serde_json::json;

use crate::harness::{CREDENTIALS, Server, key, mint, text};
use crate::postgres;
use crate::wire::Wire;

/// What one server disables, another one refuses after so long.
const SECOND: Duration = Duration::from_secs(1);

/// Something that must happen is waited for so often, with a pause before each look.
const TRIES: usize = 1000;

const PAUSE: Duration = Duration::from_millis(20);

fn node(url: &str) -> Server {
    telling(url, |_| {})
}

/// A server, and what it says to people.
fn telling(url: &str, tell: impl Fn(&str) + Send + 'static) -> Server {
    let store = Postgres::open(url).expect("a database");
    Server::with(|options| {
        options.store = Box::new(store);
        options.tell = Box::new(tell);
    })
}

/// A credential, and a token of it.
struct Held {
    path: String,
    token: String,
}

impl Held {
    fn create(server: &Server) -> Self {
        let id = text(&server.create("test", &["admin"], key(0))["id"]);
        let token = mint(&id, key(0), scout_auth::Settings::default());
        Self { path: format!("{CREDENTIALS}/{id}"), token }
    }

    fn enable(&self, server: &Server, enabled: bool) -> u16 {
        server.manage(&format!("PATCH {}", self.path), Some(&json!({ "enabled": enabled }))).status
    }

    fn is_accepted(&self, server: &Server) -> u16 {
        server.call(&self.token, "GET /v2/workflows", None).status
    }

    /// Waits until a server answers so.
    #[track_caller]
    fn until(&self, server: &Server, status: u16) {
        let is_so = (0..TRIES).any(|_| {
            thread::sleep(PAUSE);
            self.is_accepted(server) == status
        });
        assert!(is_so, "it is never {status}");
    }
}

#[test]
fn a_credential_that_one_server_disables_is_refused_by_the_other() {
    let url = postgres::Server::shared().database();
    let (a, b) = (node(&url), node(&url));
    assert_eq!(a.organization, b.organization);
    let held = Held::create(&a);
    held.until(&b, 200);
    for (disables, refuses) in [(&a, &b), (&b, &a)] {
        assert_eq!(held.enable(disables, false), 200);
        thread::sleep(SECOND);
        assert_eq!(held.is_accepted(refuses), 401);
        assert_eq!(held.enable(disables, true), 200);
        held.until(refuses, 200);
    }
}

#[test]
fn it_is_refused_within_a_second_also_if_the_notice_is_lost() {
    let server = postgres::Server::shared();
    let url = server.database();
    let wire = Wire::to(server.socket());
    let (a, b) = (node(&url), node(&wire.url(&url)));
    let held = Held::create(&a);
    held.until(&b, 200);
    wire.lose_notices();
    assert_eq!(held.enable(&a, false), 200);
    thread::sleep(SECOND);
    assert_eq!(held.is_accepted(&b), 401);
    // A notice was sent, so usually the server need not wait for its next look.
    assert!((0..TRIES).any(|_| {
        thread::sleep(PAUSE);
        wire.lost() > 0
    }));
}

#[test]
fn it_is_refused_within_a_second_also_if_the_database_restarts() {
    let server = postgres::Server::unstable();
    let url = server.database();
    let (a, b) = (node(&url), node(&url));
    let held = Held::create(&a);
    held.until(&b, 200);
    server.restart();
    let is_disabled = (0..TRIES).any(|_| {
        thread::sleep(PAUSE);
        held.enable(&a, false) == 200
    });
    assert!(is_disabled);
    thread::sleep(SECOND);
    assert_eq!(held.is_accepted(&b), 401);
    // Disabled before the restart, and refused after it.
    server.restart();
    held.until(&a, 401);
    held.until(&b, 401);
}

#[test]
fn a_server_that_is_cut_off_from_the_database_accepts_nothing() {
    let server = postgres::Server::shared();
    let url = server.database();
    let wire = Wire::to(server.socket());
    let (a, b) = (node(&url), node(&wire.url(&url)));
    let held = Held::create(&a);
    held.until(&b, 200);
    wire.cut(true);
    assert_eq!(held.enable(&a, false), 200);
    thread::sleep(SECOND);
    b.call(&held.token, "GET /v2/workflows", None).refused(503, "ERR_LOCAL_STALE");
    b.manage(&format!("GET {CREDENTIALS}"), None).refused(503, "ERR_LOCAL_STALE");
    assert_eq!(held.is_accepted(&a), 401);
    wire.cut(false);
    held.until(&b, 401);
}

#[test]
fn a_change_without_the_database_is_refused_and_works_when_it_is_back() {
    let server = postgres::Server::unstable();
    let (told, tells) = channel();
    let a = telling(&server.database(), move |line| told.send(line.to_owned()).expect("the test waits"));
    let held = Held::create(&a);
    server.command("stop");
    let answer = a.manage(&format!("PATCH {}", held.path), Some(&json!({ "name": "new" })));
    assert_eq!(answer.status, 503, "{answer:?}");
    held.until(&a, 503);
    server.command("start");
    held.until(&a, 200);
    a.manage(&format!("PATCH {}", held.path), Some(&json!({ "name": "newer" }))).expect(200);
    // It looked many times, and said so once.
    let lines: Vec<_> = tells.try_iter().collect();
    assert!(lines.len() <= 4, "{lines:?}");
    assert_eq!(lines.iter().filter(|line| *line == "the store can be used again").count(), 1, "{lines:?}");
}

#[test]
fn a_change_whose_answer_is_lost_is_made_once_if_it_is_sent_again() {
    let server = postgres::Server::shared();
    let url = server.database();
    let wire = Wire::to(server.socket());
    let b = node(&wire.url(&url));
    let held = Held::create(&b);
    let is_unknown = (0..5).any(|count| {
        let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: change-{count}\r\n", b.admin);
        let rename = || b.call_with(&headers, &format!("PATCH {}", held.path), Some(&json!({ "name": "once" })));
        held.until(&b, 200);
        wire.cut(true);
        let answer = rename();
        assert_eq!(answer.status, 503, "{answer:?}");
        wire.cut(false);
        held.until(&b, 200);
        // If the machine is slow, the server may have been too late to begin.
        let is_unknown = answer.json()["code"] == "ERR_LOCAL_STORE_UNKNOWN";
        if is_unknown {
            rename().expect(200);
        }
        is_unknown
    });
    assert!(is_unknown);
    let trail = b.manage("GET /v2/organizations/audit", None).expect(200);
    let events = trail["events"].as_array().expect("a list");
    assert_eq!(events.iter().filter(|event| event["name"] == "once").count(), 1, "{events:?}");
}

#[test]
fn changes_that_two_servers_make_at_once_are_all_kept() {
    let url = postgres::Server::shared().database();
    let nodes = [Arc::new(node(&url)), Arc::new(node(&url))];
    let held = Held::create(&nodes[0]);
    held.until(&nodes[1], 200);
    // Each renames it 20 times.
    let renames: Vec<_> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| {
            let (node, line) = (Arc::clone(node), format!("PATCH {}", held.path));
            thread::spawn(move || {
                for count in 0..20 {
                    node.manage(&line, Some(&json!({ "name": format!("{at}-{count}") }))).expect(200);
                }
            })
        })
        .collect();
    for thread in renames {
        thread.join().expect("no panic");
    }
    // A third one checks the chain of all events when it starts.
    let trail = node(&url).manage("GET /v2/organizations/audit", None).expect(200);
    let events = trail["events"].as_array().expect("a list");
    for at in 0..2 {
        let own = format!("\"{at}-");
        assert_eq!(events.iter().filter(|event| event["name"].to_string().starts_with(&own)).count(), 20);
    }
}

#[test]
fn a_database_that_lost_events_is_not_used() {
    let url = postgres::Server::shared().database();
    let a = node(&url);
    let held = Held::create(&a);
    // Such as after a backup was restored.
    postgres::Server::shared().sql(&url, "DELETE FROM scout_auth_event WHERE sequence > 1");
    held.until(&a, 503);
    let answer = a.manage(&format!("PATCH {}", held.path), Some(&json!({ "enabled": false })));
    assert_eq!(answer.status, 503, "{answer:?}");
}

#[test]
fn two_servers_that_start_at_once_share_one_organisation() {
    let url = postgres::Server::shared().database();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            thread::spawn(move || node(&url).organization.clone())
        })
        .collect();
    let mut organizations: Vec<_> = starts.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    organizations.dedup();
    assert_eq!(organizations.len(), 1);
}

#[test]
fn a_url_with_a_password_or_to_another_machine_is_refused() {
    for (url, reason) in [
        ("postgres://scout:hunter2@localhost/db", "contains a password"),
        ("postgres://localhost/db?password=hunter2", "contains a password"),
        ("postgres://scout@db.example/db", "no TLS"),
        ("postgres://scout@localhost/db?hostaddr=192.0.2.1", "no TLS"),
        ("postgres://scout@/db", "no host"),
        ("postgres://scout@localhost:hunter2/db", "not like"),
    ] {
        let error = Postgres::open(url).err().expect("it is refused").to_string();
        assert!(error.contains(reason) && !error.contains("hunter2"), "{url}: {error}");
    }
}
