//! Whatever a token says, well signed: `HEADER\nCLAIMS`, where `KID` stands for the kid of the key.
//! What is accepted is what another reader of JSON finds in it.

#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use scout_auth::{PrivateKey, Verifier};
use serde_json::Value;

const NOW: u64 = 1_800_000_100;
const LEEWAY: u64 = 5;

/// A throwaway key, a new one in each run.
static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(2048).unwrap());
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| Verifier::new([KEY.public_key().clone()]).unwrap());

fuzz_target!(|given: &str| {
    // As a token, it is not signed at all.
    assert!(VERIFIER.verify_at(given, NOW).is_err());

    let given = given.replace("KID", KEY.kid().as_str());
    let Some((header, claims)) = given.split_once('\n') else { return };
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(KEY.sign(message.as_bytes()).unwrap());

    if let Ok(accepted) = VERIFIER.verify_at(&format!("{message}.{signature}"), NOW) {
        let header: Value = serde_json::from_str(header).unwrap();
        let claims: Value = serde_json::from_str(claims).unwrap();
        assert_eq!(header["alg"], "RS256");
        assert_eq!(header["kid"], KEY.kid().as_str());
        assert_eq!(header.get("crit"), None);
        assert_eq!(claims["iss"], "scout");
        assert_eq!(claims["sub"], accepted.credential_id);
        assert_eq!(claims["iat"], accepted.issued_at);
        assert_eq!(*claims.get("exp").unwrap_or(&(accepted.issued_at + 300).into()), accepted.expires_at);
        assert!((1..=300).contains(&(accepted.expires_at - accepted.issued_at)));
        assert!(accepted.issued_at <= NOW + LEEWAY && NOW < accepted.expires_at + LEEWAY);
    }
});
