//! `Refusals`: which refusals the audit trail has already, so that a flood of requests does not fill it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::authentication::Refused;
use crate::event::{Actor, Change, Draft};
use crate::journal::Journal;

/// One line for a credential and a reason in this time.
const PAUSE: Duration = Duration::from_secs(1);

/// More pairs than this are not remembered.
const PAIRS: usize = 10_000;

/// When each pair of credential and reason was last written.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<(Option<String>, &'static str), Instant>>);

impl Refusals {
    /// Writes a refusal to the audit trail of the organisation that the request named, or else of the
    /// first one.
    pub(super) fn note(&self, refused: &Refused, journal: &Journal) {
        let holder = refused.claimed.holder.as_ref();
        let credential_id = holder.map(|holder| holder.id().to_owned());
        let code = refused.problem.code();
        if !self.is_due(credential_id.clone(), code) {
            return;
        }
        let snapshot = journal.snapshot();
        let organization = refused.claimed.organization.as_ref().or_else(|| snapshot.default_organization());
        let Some(organization) = organization else { return };
        let kid = holder.and_then(|holder| holder.kid()).map(ToString::to_string);
        journal.note(Draft {
            organization: organization.id.clone(),
            time: organization.controls.now(),
            actor: credential_id.as_deref().map_or_else(Actor::system, Actor::credential),
            request: None,
            change: Change::RequestRefused { kid, credential_id, code: code.to_owned() },
        });
    }

    fn is_due(&self, credential_id: Option<String>, code: &'static str) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if written.len() >= PAIRS {
            written.retain(|_, last| now.duration_since(*last) < PAUSE);
        }
        let pair = (credential_id, code);
        if written.get(&pair).is_some_and(|last| now.duration_since(*last) < PAUSE) || written.len() >= PAIRS {
            return false;
        }
        written.insert(pair, now);
        true
    }
}
