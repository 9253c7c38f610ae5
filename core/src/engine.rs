//! The engine: the code that performs the RSA operations, behind one private trait.
//!
//! RS256 is deterministic (RFC 8017 §8.2.1), so the two engines give the same bytes for every key
//! and message, and they give the same verdict on every key: the tests hold both.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
#[cfg(feature = "rust-crypto")]
mod rust_crypto;

use std::mem;
use std::process;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::encoding::{PrivateNumbers, PublicNumbers, SecretBytes};
use crate::error::Result;

#[cfg(feature = "aws-lc-rs")]
pub(crate) use aws_lc::AwsLc as Active;
#[cfg(all(feature = "rust-crypto", not(feature = "aws-lc-rs")))]
pub(crate) use rust_crypto::RustCrypto as Active;

/// RSA operations for RS256 (RFC 7518 §3.3: RSASSA-PKCS1-v1_5 with SHA-256).
pub(crate) trait Engine {
    /// The engine's name, as its crate is called.
    const NAME: &'static str;
    /// A loaded private key.
    type Private: Send + Sync;
    /// A loaded public key.
    type Public: Send + Sync;

    /// Loads a private key and checks that its numbers belong together (RFC 8017 §3.2): p·q = n,
    /// d·e ≡ 1 modulo p − 1 and q − 1, exact CRT values. Sizes were checked before.
    ///
    /// Errors: `KeyInconsistent`.
    fn load_private(numbers: PrivateNumbers<'_>) -> Result<Self::Private>;

    /// Loads a public key.
    ///
    /// Errors: `KeyInconsistent`.
    fn load_public(numbers: PublicNumbers<'_>) -> Result<Self::Public>;

    /// Signs into `signature`, which is as long as the modulus, and makes sure that the result is
    /// right before it leaves.
    ///
    /// Errors: `KeyCannotSign`.
    fn sign(key: &Self::Private, message: &[u8], signature: &mut [u8]) -> Result<()>;

    /// Whether the signature is that of the key over the message.
    fn verify(key: &Self::Public, message: &[u8], signature: &[u8]) -> bool;

    /// Makes a key of 2048, 3072, 4096 or 8192 bits with e = 65537, as PKCS#8 DER.
    ///
    /// Errors: `KeySize`, `Engine`.
    fn generate(bits: u32) -> Result<SecretBytes>;
}

/// An engine key that is good in one process.
///
/// A forked child must not use a key that another thread of its parent was using at the moment of
/// the fork: aws-lc asserts on the key's blinding slots, which that thread holds for ever, and its
/// locks may be held likewise. So in another process the key is loaded afresh, and the inherited
/// one is leaked: freeing it would take the same locks.
pub(crate) struct PerProcess<K>(ArcSwap<Loaded<K>>);

struct Loaded<K> {
    process: u32,
    key: K,
}

impl<K> PerProcess<K> {
    pub(crate) fn new(key: K) -> Self {
        Self(ArcSwap::new(Loaded::here(key)))
    }

    /// Calls `operation` with the key of this process, loading it first where it has none.
    pub(crate) fn with<T>(&self, load: impl FnOnce() -> Result<K>, operation: impl FnOnce(&K) -> T) -> Result<T> {
        let loaded = self.0.load();
        if loaded.process == process::id() {
            return Ok(operation(&loaded.key));
        }
        let fresh = Loaded::here(load()?);
        Loaded::release(self.0.swap(Arc::clone(&fresh)));
        Ok(operation(&fresh.key))
    }
}

impl<K> Drop for PerProcess<K> {
    fn drop(&mut self) {
        Loaded::release(self.0.load_full());
    }
}

impl<K> Loaded<K> {
    fn here(key: K) -> Arc<Self> {
        Arc::new(Self { process: process::id(), key })
    }

    /// Drops a reference, or leaks it where the key was inherited: then it is never freed.
    fn release(this: Arc<Self>) {
        if this.process != process::id() {
            mem::forget(this);
        }
    }
}
