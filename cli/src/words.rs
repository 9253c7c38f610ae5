//! Times and JSON for people: the words of `inspect`, `verify` and `doctor`.

use std::fmt::Write as _;
use std::time::Duration;

use der::DateTime;
use scout_auth::{Clock as _, SystemClock};
use serde_json::{Map, Value};

/// The system's time, in Unix seconds.
pub(crate) fn now() -> u64 {
    SystemClock.now().unix
}

/// A time in RFC 3339, such as `2023-11-14T22:13:20Z`.
pub(crate) fn utc(unix: u64) -> String {
    DateTime::from_unix_duration(Duration::from_secs(unix))
        .map_or_else(|_| "after the year 9999".to_owned(), |time| time.to_string())
}

/// A time span in its two largest units, such as `4 min 12 s`.
pub(crate) fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let largest = UNITS.iter().position(|(size, _)| seconds >= *size).unwrap_or(UNITS.len() - 1);
    let mut rest = seconds;
    let mut words = Vec::new();
    for (size, unit) in UNITS.iter().skip(largest).take(2) {
        if rest >= *size || words.is_empty() {
            words.push(format!("{} {unit}", rest / size));
        }
        rest %= size;
    }
    words.join(" ")
}

/// JSON in ASCII. What a stranger wrote can hold characters that steer a terminal or turn the
/// direction of the text: these are escaped, and it stays the same JSON.
pub(crate) fn ascii(value: &Value) -> String {
    let mut ascii = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii() && !character.is_ascii_control() {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(ascii, "\\u{unit:04x}");
        }
    }
    ascii
}

/// The members of a header or of claims, a line each, with the times in words.
pub(crate) fn members(object: &Map<String, Value>, now: u64) -> String {
    let width = object.keys().map(String::len).max().unwrap_or(0).min(16);
    let line = |(name, value): (&String, &Value)| {
        let quoted = ascii(&Value::from(name.as_str()));
        let words = value.as_u64().map_or_else(String::new, |time| in_words(name, time, now));
        format!("  {:width$}  {}{words}\n", &quoted[1..quoted.len() - 1], ascii(value))
    };
    object.iter().map(line).collect()
}

/// What a time claim means at this moment; nothing for other members.
fn in_words(name: &str, time: u64, now: u64) -> String {
    let relation = match name {
        "exp" if time > now => format!("expires in {}", span(time - now)),
        "exp" => format!("expired {} ago", span(now - time)),
        "iat" if time > now => format!("issued in the future, in {}", span(time - now)),
        "iat" => format!("issued {} ago", span(now - time)),
        "nbf" if time > now => format!("not valid before {} from now", span(time - now)),
        "nbf" => format!("valid since {}", span(now - time)),
        _ => return String::new(),
    };
    format!("  {}, {relation}", utc(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (252, "4 min 12 s"),
            (3600, "1 h"),
            (3605, "1 h"),
            (93_784, "1 d 2 h"),
        ] {
            assert_eq!(span(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn a_time_is_said_in_utc_and_no_number_is_too_large() {
        assert_eq!(utc(1_700_000_000), "2023-11-14T22:13:20Z");
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(u64::MAX), "after the year 9999");
    }

    #[test]
    fn times_of_claims_are_said_from_this_moment() {
        let now = 1_700_000_000;
        let said = |claims: &str| members(&serde_json::from_str(claims).expect("JSON"), now);
        assert_eq!(said(r#"{"exp":1700000252}"#), "  exp  1700000252  2023-11-14T22:17:32Z, expires in 4 min 12 s\n");
        assert!(said(r#"{"exp":1700000000}"#).ends_with("expired 0 s ago\n"));
        assert!(said(r#"{"iat":1699999990}"#).ends_with("issued 10 s ago\n"));
        assert!(said(r#"{"iat":1700000010}"#).ends_with("issued in the future, in 10 s\n"));
        assert!(said(r#"{"nbf":1700000010}"#).ends_with("not valid before 10 s from now\n"));
        assert_eq!(said(r#"{"sub":"1700000000"}"#), "  sub  \"1700000000\"\n");
        assert!(said(r#"{"exp":18446744073709551615}"#).contains("after the year 9999"));
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_left_in_the_text() {
        let hostile = "\u{1b}[2J\u{7f}\u{9b}31m\u{202e}\u{1f600}é\n";
        let value = serde_json::json!({ hostile: hostile });
        let text = ascii(&value);
        assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
        let lines = members(value.as_object().expect("an object"), 0);
        assert!(lines.trim_end().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{lines}");
    }
}
