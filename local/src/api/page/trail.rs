//! The audit trail, the newest event first.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::api::Server;
use crate::api::answer::{Answer, utc};
use crate::api::manager::Admin;
use crate::api::page::{ROWS, ago, has, html, moment};
use crate::event::{Change, Event};
use crate::snapshot::Organization;

/// So many lines are read at once, from the end.
const PAGE: u64 = 500;

/// What the list is to show.
#[derive(Deserialize)]
pub(super) struct Filter {
    /// A part of the key's name, its id, its kid, the actor or the event.
    #[serde(default)]
    search: String,
    /// `changes`, `refusals`, or nothing for both.
    #[serde(default)]
    kind: String,
    rows: Option<usize>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Trail {
    entries: Vec<Entry>,
    has_more: bool,
}

/// What an event says to people.
struct Entry {
    utc: String,
    moment: String,
    ago: String,
    is_refusal: bool,
    what: &'static str,
    detail: String,
    /// The name of the key, if it has one.
    name: String,
    /// Its id.
    id: String,
    kid: String,
    actor: String,
}

/// `GET /settings/api-keys/audit`
pub(super) async fn show(
    State(server): State<Arc<Server>>,
    Admin { organization }: Admin,
    Query(filter): Query<Filter>,
) -> Answer {
    let rows = filter.rows.unwrap_or(ROWS);
    let mut entries = Vec::new();
    let mut before = server.journal.snapshot().sequence;
    // From the end, because the trail can be long and the newest events matter.
    while before > 0 && entries.len() <= rows {
        let after = before.saturating_sub(PAGE);
        let lines = server.journal.lines(after).await?;
        let events = lines.iter().filter_map(|line| Event::read(line)).filter(|event| event.sequence <= before);
        let mut page: Vec<_> = events
            .filter(|event| event.organization == organization.id)
            .map(|event| Entry::of(&event, &organization))
            .filter(|entry| filter.accepts(entry))
            .collect();
        page.reverse();
        entries.append(&mut page);
        before = after;
    }
    let has_more = entries.len() > rows;
    entries.truncate(rows);
    html(&Trail { entries, has_more })
}

impl Filter {
    fn accepts(&self, entry: &Entry) -> bool {
        let is_kind = match self.kind.as_str() {
            "changes" => !entry.is_refusal,
            "refusals" => entry.is_refusal,
            _ => true,
        };
        let Entry { what, detail, name, id, kid, actor, .. } = entry;
        is_kind && has(&self.search, &[what, detail, name, id, kid, actor])
    }
}

impl Entry {
    fn of(event: &Event, organization: &Organization) -> Self {
        let known = |id: &str| organization.credential(id).map(|credential| credential.name.clone());
        let name = |id: &str| known(id).unwrap_or_else(|| id.to_owned());
        let (id, kid) = key(&event.change);
        let (what, detail) = words(&event.change, name);
        let is_refusal = matches!(event.change, Change::RequestRefused { .. });
        let actor = match event.actor.kind.as_str() {
            "system" if is_refusal => "unknown".to_owned(),
            "system" => "admin token".to_owned(),
            _ => name(&event.actor.id),
        };
        Self {
            utc: utc(event.time),
            moment: moment(event.time),
            ago: ago(event.time, organization.controls.now()),
            is_refusal,
            what,
            detail,
            name: known(id).unwrap_or_default(),
            id: id.to_owned(),
            kid: kid.to_owned(),
            actor,
        }
    }
}

/// The id and the kid of the key that a change is about, as far as it has them.
fn key(change: &Change) -> (&str, &str) {
    match change {
        Change::OrganizationCreated { .. } | Change::OrganizationReset => ("", ""),
        Change::CredentialCreated { credential_id, kid, .. }
        | Change::CredentialRenamed { credential_id, kid, .. }
        | Change::CredentialEnabled { credential_id, kid }
        | Change::CredentialDisabled { credential_id, kid }
        | Change::CredentialScoped { credential_id, kid, .. }
        | Change::CredentialRotated { credential_id, kid, .. }
        | Change::CredentialDeleted { credential_id, kid } => (credential_id, kid),
        Change::LegacyKeyCreated { legacy_key_id, .. }
        | Change::LegacyKeyEnabled { legacy_key_id }
        | Change::LegacyKeyDisabled { legacy_key_id }
        | Change::LegacyKeyRotated { legacy_key_id, .. }
        | Change::LegacyKeyDeleted { legacy_key_id } => (legacy_key_id, ""),
        Change::RequestUnchanged { credential_id } => (credential_id, ""),
        Change::RequestRefused { kid, credential_id, .. } => {
            (credential_id.as_deref().unwrap_or_default(), kid.as_deref().unwrap_or_default())
        }
    }
}

/// What happened, and the rest of it. `name` is of the credential with an id.
fn words(change: &Change, name: impl Fn(&str) -> String) -> (&'static str, String) {
    let until = |successor: &str, end: Option<u64>| {
        let end = end.map_or_else(String::new, |time| format!(", works until {}", moment(time)));
        format!("to {}{end}", name(successor))
    };
    let nothing = String::new;
    match change {
        Change::OrganizationCreated { name } => ("Organization created", name.clone()),
        Change::OrganizationReset => ("Organization reset", nothing()),
        Change::CredentialCreated { name, roles, .. } => ("Created", format!("{name}, {}", roles.join(", "))),
        Change::CredentialRenamed { name, .. } => ("Renamed", format!("to {name}")),
        Change::CredentialEnabled { .. } => ("Enabled", nothing()),
        Change::CredentialDisabled { .. } => ("Disabled", nothing()),
        Change::CredentialScoped { scopes, .. } if scopes.is_empty() => ("Scopes removed", nothing()),
        Change::CredentialScoped { scopes, .. } => {
            let scopes: Vec<_> = scopes.iter().map(|scope| format!("{} {}", scope.method, scope.path)).collect();
            ("Scopes set", scopes.join(", "))
        }
        Change::CredentialRotated { successor, expires_at, .. } => ("Rotated", until(successor, *expires_at)),
        Change::CredentialDeleted { .. } => ("Deleted", nothing()),
        Change::LegacyKeyCreated { prefix, .. } => ("Legacy key created", format!("{prefix}…")),
        Change::LegacyKeyEnabled { .. } => ("Legacy key enabled", nothing()),
        Change::LegacyKeyDisabled { .. } => ("Legacy key disabled", nothing()),
        Change::LegacyKeyRotated { successor, expires_at, .. } => ("Legacy key rotated", until(successor, *expires_at)),
        Change::LegacyKeyDeleted { .. } => ("Legacy key deleted", nothing()),
        Change::RequestUnchanged { .. } => ("Nothing to change", nothing()),
        Change::RequestRefused { code, .. } => ("Request refused", code.clone()),
    }
}
