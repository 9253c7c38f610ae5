//! `LegacyKey`: the hash of one older, single key of an organisation.

use crate::event::{Change, Event};
use crate::hash::{Hash, from_hex};
use crate::snapshot::life::Life;

/// A legacy key. Its text is not stored.
#[derive(Clone)]
pub(crate) struct LegacyKey {
    pub(crate) id: String,
    /// Its first characters.
    pub(crate) prefix: String,
    pub(crate) sha256: Hash,
    pub(crate) life: Life,
}

impl LegacyKey {
    /// What an event created. `None` if the event is another.
    pub(super) fn created(event: &Event) -> Option<Self> {
        let Change::LegacyKeyCreated { legacy_key_id, prefix, sha256 } = &event.change else { return None };
        Some(Self {
            id: legacy_key_id.clone(),
            prefix: prefix.clone(),
            sha256: from_hex(sha256)?,
            life: Life::begin(event),
        })
    }
}
