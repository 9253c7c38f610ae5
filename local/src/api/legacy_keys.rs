//! `/v2/organizations/legacy-keys`: the life of legacy keys. All of it is ours but the rules.
//!
//! An organisation has one. A rotation makes its successor at once, and a grace period keeps the old one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::api::Server;
use crate::api::answer::{Answer, json, of_json, to_json};
use crate::api::body;
use crate::api::life::LifeView;
use crate::api::manager::Manager;
use crate::api::parameters::Id;
use crate::event::{Change, Request};
use crate::hash::{hex, sha256};
use crate::legacy_key;
use crate::problem::Problem;
use crate::random;
use crate::snapshot::{LegacyKey, Organization};

/// A legacy key.
#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    doc_type: &'static str,
    /// Its first characters.
    prefix: &'a str,
    #[serde(flatten)]
    life: LifeView<'a>,
}

impl<'a> View<'a> {
    fn of(key: &'a LegacyKey, organization: &'a Organization) -> Self {
        let life = LifeView::of(&key.life, organization);
        Self { id: &key.id, doc_type: "legacy_key", prefix: &key.prefix, life }
    }
}

/// The answer to a creation. `key` is there if it was made here, and nowhere else ever again.
#[derive(Serialize)]
struct IssuedView<'a> {
    legacy_key: View<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
}

#[derive(Serialize)]
struct ListView<'a> {
    legacy_keys: Vec<View<'a>>,
}

/// `GET /v2/organizations/legacy-keys`
pub(super) async fn list(Manager { organization, .. }: Manager) -> Answer {
    let legacy_keys = organization.legacy_keys().into_iter().map(|own| View::of(own, &organization)).collect();
    json(StatusCode::OK, &ListView { legacy_keys })
}

/// `POST /v2/organizations/legacy-keys`: a new key, or the one in the member `key`.
pub(super) async fn create(
    State(server): State<Arc<Server>>,
    manager: Manager,
    body::Change { mut members, request }: body::Change,
) -> Answer {
    let own = members.text("key")?.map(Zeroizing::new);
    members.end()?;
    if own.as_ref().is_some_and(|key| !legacy_key::can_be_kept(key)) {
        return Err(Problem::member("key", "it must have 32 to 255 visible ASCII characters, and no wrong checksum"));
    }
    issue(&server, &manager, request, own, None).await
}

/// `POST /v2/organizations/legacy-keys/{id}/rotate`: the successor. The old key ends at once, or after
/// `grace_period_hours`.
pub(super) async fn rotate(
    State(server): State<Arc<Server>>,
    manager: Manager,
    Id(id): Id,
    body::Change { mut members, request }: body::Change,
) -> Answer {
    let grace = members.hours("grace_period_hours")?.unwrap_or(0);
    members.end()?;
    issue(&server, &manager, request, None, Some((id, grace))).await
}

/// `PATCH /v2/organizations/legacy-keys/{id}`: `enabled`.
pub(super) async fn update(
    State(server): State<Arc<Server>>,
    manager: Manager,
    Id(id): Id,
    body::Change { mut members, request }: body::Change,
) -> Answer {
    let is_enabled = members.flag("enabled")?;
    members.end()?;
    let legacy_key_id = id.clone();
    let changed = manager.change(&server.journal, request, move |_, organization| {
        let life = &known(organization, &id)?.life;
        let legacy_key_id = id.clone();
        Ok(vec![match is_enabled.filter(|is_enabled| life.differs(*is_enabled)) {
            Some(true) => Change::LegacyKeyEnabled { legacy_key_id },
            Some(false) => Change::LegacyKeyDisabled { legacy_key_id },
            None => Change::RequestUnchanged { credential_id: legacy_key_id },
        }])
    });
    let organization = changed.await?;
    json(StatusCode::OK, &View::of(known(&organization, &legacy_key_id)?, &organization))
}

/// `DELETE /v2/organizations/legacy-keys/{id}`
pub(super) async fn delete(
    State(server): State<Arc<Server>>,
    manager: Manager,
    Id(id): Id,
    body::Change { members, request }: body::Change,
) -> Answer {
    members.end()?;
    let deleted = manager.change(&server.journal, request, move |_, organization| {
        known(organization, &id)?;
        Ok(vec![Change::LegacyKeyDeleted { legacy_key_id: id.clone() }])
    });
    deleted.await.map(|_| StatusCode::NO_CONTENT.into_response())
}

fn known<'a>(organization: &'a Organization, id: &str) -> Result<&'a Arc<LegacyKey>, Problem> {
    organization.legacy_key(id).ok_or(Problem::LegacyKeyIdUnknown)
}

/// Stores the hash of a key, of the user's own or of a new one. `old` is the id of the key that it
/// replaces, and for how many seconds that one still works.
async fn issue(
    server: &Server,
    manager: &Manager,
    request: Option<Request>,
    own: Option<Zeroizing<String>>,
    old: Option<(String, u64)>,
) -> Answer {
    let is_new = own.is_none();
    let key = own.map_or_else(legacy_key::generate, Ok)?;
    let hash = sha256(key.as_bytes());
    let created = random::id("legacy_")?;
    let change = Change::LegacyKeyCreated {
        legacy_key_id: created.clone(),
        prefix: legacy_key::shown(&key),
        sha256: hex(&hash),
    };
    let (asked, successor) = (request.clone(), created.clone());
    let issued = manager.change(&server.journal, request, move |snapshot, organization| {
        if snapshot.by_hash(&hash).is_some() {
            return Err(Problem::LegacyKeyInUse);
        }
        let mut changes = vec![change.clone()];
        if let Some((id, grace)) = &old {
            known(organization, id)?;
            let expires_at = Some(organization.controls.now().saturating_add(*grace));
            let (legacy_key_id, successor) = (id.clone(), successor.clone());
            changes.push(Change::LegacyKeyRotated { legacy_key_id, successor, expires_at });
        }
        let replaced = old.as_ref().map(|(id, _)| id);
        let is_another = |own: &&Arc<LegacyKey>| own.life.successor.is_none() && Some(&own.id) != replaced;
        if organization.legacy_keys().iter().any(is_another) { Err(Problem::LegacyKeyExists) } else { Ok(changes) }
    });
    let organization = issued.await?;
    let id = organization.repeated(asked.as_ref())?.unwrap_or(&created);
    if id != created && is_new {
        return Err(Problem::Answered);
    }
    let legacy_key = View::of(known(&organization, id)?, &organization);
    let view = IssuedView { legacy_key, key: is_new.then_some(key.as_str()) };
    Ok(of_json(StatusCode::CREATED, to_json(&view)?))
}
