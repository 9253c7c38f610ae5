//! Signatures: Wycheproof's vectors for RSASSA-PKCS1-v1_5, with the verdict of RS256 and Scout's
//! sizes of key.

use std::collections::BTreeMap;
use std::sync::Arc;

use libtest_mimic::Trial;
use scout_auth::{PrivateKey, PublicKey};
use serde::Deserialize;

use crate::expect::Outcome::{self, Refuse};
use crate::expect::{Codes, Exceptions, Expectations, given};
use crate::{Corpus, trial};

/// Of the keys.
const CODES: Codes = &[("key rejected: rsa-too-small", "ERR_KEY_TOO_SMALL")];

/// Of the private keys: their public keys verify like all others.
#[rustfmt::skip]
const EXCEPTIONS: Exceptions = &[
    ("wycheproof/rsa_pkcs1_2048_sig_gen_test.json/5/154", Refuse("ERR_KEY_UNBALANCED"), "factors of unequal size"),
    ("wycheproof/rsa_pkcs1_2048_sig_gen_test.json/6/155", Refuse("ERR_KEY_UNBALANCED"), "factors of unequal size"),
    ("wycheproof/rsa_pkcs1_2048_sig_gen_test.json/7/158", Refuse("ERR_KEY_UNBALANCED"), "factors of unequal size"),
    ("wycheproof/rsa_pkcs1_3072_sig_gen_test.json/3/156", Refuse("ERR_KEY_UNBALANCED"), "factors of unequal size"),
    ("wycheproof/rsa_pkcs1_3072_sig_gen_test.json/4/157", Refuse("ERR_KEY_UNBALANCED"), "factors of unequal size"),
];

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

impl Case {
    fn rejects_key(&self) -> bool {
        self.why.contains("key rejected")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
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
    let expectations = Expectations::new(CODES, EXCEPTIONS);
    let mut trials = Vec::new();
    for case in manifest.cases {
        let read = || Arc::new(corpus.json(&format!("wycheproof/{}", case.file)));
        let vectors = Arc::clone(files.entry(case.file.clone()).or_insert_with(read));
        let name = format!("wycheproof/{}/{}/{}", case.file, case.group, case.tc_id);
        let reasons: Vec<_> = case.why.split("; ").map(str::to_owned).collect();
        let of_key = expectations.outcome(&name, !case.rejects_key(), &reasons);
        trials.push(trial(name, move || check(&case, &vectors.test_groups[case.group], of_key)));
    }
    trials.push(expectations.all_used("wycheproof"));
    trials
}

fn check(case: &Case, group: &Group, of_key: Outcome) {
    let vector = group.tests.iter().find(|vector| vector.tc_id == case.tc_id).expect("the vector");
    let [message, signature] = [&vector.msg, &vector.sig].map(|text| from_hex(text));
    let accept = case.expect == "accept";

    let public = PublicKey::parse(&group.key_pem);
    if case.rejects_key() {
        assert_eq!(given(&public), of_key);
    } else {
        assert_eq!(public.expect("a sound key").verify(&message, &signature), Ok(accept));
    }
    let private = group.private_key_pem.as_ref().map(PrivateKey::parse);
    assert_eq!(private.is_some(), case.op == "sign+verify");
    if let Some(private) = private {
        assert_eq!(given(&private), of_key);
        if let Ok(key) = private {
            assert_eq!(key.sign(&message).expect("a sound key signs") == signature, accept);
        }
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(byte).collect()
}
