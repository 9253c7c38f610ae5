//! Random damage to keys and tokens: no panic, no secret in the error, and only the original key or
//! token is accepted.

mod common;

use std::sync::LazyLock;

use common::{KEY, KEY_TEXT};
use proptest::prelude::*;
use scout_auth::{ApiKey, Error, PrivateKey, PublicKey, Settings, Verifier, kid, mint_token, to_base64url, to_pem};

const NOW: u64 = 1_800_000_000;

/// Sound keys in text, as bytes.
static FORMS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let texts = [KEY_TEXT.to_string(), KEY.to_pem().to_string(), KEY.to_jwk().to_string()];
    let public = [KEY.public_key().to_base64url(), KEY.public_key().to_pem(), KEY.public_key().to_jwk()];
    let texts = texts.into_iter().chain(public).map(String::into_bytes);
    texts.chain([KEY.to_der().to_vec(), KEY.public_key().to_der()]).collect()
});

static TOKEN: LazyLock<String> =
    LazyLock::new(|| mint_token("cred_123", &KEY, &Settings::default(), Some(NOW)).unwrap().as_str().to_owned());

/// Edits of a text: some bytes replaced, one piece left out, something put in.
#[derive(Clone, Debug)]
struct Damage {
    replaced: Vec<(prop::sample::Index, u8)>,
    removed: (prop::sample::Index, usize),
    inserted: (prop::sample::Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let replaced = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let removed = (any::<prop::sample::Index>(), prop_oneof![Just(0_usize), 1..8_usize, 1..2000_usize]);
    let piece = prop_oneof![
        Just(Vec::new()),
        "[-_+/=A-Za-z0-9{}\":,.\\\\ \n]{0,8}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..8)
    ];
    let inserted = (any::<prop::sample::Index>(), piece);
    (replaced, removed, inserted).prop_map(|(replaced, removed, inserted)| Damage { replaced, removed, inserted })
}

fn damaged(text: &[u8], damage: &Damage) -> Vec<u8> {
    let mut text = text.to_vec();
    for (at, byte) in &damage.replaced {
        let at = at.index(text.len());
        text[at] = *byte;
    }
    let start = damage.removed.0.index(text.len());
    text.drain(start..text.len().min(start + damage.removed.1));
    let at = damage.inserted.0.index(text.len() + 1);
    text.splice(at..at, damage.inserted.1.iter().copied());
    text
}

/// An error contains no part of the key, except what every key of its kind has.
fn shows_nothing(error: Error, text: &[u8]) {
    let shown = format!("{error} {error:?}");
    let from_text = text.windows(12).filter_map(|piece| std::str::from_utf8(piece).ok());
    let leaked = from_text.filter(|piece| piece.chars().all(|c| c.is_ascii_alphanumeric() || "-_+/".contains(c)));
    for piece in leaked {
        assert!(!shown.contains(piece), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_key_is_the_same_key_or_an_error(form in 0..8_usize, damage in damage()) {
        let text = damaged(&FORMS[form], &damage);
        match PrivateKey::parse(&text) {
            Ok(key) => prop_assert!(*key.to_der() == *KEY.to_der()),
            Err(error) => shows_nothing(error, &text),
        }
        match PublicKey::parse(&text) {
            // Other odd numbers of the right size are public keys too.
            Ok(key) => prop_assert!(key.bits() >= 2048),
            Err(error) => shows_nothing(error, &text),
        }
        let structure = [to_pem(&text).err(), to_base64url(&text).err(), kid(&text).err(), Verifier::parse(&text).err()];
        structure.into_iter().flatten().for_each(|error| shows_nothing(error, &text));
        if let Ok(text) = std::str::from_utf8(&text) {
            let _ = (ApiKey::from_private_key(text), ApiKey::new(text), PublicKey::parse_set(text));
        }
    }

    #[test]
    fn a_damaged_token_is_the_same_token_or_an_error(damage in damage()) {
        let verifier = Verifier::new([KEY.public_key().clone()]).unwrap();
        if let Ok(token) = String::from_utf8(damaged(TOKEN.as_bytes(), &damage)) {
            let verified = verifier.verify_at(&token, NOW);
            prop_assert_eq!(verified.is_ok(), token == *TOKEN);
        }
    }

    #[test]
    fn any_bytes_are_a_key_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(PrivateKey::parse(&bytes).is_err() && PrivateKey::from_der(&bytes).is_err());
        prop_assert!(PublicKey::parse(&bytes).is_err() && PublicKey::from_der(&bytes).is_err());
    }
}
