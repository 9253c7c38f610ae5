//! `/v2/organizations/credentials`: the life of org credentials.
//!
//! The types are those of Scout's SDKs. The paths are ours: no SDK has any.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use scout_auth::{Error, PrivateKey, PublicKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::api::Server;
use crate::api::answer::{Answer, json, of_json, to_json};
use crate::api::body::{self, Members};
use crate::api::life::LifeView;
use crate::api::manager::Manager;
use crate::api::parameters::{Id, Parameters};
use crate::event::{Change, Request};
use crate::journal::Journal;
use crate::problem::Problem;
use crate::random;
use crate::scope::{self, Scope};
use crate::snapshot::{Credential, Organization};

/// The size of the keys that are made here, as Scout's.
const BITS: u32 = 2048;

/// The longest name, in characters.
const NAME: usize = 100;

/// A credential in the form of Scout's SDKs (`OrganizationCredential`). `scopes` and `predecessor` are ours, as
/// is the end of its life.
#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    doc_type: &'static str,
    is_seed: bool,
    kid: &'a str,
    public_key: &'a str,
    name: &'a str,
    roles: &'a [String],
    /// No private key is stored here.
    secret_ref: &'static str,
    scopes: Option<&'a [Scope]>,
    predecessor: Option<&'a str>,
    #[serde(flatten)]
    life: LifeView<'a>,
}

impl<'a> View<'a> {
    fn of(credential: &'a Credential, organization: &'a Organization) -> Self {
        Self {
            id: &credential.id,
            doc_type: "organization_credential",
            is_seed: false,
            kid: credential.kid.as_str(),
            public_key: &credential.public_key,
            name: &credential.name,
            roles: &credential.roles,
            secret_ref: "none",
            scopes: Some(credential.scopes.as_slice()).filter(|scopes| !scopes.is_empty()),
            predecessor: credential.predecessor.as_deref(),
            life: LifeView::of(&credential.life, organization),
        }
    }
}

/// The answer to a creation (`IssueOrganizationCredentialResponse`). `private_key` is there if the key was
/// made here, and nowhere else ever again.
#[derive(Serialize)]
struct IssuedView<'a> {
    credential: View<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<&'a str>,
}

#[derive(Serialize)]
struct ListView<'a> {
    credentials: Vec<View<'a>>,
}

/// `GET /v2/organizations/credentials`
pub(super) async fn list(Manager { organization, .. }: Manager) -> Answer {
    let credentials = organization.credentials().into_iter().map(|own| View::of(own, &organization)).collect();
    json(StatusCode::OK, &ListView { credentials })
}

/// `GET /v2/organizations/credentials/{id}`
pub(super) async fn show(Manager { organization, .. }: Manager, Id(id): Id) -> Answer {
    one(&organization, &id)
}

/// `POST /v2/organizations/credentials`
pub(super) async fn create(
    State(server): State<Arc<Server>>,
    manager: Manager,
    body::Change { members, request }: body::Change,
) -> Answer {
    let issued = Issue::read(members)?.carry_out(&server.journal, &manager, request).await?;
    Ok(of_json(StatusCode::CREATED, issued.json()?))
}

/// `POST /v2/organizations/credentials/{id}/rotate`: a successor beside it. Both work until the old one is
/// disabled, or until the grace period is over.
pub(super) async fn rotate(
    State(server): State<Arc<Server>>,
    manager: Manager,
    Id(id): Id,
    body::Change { mut members, request }: body::Change,
) -> Answer {
    let old = manager.organization.credential(&id).ok_or(Problem::CredentialUnknown)?;
    let grace = members.hours("grace_period_hours")?;
    let public_key = public_key(&mut members)?;
    members.end()?;
    let name = next_name(&old.name, |name| manager.organization.credentials().iter().any(|own| own.name == name));
    let issue = Issue {
        name: Some(name),
        roles: old.roles.clone(),
        scopes: old.scopes.clone(),
        public_key,
        id: None,
        replaces: Some(Replaced { id, grace }),
    };
    let issued = issue.carry_out(&server.journal, &manager, request).await?;
    Ok(of_json(StatusCode::CREATED, issued.json()?))
}

/// `PATCH /v2/organizations/credentials/{id}` (`UpdateOrganizationCredentialRequest`, and `scopes`).
pub(super) async fn update(
    State(server): State<Arc<Server>>,
    manager: Manager,
    Id(id): Id,
    body::Change { mut members, request }: body::Change,
) -> Answer {
    let update =
        Update { name: name(&mut members)?, is_enabled: members.flag("enabled")?, scopes: scopes(&mut members)? };
    members.end()?;
    let credential_id = id.clone();
    let changed = manager.change(&server.journal, request, move |_, organization| {
        Ok(update.changes(organization.credential(&id).ok_or(Problem::CredentialUnknown)?))
    });
    let organization = changed.await?;
    one(&organization, &credential_id)
}

/// `DELETE /v2/organizations/credentials/{id}`, with `?force=true` also if it is enabled.
pub(super) async fn delete(
    State(server): State<Arc<Server>>,
    manager: Manager,
    Id(id): Id,
    Parameters(Deletion { force }): Parameters<Deletion>,
    body::Change { members, request }: body::Change,
) -> Answer {
    members.end()?;
    let deleted = manager.change(&server.journal, request, move |_, organization| {
        let credential = organization.credential(&id).ok_or(Problem::CredentialUnknown)?;
        if credential.life.refusal(organization.controls.now()).is_none() && !force {
            return Err(Problem::Enabled);
        }
        Ok(vec![Change::CredentialDeleted { credential_id: id.clone(), kid: credential.kid.to_string() }])
    });
    deleted.await.map(|_| StatusCode::NO_CONTENT.into_response())
}

/// `GET /v2/organizations/credentials/{id}/private-key`: never, because no private key is stored.
pub(super) async fn private_key(Manager { organization, .. }: Manager, Id(id): Id) -> Problem {
    organization.credential(&id).map_or(Problem::CredentialUnknown, |_| Problem::PrivateKeyNotKept)
}

/// The query of a deletion.
#[derive(Deserialize)]
pub(super) struct Deletion {
    #[serde(default)]
    force: bool,
}

fn one(organization: &Organization, id: &str) -> Answer {
    let credential = organization.credential(id).ok_or(Problem::CredentialUnknown)?;
    json(StatusCode::OK, &View::of(credential, organization))
}

/// A credential that is to be created (`IssueOrganizationCredentialRequest`, and what is ours).
#[derive(Default)]
pub(crate) struct Issue {
    /// Without one, its id is its name.
    pub(crate) name: Option<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) scopes: Vec<Scope>,
    /// Without one, a key pair is made.
    pub(crate) public_key: Option<PublicKey>,
    /// Without one, it gets a new one.
    pub(crate) id: Option<String>,
    /// The credential that it is to replace.
    pub(crate) replaces: Option<Replaced>,
}

/// A credential that has a successor.
#[derive(Clone)]
pub(crate) struct Replaced {
    id: String,
    /// How long it still works, in seconds. Without this, until it is disabled.
    grace: Option<u64>,
}

/// A credential that was created.
pub(crate) struct Issued {
    organization: Arc<Organization>,
    credential: Arc<Credential>,
    private_key: Option<Zeroizing<String>>,
}

impl Issued {
    /// The answer, as JSON.
    pub(crate) fn json(&self) -> Result<Zeroizing<Vec<u8>>, Problem> {
        to_json(&IssuedView {
            credential: View::of(&self.credential, &self.organization),
            private_key: self.private_key.as_deref().map(String::as_str),
        })
    }
}

impl Issue {
    fn read(mut members: Members) -> Result<Self, Problem> {
        let issue = Self {
            name: name(&mut members)?,
            roles: roles(&mut members)?,
            scopes: scopes(&mut members)?.unwrap_or_default(),
            public_key: public_key(&mut members)?,
            ..Self::default()
        };
        members.end()?;
        Ok(issue)
    }

    /// Creates it, once. A key that was made here is in what this returns, and in nothing else.
    pub(crate) async fn carry_out(
        self,
        journal: &Journal,
        manager: &Manager,
        request: Option<Request>,
    ) -> Result<Issued, Problem> {
        let is_repeated = manager.organization.repeated(request.as_ref())?.is_some();
        let (public_key, private_key) = match self.public_key.clone() {
            Some(public_key) => (public_key, None),
            None if is_repeated => return Err(Problem::Answered),
            None => generate().await?,
        };
        let id = self.id.clone().map_or_else(|| random::id("cred_"), Ok)?;
        let created = id.clone();
        let asked = request.clone();
        let organization = manager.change(journal, request, move |snapshot, organization| {
            if snapshot.by_kid(&public_key.kid()).is_some() {
                return Err(Problem::KeyInUse);
            }
            if organization.had_credential(&id) {
                return Err(Problem::CredentialIdInUse);
            }
            self.changes(&id, &public_key, organization)
        });
        let organization = organization.await?;
        let id = organization.repeated(asked.as_ref())?.unwrap_or(&created);
        if id != created && private_key.is_some() {
            return Err(Problem::Answered);
        }
        let credential = organization.credential(id).ok_or(Problem::CredentialUnknown)?;
        Ok(Issued { credential: Arc::clone(credential), organization: Arc::clone(&organization), private_key })
    }

    fn changes(&self, id: &str, key: &PublicKey, organization: &Organization) -> Result<Vec<Change>, Problem> {
        let mut changes = vec![Change::CredentialCreated {
            credential_id: id.to_owned(),
            kid: key.kid().to_string(),
            public_key: key.to_base64url(),
            name: self.name.clone().unwrap_or_else(|| id.to_owned()),
            roles: self.roles.clone(),
            scopes: self.scopes.clone(),
            predecessor: self.replaces.as_ref().map(|replaced| replaced.id.clone()),
        }];
        if let Some(Replaced { id: old, grace }) = &self.replaces {
            let replaced = organization.credential(old).ok_or(Problem::CredentialUnknown)?;
            changes.push(Change::CredentialRotated {
                credential_id: old.clone(),
                kid: replaced.kid.to_string(),
                successor: id.to_owned(),
                expires_at: grace.map(|seconds| organization.controls.now().saturating_add(seconds)),
            });
        }
        Ok(changes)
    }
}

/// What is to be different.
struct Update {
    name: Option<String>,
    is_enabled: Option<bool>,
    /// Without any, all is allowed.
    scopes: Option<Vec<Scope>>,
}

impl Update {
    /// What changes. What is so already is no change.
    fn changes(&self, credential: &Credential) -> Vec<Change> {
        let (credential_id, kid) = (credential.id.clone(), credential.kid.to_string());
        let mut changes = Vec::new();
        if let Some(name) = self.name.clone().filter(|name| *name != credential.name) {
            changes.push(Change::CredentialRenamed { credential_id: credential_id.clone(), kid: kid.clone(), name });
        }
        if let Some(scopes) = self.scopes.clone().filter(|scopes| *scopes != credential.scopes) {
            changes.push(Change::CredentialScoped { credential_id: credential_id.clone(), kid: kid.clone(), scopes });
        }
        match self.is_enabled.filter(|is_enabled| credential.life.differs(*is_enabled)) {
            Some(true) => changes.push(Change::CredentialEnabled { credential_id, kid }),
            Some(false) => changes.push(Change::CredentialDisabled { credential_id, kid }),
            _ if changes.is_empty() => changes.push(Change::RequestUnchanged { credential_id }),
            _ => {}
        }
        changes
    }
}

/// A new key pair. It takes some tenths of a second, so a thread makes it.
async fn generate() -> Result<(PublicKey, Option<Zeroizing<String>>), Problem> {
    let key = tokio::task::spawn_blocking(|| PrivateKey::generate(BITS)).await;
    let key = key.map_err(|_| Problem::Internal)??;
    Ok((key.public_key().clone(), Some(key.to_base64url())))
}

fn name(members: &mut Members) -> Result<Option<String>, Problem> {
    let name = members.text("name")?;
    let is_name = |name: &str| (1..=NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if name.as_deref().is_none_or(is_name) {
        return Ok(name);
    }
    Err(Problem::member("name", "it must have 1 to 100 characters, and no control characters"))
}

/// Scout's are `admin` and `member`. Its SDKs allow others.
fn roles(members: &mut Members) -> Result<Vec<String>, Problem> {
    const WRONG: &str = "a list of 1 to 16 roles is required, such as [\"member\"]";
    let roles: Vec<String> = members.value("roles", WRONG)?.unwrap_or_default();
    let is_role = |role: &String| (1..=64).contains(&role.len()) && role.bytes().all(|byte| byte.is_ascii_graphic());
    let is_once = |(at, role)| !roles[..at].contains(role);
    let is_right = (1..=16).contains(&roles.len()) && roles.iter().all(is_role);
    if is_right && roles.iter().enumerate().all(is_once) { Ok(roles) } else { Err(Problem::member("roles", WRONG)) }
}

/// Without any, all is allowed: that is `null`. An empty list could be read as its opposite, so it is refused.
fn scopes(members: &mut Members) -> Result<Option<Vec<Scope>>, Problem> {
    const WRONG: &str = "null or a list of {\"method\", \"path\"} is required";
    const INVALID: &str = "1 to 64 scopes are required: a method in capital letters or *, and a path such as \
                           /v2/workflows/**, in which * is a whole segment and ** the last";
    let is_right =
        |scopes: &Vec<Scope>| (1..=scope::MOST).contains(&scopes.len()) && scopes.iter().all(Scope::is_valid);
    match members.value("scopes", WRONG)? {
        None => Ok(None),
        Some(None) => Ok(Some(Vec::new())),
        Some(Some(scopes)) if is_right(&scopes) => Ok(Some(scopes)),
        Some(Some(_)) => Err(Problem::member("scopes", INVALID)),
    }
}

fn public_key(members: &mut Members) -> Result<Option<PublicKey>, Problem> {
    let Some(text) = members.text("public_key")?.map(Zeroizing::new) else { return Ok(None) };
    let wrong = |error: Error| match error {
        Error::KeyIsPrivate => "it is a private key: keep it, and send its public key",
        _ => "it is no RSA public key of 2048 to 8192 bits that scout-auth reads",
    };
    PublicKey::parse(&*text).map(Some).map_err(|error| Problem::member("public_key", wrong(error)))
}

/// `prod-api` becomes `prod-api-v2`, and that `prod-api-v3`: the next one that is free.
fn next_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = name.rsplit_once("-v").and_then(|(stem, number)| Some((stem, number.parse::<u32>().ok()?)));
    let (stem, number) = numbered.unwrap_or((name, 1));
    let end = |number| format!("-v{number}");
    let next = |number| {
        let most = NAME - end(number).len();
        stem.chars().take(most).collect::<String>() + &end(number)
    };
    (number..u32::MAX).map(|number| next(number + 1)).find(|name| !is_taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_has_the_next_free_number() {
        let free = |_: &str| false;
        assert_eq!(next_name("prod-api", free), "prod-api-v2");
        assert_eq!(next_name("prod-api-v2", free), "prod-api-v3");
        assert_eq!(next_name("prod-api-vx", free), "prod-api-vx-v2");
        assert_eq!(next_name("prod-api", |name| name == "prod-api-v2"), "prod-api-v3");
        assert_eq!(next_name(&"é".repeat(100), free), "é".repeat(97) + "-v2");
    }
}
