//! `Store`: where events are kept: lines in an order that never changes.
//!
//! A store knows nothing of what a line says. The events are the truth, and everything else follows from
//! them, so a store has no second place that could disagree.

/// A store in memory.
mod memory;

/// A store in a file.
#[cfg(feature = "sqlite")]
mod sqlite;

/// A store that several processes share.
#[cfg(feature = "postgres")]
mod postgres;

use std::fmt;

pub use memory::Memory;
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;

/// Lines in an order that never changes, of one process or of several.
///
/// One thread of the server calls it, so that it may block.
pub trait Store: Send {
    /// Up to `limit` lines after the first `after`, in order.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    fn load(&mut self, after: u64, limit: usize) -> Result<Vec<String>, StoreError>;

    /// Adds lines, all or none, behind the first `after` lines. When it returns, they survive a crash.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] if the store has more than `after` lines: then somebody else has added
    /// some. [`StoreError::Failed`]. [`StoreError::Unknown`].
    fn append(&mut self, after: u64, lines: &[String]) -> Result<(), StoreError>;

    /// Whether other processes add lines, too. If so, the server looks for them each second.
    fn is_shared(&self) -> bool {
        false
    }

    /// Takes what is to be called, from any thread, when another process may have added lines. It is
    /// called once, before all others.
    fn on_append(&mut self, look: Box<dyn Fn() + Send + Sync>) {
        drop(look);
    }
}

/// Why a store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Another process has added lines.
    Overtaken,
    /// The reason: one clause, without a full stop and without a secret. The lines are as they were.
    Failed(String),
    /// The same, but the lines may have been added: the answer was lost.
    Unknown(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overtaken => f.write_str("another process has added events"),
            Self::Failed(reason) | Self::Unknown(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for StoreError {}
