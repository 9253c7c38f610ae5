//! `Members`: a JSON object as it was written, with its order and its duplicates.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::words::{self, ascii};

/// The members of a JSON object, in the order in which they were written. A name may occur twice.
pub(crate) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    /// The members as one line of JSON in ASCII.
    pub(crate) fn to_json(&self) -> String {
        let member = |(name, value): &(String, Box<RawValue>)| format!("{}:{}", quoted(name), ascii(value.get()));
        format!("{{{}}}", self.0.iter().map(member).collect::<Vec<_>>().join(","))
    }

    /// One line for each member, with the times in words.
    pub(crate) fn to_lines(&self, now: u64) -> String {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0).min(16);
        let line = |(name, value): &(String, Box<RawValue>)| {
            let (quoted, value) = (quoted(name), value.get());
            let words = value.parse().map_or_else(|_| String::new(), |time| words::of_claim(name, time, now));
            format!("  {:width$}  {}{words}\n", &quoted[1..quoted.len() - 1], ascii(value))
        };
        self.0.iter().map(line).collect()
    }

    /// Whether a name occurs twice.
    pub(crate) fn has_duplicates(&self) -> bool {
        self.0.iter().enumerate().any(|(index, (name, _))| self.0[..index].iter().any(|(other, _)| other == name))
    }

    /// Whether one of the times is in milliseconds.
    pub(crate) fn has_milliseconds(&self) -> bool {
        let is_time = |name: &str| ["iat", "exp", "nbf"].contains(&name);
        self.0.iter().any(|(name, value)| is_time(name) && value.get().parse().is_ok_and(words::is_milliseconds))
    }
}

fn quoted(name: &str) -> String {
    ascii(&Value::from(name).to_string())
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Members {
        serde_json::from_str(json).expect("a JSON object")
    }

    #[test]
    fn members_keep_their_order_their_duplicates_and_their_spelling() {
        let members = read("{\"b\":1.0,\"a\":{\"z\" :\n[ ],\"y\":null},\"b\":\"\u{e9}\"}");
        assert_eq!(members.to_json(), r#"{"b":1.0,"a":{"z" : [ ],"y":null},"b":"\u00e9"}"#);
        assert_eq!(members.to_lines(0), "  b  1.0\n  a  {\"z\" : [ ],\"y\":null}\n  b  \"\\u00e9\"\n");
    }

    #[test]
    fn times_of_claims_are_shown_relative_to_now() {
        let said = |claims: &str| read(claims).to_lines(1_700_000_000);
        assert_eq!(said(r#"{"exp":1700000252}"#), "  exp  1700000252  2023-11-14T22:17:32Z, expires in 4 min 12 s\n");
        assert!(said(r#"{"exp":1700000000}"#).ends_with("expired 0 s ago\n"));
        assert!(said(r#"{"iat":1699999990}"#).ends_with("issued 10 s ago\n"));
        assert!(said(r#"{"iat":1700000010}"#).ends_with("issued in the future, in 10 s\n"));
        assert!(said(r#"{"nbf":1700000010}"#).ends_with("not valid before 10 s from now\n"));
        assert_eq!(said(r#"{"sub":"1700000000"}"#), "  sub  \"1700000000\"\n");
        assert!(said(r#"{"exp":18446744073709551615}"#).contains("milliseconds"));
    }

    #[test]
    fn milliseconds_are_seen_in_times_only() {
        assert!(read(r#"{"iat":1700000000000}"#).has_milliseconds());
        assert!(!read(r#"{"iat":1700000000,"exp":1700000300}"#).has_milliseconds());
        assert!(!read(r#"{"id":1700000000000}"#).has_milliseconds());
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_left_in_the_text() {
        let hostile = "\u{1b}[2J\u{7f}\u{9b}31m\u{202e}\u{1f600}\u{e9}\n";
        let value = serde_json::json!({ hostile: hostile });
        let members = read(&value.to_string());
        assert_eq!(serde_json::from_str::<Value>(&members.to_json()).expect("JSON"), value);
        for text in [members.to_json().as_str(), members.to_lines(0).trim_end()] {
            assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text}");
        }
    }
}
