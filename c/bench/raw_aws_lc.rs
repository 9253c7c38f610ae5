//! aws-lc-rs by itself, for the bench: RS256 over a message, and nothing around it.
#![allow(missing_docs, clippy::missing_safety_doc)]

use std::slice;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn raw_new(pkcs8: *const u8, length: usize) -> Option<Box<KeyPair>> {
    // SAFETY: the bench passes the DER of its key.
    let pkcs8 = unsafe { slice::from_raw_parts(pkcs8, length) };
    KeyPair::from_pkcs8(pkcs8).ok().map(Box::new)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn raw_sign(key: &KeyPair, message: *const u8, length: usize, signature: *mut u8) -> bool {
    // SAFETY: the bench passes its message and a buffer as long as the modulus.
    let (message, signature) = unsafe {
        (slice::from_raw_parts(message, length), slice::from_raw_parts_mut(signature, key.public_modulus_len()))
    };
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, signature).is_ok()
}
