//! What `scan` leaves alone: files that look like keys to other scanners, and the refused keys of the
//! corpus.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::leaks::{hex, wrapped};
use super::{find_every_form_in_every_wrapping, findings};
use crate::harness::{Files, key};

/// Numbers that look random and are the same in each run (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_be_bytes()[0]).collect()
    }
}

/// Ten files that hold no private key of ours.
fn harmless(random: &mut Random) -> Vec<(&'static str, Vec<u8>)> {
    let public = key().public_key();
    let armoured = |label: &str, der: &[u8]| {
        let body = wrapped(&STANDARD.encode(der), 64);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    // A certificate begins so and holds rsaEncryption.
    let certificate = [
        &[0x30, 0x82, 0x03, 0x4d, 0x30, 0x82, 0x02, 0x35],
        &random.bytes(40)[..],
        &public.to_der(),
        &random.bytes(500),
    ]
    .concat();
    let integrity: Vec<Value> =
        (0..60).map(|_| format!("sha512-{}", STANDARD.encode(random.bytes(64))).into()).collect();
    let lock = format!("{:#}", json!({ "packages": integrity }));
    let minified = format!("function(a){{return \"{}\"}},", hex(&random.bytes(6))).repeat(400);
    let image = URL_SAFE_NO_PAD.encode(random.bytes(6000));
    let claims =
        json!({ "iss": "https://accounts.example.com", "sub": hex(&random.bytes(8)), "exp": 9_999_999_999_u64 });
    let token =
        format!("eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.{}.{image:.342}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let key_text = hex(&random.bytes(32));
    vec![
        ("public.pem", public.to_pem().into()),
        ("public.jwk", format!("{{\"keys\":[{}]}}", public.to_jwk()).into()),
        ("certificate.pem", armoured("CERTIFICATE", &certificate).into()),
        ("ec.pem", armoured("PRIVATE KEY", &random.bytes(138)).into()),
        ("openssh", armoured("OPENSSH PRIVATE KEY", &random.bytes(1800)).into()),
        ("package-lock.json", lock.into()),
        ("app.min.js", minified.into()),
        ("image.css", format!("a{{background:url(data:image/png;base64,{image})}}").into()),
        ("token.txt", token.into()),
        (
            ".env.example",
            format!("SCOUT_PRIVATE_KEY=MIIE...your-key\nAPI_KEY={key_text}\n# -----BEGIN PRIVATE KEY-----\n").into(),
        ),
    ]
}

#[test]
fn a_thousand_harmless_files_have_no_finding() {
    let (files, mut random) = (Files::new(), Random(15));
    for round in 0..100 {
        for (name, contents) in harmless(&mut random) {
            files.write(&format!("{round}-{name}"), contents);
        }
    }
    let folder = files.path("");
    let folder = folder.to_str().expect("UTF-8");
    let outcome = crate::harness::library(&["scan", folder], &[], b"");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, "1000 files scanned: nothing found\n"), "{outcome:?}");
}

fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("SCOUT_AUTH_CORPUS").map_or_else(beside, PathBuf::from);
    if !folder.is_dir() {
        eprintln!("ran without the corpus");
        return None;
    }
    folder.canonicalize().ok()
}

/// The keys of the corpus's manifests: path and what is said of it.
fn cases(corpus: &Path) -> Vec<(String, Value)> {
    let mut cases = Vec::new();
    for folder in fs::read_dir(corpus).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let Ok(text) = fs::read(folder.join("manifest.json")) else { continue };
        let manifest: Value = serde_json::from_slice(&text).expect("JSON");
        for case in manifest["cases"].as_array().into_iter().flatten() {
            if let Some(file) = case["file"].as_str() {
                cases.push((folder.join(file).to_str().expect("UTF-8").to_owned(), case.clone()));
            }
        }
    }
    assert!(cases.len() > 500, "{}", cases.len());
    cases
}

/// Why the corpus refuses a file that holds a whole key: for what is around the key, or because core
/// learns of it only when it signs.
const AROUND: [&str; 5] = ["pem-", "der-trailing-data", "not-a-key", "encrypted-", "rsa-composite-factor"];

/// Files refused for what they are, with a whole key in them.
const WITHIN: [&str; 2] = ["pkcs8/inner-is-pkcs8.der", "pem/label-ec.pem"];

#[test]
fn the_accepted_keys_of_the_corpus_are_found_and_the_refused_are_not() {
    let Some(corpus) = corpus() else { return };
    let found = findings(7, &[corpus.to_str().expect("UTF-8")], b"");
    let paths: BTreeSet<&str> = found.iter().map(|finding| finding["path"].as_str().expect("text")).collect();
    let (mut accepted, mut refused) = (0, 0);
    for (path, case) in &cases(&corpus) {
        let reason = case["reason"].as_str().unwrap_or_default();
        let is_private = case["expect"] == "accept" && case["role"] == "private";
        // Version 1 without its public key: core refuses it.
        if is_private && !path.ends_with("version-1-v2.der") {
            accepted += 1;
            let kid = case["thumbprint_sha256"].as_str();
            let is_it = |finding: &&Value| finding["path"] == path.as_str() && finding["kid"].as_str() == kid;
            assert_eq!(found.iter().filter(is_it).count(), 1, "{path}");
        } else if !AROUND.iter().any(|start| reason.starts_with(start)) && !WITHIN.iter().any(|end| path.ends_with(end))
        {
            refused += 1;
            assert!(!paths.contains(path.as_str()), "{path}: {case}");
        }
    }
    assert!(accepted > 60 && refused > 300, "{accepted}, {refused}");
}

/// Takes minutes: `make scan-corpus`.
#[test]
#[ignore = "takes minutes: make scan-corpus"]
fn every_key_of_the_corpus_is_found_in_every_form_and_wrapping() {
    let Some(corpus) = corpus() else { return };
    let mut seen = BTreeSet::new();
    let (mut keys, mut files) = (0, 0);
    for (path, _) in cases(&corpus).iter().filter(|(_, case)| case["expect"] == "accept" && case["role"] == "private") {
        let Ok(key) = scout_auth::PrivateKey::parse(fs::read(path).expect("a file")) else { continue };
        if seen.insert(key.kid()) {
            keys += 1;
            files += find_every_form_in_every_wrapping(&key);
        }
    }
    println!("{keys} keys, {files} files, each found once");
    assert!(keys >= 10, "{keys}");
}
