//! The forms of answers: JSON, problems, and the headers that all have.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, DATE, HeaderValue, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, Response, StatusCode};
use axum::middleware::Next;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::api::Server;
use crate::problem::Problem;
use crate::snapshot::Organization;

/// An answer with a private key is shorter, in bytes.
const SECRET_ANSWER: usize = 16 * 1024;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The result of a handler.
pub(crate) type Answer = Result<Response<Body>, Problem>;

/// In an answer's extensions: the organisation whose clock it shows.
#[derive(Clone)]
pub(super) struct TimeOf(pub(super) Arc<Organization>);

/// In an answer's extensions: the connection is to be cut in its place.
#[derive(Clone)]
pub(crate) struct Cut;

/// JSON with this status.
pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    Ok(of_json(status, to_json(value)?))
}

/// The text of a value. It is wiped, because right after a creation it has a private key.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<Zeroizing<Vec<u8>>, Problem> {
    // The whole capacity at once: a growing buffer would leave copies of the key behind.
    let mut text = Zeroizing::new(Vec::with_capacity(SECRET_ANSWER));
    serde_json::to_writer(&mut *text, value).map_err(|_| Problem::Internal)?;
    Ok(text)
}

/// JSON text with this status.
pub(super) fn of_json(status: StatusCode, text: Zeroizing<Vec<u8>>) -> Response<Body> {
    let mut answer = Response::new(Body::from(Bytes::from_owner(text)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, JSON);
    answer
}

/// A problem goes through the handlers as it is. `finish` writes it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = self.status();
        answer.extensions_mut().insert(self);
        answer
    }
}

/// Writes the problem that a handler returned, and the headers that every answer has.
pub(super) async fn finish(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response<Body> {
    let mut answer = next.run(request).await;
    if let Some(problem) = answer.extensions().get::<Problem>().copied() {
        write(&mut answer, problem, server.is_opaque);
    }
    let time = answer.extensions().get::<TimeOf>().map(|TimeOf(organization)| organization.controls.now());
    let headers = answer.headers_mut();
    if let Some(date) = time.and_then(date) {
        headers.insert(DATE, date);
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    answer
}

fn write(answer: &mut Response<Body>, problem: Problem, is_opaque: bool) {
    *answer.body_mut() = Body::from(body(problem, is_opaque).to_string());
    answer.headers_mut().insert(CONTENT_TYPE, JSON);
    if let Some(challenge) = problem.challenge(is_opaque).and_then(|text| HeaderValue::from_str(&text).ok()) {
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
}

/// `{"detail", "code", "help"}`, or the list of `FastAPI` if a member is wrong.
fn body(problem: Problem, is_opaque: bool) -> Value {
    match problem {
        Problem::Invalid { place, text } => json!({
            "detail": [{ "loc": place, "msg": text, "type": "value_error" }],
            "code": problem.code(),
            "help": problem.help(),
        }),
        _ if is_opaque && problem.status() == StatusCode::UNAUTHORIZED => json!({ "detail": "Unauthorized" }),
        _ if is_opaque && problem.status() == StatusCode::FORBIDDEN => json!({ "detail": "Forbidden" }),
        _ => json!({ "detail": problem.detail(), "code": problem.code(), "help": problem.help() }),
    }
}

/// A time as the header `Date` has it.
fn date(unix: u64) -> Option<HeaderValue> {
    let time = std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(unix))?;
    // Later years have no such form.
    (unix < 253_402_300_800).then(|| HeaderValue::from_str(&httpdate::fmt_http_date(time)).ok()).flatten()
}

/// A time in RFC 3339, such as `2023-11-14T22:13:20Z`, as the SDKs read it. One after the year 9999 is its
/// last second.
pub(super) fn utc(unix: u64) -> String {
    const LAST: u64 = 253_402_300_799;
    let time = der::DateTime::from_unix_duration(std::time::Duration::from_secs(unix.min(LAST)));
    time.map_or_else(|_| String::new(), |time| time.to_string())
}
