//! `Snapshot`: what all events together say. It never changes: a change makes the next one.

use std::collections::BTreeMap;
use std::sync::Arc;

use scout_auth::Kid;

use crate::controls::Controls;
use crate::event::{Change, Draft, Event, Request, link};
use crate::hash::{Hash, from_hex};
use crate::problem::Problem;

/// What credentials and legacy keys have in common.
mod life;

/// An org credential.
mod credential;

/// A legacy key.
mod legacy_key;

pub(crate) use credential::Credential;
pub(crate) use legacy_key::LegacyKey;
pub(crate) use life::Life;

/// So many answered requests are remembered in an organisation.
const REQUESTS: usize = 10_000;

/// All organisations. Cloning is cheap: what did not change is shared.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    /// The number of events.
    pub(crate) sequence: u64,
    organizations: Arc<BTreeMap<String, Arc<Organization>>>,
    /// The organisation that was there first.
    first: String,
    kids: Arc<BTreeMap<Kid, Owned>>,
    legacy_keys: Arc<BTreeMap<Hash, Owned>>,
}

/// Where something belongs: the organisation's id, and its own.
type Owned = (String, String);

/// An event is not what must follow here: somebody changed the store, or a newer version wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged {
    /// The number of the line in the store, from 1.
    pub(crate) sequence: u64,
}

/// One organisation. Nothing of it can be seen from another.
#[derive(Clone)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
    /// By id. Deleted ones stay, so that their keys stay refused for that reason.
    credentials: BTreeMap<String, Arc<Credential>>,
    legacy_keys: BTreeMap<String, Arc<LegacyKey>>,
    /// By the hash of the `Idempotency-Key`.
    requests: BTreeMap<String, Answered>,
    /// What the next event names as `previous`.
    head: String,
    /// Not of the events.
    pub(crate) controls: Arc<Controls>,
}

/// A request that was carried out.
#[derive(Clone)]
struct Answered {
    /// SHA-256 of the request.
    content: String,
    sequence: u64,
    /// What it made or changed.
    id: Option<String>,
}

impl Snapshot {
    /// An organisation.
    pub(crate) fn organization(&self, id: &str) -> Option<&Arc<Organization>> {
        self.organizations.get(id)
    }

    /// All organisations.
    pub(crate) fn organizations(&self) -> impl Iterator<Item = &Arc<Organization>> {
        self.organizations.values()
    }

    /// The organisation of requests that name none.
    pub(crate) fn default_organization(&self) -> Option<&Arc<Organization>> {
        self.organization(&self.first)
    }

    /// The credential whose key has this kid, with its organisation.
    pub(crate) fn by_kid(&self, kid: &Kid) -> Option<(&Arc<Organization>, &Arc<Credential>)> {
        let (organization, id) = self.kids.get(kid)?;
        let organization = self.organization(organization)?;
        Some((organization, organization.credentials.get(id)?))
    }

    /// The legacy key with this hash, with its organisation.
    pub(crate) fn by_hash(&self, hash: &Hash) -> Option<(&Arc<Organization>, &Arc<LegacyKey>)> {
        let (organization, id) = self.legacy_keys.get(hash)?;
        let organization = self.organization(organization)?;
        Some((organization, organization.legacy_keys.get(id)?))
    }

    /// The event that a draft becomes here.
    pub(crate) fn event(&self, draft: Draft) -> Event {
        let previous = self.organization(&draft.organization).map_or_else(|| link(""), |known| known.head.clone());
        let Draft { organization, time, actor, request, change } = draft;
        Event { sequence: self.sequence + 1, time, organization, actor, request, change, previous }
    }

    /// Adds the line of an event.
    pub(crate) fn add(&mut self, line: &str) -> Result<(), Damaged> {
        let damaged = Damaged { sequence: self.sequence + 1 };
        let event = Event::read(line).ok_or(damaged)?;
        let previous = self.organization(&event.organization).map_or_else(|| link(""), |known| known.head.clone());
        if event.sequence != damaged.sequence || event.previous != previous {
            return Err(damaged);
        }
        let sequence = event.sequence;
        self.fold(&event, link(line)).ok_or(damaged)?;
        self.sequence = sequence;
        Ok(())
    }

    fn fold(&mut self, event: &Event, head: String) -> Option<()> {
        let id = event.organization.clone();
        match &event.change {
            Change::OrganizationCreated { name } => {
                if self.organizations.is_empty() {
                    self.first.clone_from(&id);
                }
                Arc::make_mut(&mut self.organizations).insert(id.clone(), Arc::new(Organization::new(&id, name)));
            }
            Change::OrganizationReset => {
                Arc::make_mut(&mut self.kids).retain(|_, (owner, _)| *owner != id);
                Arc::make_mut(&mut self.legacy_keys).retain(|_, (owner, _)| *owner != id);
            }
            Change::CredentialCreated { credential_id, kid, .. } => {
                Arc::make_mut(&mut self.kids).insert(Kid::parse(kid)?, (id.clone(), credential_id.clone()));
            }
            Change::LegacyKeyCreated { legacy_key_id, sha256, .. } => {
                Arc::make_mut(&mut self.legacy_keys).insert(from_hex(sha256)?, (id.clone(), legacy_key_id.clone()));
            }
            _ => {}
        }
        let organization = Arc::make_mut(Arc::make_mut(&mut self.organizations).get_mut(&id)?);
        organization.head = head;
        organization.fold(event)
    }
}

impl Organization {
    fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            credentials: BTreeMap::new(),
            legacy_keys: BTreeMap::new(),
            requests: BTreeMap::new(),
            head: String::new(),
            controls: Arc::default(),
        }
    }

    /// A credential that is not deleted.
    pub(crate) fn credential(&self, id: &str) -> Option<&Arc<Credential>> {
        self.credentials.get(id).filter(|credential| !credential.life.is_deleted)
    }

    /// Whether there is or was a credential with this id.
    pub(crate) fn had_credential(&self, id: &str) -> bool {
        self.credentials.contains_key(id)
    }

    /// The credentials that are not deleted, the oldest first.
    pub(crate) fn credentials(&self) -> Vec<&Arc<Credential>> {
        let mut all: Vec<_> = self.credentials.values().filter(|credential| !credential.life.is_deleted).collect();
        all.sort_by_key(|credential| credential.life.sequence);
        all
    }

    /// A legacy key that is not deleted.
    pub(crate) fn legacy_key(&self, id: &str) -> Option<&Arc<LegacyKey>> {
        self.legacy_keys.get(id).filter(|key| !key.life.is_deleted)
    }

    /// The legacy keys that are not deleted, the oldest first.
    pub(crate) fn legacy_keys(&self) -> Vec<&Arc<LegacyKey>> {
        let mut all: Vec<_> = self.legacy_keys.values().filter(|key| !key.life.is_deleted).collect();
        all.sort_by_key(|key| key.life.sequence);
        all
    }

    /// What a request made or changed, if it was carried out before.
    ///
    /// Errors: `IdempotencyKey` if another request had its `Idempotency-Key`.
    pub(crate) fn repeated(&self, request: Option<&Request>) -> Result<Option<&str>, Problem> {
        match request.and_then(|request| Some((request, self.requests.get(&request.key)?))) {
            Some((request, answered)) if request.content != answered.content => Err(Problem::IdempotencyKey),
            answered => Ok(answered.and_then(|(_, answered)| answered.id.as_deref())),
        }
    }

    fn fold(&mut self, event: &Event) -> Option<()> {
        let id = match &event.change {
            Change::OrganizationCreated { .. } | Change::RequestRefused { .. } => None,
            Change::OrganizationReset => {
                self.credentials.clear();
                self.legacy_keys.clear();
                self.requests.clear();
                None
            }
            Change::CredentialCreated { credential_id, .. } => {
                self.credentials.insert(credential_id.clone(), Arc::new(Credential::created(event)?));
                Some(credential_id)
            }
            Change::CredentialRenamed { credential_id, .. }
            | Change::CredentialEnabled { credential_id, .. }
            | Change::CredentialDisabled { credential_id, .. }
            | Change::CredentialScoped { credential_id, .. }
            | Change::CredentialRotated { credential_id, .. }
            | Change::CredentialDeleted { credential_id, .. } => {
                Arc::make_mut(self.credentials.get_mut(credential_id)?).change(event);
                Some(credential_id)
            }
            Change::LegacyKeyCreated { legacy_key_id, .. } => {
                self.legacy_keys.insert(legacy_key_id.clone(), Arc::new(LegacyKey::created(event)?));
                Some(legacy_key_id)
            }
            Change::LegacyKeyEnabled { legacy_key_id }
            | Change::LegacyKeyDisabled { legacy_key_id }
            | Change::LegacyKeyRotated { legacy_key_id, .. }
            | Change::LegacyKeyDeleted { legacy_key_id } => {
                Arc::make_mut(self.legacy_keys.get_mut(legacy_key_id)?).life.change(event);
                Some(legacy_key_id)
            }
            Change::RequestUnchanged { credential_id } => Some(credential_id),
        };
        let id = id.cloned();
        if let Some(request) = &event.request {
            self.remember(request, Answered { content: request.content.clone(), sequence: event.sequence, id });
        }
        Some(())
    }

    fn remember(&mut self, request: &Request, answered: Answered) {
        if self.requests.len() >= REQUESTS {
            let oldest = self.requests.iter().min_by_key(|(_, answered)| answered.sequence);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                self.requests.remove(&key);
            }
        }
        self.requests.entry(request.key.clone()).or_insert(answered);
    }
}
