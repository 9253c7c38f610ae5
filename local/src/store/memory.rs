//! `Memory`: a store that ends with the process.

use crate::store::{Store, StoreError};

/// A store in memory.
#[derive(Debug, Default)]
pub struct Memory(Vec<String>);

impl Store for Memory {
    fn load(&mut self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(self.0.iter().skip(after).take(limit).cloned().collect())
    }

    fn append(&mut self, after: u64, lines: &[String]) -> Result<(), StoreError> {
        if self.0.len() as u64 != after {
            return Err(StoreError::Overtaken);
        }
        self.0.extend_from_slice(lines);
        Ok(())
    }
}
