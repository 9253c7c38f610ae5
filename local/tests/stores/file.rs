use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use scout_auth_local::{Sqlite, Store as _};
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{CREDENTIALS, Server, key, text};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Why a file cannot be opened.
fn refusal(path: &Path) -> String {
    Sqlite::open(path).expect_err("it is refused").to_string()
}

fn serve(path: &Path) -> Server {
    let store = Sqlite::open(path).expect("a file");
    Server::with(|options| options.store = Box::new(store))
}

#[test]
fn only_the_owner_can_read_the_file_and_its_log() {
    let folder = folder();
    let mut store = Sqlite::open(&folder.path().join("state")).expect("a file");
    store.append(0, &["a".to_owned()]).expect("it is stored");
    let files: Vec<_> = fs::read_dir(folder.path()).expect("a folder").flatten().collect();
    assert!(files.iter().any(|file| file.file_name() == "state-wal"));
    for file in files {
        let mode = file.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.file_name().display());
    }
}

#[test]
fn a_second_process_is_refused() {
    let folder = folder();
    let path = folder.path().join("state");
    let store = Sqlite::open(&path).expect("a file");
    assert_eq!(refusal(&path), "another process uses the file");
    drop(store);
    Sqlite::open(&path).expect("it is free again");
}

#[test]
fn a_file_that_is_not_ours_stays_as_it_is() {
    let folder = folder();
    let database = |name: &str, statements: &str| {
        let path = folder.path().join(name);
        Connection::open(&path).and_then(|own| own.execute_batch(statements)).expect("a database");
        path
    };
    let text = folder.path().join("text");
    fs::write(&text, "SCOUT_CREDENTIAL_ID=cred_1\n").expect("a file");
    let other = "the file is of another program";
    for (path, reason) in [
        (text, other),
        (database("other", "CREATE TABLE event (x)"), other),
        (database("other-id", "PRAGMA application_id = 1; CREATE TABLE event (x)"), other),
        (database("other-version", "PRAGMA user_version = 7; CREATE TABLE event (x)"), other),
        (
            database("future", "PRAGMA application_id = 0x53636f75; PRAGMA user_version = 2; CREATE TABLE next (x)"),
            "the file is of another version of scout-auth",
        ),
    ] {
        let before = fs::read(&path).expect("a file");
        assert_eq!(refusal(&path), reason, "{}", path.display());
        assert_eq!(fs::read(&path).expect("a file"), before, "{}", path.display());
    }
}

#[test]
fn a_damaged_file_is_refused() {
    let folder = folder();
    let path = folder.path().join("state");
    {
        let mut store = Sqlite::open(&path).expect("a file");
        let lines: Vec<_> = (0..1000).map(|count| format!("line {count} {}", "x".repeat(100))).collect();
        store.append(0, &lines).expect("it is stored");
    }
    let whole = fs::read(&path).expect("a file");
    let load = || Sqlite::open(&path).and_then(|mut store| store.load(0, 2000));
    assert_eq!(load().expect("it is whole").len(), 1000);
    // Cut off, and pages overwritten.
    let cut = &whole[..whole.len() / 2];
    let middle = whole.len() / 2 / 4096 * 4096;
    let overwritten = [&whole[..middle], &[0xff; 8192], &whole[middle + 8192..]].concat();
    for damaged in [cut, &overwritten] {
        fs::write(&path, damaged).expect("a file");
        assert_eq!(load().expect_err("it is damaged").to_string(), "the file is damaged");
    }
}

#[test]
fn an_event_that_was_changed_in_the_file_is_found_when_the_server_starts() {
    let folder = folder();
    let path = folder.path().join("state");
    {
        let server = serve(&path);
        server.create("first", &["member"], key(0));
        server.create("second", &["member"], key(1));
    }
    let store = Connection::open(&path).expect("a database");
    store.execute("UPDATE event SET line = replace(line, 'member', 'admin') WHERE sequence = 2", []).expect("a change");
    drop(store);
    let token = scout_auth_local::AdminToken::random().expect("random numbers");
    let mut options = scout_auth_local::Options::new(token);
    options.store = Box::new(Sqlite::open(&path).expect("a file"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let error = runtime.block_on(scout_auth_local::Local::start(options)).err().expect("it is refused");
    assert!(error.to_string().contains("event 3 does not follow"), "{error}");
}

/// A small disk of its own.
struct Disk(TempDir);

impl Disk {
    /// `None` if this user may not make one.
    fn new() -> Option<Self> {
        let folder = folder();
        let made = Command::new("mount").args(["-t", "tmpfs", "-o", "size=192k", "tmpfs"]).arg(folder.path()).output();
        if made.is_ok_and(|made| made.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("not tested: this user may not mount a disk");
        None
    }

    fn remount(&self, how: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(self.0.path()).status();
        assert!(status.expect("mount").success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_refuses_changes_and_keeps_the_old_state() {
    let Some(disk) = Disk::new() else { return };
    let (path, ballast) = (disk.0.path().join("state"), disk.0.path().join("ballast"));
    let server = serve(&path);
    let signer = server.signer(&["admin"]);
    // As much as there is.
    let _ = fs::write(&ballast, vec![0; 1 << 20]);
    let line = format!("PATCH {CREDENTIALS}/{}", text(&list(&server)["credentials"][0]["id"]));
    let rename = |count: usize| server.manage(&line, Some(&json!({ "name": format!("{count} {}", "x".repeat(90)) })));
    // The log may have some free space in its last page.
    let mut stored = 0;
    let refused = loop {
        let answer = rename(stored);
        if answer.status != 200 {
            break answer;
        }
        stored += 1;
    };
    refused.refused(503, "ERR_LOCAL_STORE");
    let before = list(&server);
    assert!(stored == 0 || text(&before["credentials"][0]["name"]).starts_with(&format!("{} ", stored - 1)));
    server.call(&signer.bearer().expect("a token"), "GET /v2/workflows", None).expect(200);
    fs::remove_file(&ballast).expect("it is removed");
    rename(stored).expect(200);
    let after = list(&server);
    drop(server);
    assert_eq!(list(&serve(&path))["credentials"][0]["name"], after["credentials"][0]["name"]);
}

#[test]
fn a_file_that_cannot_be_written_to_is_refused() {
    let Some(disk) = Disk::new() else { return };
    let path = disk.0.path().join("state");
    drop(serve(&path));
    disk.remount("ro");
    assert_eq!(refusal(&path), "the file cannot be written to");
    assert!(refusal(&disk.0.path().join("new")).starts_with("the file cannot be made"));
    disk.remount("rw");
    drop(serve(&path));
}

fn list(server: &Server) -> serde_json::Value {
    server.manage(&format!("GET {CREDENTIALS}"), None).expect(200)
}
