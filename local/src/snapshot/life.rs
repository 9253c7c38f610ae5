//! `Life`: what credentials and legacy keys have in common, from their creation to their deletion.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::event::{Actor, Change, Event};
use crate::problem::Problem;

/// The state of a credential or a legacy key. Times are Unix seconds.
#[derive(Clone)]
pub(crate) struct Life {
    pub(crate) is_enabled: bool,
    pub(crate) is_deleted: bool,
    /// When it is refused, after a rotation.
    pub(crate) expires_at: Option<u64>,
    /// The id of what replaces it.
    pub(crate) successor: Option<String>,
    pub(crate) created_at: u64,
    pub(crate) created_by: Actor,
    pub(crate) updated_at: u64,
    pub(crate) updated_by: Actor,
    /// The event that created it.
    pub(crate) sequence: u64,
    /// 0 is never. It is not of the events, and begins again when the server starts.
    last_used: Arc<AtomicU64>,
}

impl Life {
    pub(super) fn begin(event: &Event) -> Self {
        Self {
            is_enabled: true,
            is_deleted: false,
            expires_at: None,
            successor: None,
            created_at: event.time,
            created_by: event.actor.clone(),
            updated_at: event.time,
            updated_by: event.actor.clone(),
            sequence: event.sequence,
            last_used: Arc::default(),
        }
    }

    pub(super) fn change(&mut self, event: &Event) {
        match &event.change {
            Change::CredentialEnabled { .. } | Change::LegacyKeyEnabled { .. } => {
                self.is_enabled = true;
                self.expires_at = None;
            }
            Change::CredentialDisabled { .. } | Change::LegacyKeyDisabled { .. } => self.is_enabled = false,
            Change::CredentialRotated { successor, expires_at, .. }
            | Change::LegacyKeyRotated { successor, expires_at, .. } => {
                self.successor = Some(successor.clone());
                self.expires_at = *expires_at;
            }
            Change::CredentialDeleted { .. } | Change::LegacyKeyDeleted { .. } => self.is_deleted = true,
            _ => {}
        }
        self.updated_at = event.time;
        self.updated_by = event.actor.clone();
    }

    /// Whether it becomes another by being enabled or disabled. After a rotation, to enable it is to keep it.
    pub(crate) fn differs(&self, is_enabled: bool) -> bool {
        self.is_enabled != is_enabled || (is_enabled && self.expires_at.is_some())
    }

    /// Why it is refused at this time, if it is.
    pub(crate) fn refusal(&self, now: u64) -> Option<Problem> {
        match self {
            Self { is_deleted: true, .. } => Some(Problem::Deleted),
            Self { is_enabled: false, .. } => Some(Problem::Disabled),
            Self { expires_at: Some(time), .. } if *time <= now => Some(Problem::Expired),
            _ => None,
        }
    }

    /// The word of Scout's SDKs.
    pub(crate) fn status(&self, now: u64) -> &'static str {
        if self.refusal(now).is_none() { "enabled" } else { "disabled" }
    }

    /// When it was last accepted.
    pub(crate) fn last_used(&self) -> Option<u64> {
        Some(self.last_used.load(Ordering::Relaxed)).filter(|time| *time > 0)
    }

    /// It was accepted at this time.
    pub(crate) fn used(&self, now: u64) {
        self.last_used.store(now, Ordering::Relaxed);
    }
}
