//! JSON-RPC 2.0: as much of a message as the bridge must read. Messages are passed on as they were written.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// The server, or the way to it, failed: the first of the codes that JSON-RPC leaves to implementations.
const FAILED: i32 = -32000;
const PARSE_ERROR: i32 = -32700;

/// The notification that cancels a request.
const CANCELLED: &str = "notifications/cancelled";
/// What a message of protocol version 2026-07-28 or later names its version by.
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// The id of a request. Two spellings of one id are the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Id(String);

/// The members of a message that the bridge reads.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// The parameters of a request that are mirrored into headers, or say what a notification cancels.
#[derive(Default, Deserialize)]
pub(super) struct Params<'a> {
    #[serde(rename = "_meta", borrow)]
    meta: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) uri: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
    #[serde(rename = "requestId", borrow)]
    request_id: Option<&'a RawValue>,
}

/// The text is no message of JSON-RPC.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Reads a message, or the messages of a batch (protocol version 2025-03-26).
pub(super) fn read(text: &str) -> Result<Vec<Message<'_>>, Malformed> {
    let messages = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<_>>(text).map_err(|_| Malformed)?
    } else {
        vec![serde_json::from_str(text).map_err(|_| Malformed)?]
    };
    let is_message = |message: &Message| message.method.is_some() || message.is_response();
    if messages.is_empty() || !messages.iter().all(is_message) { Err(Malformed) } else { Ok(messages) }
}

impl<'a> Message<'a> {
    /// The id, if the message is a request.
    pub(super) fn request(&self) -> Option<Id> {
        self.method.as_ref().and(self.id).map(Id::of)
    }

    /// The id, if the message is a response with one.
    pub(super) fn response(&self) -> Option<Id> {
        if self.method.is_none() { self.id.map(Id::of) } else { None }
    }

    fn is_response(&self) -> bool {
        self.result.is_some() || self.error.is_some()
    }

    pub(super) fn is(&self, method: &str) -> bool {
        self.method.as_deref() == Some(method)
    }

    /// The request that this notification cancels.
    pub(super) fn cancelled(&self) -> Option<Id> {
        if self.is(CANCELLED) { self.params().request_id.map(Id::of) } else { None }
    }

    pub(super) fn params(&self) -> Params<'a> {
        self.params.and_then(|params| serde_json::from_str(params.get()).ok()).unwrap_or_default()
    }
}

impl Params<'_> {
    /// The version that the message names itself, as each does since protocol version 2026-07-28.
    /// There is no session then.
    pub(super) fn version(&self) -> Option<String> {
        let meta: Value = serde_json::from_str(self.meta?.get()).ok()?;
        meta.get(VERSION)?.as_str().map(str::to_owned)
    }
}

impl Id {
    fn of(raw: &RawValue) -> Self {
        // Escapes in a text may differ, and its value is what counts.
        Self(raw.get().parse::<Value>().map_or_else(|_| raw.get().to_owned(), |value| value.to_string()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The answer to a request that the server did not answer.
pub(super) fn failure(id: &Id, text: &str) -> String {
    let error = json!({ "code": FAILED, "message": text });
    reply(id, &error.to_string())
}

/// The answer with an error of the server, which may not have known the id.
pub(super) fn reply(id: &Id, error: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
}

/// The answer to a line that is no message, or is too long to be read.
pub(super) fn refusal(text: &str) -> String {
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": PARSE_ERROR, "message": text } }).to_string()
}

/// The message as one line: JSON has line ends between its tokens only, where a space means the same.
pub(super) fn one_line(mut text: String) -> String {
    if text.contains(['\n', '\r']) {
        text = text.replace(['\n', '\r'], " ");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Message<'_> {
        read(text).expect("a message").remove(0)
    }

    fn id(text: &str) -> Id {
        Id(text.to_owned())
    }

    #[test]
    fn requests_notifications_and_responses_are_told_apart() {
        let request = one(r#" {"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
        assert_eq!((request.request(), request.response()), (Some(id("1")), None));
        let notification = one(r#"{"method":"notifications/initialized","id":null}"#);
        assert_eq!((notification.request(), notification.response()), (None, None));
        let response = one(r#"{"id":"a","result":{}}"#);
        assert_eq!((response.request(), response.response()), (None, Some(id(r#""a""#))));
        let refused = one(r#"{"id":null,"error":{}}"#);
        assert_eq!((refused.request(), refused.response()), (None, None));
    }

    #[test]
    fn one_id_may_be_spelt_in_two_ways_and_a_number_is_no_text() {
        let request = |text: &str| one(text).request();
        assert_eq!(request(r#"{"id":"\u0041","method":"m"}"#), request(r#"{"id":"A","method":"m"}"#));
        assert_ne!(request(r#"{"id":"1","method":"m"}"#), request(r#"{"id":1,"method":"m"}"#));
    }

    #[test]
    fn a_batch_has_several_messages() {
        let batch = read(r#"[{"id":1,"method":"a"},{"method":"b"},{"id":2,"result":1}]"#).expect("a batch");
        assert_eq!(batch.iter().filter_map(Message::request).collect::<Vec<_>>(), [id("1")]);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for text in
            ["", "x", "1", "[]", "{}", r#"{"id":1}"#, r#"{"id":1,"method":2}"#, r#"{"id":1,"id":2,"method":"m"}"#]
        {
            assert_eq!(read(text).err(), Some(Malformed), "{text}");
        }
    }

    #[test]
    fn a_cancellation_names_its_request() {
        let text = r#"{"method":"notifications/cancelled","params":{"requestId":"x","reason":"no"}}"#;
        assert_eq!(one(text).cancelled(), Some(id(r#""x""#)));
        assert_eq!(one(r#"{"method":"notifications/progress","params":{"requestId":"x"}}"#).cancelled(), None);
    }

    #[test]
    fn a_message_of_a_version_without_sessions_names_its_version() {
        let text =
            r#"{"id":1,"method":"m","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
        assert_eq!(one(text).params().version().as_deref(), Some("2026-07-28"));
        assert_eq!(one(r#"{"id":1,"method":"m","params":{"_meta":{"progressToken":1}}}"#).params().version(), None);
        assert_eq!(one(r#"{"id":1,"method":"m","params":[1]}"#).params().version(), None);
    }

    #[test]
    fn answers_of_the_bridge_are_messages() {
        for text in [failure(&id(r#""a\"b""#), "no \"answer\"\n"), reply(&id("7"), r#"{"code":1}"#), refusal("no")] {
            assert!(serde_json::from_str::<Value>(&text).is_ok_and(|json| json["jsonrpc"] == "2.0"), "{text}");
            assert!(!text.contains('\n'));
        }
    }

    #[test]
    fn a_message_of_several_lines_becomes_one() {
        let text = one_line("{\r\n  \"id\": 1,\n \"result\": \"a\\nb\"\n}".to_owned());
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), json!({ "id": 1, "result": "a\nb" }));
        assert!(!text.contains(['\n', '\r']));
    }
}
