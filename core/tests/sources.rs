//! Credentials from files, folders and commands: their forms, and rotations.

#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, LazyLock};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use common::{KEY, in_child};
use scout_auth::{Clock, CredentialFile, Environment, Error, Now, PrivateKey, Settings, Signer, Verifier};
use tempfile::TempDir;

const START: u64 = 1_800_000_000;

/// The credential that replaces the first one.
static OTHER: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(2048).unwrap());

/// Seconds since the start; both clocks go together.
#[derive(Clone, Default)]
struct Time(Arc<AtomicU64>);

impl Clock for Time {
    fn now(&self) -> Now {
        let elapsed = self.0.load(Ordering::SeqCst);
        Now { unix: START + elapsed, monotonic: Duration::from_secs(elapsed) }
    }
}

impl Time {
    fn wait(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn json(id: &str, key: &PrivateKey) -> String {
    format!(r#"{{"private_key":"{}","credential_id":"{id}","kid":"{}"}}"#, *key.to_base64url(), key.kid())
}

#[test]
fn a_credential_file_that_is_written_is_read_again_with_its_id_and_kid() {
    let mut file = CredentialFile::parse(KEY.to_pem().as_bytes()).unwrap();
    assert_eq!(file.to_json().unwrap_err(), Error::CredentialIncomplete { member: "credential_id" });
    file.credential_id = Some("cred_1".to_owned());
    let text = file.to_json().unwrap();
    assert_eq!(text.trim_end(), json("cred_1", &KEY));
    let read = CredentialFile::parse(text.as_bytes()).unwrap();
    assert_eq!((read.key.kid(), read.credential_id.as_deref()), (KEY.kid(), Some("cred_1")));
    assert_eq!(read.kid.as_deref(), Some(KEY.kid().as_str()));
    for refused in ["", "two words", "a\"b", "a\\b", "a\nb"] {
        file.credential_id = Some(refused.to_owned());
        assert_eq!(file.to_json().unwrap_err(), Error::CredentialId, "{refused}");
    }
}

/// Writes a file as careful programs do: beside it, then renamed.
fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}

/// The header `Date` of a server, in seconds since the start.
fn date(seconds: i64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(START.saturating_add_signed(seconds)))
}

/// A credential file, its signer, and the signer's clock.
struct Rotation {
    folder: TempDir,
    time: Time,
    signer: Signer,
}

impl Rotation {
    fn begin() -> Self {
        let (folder, time) = (TempDir::new().unwrap(), Time::default());
        let path = folder.path().join("credential.json");
        fs::write(&path, json("cred_1", &KEY)).unwrap();
        let signer = scout_auth::SignerBuilder::from_file(&path).clock(time.clone()).build().unwrap();
        Self { folder, time, signer }
    }

    fn write(&self, text: &str) {
        replace(&self.folder.path().join("credential.json"), text);
    }

    /// The credential id of the current token, which its own key verifies.
    fn signed_by(&self) -> String {
        let token = self.signer.token().unwrap();
        let verifier = Verifier::new([KEY.public_key().clone(), OTHER.public_key().clone()]).unwrap();
        let claims = verifier.verify_at(token.as_str(), token.issued_at()).unwrap();
        let key = if claims.credential_id == "cred_1" { &*KEY } else { &*OTHER };
        assert_eq!(claims.kid, key.kid(), "the id of one credential with the key of another");
        claims.credential_id
    }

    fn reject(&self) -> bool {
        self.signer.rejected(self.signer.token().unwrap().as_str(), None)
    }
}

#[test]
fn a_rotated_file_replaces_id_kid_and_key_when_the_next_token_is_due() {
    let rotation = Rotation::begin();
    assert_eq!(rotation.signed_by(), "cred_1");
    rotation.write(&json("cred_2", &OTHER));
    assert_eq!(rotation.signed_by(), "cred_1");
    rotation.time.wait(271);
    assert_eq!(rotation.signed_by(), "cred_2");
    assert_eq!((rotation.signer.credential_id().as_str(), rotation.signer.kid()), ("cred_2", OTHER.kid()));
    assert_eq!(rotation.signer.public_key(), *OTHER.public_key());
}

#[test]
fn a_rotated_file_is_read_after_a_401() {
    let rotation = Rotation::begin();
    assert_eq!(rotation.signed_by(), "cred_1");
    rotation.write(&json("cred_2", &OTHER));
    assert!(rotation.reject());
    assert_eq!(rotation.signed_by(), "cred_2");
}

#[test]
fn a_file_that_cannot_be_read_keeps_the_last_good_credential_and_says_why() {
    let rotation = Rotation::begin();
    rotation.signed_by();
    for (text, error) in [
        ("{", Error::CredentialFormat),
        (r#"{"credential_id":"cred_2"}"#, Error::CredentialIncomplete { member: "private_key" }),
        (&json("cred 2", &OTHER), Error::CredentialId),
        (&json("cred_2", &OTHER).replace("\"kid\":\"", "\"kid\":\"x"), Error::KidMalformed),
        ("", Error::KeyEmpty),
    ] {
        rotation.write(text);
        rotation.time.wait(271);
        assert_eq!(rotation.signed_by(), "cred_1");
        assert_eq!(rotation.signer.source_error(), Some(error));
    }
    fs::remove_file(rotation.folder.path().join("credential.json")).unwrap();
    rotation.time.wait(271);
    assert_eq!(rotation.signed_by(), "cred_1");
    assert!(matches!(rotation.signer.source_error(), Some(Error::CredentialUnreadable { .. })));
    rotation.write(&json("cred_2", &OTHER));
    rotation.time.wait(271);
    assert_eq!(rotation.signed_by(), "cred_2");
    assert_eq!(rotation.signer.source_error(), None);
}

#[test]
fn a_401_to_a_new_credential_brings_the_previous_one_back_for_thirty_seconds() {
    let rotation = Rotation::begin();
    rotation.signed_by();
    rotation.write(&json("cred_2", &OTHER));
    rotation.time.wait(271);
    assert_eq!(rotation.signed_by(), "cred_2");
    assert!(rotation.reject());
    assert_eq!(rotation.signed_by(), "cred_1");
    rotation.time.wait(29);
    assert_eq!(rotation.signed_by(), "cred_1");
    rotation.time.wait(2);
    assert_eq!(rotation.signed_by(), "cred_2");
}

#[test]
fn a_previous_credential_that_is_refused_too_is_let_go() {
    let rotation = Rotation::begin();
    rotation.signed_by();
    rotation.write(&json("cred_2", &OTHER));
    rotation.time.wait(271);
    rotation.signed_by();
    assert!(rotation.reject());
    assert_eq!(rotation.signed_by(), "cred_1");
    assert!(rotation.reject());
    assert_eq!(rotation.signed_by(), "cred_2");
    rotation.time.wait(1);
    rotation.reject();
    assert_eq!(rotation.signed_by(), "cred_2");
}

#[test]
fn a_previous_credential_is_kept_for_ten_minutes() {
    for (wait, expected) in [(598, "cred_1"), (601, "cred_2")] {
        let rotation = Rotation::begin();
        rotation.signed_by();
        rotation.write(&json("cred_2", &OTHER));
        assert!(rotation.reject());
        rotation.time.wait(wait);
        assert_eq!(rotation.signed_by(), "cred_2");
        rotation.reject();
        assert_eq!(rotation.signed_by(), expected, "after {wait} s");
    }
}

#[test]
fn a_401_that_the_clock_explains_does_not_bring_the_previous_credential_back() {
    // By the server's clock the token has expired, or is from more than a minute ahead.
    for (ahead, expected) in [(0, "cred_1"), (299, "cred_1"), (300, "cred_2"), (-60, "cred_1"), (-61, "cred_2")] {
        let rotation = Rotation::begin();
        rotation.signed_by();
        rotation.write(&json("cred_2", &OTHER));
        rotation.time.wait(271);
        assert_eq!(rotation.signed_by(), "cred_2");
        let token = rotation.signer.token().unwrap();
        assert!(rotation.signer.rejected(token.as_str(), Some(&date(271 + ahead))));
        assert_eq!(rotation.signed_by(), expected, "{ahead} s ahead");
    }
}

#[test]
fn a_401_to_a_token_that_is_no_longer_current_looks_at_the_file_too() {
    let rotation = Rotation::begin();
    let sent = rotation.signer.token().unwrap();
    rotation.time.wait(271);
    assert_eq!(rotation.signed_by(), "cred_1");
    rotation.write(&json("cred_2", &OTHER));
    assert!(rotation.signer.rejected(sent.as_str(), None));
    assert_eq!(rotation.signed_by(), "cred_2");
}

/// As if another thread mints while a request is under way.
#[test]
fn a_401_to_an_older_token_of_the_credential_in_use_counts_for_that_credential() {
    let rotation = Rotation::begin();
    rotation.signed_by();
    rotation.write(&json("cred_2", &OTHER));
    rotation.time.wait(271);
    for (refused, expected) in [("cred_2", "cred_1"), ("cred_1", "cred_2")] {
        assert_eq!(rotation.signed_by(), refused);
        let sent = rotation.signer.token().unwrap();
        rotation.signer.invalidate();
        rotation.time.wait(1);
        assert_eq!(rotation.signed_by(), refused);
        assert!(rotation.signer.rejected(sent.as_str(), None));
        assert_eq!(rotation.signed_by(), expected);
    }
}

#[test]
fn a_401_to_a_token_that_expired_under_way_does_not_bring_the_previous_credential_back() {
    let rotation = Rotation::begin();
    rotation.signed_by();
    rotation.write(&json("cred_2", &OTHER));
    rotation.time.wait(271);
    let sent = rotation.signer.token().unwrap();
    rotation.time.wait(300);
    assert_eq!(rotation.signed_by(), "cred_2");
    assert!(rotation.signer.rejected(sent.as_str(), Some(&date(571))));
    assert_eq!(rotation.signed_by(), "cred_2");
}

/// In the second in which the token was minted, so that only the new credential is worth a retry.
#[test]
fn each_thread_whose_token_was_refused_retries_whoever_reads_the_new_file() {
    for round in 0..200 {
        let rotation = Rotation::begin();
        let old = rotation.signer.token().unwrap();
        rotation.write(&json("cred_2", &OTHER));
        let barrier = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    barrier.wait();
                    assert!(rotation.signer.rejected(old.as_str(), None), "round {round}");
                    assert_eq!(rotation.signed_by(), "cred_2");
                });
            }
        });
    }
}

/// As Kubernetes updates a volume: one rename of `..data`.
#[test]
fn a_folder_whose_link_is_swapped_never_mixes_two_generations() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    for (name, id, key) in [("..1", "cred_1", &*KEY), ("..2", "cred_2", &*OTHER)] {
        fs::create_dir(path.join(name)).unwrap();
        fs::write(path.join(name).join("private_key"), &*key.to_pem()).unwrap();
        fs::write(path.join(name).join("credential_id"), format!("{id}\n")).unwrap();
    }
    symlink("..1", path.join("..data")).unwrap();
    for field in ["private_key", "credential_id"] {
        symlink(Path::new("..data").join(field), path.join(field)).unwrap();
    }
    let done = AtomicBool::new(false);
    let time = Time::default();
    let signer = scout_auth::SignerBuilder::from_file(path).clock(time.clone()).build().unwrap();
    let verifier = Verifier::new([KEY.public_key().clone(), OTHER.public_key().clone()]).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for generation in (0..300).map(|round| if round % 2 == 0 { "..2" } else { "..1" }) {
                symlink(generation, path.join("..new")).unwrap();
                fs::rename(path.join("..new"), path.join("..data")).unwrap();
                thread::sleep(Duration::from_micros(200));
            }
            done.store(true, Ordering::SeqCst);
        });
        let mut seen = std::collections::BTreeSet::new();
        while !done.load(Ordering::SeqCst) {
            time.wait(271);
            let token = signer.token().unwrap();
            let claims = verifier.verify_at(token.as_str(), token.issued_at()).unwrap();
            assert_eq!(claims.credential_id == "cred_1", claims.kid == KEY.kid());
            seen.insert(claims.credential_id);
        }
        assert_eq!(seen.len(), 2, "both generations were met");
    });
}

#[test]
fn a_change_of_one_field_in_a_folder_is_seen() {
    let folder = TempDir::new().unwrap();
    let write = |name, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("private_key", &KEY.to_pem());
    write("credential_id", "cred_1");
    let time = Time::default();
    let signer = scout_auth::SignerBuilder::from_file(folder.path()).clock(time.clone()).build().unwrap();
    let mint = || {
        time.wait(271);
        signer.token().unwrap();
    };
    write("credential_id", "cred_2");
    mint();
    assert_eq!(&*signer.credential_id(), "cred_2", "a field that is written in place");
    write("kid", OTHER.kid().as_str());
    mint();
    assert_eq!(signer.source_error().unwrap().code(), "ERR_KID_MISMATCH", "a field that was not there");
    fs::remove_file(folder.path().join("kid")).unwrap();
    mint();
    assert_eq!(signer.source_error(), None);
    fs::remove_file(folder.path().join("credential_id")).unwrap();
    mint();
    assert_eq!(signer.source_error(), Some(Error::CredentialIncomplete { member: "credential_id" }));
}

/// Every seventh round forks a child, which mints once. `ROUNDS=10000 cargo test --test sources hostile`
/// takes longer.
#[test]
fn a_hostile_writer_beside_eight_threads_and_forks_mixes_no_credentials_and_stops_no_token() {
    let rounds = std::env::var("ROUNDS").map_or(300, |rounds| rounds.parse().unwrap());
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("credential.json");
    let texts = [json("cred_1", &KEY), json("cred_2", &OTHER)];
    fs::write(&path, &texts[0]).unwrap();
    let time = Time::default();
    let signer = scout_auth::SignerBuilder::from_file(&path).clock(time.clone()).build().unwrap();
    let verifier = Verifier::new([KEY.public_key().clone(), OTHER.public_key().clone()]).unwrap();
    // A child must not panic: it would end in the test harness of its parent.
    let mints = || {
        time.wait(271);
        let Ok(token) = signer.token() else { return "the last good credential was lost" };
        let Ok(claims) = verifier.verify_at(token.as_str(), token.issued_at()) else { return "no valid token" };
        let is_pair = (claims.credential_id == "cred_1") == (claims.kid == KEY.kid());
        if is_pair { "" } else { "the id of one credential with the key of another" }
    };
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    assert_eq!(mints(), "");
                }
            });
        }
        let mut failed = Vec::new();
        for round in 0..rounds {
            write_hostilely(&path, &texts[round % 2], round);
            if round % 7 == 0 {
                failed.extend(Some(in_child(|| mints().is_empty())).filter(|&status| status != 0));
            }
            thread::sleep(Duration::from_micros(100));
        }
        done.store(true, Ordering::SeqCst);
        assert!(failed.is_empty(), "{} of {} children failed: {failed:?}", failed.len(), rounds.div_ceil(7));
    });
    replace(&path, &texts[1]);
    time.wait(271);
    signer.token().unwrap();
    assert_eq!((signer.credential_id().as_str(), signer.kid()), ("cred_2", OTHER.kid()));
}

/// Renames, writes in place, halves, empties, deletes or links to another file.
fn write_hostilely(path: &Path, text: &str, round: usize) {
    match round % 6 {
        0 => replace(path, text),
        1 => fs::write(path, text).unwrap(),
        2 => fs::write(path, &text[..text.len() / 2]).unwrap(),
        3 => fs::write(path, "").unwrap(),
        4 => fs::remove_file(path).unwrap(),
        _ => {
            let target = path.with_extension((round % 12).to_string());
            fs::write(&target, text).unwrap();
            let link = path.with_extension("link");
            symlink(&target, &link).unwrap();
            fs::rename(link, path).unwrap();
        }
    }
}

#[test]
fn a_command_runs_at_the_construction_and_after_a_401_and_not_before() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("credential.json");
    fs::write(&path, json("cred_1", &KEY)).unwrap();
    let time = Time::default();
    let command = ["cat".to_owned(), path.to_str().unwrap().to_owned()];
    let signer = scout_auth::SignerBuilder::from_command(command).clock(time.clone()).build().unwrap();
    signer.token().unwrap();
    replace(&path, &json("cred_2", &OTHER));
    time.wait(271);
    signer.token().unwrap();
    assert_eq!(signer.credential_id(), "cred_1");
    assert!(signer.rejected(signer.token().unwrap().as_str(), None));
    assert_eq!(signer.credential_id(), "cred_2");
}

#[test]
fn a_command_with_a_refresh_time_runs_again_when_it_has_passed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("credential.json");
    fs::write(&path, json("cred_1", &KEY)).unwrap();
    let time = Time::default();
    let settings = Settings { refresh: Some(Duration::from_mins(10)), ..Settings::default() };
    let command = ["cat".to_owned(), path.to_str().unwrap().to_owned()];
    let builder = scout_auth::SignerBuilder::from_command(command).settings(settings);
    let signer = builder.clock(time.clone()).build().unwrap();
    replace(&path, &json("cred_2", &OTHER));
    for (wait, expected) in [(0, "cred_1"), (300, "cred_1"), (300, "cred_2")] {
        time.wait(wait);
        signer.token().unwrap();
        assert_eq!(signer.credential_id(), expected);
    }
}

fn refused(script: &str) -> Error {
    Signer::from_command(["sh", "-c", script], Settings::default()).unwrap_err()
}

#[test]
fn a_hostile_command_is_an_error() {
    assert_eq!(refused("exit 3"), Error::CommandFailed { status: Some(3) });
    assert_eq!(refused("kill -9 $$"), Error::CommandFailed { status: None });
    assert_eq!(refused("yes"), Error::CommandOutput);
    assert_eq!(refused("true"), Error::KeyEmpty);
    assert!(matches!(refused("printf '\\0\\033[31m'"), Error::KeyEncoding | Error::KeyStructure));
    let missing = Signer::from_command(["/no/such/program"], Settings::default()).unwrap_err();
    assert!(matches!(missing, Error::CommandStart { .. }));
    let none: [&str; 0] = [];
    assert_eq!(Signer::from_command(none, Settings::default()).unwrap_err(), Error::CommandArguments);
}

#[test]
fn a_command_that_hangs_or_whose_child_keeps_the_pipe_is_killed_after_ten_seconds() {
    let hang = |script: &'static str| thread::spawn(move || (Instant::now(), refused(script)).1);
    let cases = [hang("sleep 1000"), hang("sleep 1000 & exec sleep 1000"), hang("cat; sleep 1000 & exit 0")];
    for case in cases {
        assert_eq!(case.join().unwrap(), Error::CommandTimeout);
    }
}

/// What the documentation of each program says that it prints: most print the value of the secret and a
/// line end, some the bare value.
fn printed(program: &str, arguments: &[String]) -> String {
    let value = json("cred_1", &KEY);
    match program {
        "vault" | "gcloud" | "kubectl" => value,
        "aws" | "az" | "op" => value + "\n",
        "doppler" if arguments[1] == "get" => value + "\n",
        "doppler" => format!(
            r#"{{"DOPPLER_CONFIG":"prd","DOPPLER_ENVIRONMENT":"prd","DOPPLER_PROJECT":"app","SCOUT_CREDENTIAL_ID":"cred_1","SCOUT_KID":"{}","SCOUT_PRIVATE_KEY":"{}"}}"#,
            KEY.kid(),
            *KEY.to_base64url()
        ),
        _ => panic!("{program} has no stand-in"),
    }
}

/// Each program is a stand-in that notes its arguments and prints what the real one prints.
#[test]
fn the_commands_in_docs_credentials_md_reach_their_programs_word_by_word() {
    let folder = TempDir::new().unwrap();
    let [program, words, output] = ["program", "words", "output"].map(|name| folder.path().join(name));
    fs::write(&program, format!("printf '%s\\n' \"$@\" >{words:?}\ncat {output:?}\n")).unwrap();
    let page = include_str!("../../docs/credentials.md").replace("\\|", "|");
    let rows = page.lines().filter_map(|line| line.strip_suffix("` |")?.rsplit_once("| `[").map(|(_, words)| words));
    let commands: Vec<String> = rows.map(|words| format!("[{words}")).collect();
    assert_eq!(commands.len(), 8);
    for command in commands {
        let mut documented: Vec<String> = serde_json::from_str(&command).unwrap();
        fs::write(&output, printed(&documented[0], &documented[1..])).unwrap();
        // A shell reads the script: a program that was just written may be busy in a child of another test.
        documented.splice(0..1, ["sh".to_owned(), program.to_str().unwrap().to_owned()]);
        let command = serde_json::to_string(&documented).unwrap();
        let variable = |name: &str| (name == Environment::CREDENTIAL_COMMAND).then(|| command.clone().into());
        let signer = Signer::from_environment(&Environment::new(&variable), Settings::default()).unwrap();
        assert_eq!((signer.credential_id().as_str(), signer.kid()), ("cred_1", KEY.kid()));
        let seen = fs::read_to_string(&words).unwrap();
        assert_eq!(seen.lines().collect::<Vec<_>>(), documented[2..]);
    }
}

#[test]
fn a_command_reads_nothing_and_sees_no_shell() {
    let text = json("cred_1", &KEY);
    let script = format!("read line && exit 9; printf '%s' '{text}'");
    Signer::from_command(["sh", "-c", &script], Settings::default()).unwrap();
    let error = Signer::from_command(["echo", "$(exit 1)"], Settings::default()).unwrap_err();
    assert_ne!(error, Error::CommandFailed { status: Some(1) });
}
