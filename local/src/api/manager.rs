//! `Manager`: who manages credentials, and of which organisation.
//!
//! Who has the admin token manages any organisation: the one that the header `Scout-Organization` names, or
//! the first. A credential with the role admin manages its own.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::api::Server;
use crate::api::log;
use crate::authentication::{Claimed, Holder, Identity, Refused, authenticate, bearer};
use crate::event::{Actor, Change, Draft, Request};
use crate::journal::Journal;
use crate::problem::Problem;
use crate::snapshot::{Organization, Snapshot};

/// Chooses the organisation of a request with the admin token.
const ORGANIZATION: &str = "scout-organization";

/// Who may manage an organisation.
pub(crate) struct Manager {
    pub(crate) organization: Arc<Organization>,
    pub(crate) actor: Actor,
}

impl Manager {
    /// Makes changes in the organisation, and returns it as it is then. `judge` says which changes. If the
    /// request was carried out before, nothing changes. `RequestUnchanged` is kept only for an `Idempotency-Key`.
    pub(super) async fn change(
        &self,
        journal: &Journal,
        request: Option<Request>,
        mut judge: impl FnMut(&Snapshot, &Organization) -> Result<Vec<Change>, Problem> + Send + 'static,
    ) -> Result<Arc<Organization>, Problem> {
        let (id, actor) = (self.organization.id.clone(), self.actor.clone());
        let snapshot = journal.write(move |snapshot| {
            let organization = snapshot.organization(&id).ok_or(Problem::OrganizationUnknown)?;
            if organization.repeated(request.as_ref())?.is_some() {
                return Ok(Vec::new());
            }
            let draft = |change| Draft {
                organization: id.clone(),
                time: organization.controls.now(),
                actor: actor.clone(),
                request: request.clone(),
                change,
            };
            let is_kept = |change: &Change| request.is_some() || !matches!(change, Change::RequestUnchanged { .. });
            Ok(judge(snapshot, organization)?.into_iter().filter(is_kept).map(draft).collect())
        });
        let snapshot = snapshot.await?;
        snapshot.organization(&self.organization.id).cloned().ok_or(Problem::OrganizationUnknown)
    }
}

impl FromRequestParts<Arc<Server>> for Manager {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, server: &Arc<Server>) -> Result<Self, Problem> {
        let snapshot = server.journal.snapshot();
        let bearer = bearer(&head.headers)?;
        if server.admin.accepts(bearer).is_ok() {
            let actor = Actor::system();
            log::caller(&head.extensions, Some(&actor.id));
            return Ok(Self { organization: Arc::clone(chosen(&head.headers, &snapshot)?), actor });
        }
        let identity = authenticate(bearer, &snapshot, server.subject).and_then(|identity| {
            let may = identity.may(&head.method, head.uri.path());
            match may.and_then(|()| if identity.has_role("admin") { Ok(()) } else { Err(Problem::NotAdmin) }) {
                Ok(()) => Ok(identity),
                Err(problem) => Err(forbidden(&identity, problem)),
            }
        });
        match identity {
            Ok(Identity { organization, holder, .. }) => {
                log::caller(&head.extensions, Some(holder.id()));
                Ok(Self { organization, actor: Actor::credential(holder.id()) })
            }
            Err(refused) => {
                log::caller(&head.extensions, refused.claimed.holder.as_ref().map(Holder::id));
                server.refusals.note(&refused, &server.journal);
                Err(refused.problem)
            }
        }
    }
}

/// Who is known, but may not do this.
pub(super) fn forbidden(identity: &Identity, problem: Problem) -> Refused {
    let Identity { organization, holder, .. } = identity;
    Refused { problem, claimed: Claimed { organization: Some(Arc::clone(organization)), holder: Some(holder.clone()) } }
}

/// The organisation that the admin chose.
pub(super) fn chosen<'a>(headers: &HeaderMap, snapshot: &'a Snapshot) -> Result<&'a Arc<Organization>, Problem> {
    let mut ids = headers.get_all(ORGANIZATION).iter();
    let organization = match (ids.next(), ids.next()) {
        (None, _) => snapshot.default_organization(),
        (Some(id), None) => id.to_str().ok().and_then(|id| snapshot.organization(id)),
        _ => None,
    };
    organization.ok_or(Problem::OrganizationUnknown)
}

/// Who has the admin token: for what no credential may do.
pub(super) struct Admin {
    pub(super) organization: Arc<Organization>,
}

impl FromRequestParts<Arc<Server>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, server: &Arc<Server>) -> Result<Self, Problem> {
        server.admin.accepts(bearer(&head.headers)?)?;
        log::caller(&head.extensions, Some("system"));
        Ok(Self { organization: Arc::clone(chosen(&head.headers, &server.journal.snapshot())?) })
    }
}
