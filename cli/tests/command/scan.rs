//! `scan`: what it finds in files, what it leaves alone, and what it says.

/// Forms of keys, and wrappings of text.
mod leaks;

/// A git repository.
mod repository;

/// What is staged, histories, hostile repositories.
mod git;

/// What is said, in each format.
mod reports;

/// What is found in gzip.
mod compressed;

/// What is left alone.
mod harmless;

use std::path::Path;

use scout_auth::PrivateKey;
use serde_json::Value;

use crate::harness::{Files, key, library};
use leaks::{WRAPPINGS, around_binary, forms};

/// The findings of a scan, which must read everything and end with this status.
#[track_caller]
fn findings(status: u8, args: &[&str], stdin: &[u8]) -> Vec<Value> {
    let outcome = library(&[&["scan", "--json"], args].concat(), &[], stdin);
    assert_eq!(outcome.status, status, "{outcome:?}");
    outcome.holds_no_key();
    let all: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(all["unreadable"].as_array().map(Vec::len), Some(0), "{outcome:?}");
    all["findings"].as_array().expect("a list").clone()
}

/// Writes the key in every form and wrapping, scans once, and returns how many files there were.
fn find_every_form_in_every_wrapping(key: &PrivateKey) -> usize {
    let files = Files::new();
    let mut names = Vec::new();
    for (form, text) in forms(key) {
        let wrapped: Vec<(&str, Vec<u8>)> = match str::from_utf8(&text) {
            Ok(text) => WRAPPINGS.iter().map(|(name, wrap)| (*name, wrap(text))).collect(),
            Err(_) => around_binary(&text),
        };
        for (wrapping, bytes) in wrapped {
            names.push(format!("{form} in {wrapping}").replace('/', " "));
            files.write(names.last().expect("a name"), bytes);
        }
    }
    let found = findings(7, &[files.path("").to_str().expect("UTF-8")], b"");
    for finding in &found {
        assert_eq!(finding["kid"], key.kid().as_str(), "{finding}");
        assert_eq!(finding["bits"], key.bits(), "{finding}");
    }
    let times = |name: &String| {
        let is_it = |finding: &&Value| Path::new(finding["path"].as_str().expect("text")).ends_with(name);
        found.iter().filter(is_it).count()
    };
    let wrong: Vec<_> = names.iter().filter(|name| times(name) != 1).map(|name| (times(name), name)).collect();
    assert!(wrong.is_empty(), "{} of {} not found once: {wrong:?}", wrong.len(), names.len());
    names.len()
}

#[test]
fn a_key_is_found_once_in_every_form_and_wrapping() {
    assert!(forms(key()).len() >= 18 && WRAPPINGS.len() >= 20);
    let count = find_every_form_in_every_wrapping(key());
    assert!(count > 800, "{count}");
}
