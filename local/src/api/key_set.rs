//! `/.well-known/jwks.json`: the public keys that tokens are verified with (RFC 7517 §5).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use scout_auth::PublicKey;

use crate::api::Server;
use crate::api::answer::Answer;
use crate::snapshot::Organization;

/// `GET /.well-known/jwks.json`: of all organisations, the credentials that are accepted now.
pub(super) async fn show(State(server): State<Arc<Server>>) -> Answer {
    let snapshot = server.journal.snapshot();
    let keys: Vec<String> = snapshot.organizations().flat_map(|organization| keys(organization)).collect();
    let mut answer = Response::new(Body::from(format!("{{\"keys\":[{}]}}", keys.join(","))));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    Ok(answer)
}

fn keys(organization: &Organization) -> Vec<String> {
    let now = organization.controls.now();
    let accepted = organization.credentials().into_iter().filter(|own| own.life.refusal(now).is_none());
    accepted.flat_map(|own| own.verifier.keys().map(PublicKey::to_jwk).collect::<Vec<_>>()).collect()
}
