//! `Metadata`: what a request of protocol version 2026-07-28 or later repeats in headers, so that
//! servers between can route it ("Request Metadata" in the transport's specification).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::commands::mcp::message::{Message, Params};

pub(super) const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// The method whose answer says which parameters are mirrored.
pub(super) const LIST: &str = "tools/list";
const CALL: &str = "tools/call";

/// The keyword in a tool's schema that mirrors a parameter into a header.
const KEYWORD: &str = "x-mcp-header";
const PREFIX: &str = "mcp-param-";
/// The types of parameters that may be mirrored.
const TYPES: [&str; 3] = ["integer", "string", "boolean"];

/// The parameters of each tool that are mirrored, as the answers to `tools/list` say.
#[derive(Default)]
pub(super) struct Metadata(HashMap<String, Vec<Mirrored>>);

/// The way to a parameter in the arguments, and its header.
#[derive(Debug, PartialEq, Eq)]
struct Mirrored {
    path: Vec<String>,
    header: HeaderName,
}

/// Something in a tool's schema is against the rules.
#[derive(Debug, PartialEq, Eq)]
struct Invalid;

/// What a tool's description says about its parameters.
#[derive(Deserialize)]
struct Tool {
    name: String,
    #[serde(rename = "inputSchema", default)]
    schema: Value,
}

impl Metadata {
    /// The headers of a request with this version.
    pub(super) fn headers(&self, message: &Message<'_>, params: &Params<'_>, version: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let method = message.method.as_deref().unwrap_or_default();
        headers.insert(VERSION, encoded(version));
        headers.insert(METHOD, encoded(method));
        let name = match method {
            CALL | "prompts/get" => params.name.as_deref(),
            "resources/read" => params.uri.as_deref(),
            _ => None,
        };
        headers.extend(name.map(|name| (NAME, encoded(name))));
        let tool = params.name.as_deref().filter(|_| method == CALL).and_then(|name| self.0.get(name));
        let arguments = params.arguments.and_then(|arguments| serde_json::from_str::<Value>(arguments.get()).ok());
        if let (Some(tool), Some(arguments)) = (tool, arguments) {
            headers.extend(tool.iter().filter_map(|mirrored| mirrored.of(&arguments)));
        }
        headers
    }

    /// Learns from the answer to `tools/list` which parameters are mirrored. If a tool's schema is
    /// against the rules, returns the answer without that tool, and its name.
    pub(super) fn learn(&mut self, answer: &str) -> Option<(String, Vec<String>)> {
        let answer: Map<String, Value> = serde_json::from_str(answer).ok()?;
        let listed = answer.get("result")?.get("tools")?.as_array()?;
        let mut refused = Vec::new();
        for tool in listed.iter().filter_map(|tool| Tool::deserialize(tool).ok()) {
            if let Ok(mirrored) = mirrored(&tool.schema) {
                self.0.insert(tool.name, mirrored);
            } else {
                self.0.remove(&tool.name);
                refused.push(tool.name);
            }
        }
        if refused.is_empty() { None } else { Some((without(answer, &refused), refused)) }
    }
}

/// The answer to `tools/list` without these tools.
fn without(mut answer: Map<String, Value>, refused: &[String]) -> String {
    let tools = answer.get_mut("result").and_then(|result| result.get_mut("tools"));
    if let Some(tools) = tools.and_then(Value::as_array_mut) {
        tools.retain(|tool| {
            tool.get("name").and_then(Value::as_str).is_none_or(|name| refused.iter().all(|refused| refused != name))
        });
    }
    Value::Object(answer).to_string()
}

impl Mirrored {
    /// The header for these arguments, if they have a value for it.
    fn of(&self, arguments: &Value) -> Option<(HeaderName, HeaderValue)> {
        let value = self.path.iter().try_fold(arguments, |value, name| value.get(name))?;
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return None,
        };
        Some((self.header.clone(), encoded(&text)))
    }
}

/// The mirrored parameters of a schema.
fn mirrored(schema: &Value) -> Result<Vec<Mirrored>, Invalid> {
    let mut found = Vec::new();
    collect(schema, &mut Vec::new(), &mut found)?;
    let is_twice = |(at, mirrored): (usize, &Mirrored)| found[..at].iter().any(|other| other.header == mirrored.header);
    if found.iter().enumerate().any(is_twice) { Err(Invalid) } else { Ok(found) }
}

/// Collects the mirrored parameters below `properties`. The keyword at any other place is invalid.
fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Mirrored>) -> Result<(), Invalid> {
    let Value::Object(members) = schema else { return Ok(()) };
    if let Some(name) = members.get(KEYWORD) {
        let is_allowed = members.get("type").and_then(Value::as_str).is_some_and(|kind| TYPES.contains(&kind));
        let name = name.as_str().filter(|name| !name.is_empty() && is_allowed && !path.is_empty()).ok_or(Invalid)?;
        let header = HeaderName::try_from(format!("{PREFIX}{name}")).map_err(|_| Invalid)?;
        found.push(Mirrored { path: path.clone(), header });
    }
    for (keyword, value) in members {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                for (name, property) in properties {
                    path.push(name.clone());
                    collect(property, path, found)?;
                    path.pop();
                }
            }
            // Values, not schemas.
            ("default" | "examples" | "const" | "enum", _) => {}
            (_, value) if has_keyword(value) => return Err(Invalid),
            _ => {}
        }
    }
    Ok(())
}

fn has_keyword(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.contains_key(KEYWORD) || members.values().any(has_keyword),
        Value::Array(values) => values.iter().any(has_keyword),
        _ => false,
    }
}

/// A text as the value of a header: as it is if it is plain ASCII, otherwise in base64.
fn encoded(text: &str) -> HeaderValue {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.trim() == text;
    let is_like_base64 = text.starts_with("=?base64?") && text.ends_with("?=");
    let plain = HeaderValue::from_str(text).ok().filter(|_| is_plain && !is_like_base64);
    plain.unwrap_or_else(|| {
        let text = format!("=?base64?{}?=", STANDARD.encode(text));
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::mcp::message;
    use serde_json::json;

    fn headers(metadata: &Metadata, method: &str, params: &Value) -> Vec<(String, String)> {
        let text = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let message = message::read(&text).expect("a message").remove(0);
        let headers = metadata.headers(&message, &message.params(), "2026-07-28");
        let text = |value: &HeaderValue| value.to_str().expect("ASCII").to_owned();
        headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    fn names(headers: &[(String, String)]) -> Vec<(&str, &str)> {
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).skip(2).collect()
    }

    fn tool(name: &str, schema: &Value) -> Value {
        json!({ "name": name, "inputSchema": schema })
    }

    fn learnt(tools: &[Value]) -> (Metadata, Option<(String, Vec<String>)>) {
        let mut metadata = Metadata::default();
        let refused = metadata.learn(&json!({ "id": 1, "result": { "tools": tools, "ttl": 1 } }).to_string());
        (metadata, refused)
    }

    #[test]
    fn version_method_and_name_are_mirrored() {
        let metadata = Metadata::default();
        let sent = headers(&metadata, "tools/call", &json!({ "name": "add", "uri": "no" }));
        let expected = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "add")];
        assert_eq!(sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(), expected);
        let sent = headers(&metadata, "resources/read", &json!({ "uri": "file:///a", "name": "no" }));
        assert_eq!(names(&sent), [("mcp-name", "file:///a")]);
        assert_eq!(names(&headers(&metadata, "tools/list", &json!({ "name": "no" }))), []);
    }

    /// The examples of the specification, and a name that would end the header.
    #[test]
    fn what_is_not_plain_ascii_is_encoded() {
        for (text, expected) in [
            ("us-west1", "us-west1"),
            ("Hello, \u{4e16}\u{754c}", "=?base64?SGVsbG8sIOS4lueVjA==?="),
            (" padded ", "=?base64?IHBhZGRlZCA=?="),
            ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
            ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
            ("a\r\nAuthorization: b", "=?base64?YQ0KQXV0aG9yaXphdGlvbjogYg==?="),
        ] {
            assert_eq!(encoded(text), expected);
        }
    }

    #[test]
    fn parameters_are_mirrored_as_the_schema_says() {
        let schema = json!({ "type": "object", "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "deep": { "type": "object", "properties": {
                "count": { "type": "integer", "x-mcp-header": "Count" },
                "dry": { "type": "boolean", "x-mcp-header": "Dry" },
                "none": { "type": "string", "x-mcp-header": "None" },
            } },
        } });
        let (metadata, refused) = learnt(&[tool("sql", &schema)]);
        assert_eq!(refused, None);
        let arguments = json!({ "region": "us", "deep": { "count": -7, "dry": true, "none": null } });
        let mut sent = headers(&metadata, "tools/call", &json!({ "name": "sql", "arguments": arguments }));
        sent.sort();
        let sent: Vec<_> = sent.iter().filter(|(name, _)| name.starts_with("mcp-param-")).collect();
        let expected = [("mcp-param-count", "-7"), ("mcp-param-dry", "true"), ("mcp-param-region", "us")];
        assert_eq!(sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(), expected);
        let sent = headers(&metadata, "tools/call", &json!({ "name": "other", "arguments": arguments }));
        assert_eq!(names(&sent), [("mcp-name", "other")]);
    }

    #[test]
    fn a_tool_whose_schema_is_against_the_rules_is_taken_out() {
        let property = |schema: Value| json!({ "properties": { "a": schema } });
        for schema in [
            property(json!({ "type": "string", "x-mcp-header": "" })),
            property(json!({ "type": "string", "x-mcp-header": "a b" })),
            property(json!({ "type": "string", "x-mcp-header": "a\r\nb" })),
            property(json!({ "type": "string", "x-mcp-header": 1 })),
            property(json!({ "type": "number", "x-mcp-header": "A" })),
            property(json!({ "x-mcp-header": "A" })),
            property(json!({ "type": "array", "items": { "type": "string", "x-mcp-header": "A" } })),
            json!({ "type": "string", "x-mcp-header": "A" }),
            json!({ "anyOf": [property(json!({ "type": "string", "x-mcp-header": "A" }))] }),
            json!({ "properties": {
                "a": { "type": "string", "x-mcp-header": "A" }, "b": { "type": "string", "x-mcp-header": "a" },
            } }),
        ] {
            let (_, refused) = learnt(&[tool("good", &json!({})), tool("bad", &schema)]);
            let (answer, names) = refused.expect("a refusal");
            assert_eq!(names, ["bad"], "{schema}");
            let answer: Value = serde_json::from_str(&answer).expect("JSON");
            let expected = json!({ "id": 1, "result": { "tools": [tool("good", &json!({}))], "ttl": 1 } });
            assert_eq!(answer, expected);
        }
        let values = property(json!({ "type": "string", "default": { "x-mcp-header": "A" } }));
        assert_eq!(learnt(&[tool("good", &values)]).1, None);
    }
}
