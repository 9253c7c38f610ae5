//! No part of a key or token stays in the memory of the process after they are dropped.
//!
//! The test reads all writable memory through `/proc/self/mem`, also that of the engine's C library.
//! It keeps the secrets masked, so that it does not find itself. It does not run with the `rsa`
//! engine, which leaves intermediate values behind (docs/security.md).

#![cfg(all(target_os = "linux", feature = "aws-lc-rs"))]

mod common;

use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::openssl;
use scout_auth::{ApiKey, PrivateKey, Signer, Token, to_base64url, to_pem};
use zeroize::{Zeroize as _, Zeroizing};

const MASK: u8 = 0x5a;

/// A part of a secret, masked, and what it is a part of.
struct Needle {
    name: String,
    masked: Vec<u8>,
}

impl Needle {
    fn new(name: String, bytes: impl IntoIterator<Item = u8>) -> Self {
        Self { name, masked: bytes.into_iter().map(|byte| byte ^ MASK).collect() }
    }

    fn is_in(&self, memory: &[u8]) -> bool {
        let first = self.masked[0] ^ MASK;
        let mut rest = memory;
        while let Some(at) = rest.iter().position(|&byte| byte == first) {
            rest = &rest[at..];
            if rest.len() >= self.masked.len() && self.masked.iter().zip(rest).all(|(a, b)| a ^ b == MASK) {
                return true;
            }
            rest = &rest[1..];
        }
        false
    }
}

#[test]
fn a_dropped_key_and_its_tokens_leave_nothing_in_memory() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-quiet", "-out", path], b"");

    let (mut needles, key, token) = use_everything(path);
    needles.extend(token_needle(&token));
    assert!(needles.len() > 12);
    assert!(found(&needles).contains(&"p, big-endian".to_owned()), "the search does not find a living key");
    assert!(found(&needles).contains(&"token".to_owned()), "the search does not find a living token");
    drop((key, token));
    assert_eq!(found(&needles), [""; 0]);
}

/// Calls everything that touches the key, and keeps what the search needs.
#[inline(never)]
fn use_everything(path: &str) -> (Vec<Needle>, PrivateKey, Token) {
    let key = PrivateKey::read_file(path).unwrap();
    let text = key.to_base64url();
    let pem = key.to_pem();
    let jwk = key.to_jwk();
    for form in [text.as_str(), pem.as_str(), jwk.as_str()] {
        black_box(PrivateKey::parse(form).unwrap().sign(b"message").unwrap());
        black_box(PrivateKey::parse(&form[..form.len() - 40]).unwrap_err());
        black_box((to_pem(form).unwrap(), to_base64url(form).unwrap()));
    }
    // A JSON reader copies text with escapes: such a key is refused before it is read.
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        let escaped = Zeroizing::new(jwk.replace(&format!("\"{name}\":\""), &format!("\"{name}\":\"\\u0041")));
        black_box(PrivateKey::parse(escaped.as_str()).unwrap_err());
    }
    black_box(PrivateKey::parse(Zeroizing::new(pem.replace('\n', "\\n")).as_str()).unwrap());
    black_box(ApiKey::from_private_key(&text).unwrap());
    let signer = Signer::new("cred_memory", key.clone()).unwrap();
    let token = signer.token().unwrap();
    (key_needles(&text, &pem, &jwk), key, token)
}

fn key_needles(text: &str, pem: &str, jwk: &str) -> Vec<Needle> {
    let mut needles = vec![
        Needle::new("base64url".into(), text.bytes().skip(900).take(40)),
        Needle::new("PEM".into(), pem.bytes().skip(900).take(40)),
    ];
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        let start = jwk.find(&format!("\"{name}\":\"")).unwrap() + name.len() + 4;
        let value = jwk[start..].split('"').next().unwrap();
        let number = Zeroizing::new(URL_SAFE_NO_PAD.decode(value).unwrap());
        let part = &number[32..56];
        needles.push(Needle::new(format!("{name}, big-endian"), part.iter().copied()));
        needles.push(Needle::new(format!("{name}, little-endian"), part.iter().rev().copied()));
        needles.push(Needle::new(format!("{name}, JWK"), value.bytes().skip(40).take(40)));
    }
    needles
}

fn token_needle(token: &Token) -> Option<Needle> {
    let signature = token.as_str().rsplit('.').next()?;
    Some(Needle::new("token".into(), signature.bytes().take(40)))
}

/// The names of the needles that are somewhere in writable memory.
fn found(needles: &[Needle]) -> Vec<String> {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut buffer = vec![0; 64 * 1024 * 1024];
    let mut found = Vec::new();
    for line in fs::read_to_string("/proc/self/maps").unwrap().lines().filter(|line| line.contains(" rw-p ")) {
        let (start, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        // The buffer itself, made last, and what is larger than it: nothing else is.
        let length = usize::try_from(end - start).unwrap();
        if length > buffer.len() || memory.read_exact_at(&mut buffer[..length], start).is_err() {
            continue;
        }
        let present = needles.iter().filter(|needle| needle.is_in(&buffer[..length]));
        found.extend(present.map(|needle| needle.name.clone()));
    }
    buffer.zeroize();
    found
}
