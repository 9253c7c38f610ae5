//! `PerProcess`: an engine key that is good in one process.

use std::mem;
use std::process;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::error::Result;

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
