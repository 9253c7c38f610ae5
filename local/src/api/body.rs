//! The body of a request: its limit, and the members of a JSON object.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Map, Value};

use crate::api::Server;
use crate::event;
use crate::hash::{hex, sha256};
use crate::problem::Problem;

/// The longest body, in bytes.
const LONGEST: usize = 1024 * 1024;

/// A body has to arrive within this time.
const TIME: Duration = Duration::from_secs(30);

const OUT_OF_RANGE: &str = "it is out of its range";

/// The longest `Idempotency-Key`.
const LONGEST_KEY: usize = 255;

/// The whole body.
pub(super) async fn read(body: Body) -> Result<Bytes, Problem> {
    match tokio::time::timeout(TIME, Limited::new(body, LONGEST).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::TooLarge),
        _ => Err(Problem::Incomplete),
    }
}

/// The JSON object of a request that changes something, and its `Idempotency-Key`.
///
/// A body that is empty is an empty object. Other bodies must be JSON by their `Content-Type`: a form of a
/// web page cannot send that.
pub(super) struct Change {
    pub(super) members: Members,
    /// The key, and what it is used for.
    pub(super) request: Option<event::Request>,
}

impl FromRequest<Arc<Server>> for Change {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Arc<Server>) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let bytes = read(body).await?;
        if !bytes.is_empty() && !is_json(&head.headers) {
            return Err(Problem::MediaType);
        }
        let request = idempotency(&head.headers, &head.method, &head.uri, &bytes)?;
        let members = match serde_json::from_slice(if bytes.is_empty() { b"{}" } else { &bytes }) {
            Ok(Value::Object(members)) => Members(members),
            Ok(_) => return Err(Problem::Invalid { place: ["body", ""], text: "a JSON object is required" }),
            Err(_) => return Err(Problem::Invalid { place: ["body", ""], text: "the body is not JSON" }),
        };
        Ok(Self { members, request })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn idempotency(
    headers: &HeaderMap,
    method: &Method,
    uri: &Uri,
    body: &[u8],
) -> Result<Option<event::Request>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(Problem::Invalid {
            place: ["header", "Idempotency-Key"],
            text: "it must have 1 to 255 characters",
        });
    }
    let mut content = format!("{method} {uri}\n").into_bytes();
    content.extend_from_slice(body);
    Ok(Some(event::Request { key: hex(&sha256(key.as_bytes())), content: hex(&sha256(&content)) }))
}

/// The members of a JSON object, taken one by one.
pub(super) struct Members(Map<String, Value>);

impl Members {
    /// A text. `null` is as if the member were not there.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::member(name, "a text is required")),
        }
    }

    /// A whole number within a range.
    pub(super) fn integer(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => match number.as_i64().filter(|number| range.contains(number)) {
                Some(number) => Ok(Some(number)),
                None => Err(Problem::member(name, OUT_OF_RANGE)),
            },
            Some(_) => Err(Problem::member(name, "a whole number is required")),
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(Problem::member(name, "true or false is required")),
        }
    }

    /// A number of hours, as seconds: at most ten years.
    pub(super) fn hours(&mut self, name: &'static str) -> Result<Option<u64>, Problem> {
        let hours = self.number(name, 10.0 * 366.0 * 24.0)?;
        Ok(hours.map(|hours| Duration::from_secs_f64(hours * 3600.0).as_secs()))
    }

    /// A number of seconds, with a fraction or not.
    pub(super) fn seconds(&mut self, name: &'static str, most: f64) -> Result<Option<Duration>, Problem> {
        Ok(self.number(name, most)?.map(Duration::from_secs_f64))
    }

    /// A number from 0 on.
    fn number(&mut self, name: &'static str, most: f64) -> Result<Option<f64>, Problem> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => match number.as_f64().filter(|number| (0.0..=most).contains(number)) {
                Some(number) => Ok(Some(number)),
                None => Err(Problem::member(name, OUT_OF_RANGE)),
            },
            Some(_) => Err(Problem::member(name, "a number is required")),
        }
    }

    /// Any value. `null` is a value.
    pub(super) fn value(&mut self, name: &'static str) -> Option<Value> {
        self.0.remove(name)
    }

    /// There must be no other member: a mistyped name would have no effect, and nobody would notice.
    pub(super) fn end(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Problem::Invalid { place: ["body", ""], text: "the body has a member that is not known here" })
    }
}
