//! The examples of the RFCs themselves: keys, thumbprints, signatures, tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libtest_mimic::Trial;
use scout_auth::{Error, PublicKey, Verifier};
use serde_json::Value;

use crate::keys::Key;
use crate::{Corpus, trial};

type Check = fn(&Value);

pub(crate) fn trials(corpus: &Corpus) -> Vec<Trial> {
    let cases: [(&str, Check); _] = [
        ("rfc7515_a2", signed),
        ("rfc7517_a1_public_jwks", public_set),
        ("rfc7517_a2_private_jwks", private_set),
        ("rfc7520_3_3_public", thumbprint),
        ("rfc7520_3_4_private", thumbprint),
        ("rfc7520_4_1", signed),
        ("rfc7520_neg_4_2", other_algorithm),
        ("rfc7520_neg_4_3", other_algorithm),
        ("rfc7520_neg_4_4", other_algorithm),
        ("rfc7638_3_1", thumbprint),
    ];
    let trial = |(name, check): (&str, fn(&Value))| {
        let example: Value = corpus.json(&format!("rfc/{name}.json"));
        trial(format!("rfc/{name}.json"), move || check(&example))
    };
    cases.into_iter().map(trial).collect()
}

fn key(jwk: &Value) -> scout_auth::Result<Key> {
    Key::parse(jwk.to_string().as_bytes())
}

fn text<'a>(example: &'a Value, member: &str) -> &'a str {
    example[member].as_str().expect("a text")
}

/// The kid of the key is the thumbprint.
fn thumbprint(example: &Value) {
    let key = key(&example["jwk"]).expect("a sound key");
    assert_eq!(key.public().kid().as_str(), text(example, "thumbprint_sha256"));
}

/// The key makes the signature and verifies it. The token is not one of Scout's.
fn signed(example: &Value) {
    thumbprint(example);
    let Ok(Key::Private(key)) = key(&example["jwk"]) else { panic!("a private key") };
    let message = text(example, "signing_input").as_bytes();
    let signature = key.sign(message).expect("a sound key signs");
    assert_eq!(URL_SAFE_NO_PAD.encode(&signature), text(example, "signature_b64url"));
    assert_eq!(key.public_key().verify(message, &signature), Ok(true));

    let token = Verifier::new([key.public_key().clone()]).verify(text(example, "token"));
    let names_its_key = example["protected"]["kid"].is_string();
    assert_eq!(token.err(), Some(if names_its_key { Error::TokenKidUnknown } else { Error::TokenKidMissing }));
}

/// The set's keys are those that the example accepts.
fn public_set(example: &Value) {
    let keys = PublicKey::parse_set(&example["jwks"].to_string()).expect("a sound set");
    let kids: Vec<_> = keys.iter().map(|key| key.kid().to_string()).collect();
    let expected: Vec<_> = accepted(example).map(|expected| text(expected, "thumbprint_sha256")).collect();
    assert_eq!(kids, expected);
}

/// A set of private keys is no set of public ones; the keys are read one by one.
fn private_set(example: &Value) {
    assert_eq!(PublicKey::parse_set(&example["jwks"].to_string()), Err(Error::KeyIsPrivate));
    let keys = example["jwks"]["keys"].as_array().expect("a list");
    let kids: Vec<_> = keys.iter().filter_map(|jwk| Some(key(jwk).ok()?.public().kid().to_string())).collect();
    let expected: Vec<_> = accepted(example).map(|expected| text(expected, "thumbprint_sha256")).collect();
    assert_eq!(kids, expected);
}

fn accepted(example: &Value) -> impl Iterator<Item = &Value> {
    example["expect"].as_array().expect("a list").iter().filter(|expected| expected["expect"] == "accept")
}

/// A token of another algorithm, and its key where that is of another type.
fn other_algorithm(example: &Value) {
    let token = text(example, "token");
    let Ok(key) = key(&example["key"]) else {
        assert!(matches!(key(&example["key"]), Err(Error::KeyAlgorithm { .. })));
        assert_eq!(Verifier::new([]).verify(token).err(), Some(Error::TokenAlgorithm));
        return;
    };
    let (message, signature) = token.rsplit_once('.').expect("three segments");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("canonical base64url");
    assert_eq!(key.public().verify(message.as_bytes(), &signature), Ok(false));
    assert_eq!(Verifier::new([key.public().clone()]).verify(token).err(), Some(Error::TokenAlgorithm));
}
