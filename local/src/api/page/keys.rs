//! The list of keys: org credentials, and the legacy keys.

use std::sync::Arc;

use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

use crate::api::answer::{Answer, utc};
use crate::api::manager::Admin;
use crate::api::page::{ROWS, ago, has, html, moment};
use crate::snapshot::{Credential, LegacyKey, Organization};

/// What the list is to show.
#[derive(Deserialize)]
pub(super) struct Filter {
    /// A part of the name, the id, the kid or a role.
    #[serde(default)]
    search: String,
    /// `enabled`, `disabled`, or nothing for both.
    #[serde(default)]
    status: String,
    /// A role, or nothing for all.
    #[serde(default)]
    role: String,
    rows: Option<usize>,
}

impl Filter {
    fn accepts(&self, credential: &Credential, now: u64) -> bool {
        let Credential { name, id, kid, roles, .. } = credential;
        let is_found =
            || has(&self.search, &[name, id, kid.as_str()]) || roles.iter().any(|role| has(&self.search, &[role]));
        (self.status.is_empty() || self.status == credential.life.status(now))
            && (self.role.is_empty() || roles.contains(&self.role))
            && is_found()
    }
}

#[derive(Template)]
#[template(path = "keys.html")]
struct KeyList<'a> {
    organization: &'a Organization,
    now: u64,
    /// Those that are shown.
    credentials: &'a [&'a Arc<Credential>],
    /// How many pass the filter.
    found: usize,
    /// How many there are.
    all: usize,
    legacy_keys: Vec<&'a Arc<LegacyKey>>,
}

/// `GET /settings/api-keys/keys`: the newest first.
pub(super) async fn show(Admin { organization }: Admin, Query(filter): Query<Filter>) -> Answer {
    let now = organization.controls.now();
    let mut credentials = organization.credentials();
    let all = credentials.len();
    credentials.retain(|credential| filter.accepts(credential, now));
    credentials.reverse();
    let shown = credentials.len().min(filter.rows.unwrap_or(ROWS));
    html(&KeyList {
        organization: &organization,
        now,
        credentials: &credentials[..shown],
        found: credentials.len(),
        all,
        legacy_keys: organization.legacy_keys(),
    })
}

impl KeyList<'_> {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn ago(&self, time: &u64) -> String {
        ago(*time, self.now)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, clippy::unused_self, reason = "templates pass references")]
    fn utc(&self, time: &u64) -> String {
        utc(*time)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, clippy::unused_self, reason = "templates pass references")]
    fn moment(&self, time: &u64) -> String {
        moment(*time)
    }

    #[expect(clippy::unused_self, reason = "a template calls methods")]
    /// `admin` is `Admin` in Studio.
    fn role(&self, role: &str) -> String {
        let mut letters = role.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }

    /// The name of a credential, or its id if it is deleted.
    fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.organization.credential(id).map_or(id, |credential| credential.name.as_str())
    }

    /// Whether an organisation may get another legacy key.
    fn may_have_legacy_key(&self) -> bool {
        self.legacy_keys.iter().all(|key| key.life.successor.is_some())
    }
}
