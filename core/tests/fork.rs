//! A forked child mints tokens, no matter what the parent's threads were doing.

#![cfg(unix)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::in_child;
use scout_auth::{PrivateKey, Signer, Verifier};

/// aws-lc asserts on the blinding slots of a key that another thread was using at the fork, and
/// a lock of the parent may stay held. So each child mints, reads the cache and verifies.
#[test]
fn children_forked_while_eight_threads_mint_can_mint() {
    let signer = Signer::new("cred_fork", PrivateKey::generate(2048).unwrap()).unwrap();
    let verifier = Verifier::new([signer.public_key().clone()]).unwrap();
    let stop = AtomicBool::new(false);
    let failed: Vec<i32> = thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    signer.invalidate();
                    verifier.verify(signer.token().unwrap().as_str()).unwrap();
                    signer.mint().unwrap();
                }
            });
        }
        let failed = (0..300).map(|_| in_child(|| works(&signer, &verifier))).filter(|&status| status != 0).collect();
        stop.store(true, Ordering::Relaxed);
        failed
    });
    assert!(failed.is_empty(), "{} of 300 children failed, with wait statuses {failed:?}", failed.len());
}

/// A grandchild gets the key of a process that itself loaded it again.
#[test]
fn children_of_children_can_mint() {
    let signer = Signer::new("cred_fork", PrivateKey::generate(2048).unwrap()).unwrap();
    let verifier = Verifier::new([signer.public_key().clone()]).unwrap();
    signer.mint().unwrap();
    let status = in_child(|| works(&signer, &verifier) && in_child(|| works(&signer, &verifier)) == 0);
    assert_eq!(status, 0);
}

/// An inherited key is leaked, not freed: freeing takes the locks that the parent's threads held.
#[test]
fn a_child_may_drop_what_it_inherited() {
    let signer = Signer::new("cred_fork", PrivateKey::generate(2048).unwrap()).unwrap();
    let mut inherited = Some(signer);
    let status = in_child(|| {
        drop(inherited.take());
        true
    });
    assert_eq!(status, 0);
}

fn works(signer: &Signer, verifier: &Verifier) -> bool {
    signer.invalidate();
    let tokens = [signer.mint(), signer.token(), signer.token()];
    tokens.iter().all(|token| token.as_ref().is_ok_and(|token| verifier.verify(token.as_str()).is_ok()))
}
