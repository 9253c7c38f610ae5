//! What is answered to a request.
//!
//! Each handler returns an answer or a [`Problem`](crate::problem::Problem). One place, [`answer::finish`],
//! writes the problems, so that `--opaque` can hide the reasons of all.

/// The forms of answers.
mod answer;

/// A line for each request.
mod log;

/// The body of a request.
mod body;

/// What the path and the query of a request say.
mod parameters;

/// Which requests are answered at all.
mod guard;

/// Who manages credentials, and of which organisation.
mod manager;

/// Refusals, in the audit trail.
mod refusals;

/// What answers about credentials and legacy keys have in common.
mod life;

/// `/v2/organizations/credentials`
mod credentials;

/// `/v2/organizations/legacy-keys`
mod legacy_keys;

/// `/v2/organizations/audit`
mod audit;

/// `/.well-known/jwks.json`
mod key_set;

/// `/_local`: what tests control.
mod controls;

/// `/openapi.json`
mod openapi;

/// `/settings/api-keys`: the page.
mod page;

/// Every other path: who sends the request.
mod whoami;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, patch, post};

use crate::admin_token::AdminCheck;
use crate::authentication::Subject;
use crate::journal::Journal;
use crate::problem::Problem;

pub(crate) use answer::Cut;
pub(crate) use controls::organization_draft;
pub(crate) use credentials::Issue;
pub(crate) use guard::Hosts;
pub(crate) use log::Log;
pub(crate) use manager::Manager;
pub(crate) use page::PATH as PAGE;
pub(crate) use refusals::Refusals;

/// What all handlers share.
pub(crate) struct Server {
    pub(crate) journal: Journal,
    pub(crate) admin: AdminCheck,
    pub(crate) hosts: Hosts,
    pub(crate) subject: Subject,
    /// No answer says why a request is refused, as a real server would not.
    pub(crate) is_opaque: bool,
    pub(crate) refusals: Refusals,
    pub(crate) log: Option<Log>,
}

/// All routes. A test holds that the description in `OpenAPI` has each of them.
pub(crate) fn router(server: &Arc<Server>) -> Router {
    let routes = routes(server);
    if server.log.is_none() {
        return routes;
    }
    routes.layer(from_fn_with_state(Arc::clone(server), log::tell))
}

fn routes(server: &Arc<Server>) -> Router {
    let one_credential = get(credentials::show).patch(credentials::update).delete(credentials::delete);
    Router::new()
        .route("/v2/organizations/credentials", get(credentials::list).post(credentials::create))
        .route("/v2/organizations/credentials/{id}", one_credential)
        .route("/v2/organizations/credentials/{id}/rotate", post(credentials::rotate))
        .route("/v2/organizations/credentials/{id}/private-key", get(credentials::private_key))
        .route("/v2/organizations/legacy-keys", get(legacy_keys::list).post(legacy_keys::create))
        .route("/v2/organizations/legacy-keys/{id}", patch(legacy_keys::update).delete(legacy_keys::delete))
        .route("/v2/organizations/legacy-keys/{id}/rotate", post(legacy_keys::rotate))
        .route("/v2/organizations/audit", get(audit::list))
        .route("/.well-known/jwks.json", get(key_set::show))
        .route("/_local/clock", get(controls::clock).post(controls::set_clock))
        .route("/_local/fail", post(controls::fail))
        .route("/_local/requests", get(controls::requests))
        .route("/_local/reset", post(controls::reset))
        .route("/_local/organizations", get(controls::organizations).post(controls::create_organization))
        .route("/openapi.json", get(openapi::show))
        .route("/_local/{*path}", any(async || Problem::NotFound))
        .merge(page::router())
        .method_not_allowed_fallback(async || Problem::Method)
        .fallback(whoami::whoami)
        .layer(from_fn_with_state(Arc::clone(server), guard::guard))
        .layer(from_fn_with_state(Arc::clone(server), answer::finish))
        .with_state(Arc::clone(server))
}
