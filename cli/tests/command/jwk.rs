//! `jwk`, `jwks`.

use scout_auth::{PrivateKey, PublicKey, Verifier};

use crate::harness::{Files, credential, key, key_text, library, other_key, token_issued};

#[test]
fn jwk_prints_the_public_key_and_the_private_one_only_if_asked() {
    let public = key().public_key().to_jwk() + "\n";
    for given in [key_text(), &key().to_pem(), &key().to_jwk(), &public] {
        assert_eq!(library(&["jwk"], &[], given.as_bytes()).good(), public);
    }
    assert_eq!(library(&["jwk"], &credential(), b"").good(), public);
    let private = library(&["jwk", "--private"], &credential(), b"").good();
    assert_eq!(PrivateKey::parse(&private).expect("a private key").kid(), key().kid());
    let files = Files::new();
    let file = files.write("key.jwk", &private);
    assert_eq!(library(&["jwk", "--private", "--key-file", &file], &[], b"").good(), private);
    library(&["jwk", "--private"], &[], public.as_bytes()).refused(4, "this is a public key");
}

#[test]
fn jwk_prints_the_public_key_of_a_credential_file() {
    let files = Files::new();
    let file = files.credential();
    let text = library(&["jwk"], &[("SCOUT_CREDENTIAL_FILE", &file)], b"").good();
    assert_eq!(text.trim_end(), key().public_key().to_jwk());
}

#[test]
fn jwks_is_a_set_that_verify_takes_of_keys_in_every_form_and_holds_nothing_private() {
    let files = Files::new();
    let set = files.write("set.json", Verifier::new([other_key().public_key().clone()]).expect("a set").to_jwk_set());
    let forms = [
        files.public_key(),
        files.write("private.pem", &*key().to_pem()),
        files.write("private.jwk", &*key().to_jwk()),
        files.credential(),
        files.write(".env", format!("SCOUT_PRIVATE_KEY={}\nSCOUT_CREDENTIAL_ID=\n", key_text())),
    ];
    for form in &forms {
        let text = library(&["jwks", form, &set], &[], b"").good();
        let mut kids: Vec<_> = PublicKey::parse_set(&text).expect("a set").iter().map(PublicKey::kid).collect();
        let mut expected = vec![key().kid(), other_key().kid()];
        kids.sort();
        expected.sort();
        assert_eq!(kids, expected, "{form}");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for jwk in json["keys"].as_array().expect("keys") {
            let names: Vec<_> = jwk.as_object().expect("a JWK").keys().map(String::as_str).collect();
            assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
        }
        let keys = files.write("keys.json", text);
        library(&["verify", "--keys", &keys], &[], token_issued(0).as_bytes()).good();
    }
}

#[test]
fn jwks_says_what_is_wrong_with_a_file() {
    let files = Files::new();
    let private_set = format!("{{\"keys\":[{}]}}", *key().to_jwk());
    let cut = &key_text()[..key_text().len() - 5];
    for (text, words) in [
        (private_set.as_str(), "this is a private key, but a public key is required"),
        (cut, "the key is cut short"),
        ("{\"keys\":[]}", "no"),
    ] {
        let file = files.write("keys", text);
        let outcome = library(&["jwks", &file], &[], b"");
        outcome.refused(4, words);
        assert_eq!(outcome.stdout, "");
    }
    library(&["jwks"], &credential(), b"").refused(2, "<FILE>...");
    library(&["jwks", "no-such-file"], &[], b"").refused(3, "cannot be read");
    let set = library(&["jwks", "-"], &[], key_text().as_bytes()).good();
    assert_eq!(set.trim_end(), format!("{{\"keys\":[{}]}}", key().public_key().to_jwk()));
}
