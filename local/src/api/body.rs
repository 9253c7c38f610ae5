//! The body of a request: its limit, and the members of a JSON object.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;

use crate::api::Server;
use crate::event;
use crate::hash::{hex, sha256};
use crate::problem::Problem;

/// The longest body, in bytes.
const LONGEST: usize = 1024 * 1024;

/// A body has to arrive within this time.
const TIME: Duration = Duration::from_secs(30);

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
        let members = if bytes.is_empty() { Members(BTreeMap::new()) } else { Members::read(&bytes)? };
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
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    if keys.next().is_some() || key.is_empty() || key.len() > LONGEST_KEY {
        return Err(Problem::Invalid {
            place: ["header", "Idempotency-Key"],
            text: "it must occur once, and have 1 to 255 characters",
        });
    }
    let mut content = format!("{method} {uri}\n").into_bytes();
    content.extend_from_slice(body);
    Ok(Some(event::Request { key: hex(&sha256(key.as_bytes())), content: hex(&sha256(&content)) }))
}

/// The members of a JSON object, taken one by one. Each is a part of the body, and no other copy: it may be
/// a key.
pub(super) struct Members(BTreeMap<String, Bytes>);

impl Members {
    /// The members of a body. A name that occurs twice is refused: programs differ in which of the two counts.
    fn read(body: &Bytes) -> Result<Self, Problem> {
        let wrong = |text| Problem::Invalid { place: ["body", ""], text };
        let Pairs(pairs) = serde_json::from_slice(body).map_err(|error| {
            wrong(if error.is_data() { "a JSON object is required" } else { "the body is not JSON" })
        })?;
        let mut members = BTreeMap::new();
        for (name, value) in pairs {
            if members.insert(name, body.slice_ref(value.get().as_bytes())).is_some() {
                return Err(wrong("a member occurs twice"));
            }
        }
        Ok(Self(members))
    }

    /// A value of this type. `wrong` is what is said of others, and of an object in which a name occurs twice.
    pub(super) fn value<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        wrong: &'static str,
    ) -> Result<Option<T>, Problem> {
        let value = self.0.remove(name);
        value.map(|value| serde_json::from_slice(&value).map_err(|_| Problem::member(name, wrong))).transpose()
    }

    /// The same. `null` is as if the member were not there.
    fn optional<T: DeserializeOwned>(&mut self, name: &'static str, wrong: &'static str) -> Result<Option<T>, Problem> {
        self.value(name, wrong).map(Option::flatten)
    }

    /// A text.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        self.optional(name, "a text is required")
    }

    /// A whole number within a range.
    pub(super) fn integer(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, Problem> {
        let number: Option<Number> = self.optional(name, "a whole number is required")?;
        number.map(|number| within(name, number.as_i64(), range)).transpose()
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        self.optional(name, "true or false is required")
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
        let number: Option<Number> = self.optional(name, "a number is required")?;
        number.map(|number| within(name, number.as_f64(), 0.0..=most)).transpose()
    }

    /// There must be no other member: a mistyped name would have no effect, and nobody would notice.
    pub(super) fn end(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Problem::Invalid { place: ["body", ""], text: "the body has a member that is not known here" })
    }
}

fn within<T: PartialOrd>(
    name: &'static str,
    number: Option<T>,
    range: std::ops::RangeInclusive<T>,
) -> Result<T, Problem> {
    number.filter(|number| range.contains(number)).ok_or(Problem::member(name, "it is out of its range"))
}

/// All members, with those whose name occurs twice.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
