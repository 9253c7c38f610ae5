//! The vectors that every language runs, against this build of the crate.
//!
//! The driver of the suite runs them too. It also runs the cases that set the system's clock, and
//! the one that waits for the clock; this test leaves them out.

#[path = "../../tests/drivers/rust/src/run.rs"]
mod run;
#[path = "../../tests/drivers/rust/src/story.rs"]
mod story;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");

#[test]
fn keys_are_read_mended_or_refused_as_the_vectors_say() {
    check("keys");
}

#[test]
fn tokens_are_minted_byte_for_byte_as_the_vectors_say() {
    check("mint");
}

#[test]
fn tokens_are_accepted_or_refused_as_the_vectors_say() {
    check("verify");
}

#[test]
fn the_current_token_is_kept_and_replaced_as_the_vectors_say() {
    check("stories");
}

#[test]
fn credential_files_are_read_or_refused_as_the_vectors_say() {
    check("credential-files");
}

#[test]
fn environments_are_read_as_the_vectors_say() {
    check("environments");
}

#[test]
fn settings_are_taken_or_refused_as_the_vectors_say() {
    check("signers");
}

#[test]
fn api_keys_are_taken_or_refused_as_the_vectors_say() {
    check("api-keys");
}

#[test]
fn urls_are_allowed_or_refused_as_the_vectors_say() {
    check("urls");
}

#[test]
fn every_file_of_vectors_is_checked() {
    let this = include_str!("vectors.rs");
    for entry in fs::read_dir(VECTORS).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(group) = name.strip_suffix(".json").filter(|group| *group != "key-table") {
            assert!(this.contains(&format!("check(\"{group}\")")), "{name}");
        }
    }
}

/// A wrong answer is seen: each case fails if one of its expectations is changed.
#[test]
fn a_false_expectation_is_noticed() {
    for case in cases("verify").iter().chain(&cases("stories")).take(200) {
        let answer = run::answer(case);
        for name in case["expect"].as_object().unwrap().keys() {
            let mut expect = case["expect"].clone();
            expect[name] = json!("something else");
            assert!(run::difference(&expect, &answer).is_some(), "{}: {name}", case["name"]);
        }
    }
}

fn check(group: &str) {
    // Environments name key files relative to the vectors.
    std::env::set_current_dir(VECTORS).unwrap();
    let cases = cases(group);
    assert!(cases.len() > 20, "{group}: {} cases", cases.len());
    let folder = TempDir::new().unwrap();
    let failed = cases.iter().enumerate().filter_map(|(number, case)| {
        let case = placed(case.clone(), &folder.path().join(number.to_string()));
        let difference = run::difference(&case["expect"], &run::answer(&case))?;
        Some(format!("{group}: {}: {difference}", case["name"]))
    });
    let failed: Vec<String> = failed.collect();
    assert!(failed.is_empty(), "{} of {} cases failed:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// The cases of a group, with keys in place of their names. `tests/suite/cases.py` does the same for
/// the drivers.
fn cases(group: &str) -> Vec<Value> {
    let table = &read("key-table")["keys"];
    let cases = read(group)["cases"].take();
    let Value::Array(cases) = cases else { panic!("{group} has no cases") };
    let is_run = |case: &Value| case["call"] != "live" && case["given"].get("clock").is_none();
    cases.into_iter().filter(is_run).map(|case| with_keys(case, table)).collect()
}

/// Writes the credential file or folder of a case. `tests/suite/cases.py` does the same for the drivers.
fn placed(mut case: Value, place: &Path) -> Value {
    if case["call"] == "signer_from_file" {
        let path = written(&case["given"], place);
        case["given"]["path"] = json!(path.to_str().unwrap());
    }
    case
}

fn written(given: &Value, place: &Path) -> PathBuf {
    let Some(files) = given["folder"].as_object() else {
        let base64 = |text: &str| STANDARD.decode(text).unwrap();
        let text = given["text"].as_str().map(|text| text.as_bytes().to_vec());
        fs::write(place, text.or_else(|| given["base64"].as_str().map(base64)).unwrap()).unwrap();
        return place.to_owned();
    };
    let bytes = |text: &Value| text.as_str().unwrap().as_bytes().to_vec();
    let decoded = |text: &Value| STANDARD.decode(text.as_str().unwrap()).unwrap();
    let files = files.iter().map(|(name, text)| (name, bytes(text)));
    let others = given["base64_folder"].as_object().into_iter().flatten().map(|(name, text)| (name, decoded(text)));
    fs::create_dir(place).unwrap();
    for (name, content) in files.chain(others) {
        let path = place.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    for (name, target) in given["links"].as_object().into_iter().flatten() {
        symlink(target.as_str().unwrap(), place.join(name)).unwrap();
    }
    given["path"].as_str().map_or_else(|| place.to_owned(), |path| place.join(path))
}

fn read(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(format!("{VECTORS}/{name}.json")).unwrap()).unwrap()
}

fn with_keys(mut case: Value, table: &Value) -> Value {
    let given = case["given"].as_object_mut().unwrap();
    if let Some(name) = given.get("key").and_then(Value::as_str) {
        let key = table[name]["private"]["base64url"].clone();
        given.insert("key".to_owned(), key);
    }
    if let Some(text) = given.remove("key_text") {
        given.insert("key".to_owned(), text);
    }
    if let Some(Value::Array(names)) = given.get_mut("keys") {
        for name in names {
            *name = table[name.as_str().unwrap()]["public"]["jwk"].clone();
        }
    }
    if let Some(Value::Array(steps)) = given.get_mut("steps") {
        set_elapsed(steps);
    }
    case["expect"] = expectations(&case, table);
    case
}

/// If a step sets only the wall-clock time, the monotonic time grows by as much.
fn set_elapsed(steps: &mut [Value]) {
    let (mut now, mut elapsed) = (0, 0);
    for step in steps {
        let Some(unix) = step["now"].as_u64() else { continue };
        let passed = if now == 0 { 0 } else { unix.saturating_sub(now) };
        now = unix;
        elapsed = step["elapsed"].as_u64().unwrap_or(elapsed + passed);
        step["elapsed"] = json!(elapsed);
    }
}

/// `private_key` and `public_key` become the forms of the key, `steps` the result of each step.
fn expectations(case: &Value, table: &Value) -> Value {
    let expect = &case["expect"];
    if let Value::Array(steps) = &expect["steps"] {
        let named = |(at, step): (usize, &Value)| {
            let members = step.as_object().unwrap().iter();
            members.map(move |(name, value)| (format!("steps.{at}.{name}"), value.clone())).collect::<Vec<_>>()
        };
        return steps.iter().enumerate().flat_map(named).collect::<Map<_, _>>().into();
    }
    for kind in ["private", "public"] {
        if let Some(name) = expect[format!("{kind}_key")].as_str() {
            let mut forms = table[name][kind].clone();
            if case["call"] == "convert" {
                forms.as_object_mut().unwrap().retain(|form, _| ["base64url", "pem", "kid"].contains(&form.as_str()));
            } else {
                forms["der"] = forms["base64url"].clone();
            }
            return forms;
        }
    }
    expect.clone()
}
