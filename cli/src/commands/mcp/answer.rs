//! `Answer`: what the server answered over HTTP.

use std::collections::VecDeque;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::{Response, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::commands::mcp::LARGEST;
use crate::commands::mcp::events::{Event, Events};
use crate::commands::mcp::message;

pub(super) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// How long to wait before connecting again, if the server does not say.
const RETRY: Duration = Duration::from_secs(1);
/// The shortest time, even if the server asks for less: it may end each stream at once.
const SHORTEST_RETRY: Duration = Duration::from_millis(50);
/// The longest time between two attempts.
const LONGEST_RETRY: Duration = Duration::from_secs(30);

pub(super) const NO_ANSWER: &str = "the server sent no answer of JSON-RPC; check the URL";

/// Why a request has no answer.
#[derive(Debug)]
pub(super) struct Fault {
    /// For people: one clause.
    pub(super) text: String,
    /// The error that the server sent, as JSON.
    pub(super) error: Option<String>,
}

impl From<&str> for Fault {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), error: None }
    }
}

/// What the server answered.
pub(super) struct Answer {
    /// The session that began with it.
    pub(super) session: Option<HeaderValue>,
    pub(super) content: Content,
}

pub(super) enum Content {
    /// Nothing, as to a notification.
    Accepted,
    /// One message, or a batch.
    Message(String),
    /// A stream of messages.
    Stream(Stream),
    /// A status that is not a success.
    Refusal(Refusal),
}

/// A status that is not a success.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// Where a redirect leads.
    location: Option<String>,
    body: String,
}

/// A stream of events, and how far it was read.
pub(super) struct Stream {
    body: Incoming,
    events: Events,
    ready: VecDeque<Event>,
    pub(super) cursor: Cursor,
}

/// Where a stream can be continued, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor {
    pub(super) last: Option<HeaderValue>,
    retry: Option<Duration>,
}

impl Answer {
    /// Reads the head of the response, and the body if it is not a stream. A stream continues at `cursor`.
    pub(super) async fn of(response: Response<Incoming>, cursor: Cursor) -> Result<Self, Fault> {
        let session = response.headers().get(SESSION).cloned();
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let location = response.headers().get(LOCATION).and_then(|url| url.to_str().ok()).map(str::to_owned);
        let (status, body) = (response.status(), response.into_body());
        let content = match kind.as_str() {
            _ if !status.is_success() => Content::Refusal(Refusal { status, location, body: whole(body).await? }),
            _ if matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) => Content::Accepted,
            "text/event-stream" => {
                Content::Stream(Stream { body, events: Events::default(), ready: VecDeque::new(), cursor })
            }
            "application/json" => match whole(body).await? {
                text if text.trim().is_empty() => Content::Accepted,
                text => Content::Message(text),
            },
            _ => Content::Accepted,
        };
        Ok(Self { session, content })
    }
}

impl Content {
    /// The first response among the messages. Others before it are not kept.
    pub(super) async fn response(self) -> Result<String, Fault> {
        match self {
            Self::Message(text) => Ok(text),
            Self::Stream(mut stream) => loop {
                let text = stream.next().await?.ok_or_else(|| Fault::from(NO_ANSWER))?;
                if message::read(&text).is_ok_and(|messages| messages[0].method.is_none()) {
                    return Ok(text);
                }
            },
            Self::Refusal(refusal) => Err(refusal.into()),
            Self::Accepted => Err(Fault::from(NO_ANSWER)),
        }
    }
}

/// The whole body as text.
async fn whole(mut body: Incoming) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Fault::from("the connection broke in the middle of the answer"))?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if bytes.len() > LARGEST {
            return Err(too_long());
        }
    }
    text(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(bytes).map_err(|_| Fault::from("the server sent a message that is not UTF-8"))
}

fn too_long() -> Fault {
    Fault { text: format!("the server sent a message of more than {} MiB", LARGEST >> 20), error: None }
}

impl Stream {
    /// The next message; none if the stream ended or broke.
    pub(super) async fn next(&mut self) -> Result<Option<String>, Fault> {
        loop {
            while let Some(event) = self.ready.pop_front() {
                self.cursor.move_to(event.id, event.retry);
                if let Some(data) = event.data {
                    return text(data).map(Some);
                }
            }
            let Some(Ok(frame)) = self.body.frame().await else { return Ok(None) };
            if let Some(piece) = frame.data_ref() {
                self.ready.extend(self.events.push(piece).map_err(|_| too_long())?);
            }
        }
    }
}

impl Cursor {
    fn move_to(&mut self, id: Option<Vec<u8>>, retry: Option<Duration>) {
        if let Some(id) = id {
            // An empty id takes the place back. One that no header can hold cannot be sent.
            self.last = HeaderValue::from_bytes(&id).ok().filter(|id| !id.is_empty());
        }
        self.retry = retry.or(self.retry);
    }

    /// How long to wait after that many attempts that failed.
    pub(super) fn delay(&self, failures: u32) -> Duration {
        let first = self.retry.unwrap_or(RETRY).max(SHORTEST_RETRY);
        if failures == 0 { first } else { first.saturating_mul(1 << failures.min(5)).min(LONGEST_RETRY.max(first)) }
    }
}

impl Refusal {
    /// Whether the session that the request named is gone. Some servers on the official SDK for
    /// TypeScript answer 400 to a session that they do not know, as its examples do.
    pub(super) fn is_session_gone(&self) -> bool {
        let said = self.body.to_ascii_lowercase();
        self.status == StatusCode::NOT_FOUND
            || self.status == StatusCode::BAD_REQUEST
                && self.error().is_some_and(|error| error.code == -32000)
                && ["session", "not initialized"].iter().any(|words| said.contains(words))
    }

    /// Whether the same request may succeed later.
    pub(super) fn is_passing(&self) -> bool {
        self.status.is_server_error() && self.status != StatusCode::NOT_IMPLEMENTED
            || [401, 408, 409, 429].contains(&self.status.as_u16())
    }

    /// What the server says in the form of JSON-RPC.
    fn error(&self) -> Option<Said> {
        let messages = message::read(&self.body).ok()?;
        serde_json::from_str(messages.first()?.error?.get()).ok()
    }
}

/// The members that each error of JSON-RPC has.
#[derive(Deserialize)]
struct Said {
    code: i64,
    #[serde(rename = "message")]
    _message: String,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let what = match refusal.status.as_u16() {
            401 => "the server refused the credential; scout-auth doctor --url says more",
            403 => "the credential may not do this, or the server accepts no requests from here",
            429 => "the server limits the rate; try again later",
            300..=399 => "the server redirects, and the credential does not follow",
            400..=499 => "the server refused the request",
            _ => "the server failed",
        };
        let error = refusal.error().and_then(|_| {
            let messages = message::read(&refusal.body).ok()?;
            messages.first()?.error.map(RawValue::get).map(str::to_owned)
        });
        let text = match refusal.location {
            Some(url) if refusal.status.is_redirection() => format!("{what}; if it is meant, use {url}"),
            _ => what.to_owned(),
        };
        Self { text: format!("{text} ({})", refusal.status), error: error.map(message::one_line) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        let status = StatusCode::from_u16(status).expect("a status");
        Refusal { status, location: None, body: body.to_owned() }
    }

    #[test]
    fn a_session_is_gone_at_404_and_where_the_typescript_examples_say_so() {
        let said =
            |text: &str| format!(r#"{{"jsonrpc":"2.0","id":null,"error":{{"code":-32000,"message":"{text}"}}}}"#);
        assert!(refusal(404, "").is_session_gone());
        assert!(refusal(400, &said("Bad Request: No valid session ID provided")).is_session_gone());
        assert!(refusal(400, &said("Bad Request: Server not initialized")).is_session_gone());
        assert!(!refusal(400, &said("Bad Request: Unsupported protocol version: 1")).is_session_gone());
        assert!(!refusal(400, "no such session").is_session_gone());
        assert!(!refusal(500, &said("session")).is_session_gone());
    }

    #[test]
    fn an_error_of_the_server_is_passed_on_and_anything_else_is_not() {
        let fault = Fault::from(refusal(400, "{\"id\":1,\"error\":{\"code\":-32602,\n\"message\":\"no\"}}"));
        assert_eq!(fault.error.as_deref(), Some("{\"code\":-32602, \"message\":\"no\"}"));
        for body in ["", "<html>", r#"{"error":"invalid_token"}"#, r#"{"error":{"code":1}}"#] {
            let fault = Fault::from(refusal(401, body));
            assert!(fault.error.is_none() && fault.text.contains("401 Unauthorized"), "{body}");
        }
    }

    #[test]
    fn a_stream_is_continued_after_its_last_id_and_in_the_time_that_the_server_asks_for() {
        let mut cursor = Cursor::default();
        assert_eq!([0, 1, 9].map(|failures| cursor.delay(failures).as_secs()), [1, 2, 30]);
        cursor.move_to(Some(b"7".to_vec()), Some(Duration::from_millis(250)));
        cursor.move_to(None, None);
        assert_eq!(
            (cursor.last.clone(), cursor.delay(0)),
            (Some(HeaderValue::from_static("7")), Duration::from_millis(250))
        );
        cursor.move_to(Some(b"a\nb".to_vec()), Some(Duration::from_hours(1)));
        assert_eq!(
            (cursor.last.clone(), cursor.delay(0), cursor.delay(3).as_secs()),
            (None, Duration::from_hours(1), 3600)
        );
        cursor.move_to(Some(Vec::new()), Some(Duration::ZERO));
        assert_eq!((cursor.last.is_none(), cursor.delay(0)), (true, SHORTEST_RETRY));
    }
}
