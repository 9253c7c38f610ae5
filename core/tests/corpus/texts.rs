//! Keys as JWK and as base64url of DER: the folder `derived_jwk`. Each is the key of RFC 7515 A.2
//! with one stated change.

use libtest_mimic::Trial;
use scout_auth::PrivateKey;
use serde::Deserialize;

use crate::expect::Outcome::{self, Accept, Refuse};
use crate::expect::{Codes, Exceptions, Expectations, given};
use crate::keys::{Key, MESSAGE};
use crate::{Corpus, trial};

#[rustfmt::skip]
const CODES: Codes = &[
    ("derived_jwk/priv-missing-*", "ERR_KEY_WITHOUT_PRIMES"),
    ("derived_jwk/priv-oth", "ERR_KEY_MULTI_PRIME"),
    ("derived_jwk/priv-inconsistent-*", "ERR_KEY_INCONSISTENT"),
    ("derived_jwk/priv-pq-swapped", "ERR_KEY_INCONSISTENT"),
    ("derived_jwk/priv-d-*", "ERR_KEY_JWK"),
    ("derived_jwk/kty-oct", "ERR_KEY_ALGORITHM"),
    ("derived_jwk/kty-*", "ERR_KEY_JWK"),
    ("derived_jwk/e-one", "ERR_KEY_EXPONENT"),
    ("derived_jwk/e-64bit", "ERR_KEY_EXPONENT"),
    ("derived_jwk/e-*", "ERR_KEY_JWK"),
    ("derived_jwk/n-1024", "ERR_KEY_TOO_SMALL"),
    ("derived_jwk/n-16384", "ERR_KEY_TOO_LARGE"),
    ("derived_jwk/n-1MB", "ERR_KEY_TEXT_TOO_LONG"),
    ("derived_jwk/n-*", "ERR_KEY_JWK"),
    ("derived_jwk/dup-*", "ERR_KEY_JWK"),
    ("derived_jwk/alg-*", "ERR_KEY_JWK"),
    ("derived_jwk/use-*", "ERR_KEY_JWK"),
    ("derived_jwk/keyops-*", "ERR_KEY_JWK"),
    ("derived_jwk/jwks-instead", "ERR_KEY_JWK"),
    ("derived_jwk/string", "ERR_KEY_JWK"),
    ("derived_jwk/empty-object", "ERR_KEY_JWK"),
    ("derived_jwk/truncated", "ERR_KEY_JWK"),
    ("derived_jwk/trailing-*", "ERR_KEY_JWK"),
    ("derived_jwk/two-objects", "ERR_KEY_JWK"),
    ("derived_jwk/single-quotes", "ERR_KEY_JWK"),
    ("derived_jwk/nested-20000", "ERR_KEY_JWK"),
    // No object, so no JWK: read as base64.
    ("derived_jwk/array", "ERR_KEY_ENCODING"),
    ("derived_jwk/null", "ERR_KEY_STRUCTURE"),

    ("derived_jwk/b64url_der/empty", "ERR_KEY_EMPTY"),
    ("derived_jwk/b64url_der/huge-A", "ERR_KEY_TEXT_TOO_LONG"),
    ("derived_jwk/b64url_der/pkcs1-double", "ERR_KEY_ENCODED_TWICE"),
    ("derived_jwk/b64url_der/spki-double", "ERR_KEY_ENCODED_TWICE"),
    ("derived_jwk/b64url_der/pem-in-b64url", "ERR_KEY_ENCODED_TWICE"),
    ("derived_jwk/b64url_der/jwk-in-b64url", "ERR_KEY_ENCODED_TWICE"),
    ("derived_jwk/b64url_der/pkcs8-truncated", "ERR_KEY_TRUNCATED"),
    ("derived_jwk/b64url_der/spki-truncated", "ERR_KEY_TRUNCATED"),
    // Hexadecimal digits are base64 too, where their number fits.
    ("derived_jwk/b64url_der/spki-hex", "ERR_KEY_STRUCTURE"),
    ("derived_jwk/b64url_der/*", "ERR_KEY_ENCODING"),
];

#[rustfmt::skip]
const EXCEPTIONS: Exceptions = &[
    ("jwk_d_only", Refuse("ERR_KEY_WITHOUT_PRIMES"), "primes are not recovered from d"),
    ("json_bom", Accept, "mended: a BOM"),
    ("derived_jwk/b64url_der/pkcs8-std", Accept, "mended: the standard alphabet"),
    ("derived_jwk/b64url_der/pkcs1-std", Accept, "mended: the standard alphabet"),
    ("derived_jwk/b64url_der/spki-std*", Accept, "mended: the standard alphabet"),
    ("surrounding_whitespace", Accept, "mended: white space around the key"),
    ("derived_jwk/b64url_der/pkcs1-inner-space", Accept, "mended: white space for a line break"),
    ("derived_jwk/b64url_der/spki-inner-space", Accept, "mended: white space for a line break"),
    ("derived_jwk/b64url_der/pkcs1-quoted", Accept, "mended: quotes"),
    ("derived_jwk/b64url_der/spki-quoted", Accept, "mended: quotes"),
];

#[derive(Deserialize)]
struct Manifest {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    expect: String,
    policy: Option<String>,
    role: Option<String>,
    thumbprint_sha256: Option<String>,
    #[serde(default, alias = "jwk_text")]
    text: String,
    /// Where the text is, if it is long.
    file: Option<String>,
}

pub(crate) fn trials(corpus: &Corpus) -> Vec<Trial> {
    let expectations = Expectations::new(CODES, EXCEPTIONS);
    let original = PrivateKey::from_der(&corpus.bytes("rfc/keys/rfc7515_a2.pkcs8.der")).expect("a sound key");
    let mut trials = Vec::new();
    for (manifest, folder) in [("manifest", "derived_jwk"), ("b64url_der", "derived_jwk/b64url_der")] {
        let manifest: Manifest = corpus.json(&format!("derived_jwk/{manifest}.json"));
        for mut case in manifest.cases {
            if let Some(file) = &case.file {
                case.text = corpus.text(&format!("derived_jwk/{file}"));
            }
            let name = format!("{folder}/{}", case.id);
            let outcome = expectations.outcome(&name, case.expect == "accept", case.policy.as_slice());
            let original = original.clone();
            trials.push(trial(name, move || check(&case, outcome, &original)));
        }
    }
    trials.push(expectations.all_used("derived_jwk"));
    trials
}

fn check(case: &Case, outcome: Outcome, original: &PrivateKey) {
    let key = Key::parse(case.text.as_bytes());
    assert_eq!(given(&key), outcome);
    let Ok(key) = key else { return };
    assert!(case.role.as_deref().is_none_or(|role| role == key.role()));
    let kid = key.public().kid();
    assert_eq!(kid.as_str(), case.thumbprint_sha256.as_deref().unwrap_or(original.kid().as_str()));
    if let Key::Private(key) = key {
        assert_eq!(key.sign(MESSAGE), original.sign(MESSAGE));
    }
}
