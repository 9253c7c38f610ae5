//! Tokens: the folder `jwt_derived`, signed with the key of RFC 7515 A.2 for no service in
//! particular.
//!
//! Scout's tokens name their key, and none of these does, so that most are refused for that alone.
//! Therefore each of them runs a second time, as `resigned/<id>`, made into a token of Scout's in
//! all but the one thing that the case is about: see [`resigned`].

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libtest_mimic::Trial;
use scout_auth::{PrivateKey, Verifier};
use serde::Deserialize;

use crate::expect::Outcome::{self, Accept, Refuse};
use crate::expect::{Codes, Exceptions, Expectations, given};
use crate::{Corpus, trial};

/// The tokens as they are.
#[rustfmt::skip]
const CODES: Codes = &[
    ("jwt_derived/alg-none*", "ERR_TOKEN_MALFORMED"), // an empty segment
    ("jwt_derived/alg-None*", "ERR_TOKEN_MALFORMED"),
    ("jwt_derived/alg-NONE*", "ERR_TOKEN_MALFORMED"),
    ("jwt_derived/alg-nOnE*", "ERR_TOKEN_MALFORMED"),
    ("jwt_derived/alg-rs256-label-*", "ERR_TOKEN_KID_MISSING"),
    ("jwt_derived/alg-*", "ERR_TOKEN_ALGORITHM"),
    ("jwt_derived/confusion-rs256-label-*", "ERR_TOKEN_KID_MISSING"),
    ("jwt_derived/confusion-*", "ERR_TOKEN_ALGORITHM"),
    ("jwt_derived/crit-*", "ERR_TOKEN_CRITICAL"),
    ("jwt_derived/b64-false-no-crit", "ERR_TOKEN_CRITICAL"),
    ("jwt_derived/b64-*", "ERR_TOKEN_MALFORMED"),
    ("jwt_derived/dup-alg-*", "ERR_TOKEN_MALFORMED"),
    ("jwt_derived/dup-unknown", "ERR_TOKEN_MALFORMED"),
    ("jwt_derived/frame-*", "ERR_TOKEN_MALFORMED"),
    ("jwt_derived/header-json-empty-object", "ERR_TOKEN_ALGORITHM"),
    ("jwt_derived/header-*", "ERR_TOKEN_MALFORMED"),
    ("jwt_derived/payload-empty", "ERR_TOKEN_MALFORMED"),
    ("jwt_derived/payload-nested-100000", "ERR_TOKEN_TOO_LONG"),
    // Forged, or refused for their claims: see the tokens signed again.
    ("jwt_derived/*", "ERR_TOKEN_KID_MISSING"),
];

#[rustfmt::skip]
const EXCEPTIONS: Exceptions = &[
    ("size_limit", Refuse("ERR_TOKEN_TOO_LONG"), "a token has at most 8 KiB"),
    ("kid_opaque", Refuse("ERR_TOKEN_KID_UNKNOWN"), "a kid is the thumbprint of a known key"),
    ("jwt_derived/*", Refuse("ERR_TOKEN_KID_MISSING"), "Scout's tokens name their key"),
];

/// The same tokens, made into Scout's.
#[rustfmt::skip]
const RESIGNED_CODES: Codes = &[
    ("resigned/alg-rs256-label-*", "ERR_TOKEN_SIGNATURE"),
    ("resigned/confusion-rs256-label-*", "ERR_TOKEN_SIGNATURE"),
    ("resigned/wrong-key", "ERR_TOKEN_SIGNATURE"),
    ("resigned/embedded-jwk-attacker", "ERR_TOKEN_SIGNATURE"),
    ("resigned/sig-*", "ERR_TOKEN_SIGNATURE"),
    ("resigned/dup-*", "ERR_TOKEN_MALFORMED"),
    ("resigned/payload-*", "ERR_TOKEN_MALFORMED"),
    // No double is that large, so this is no number.
    ("resigned/claim-exp-1e400", "ERR_TOKEN_MALFORMED"),
    ("resigned/claim-exp-minus-1e400", "ERR_TOKEN_MALFORMED"),
    ("resigned/claim-nbf-1e400", "ERR_TOKEN_MALFORMED"),
    // Expired before it was issued, or issued after it expired.
    ("resigned/claim-exp-zero", "ERR_TOKEN_LIFETIME"),
    ("resigned/claim-exp-past", "ERR_TOKEN_LIFETIME"),
    ("resigned/claim-exp-escaped-name", "ERR_TOKEN_LIFETIME"),
    ("resigned/claim-iat-future", "ERR_TOKEN_LIFETIME"),
    ("resigned/claim-nbf-future", "ERR_TOKEN_NOT_YET_VALID"),
    ("resigned/claim-nbf-2p63", "ERR_TOKEN_NOT_YET_VALID"),
    ("resigned/claim-bound-nbf-*", "ERR_TOKEN_NOT_YET_VALID"),
    ("resigned/claim-bound-exp-*", "ERR_TOKEN_EXPIRED"),
    ("resigned/claim-*", "ERR_TOKEN_CLAIM"),
];

#[rustfmt::skip]
const RESIGNED_EXCEPTIONS: Exceptions = &[
    ("require_exp", Accept, "Scout's page makes exp optional"),
    ("aud_match", Accept, "Scout's tokens have no aud"),
    ("resigned/claim-jti-number", Accept, "Scout's tokens have no jti"),
    ("resigned/claim-exp-2p53-plus-1", Refuse("ERR_TOKEN_LIFETIME"), "300 s at most"),
    ("resigned/claim-exp-2p63", Refuse("ERR_TOKEN_LIFETIME"), "300 s at most"),
    ("resigned/claim-exp-milliseconds", Refuse("ERR_TOKEN_LIFETIME"), "300 s at most"),
    ("exp_upper_bound", Refuse("ERR_TOKEN_CLAIM"), "a time has at most 64 bits"),
    ("resigned/claim-exp-float-zero", Refuse("ERR_TOKEN_CLAIM"), "a time is written as a whole number"),
    ("resigned/claim-exp-exponent", Refuse("ERR_TOKEN_CLAIM"), "a time is written as a whole number"),
    ("resigned/claim-exp-big-exponent-form", Refuse("ERR_TOKEN_CLAIM"), "a time is written as a whole number"),
    ("resigned/claim-bound-exp-now-plus-half", Refuse("ERR_TOKEN_CLAIM"), "a time is a whole number of seconds"),
    ("resigned/claim-nbf-float", Refuse("ERR_TOKEN_CLAIM"), "a time is a whole number of seconds"),
    ("resigned/claim-nbf-negative", Refuse("ERR_TOKEN_CLAIM"), "a time is not before 1970"),
    ("resigned/claim-iat-float", Refuse("ERR_TOKEN_CLAIM"), "a time is a whole number of seconds"),
    ("bignum", Refuse("ERR_TOKEN_MALFORMED"), "a number is a double's at most"),
];

#[derive(Deserialize)]
struct Manifest {
    now: u64,
    leeway: u64,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    expect_jws: String,
    expect_jwt: String,
    policy: Option<String>,
    #[serde(default)]
    token: String,
    /// Where the token is, if it is long.
    token_file: Option<String>,
}

/// Who signed, who did not, and who is to judge it at what time.
struct Scene {
    key: PrivateKey,
    attacker: PrivateKey,
    verifier: Verifier,
    now: u64,
}

pub(crate) fn trials(corpus: &Corpus) -> Vec<Trial> {
    let manifest: Manifest = corpus.json("jwt_derived/manifest.json");
    let read = |name| PrivateKey::from_der(&corpus.bytes(name)).expect("a sound key");
    let key = read("rfc/keys/rfc7515_a2.pkcs8.der");
    let attacker = read("rfc/keys/rfc7520_3_4.pkcs8.der");
    let leeway = Duration::from_secs(manifest.leeway);
    let verifier = Verifier::new([key.public_key().clone()]).with_leeway(leeway).expect("a leeway");
    let scene = Arc::new(Scene { key, attacker, verifier, now: manifest.now });

    let as_it_is = Expectations::new(CODES, EXCEPTIONS);
    let signed_again = Expectations::new(RESIGNED_CODES, RESIGNED_EXCEPTIONS);
    let mut trials = Vec::new();
    for mut case in manifest.cases {
        if let Some(file) = &case.token_file {
            case.token = corpus.text(&format!("jwt_derived/{file}"));
        }
        let case = Arc::new(case);
        let (accept, policy) = (case.expect_jwt == "accept", case.policy.as_slice());
        let test = |name, outcome, check: fn(&Case, Outcome, &Scene)| {
            let (case, scene) = (Arc::clone(&case), Arc::clone(&scene));
            trial(name, move || check(&case, outcome, &scene))
        };

        let name = format!("jwt_derived/{}", case.id);
        let outcome = as_it_is.outcome(&name, accept, policy);
        trials.push(test(name, outcome, check));
        if outcome == Refuse("ERR_TOKEN_KID_MISSING") {
            let name = format!("resigned/{}", case.id);
            let outcome = signed_again.outcome(&name, accept, policy);
            trials.push(test(name, outcome, check_resigned));
        }
    }
    trials.extend([as_it_is.all_used("jwt_derived"), signed_again.all_used("resigned")]);
    trials
}

fn check(case: &Case, outcome: Outcome, scene: &Scene) {
    assert_eq!(given(&scene.verifier.verify_at(&case.token, scene.now)), outcome);
    if outcome == Refuse("ERR_TOKEN_KID_MISSING") {
        let (message, signature) = case.token.rsplit_once('.').expect("three segments");
        let signed = scene.key.public_key().verify(message.as_bytes(), &decode(signature));
        assert_eq!(signed, Ok(case.expect_jws == "accept"), "the signature alone");
    }
}

fn check_resigned(case: &Case, outcome: Outcome, scene: &Scene) {
    assert_eq!(given(&scene.verifier.verify_at(&resigned(case, scene), scene.now)), outcome);
}

/// The token made into one of Scout's: it names its key, the corpus's usual claims have Scout's
/// values, and `iss`, `sub` and `iat` are added where they are missing. Then it is signed again by
/// whoever had signed it; a signature that was never one is kept.
fn resigned(case: &Case, scene: &Scene) -> String {
    let segments: Vec<_> = case.token.split('.').collect();
    let [header, payload, signature] = segments[..] else { panic!("three segments") };
    let header = with_members(decode(header), &[("kid", format!("\"{}\"", scene.key.kid()))]);
    let iat = scene.now - 100;
    let payload = replace(decode(payload), b"\"corpus\"", b"\"scout\"");
    let payload = replace(payload, b"1700000000", iat.to_string().as_bytes());
    let payload = replace(payload, b"4102444800", (iat + 300).to_string().as_bytes());
    let defaults = [("iss", "\"scout\"".into()), ("sub", "\"user\"".into()), ("iat", iat.to_string())];
    let payload = with_members(payload, &defaults);

    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let sign = |key: &PrivateKey| key.sign(message.as_bytes()).expect("a sound key signs");
    let signature = match case.id.as_str() {
        "wrong-key" | "embedded-jwk-attacker" => sign(&scene.attacker),
        _ if case.expect_jws == "accept" => sign(&scene.key),
        _ => decode(signature),
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Puts those members at the start of the object that it does not name. The rest of the text stays
/// as it is, be it JSON or not; what starts no object is left alone.
fn with_members(json: Vec<u8>, members: &[(&str, String)]) -> Vec<u8> {
    let Some(rest) = json.strip_prefix(b"{") else { return json };
    let mut whole = b"{".to_vec();
    for (name, value) in members {
        let name = format!("\"{name}\"");
        if find(&json, name.as_bytes()).is_none() {
            whole.extend(format!("{name}:{value},").bytes());
        }
    }
    whole.extend(rest);
    whole
}

fn replace(mut text: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    while let Some(at) = find(&text, from) {
        text.splice(at..at + from.len(), to.iter().copied());
    }
    text
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn decode(segment: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(segment).expect("canonical base64url")
}
