//! Signatures: Wycheproof's vectors for RSASSA-PKCS1-v1_5, with the verdict of RS256 and Scout's
//! sizes of key.

use std::collections::BTreeMap;
use std::sync::Arc;

use libtest_mimic::Trial;
use scout_auth::{Error, PrivateKey, PublicKey};
use serde::Deserialize;

use crate::Corpus;

/// The reason in the manifest for which no vector of a key is used.
const TOO_SMALL: &str = "rsa-too-small";

#[derive(Deserialize)]
struct Manifest {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    file: String,
    group: usize,
    tc_id: u32,
    #[serde(rename = "expect_rs256")]
    expect: String,
    why: String,
    op: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    key_size: u32,
    #[serde(alias = "publicKeyPem")]
    key_pem: String,
    private_key_pem: Option<String>,
    tests: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    msg: String,
    sig: String,
}

pub(crate) fn trials(corpus: &Corpus) -> Vec<Trial> {
    let manifest: Manifest = corpus.json("wycheproof/signatures.json");
    let mut files: BTreeMap<String, Arc<Vectors>> = BTreeMap::new();
    let mut trials = Vec::new();
    for case in manifest.cases {
        let read = || Arc::new(corpus.json(&format!("wycheproof/{}", case.file)));
        let vectors = Arc::clone(files.entry(case.file.clone()).or_insert_with(read));
        let name = format!("wycheproof/{}/{}/{}", case.file, case.group, case.tc_id);
        trials.push(Trial::test(name, move || {
            check(&case, &vectors.test_groups[case.group]);
            Ok(())
        }));
    }
    trials
}

fn check(case: &Case, group: &Group) {
    let public = PublicKey::parse(&group.key_pem);
    let private = group.private_key_pem.as_ref().map(PrivateKey::parse);
    assert_eq!(case.op == "sign+verify", private.is_some());
    if case.why.contains(TOO_SMALL) {
        let error = Error::KeyTooSmall { bits: group.key_size };
        assert_eq!(public.err(), Some(error));
        assert_eq!(private.and_then(Result::err), Some(error));
        return;
    }
    let vector = group.tests.iter().find(|vector| vector.tc_id == case.tc_id).expect("the vector");
    let [message, signature] = [&vector.msg, &vector.sig].map(|text| from_hex(text));
    let accept = case.expect == "accept";
    assert_eq!(public.expect("a sound key").verify(&message, &signature), Ok(accept));
    if let Some(private) = private {
        let ours = private.expect("a sound key").sign(&message).expect("a sound key signs");
        assert_eq!(ours == signature, accept);
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(byte).collect()
}
