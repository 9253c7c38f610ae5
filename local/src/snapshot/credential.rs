//! `Credential`: an org credential: a public key with a name, roles and a state.

use scout_auth::{Kid, PublicKey, Verifier};

use crate::event::{Change, Event};
use crate::scope::Scope;
use crate::snapshot::life::Life;

/// An org credential.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(crate) id: String,
    pub(crate) kid: Kid,
    /// Of its public key alone.
    pub(crate) verifier: Verifier,
    /// base64url of SPKI.
    pub(crate) public_key: String,
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
    /// If there are any, it may do nothing else.
    pub(crate) scopes: Vec<Scope>,
    pub(crate) predecessor: Option<String>,
    pub(crate) life: Life,
}

impl Credential {
    /// What an event created. `None` if the event is another, or its key is not one.
    pub(super) fn created(event: &Event) -> Option<Self> {
        let Change::CredentialCreated { credential_id, kid, public_key, name, roles, scopes, predecessor } =
            event.change.clone()
        else {
            return None;
        };
        let key = PublicKey::parse(&public_key).ok().filter(|key| key.kid().as_str() == kid)?;
        Some(Self {
            id: credential_id,
            kid: key.kid(),
            verifier: Verifier::new([key]).ok()?,
            public_key,
            name,
            roles,
            scopes,
            predecessor,
            life: Life::begin(event),
        })
    }

    pub(super) fn change(&mut self, event: &Event) {
        match &event.change {
            Change::CredentialRenamed { name, .. } => self.name.clone_from(name),
            Change::CredentialScoped { scopes, .. } => self.scopes.clone_from(scopes),
            _ => {}
        }
        self.life.change(event);
    }
}
