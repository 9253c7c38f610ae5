//! What many keys cost: `scale signers COUNT`, `scale verifier COUNT`. Prints JSON.

use std::env;
use std::hint::black_box;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scout_auth::{PrivateKey, PublicKey, Signer, Verifier};
use scout_auth_bench::{Keys, URL, allocated, clocks};
use serde_json::{Value, json};

/// Enough for a steady figure; with two threads, half of them for each.
const MINTS: usize = 2000;
const READS: usize = 200_000;
const VERIFICATIONS: usize = 5000;

fn main() {
    let [what, count] = &env::args().skip(1).collect::<Vec<_>>()[..] else { panic!("signers|verifier COUNT") };
    let count = count.parse().expect("a number");
    let keys = Keys::from_env();
    println!("{}", if what == "signers" { signers(&keys, count) } else { verifier(&keys, count) });
}

/// Nanoseconds of one of `count` operations: wall-clock time and CPU time.
fn each(count: usize, operations: impl FnOnce()) -> [f64; 2] {
    let before = clocks();
    operations();
    let after = clocks();
    [0, 1].map(|clock| (after[clock] - before[clock]) as f64 / count as f64)
}

fn signers(keys: &Keys, count: usize) -> Value {
    let texts = keys.read("many");
    let texts: Vec<_> = texts.lines().collect();
    // Each is read for itself, so nothing is shared even where the text is the same.
    let start = allocated();
    let mut loaded = Vec::with_capacity(count);
    let parse =
        each(count, || loaded.extend((0..count).map(|at| PrivateKey::parse(texts[at % texts.len()]).expect("a key"))));
    let keys_loaded = allocated();
    loaded.iter().for_each(|key| drop(key.sign(b"The engine keeps what it computes at the first signature.")));
    let keys_used = allocated();
    let mut signers = Vec::with_capacity(count);
    let construct = each(count, || {
        signers.extend(
            loaded
                .iter()
                .enumerate()
                .map(|(at, key)| Signer::new(format!("cred_{at:010}"), key.clone()).expect("a signer")),
        );
    });
    let first = each(count, || signers.iter().for_each(|signer| drop(black_box(signer.token()))));
    let idle = allocated();
    let per = |from: usize, to: usize| (to.saturating_sub(from)) as f64 / count as f64;
    let read = each(READS, || {
        (0..READS).for_each(|at| drop(black_box(signers[at * 7919 % count].authorization_for(URL))));
    });
    let mints = [1, 2].map(|threads| mint(&signers, threads));
    json!({
        "count": count,
        "bytes of a key": per(start, keys_loaded),
        "bytes of a key that has signed": per(start, keys_used),
        "bytes of a signer over its key": per(keys_used, idle),
        "parse": parse, "construct": construct, "first token": first, "authorization_for": read,
        "mint": mints,
    })
}

/// All threads use all signers, each another one at a time where there are enough.
fn mint(signers: &[Signer], threads: usize) -> [f64; 2] {
    each(MINTS, || {
        thread::scope(|scope| {
            for thread in 0..threads {
                scope.spawn(move || {
                    let own = (0..MINTS).skip(thread).step_by(threads);
                    own.for_each(|at| drop(black_box(signers[at % signers.len()].mint())));
                });
            }
        });
    })
}

fn verifier(keys: &Keys, count: usize) -> Value {
    let known = PublicKey::parse(keys.read("2048.public.pem")).expect("a key");
    let token = keys.read("2048.token");
    let start = allocated();
    let mut all: Vec<_> = (1..count).map(|_| random_key()).collect();
    all.push(known);
    let keys_loaded = allocated();
    let mut verifier = None;
    let construct = each(count, || verifier = Some(Verifier::new(all.iter().cloned()).expect("a verifier")));
    let verifier = verifier.expect("made");
    let made = allocated();
    let verify = each(VERIFICATIONS, || {
        (0..VERIFICATIONS).for_each(|_| assert!(black_box(&verifier).verify(black_box(&token)).is_ok()));
    });
    json!({
        "count": count,
        "bytes of a key": (keys_loaded - start) as f64 / count as f64,
        "bytes in a verifier over its key": made.saturating_sub(keys_loaded) as f64 / count as f64,
        "construct": construct, "verify": verify,
    })
}

/// A key with which nobody can sign: a random odd modulus. A verifier cannot tell.
fn random_key() -> PublicKey {
    let mut n = [0; 256];
    aws_lc_rs::rand::fill(&mut n).expect("random");
    n[0] |= 0x80;
    n[255] |= 1;
    PublicKey::parse(format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, URL_SAFE_NO_PAD.encode(n))).expect("a key")
}
