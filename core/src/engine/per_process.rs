//! `PerProcess`: an engine key that is used in one process only.

use std::mem;
use std::process;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::error::Result;

/// An engine key that is used in one process only.
///
/// At the moment of a fork another thread of the parent may be using the key. In the child that
/// thread's lock and blinding slot stay taken forever, and aws-lc aborts at the next signature. So
/// another process loads the key again. It leaks the inherited one, because freeing takes the same
/// lock.
pub(crate) struct PerProcess<K>(ArcSwap<Loaded<K>>);

struct Loaded<K> {
    process: u32,
    key: K,
}

impl<K> PerProcess<K> {
    pub(crate) fn new(key: K) -> Self {
        Self(ArcSwap::new(Loaded::here(key)))
    }

    /// Calls `operation` with the key of this process, loading it first if there is none.
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

    /// Drops a reference, or leaks it if the key was inherited, so that it is never freed.
    fn release(this: Arc<Self>) {
        if this.process != process::id() {
            mem::forget(this);
        }
    }
}
