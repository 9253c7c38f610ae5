//! Keys: what is written, and what the vectors cannot hold.

mod common;

use common::{KEY, KEY_TEXT, openssl, openssl_text};
use scout_auth::{Error, PrivateKey, PublicKey};

/// The vectors have every form and every refusal, and `vectors.rs` runs them. The tests here need a
/// new key, openssl, or more than a case can contain.
#[test]
fn the_der_of_a_key_is_read_in_both_of_its_forms() {
    let der = KEY.to_der();
    let pkcs1 = openssl(&["rsa", "-traditional", "-outform", "DER"], KEY.to_pem().as_bytes());
    for form in [&der[..], &pkcs1] {
        assert!(*PrivateKey::from_der(form).unwrap().to_der() == *der);
        assert_eq!(PublicKey::from_der(form).unwrap_err(), Error::KeyIsPrivate);
    }
    let public = KEY.public_key();
    assert_eq!(PublicKey::from_der(&public.to_der()).as_ref(), Ok(public));
    assert_eq!(PrivateKey::from_der(&public.to_der()).unwrap_err(), Error::KeyIsPublic);
}

#[test]
fn data_uris_within_each_other_do_not_exhaust_the_stack() {
    assert_eq!(PrivateKey::parse("data:,".repeat(10_000)).unwrap_err(), Error::KeyEncoding);
}

#[test]
fn what_is_not_text_is_refused() {
    let utf16: Vec<u8> = KEY_TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&utf16[..], b"\xff\xfe", b"\0\0\0"] {
        assert_eq!(PrivateKey::parse(bytes).unwrap_err(), Error::KeyEncoding);
    }
}

/// Scout's page, Step 1: `derToPem`, plus the final newline that files end with.
#[test]
fn pem_is_what_openssl_writes() {
    for bits in [2048, 3072, 4096] {
        let key = PrivateKey::generate(bits).unwrap();
        let public = key.public_key();
        assert_eq!(*key.to_pem(), openssl_text(&["pkcs8", "-topk8", "-nocrypt"], key.to_pem().as_bytes()));
        assert_eq!(
            *key.to_der(),
            openssl(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], key.to_pem().as_bytes())
        );
        assert_eq!(public.to_pem(), openssl_text(&["pkey", "-pubout"], key.to_pem().as_bytes()));
        assert_eq!(public.to_der(), openssl(&["pkey", "-pubout", "-outform", "DER"], key.to_pem().as_bytes()));
        let [signature, file] = [tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap()];
        std::fs::write(signature.path(), key.sign(b"message").unwrap()).unwrap();
        std::fs::write(file.path(), public.to_pem()).unwrap();
        let [signature, file] = [signature.path().to_str().unwrap(), file.path().to_str().unwrap()];
        openssl(&["dgst", "-sha256", "-verify", file, "-signature", signature], b"message");
    }
}

#[test]
fn keys_that_openssl_makes_come_back_with_their_own_bytes() {
    for bits in ["2048", "3072", "4096"] {
        let option = format!("rsa_keygen_bits:{bits}");
        let pem = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", &option, "-quiet"], b"");
        let der = openssl(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], &pem);
        let key = PrivateKey::from_der(&der).unwrap();
        assert!(*key.to_der() == der, "{bits} bits");
        assert_eq!(key.bits().to_string(), bits);
    }
}

#[test]
fn a_generated_key_has_the_size_that_was_asked_for() {
    assert_eq!(PrivateKey::generate(3072).unwrap().bits(), 3072);
}

#[test]
fn a_jwk_set_of_64_kib_is_read_and_a_longer_one_is_refused() {
    let set = format!(r#"{{"keys":[{}]}}"#, KEY.public_key().to_jwk());
    let longest = set.clone() + &" ".repeat(64 * 1024 - set.len());
    assert_eq!(PublicKey::parse_set(&longest).unwrap(), [KEY.public_key().clone()]);
    assert_eq!(PublicKey::parse_set(&format!("{longest} ")).unwrap_err(), Error::KeyTextTooLong);
}

#[test]
fn public_keys_are_equal_when_both_numbers_are() {
    let key = KEY.public_key();
    let other_e = PublicKey::parse(key.to_jwk().replace("AQAB", "Aw")).unwrap();
    let other_n = PrivateKey::generate(2048).unwrap().public_key().clone();
    assert_eq!(*key, PublicKey::parse(key.to_pem()).unwrap());
    assert_ne!(*key, other_e);
    assert_ne!(*key, other_n);
}
