//! Scout's page on API keys, walked through step by step. `docs/scout-page.md` lists its rows and their tests.

use std::fs;
use std::path::Path;

use scout_auth::Settings;
use serde_json::json;

use crate::harness::{CREDENTIALS, Server, key, mint, text};

const LEGACY_KEYS: &str = "/v2/organizations/legacy-keys";
const CALL: &str = "GET /v2/workflows";

#[test]
fn the_five_steps_of_a_rotation_fail_no_request_of_an_application_that_was_updated() {
    let server = Server::start();
    let old = text(&server.create("prod-api", &["member"], key(0))["id"]);
    let new = text(&server.create("prod-api-v2", &["member"], key(1))["id"]);
    let [old_token, new_token] = [(&old, 0), (&new, 1)].map(|(id, at)| mint(id, key(at), Settings::default()));
    for token in [&old_token, &new_token] {
        server.call(token, CALL, None).expect(200);
    }
    server.manage(&format!("PATCH {CREDENTIALS}/{old}"), Some(&json!({ "enabled": false }))).expect(200);
    server.call(&old_token, CALL, None).refused(401, "ERR_LOCAL_DISABLED");
    server.call(&new_token, CALL, None).expect(200);
    server.manage(&format!("DELETE {CREDENTIALS}/{old}"), None).expect(204);
    server.call(&old_token, CALL, None).refused(401, "ERR_LOCAL_DELETED");
    server.call(&new_token, CALL, None).expect(200);
}

#[test]
fn the_five_steps_of_a_migration_from_a_legacy_key_fail_no_request_of_a_service_that_was_updated() {
    let server = Server::start();
    let created = server.manage(&format!("POST {LEGACY_KEYS}"), None).expect(201);
    let (legacy, id) = (text(&created["key"]), text(&created["legacy_key"]["id"]));
    server.call(&legacy, CALL, None).expect(200);
    let services = [("prod-api-server", 0), ("prod-cicd", 1)].map(|(name, at)| {
        let credential = server.create(name, &["member"], key(at));
        mint(&text(&credential["id"]), key(at), Settings::default())
    });
    let works = |expected: bool| {
        for token in &services {
            server.call(token, CALL, None).expect(200);
        }
        server.call(&legacy, CALL, None).expect(if expected { 200 } else { 401 });
    };
    works(true);
    server.manage(&format!("PATCH {LEGACY_KEYS}/{id}"), Some(&json!({ "enabled": false }))).expect(200);
    works(false);
    server.manage(&format!("DELETE {LEGACY_KEYS}/{id}"), None).expect(204);
    works(false);
    assert_eq!(server.manage(&format!("GET {LEGACY_KEYS}"), None).expect(200)["legacy_keys"], json!([]));
}

#[test]
fn each_environment_has_a_key_of_its_own_and_losing_one_stops_no_other() {
    let server = Server::start();
    let names = ["prod-api-server", "prod-cicd", "staging-api"];
    let environments: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let id = text(&server.create(name, &["member"], key(at))["id"]);
            let token = mint(&id, key(at), Settings::default());
            (id, token)
        })
        .collect();
    let (lost, rest) = environments.split_first().unwrap();
    server.manage(&format!("PATCH {CREDENTIALS}/{}", lost.0), Some(&json!({ "enabled": false }))).expect(200);
    server.call(&lost.1, CALL, None).refused(401, "ERR_LOCAL_DISABLED");
    for ((_, token), name) in rest.iter().zip(&names[1..]) {
        assert_eq!(server.call(token, CALL, None).expect(200)["name"], json!(name));
    }
}

#[test]
fn a_row_of_the_list_has_what_scouts_page_shows_and_no_private_key() {
    let server = Server::start();
    let made = server.manage(&format!("POST {CREDENTIALS}"), Some(&json!({ "name": "prod", "roles": ["member"] })));
    let private_key = text(&made.expect(201)["private_key"]);
    let answer = server.manage(&format!("GET {CREDENTIALS}"), None);
    let row = answer.expect(200)["credentials"][0].clone();
    assert_eq!((&row["name"], &row["roles"], &row["status"]), (&json!("prod"), &json!(["member"]), &json!("enabled")));
    for field in ["id", "kid", "public_key"] {
        assert!(!text(&row[field]).is_empty(), "{field}: {row}");
    }
    assert!(!answer.body.contains(&private_key[private_key.len() - 64..]), "{row}");
    assert!(row.get("private_key").is_none(), "{row}");
    let renamed = json!({ "name": "prod-api-server" });
    let line = format!("PATCH {CREDENTIALS}/{}", text(&row["id"]));
    assert_eq!(server.manage(&line, Some(&renamed)).expect(200)["name"], renamed["name"]);
}

#[test]
fn every_test_that_docs_scout_page_md_names_exists() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let page = fs::read_to_string(root.join("docs/scout-page.md")).unwrap();
    let mut named = 0;
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        // The last two cells: a test, and the file that it is in.
        let [.., name, file, _] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else { panic!("{line}") };
        let [Some(name), Some(file)] = [name, file].map(|cell| cell.strip_prefix('`')?.strip_suffix('`')) else {
            continue;
        };
        let text = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("{file} is not there"));
        assert!(text.contains(name), "{file} has no test {name}");
        named += 1;
    }
    assert!(named >= 40, "the page names {named} tests");
}
