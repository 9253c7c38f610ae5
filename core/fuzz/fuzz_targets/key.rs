//! Whatever is given as a key: it is refused, or it is a key that is written and read as the same;
//! and as DER it has one encoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scout_auth::{PrivateKey, PublicKey, Verifier, kid, to_base64url, to_pem};

fuzz_target!(|given: &[u8]| {
    if let Ok(key) = PrivateKey::parse(given) {
        let der = key.to_der();
        assert!(*PrivateKey::from_der(&der).unwrap().to_der() == *der);
        assert!(*PrivateKey::parse(&*key.to_pem()).unwrap().to_der() == *der);
        assert!(*PrivateKey::parse(&*key.to_jwk()).unwrap().to_der() == *der);
        assert_eq!(kid(given), Ok(key.kid()));
    }
    if let Ok(key) = PublicKey::parse(given) {
        assert_eq!(PublicKey::from_der(&key.to_der()), Ok(key.clone()));
        assert_eq!(PublicKey::parse(key.to_pem()), Ok(key.clone()));
        assert_eq!(PublicKey::parse(key.to_jwk()), Ok(key.clone()));
        assert_eq!(Verifier::parse(given).unwrap().keys().next(), Some(&key));
    }
    // PKCS#8 holds PKCS#1 at its end, and SPKI likewise: either is what comes back.
    if let Ok(key) = PrivateKey::from_der(given) {
        assert!(key.to_der().ends_with(given));
    }
    if let Ok(key) = PublicKey::from_der(given) {
        assert!(key.to_der().ends_with(given));
    }
    if let Ok(pem) = to_pem(given) {
        assert!(*to_pem(&*to_base64url(&*pem).unwrap()).unwrap() == *pem);
    }
});
