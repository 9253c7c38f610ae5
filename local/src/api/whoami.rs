//! Every path that is not the server's own: who sends the request, and how it was authenticated.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HeaderName, PROXY_AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse as _;
use serde::Serialize;

use crate::api::Server;
use crate::api::answer::{Answer, Cut, TimeOf, json, utc};
use crate::api::body;
use crate::api::log;
use crate::api::manager::forbidden;
use crate::authentication::{Claimed, Holder, Identity, Refused, authenticate, bearer};
use crate::controls::{Recorded, Then};
use crate::problem::Problem;
use crate::snapshot::Organization;

/// What a recorded request never shows. The last is a common mistake: a key in a header that Scout does not have.
const SECRET_HEADERS: [HeaderName; 4] =
    [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, HeaderName::from_static("x-api-key")];

/// The answer to a request that is accepted.
#[derive(Serialize)]
struct View<'a> {
    method: &'a str,
    path: &'a str,
    /// `signed_jwt`, `private_key` or `legacy_key`.
    authenticated_by: &'static str,
    organization: &'a str,
    credential_id: &'a str,
    name: &'a str,
    kid: Option<&'a str>,
    roles: &'a [String],
    token_expires_at: Option<String>,
}

/// Any method and path.
pub(super) async fn whoami(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let identity = identify(&server, &head);
    let claimed = match &identity {
        Ok(Identity { organization, holder, .. }) => {
            Claimed { organization: Some(Arc::clone(organization)), holder: Some(holder.clone()) }
        }
        Err(refused) => refused.claimed.clone(),
    };
    let snapshot = server.journal.snapshot();
    let organization = claimed.organization.as_ref().or_else(|| snapshot.default_organization());
    let Some(organization) = organization else { return Problem::Internal.into_response() };
    let (answer, body_length) = match faulty(organization, head.uri.path()).await {
        Some(answer) => (answer, 0),
        None => match body::read(body).await {
            Ok(body) => (answer(&server, &head, identity), body.len()),
            Err(problem) => (Err(problem), 0),
        },
    };
    let code = answer.as_ref().err().map(|problem| problem.code());
    let mut answer = answer.into_response();
    let id = claimed.holder.as_ref().map(Holder::id);
    log::caller(&head.extensions, id);
    record(organization, &head, body_length, answer.status(), code, id.map(str::to_owned));
    answer.extensions_mut().insert(TimeOf(Arc::clone(organization)));
    answer
}

fn identify(server: &Server, head: &Parts) -> Result<Identity, Refused> {
    let bearer = bearer(&head.headers).map_err(|problem| Refused { problem, claimed: Claimed::default() })?;
    let identity = authenticate(bearer, &server.journal.snapshot(), server.subject).map_err(|refused| {
        // No program is to send it, so that it is told only here.
        let is_admin_token = server.admin.accepts(bearer).is_ok();
        if is_admin_token { Refused { problem: Problem::IsAdminToken, ..refused } } else { refused }
    })?;
    match identity.may(&head.method, head.uri.path()) {
        Ok(()) => Ok(identity),
        Err(problem) => Err(forbidden(&identity, problem)),
    }
}

fn answer(server: &Server, head: &Parts, identity: Result<Identity, Refused>) -> Answer {
    let identity = identity.map_err(|refused| {
        server.refusals.note(&refused, &server.journal);
        refused.problem
    })?;
    let view = View {
        method: head.method.as_str(),
        path: head.uri.path(),
        authenticated_by: identity.means.name(),
        organization: &identity.organization.id,
        credential_id: identity.holder.id(),
        name: identity.holder.name(),
        kid: identity.holder.kid().map(scout_auth::Kid::as_str),
        roles: &identity.roles,
        token_expires_at: identity.expires_at.map(utc),
    };
    json(StatusCode::OK, &view)
}

/// The failure that a test asked for, if there is one for this request.
async fn faulty(organization: &Organization, path: &str) -> Option<Answer> {
    let fault = organization.controls.take_fault(path)?;
    tokio::time::sleep(fault.delay).await;
    match fault.then {
        Then::Answer => None,
        Then::Close => {
            let mut answer = Response::new(Body::empty());
            answer.extensions_mut().insert(Cut);
            Some(Ok(answer))
        }
        Then::Status(status, retry_after) => {
            let mut answer = Problem::Fault.into_response();
            *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            if status == 401 {
                let challenge = HeaderValue::from_static("Bearer realm=\"scout\", error=\"invalid_token\"");
                answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
            if let Some(seconds) = retry_after {
                answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            Some(Ok(answer))
        }
    }
}

fn record(
    organization: &Organization,
    head: &Parts,
    body_length: usize,
    status: StatusCode,
    code: Option<&'static str>,
    credential_id: Option<String>,
) {
    let shown = head.headers.iter().filter(|(name, _)| !SECRET_HEADERS.contains(name));
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    organization.controls.record(Recorded {
        time: organization.controls.now(),
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: shown.map(|(name, value)| (name.to_string(), text(value))).collect(),
        body_length,
        status: status.as_u16(),
        code,
        credential_id,
    });
}
