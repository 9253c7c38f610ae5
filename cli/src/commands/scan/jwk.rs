//! A JWK (RFC 7517) as it stands in files: in JSON, escaped JSON, YAML, JavaScript or Python.

use std::ops::Range;

use zeroize::Zeroizing;

use super::run::{REACH, escape};

/// The members of a private RSA key (RFC 7518 §6.3).
const NAMES: [&str; 8] = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];

/// The object around a place: to the nearest braces, which a JWK has only around itself. The first one
/// belongs to it.
pub(super) fn object(text: &[u8], at: usize) -> Range<usize> {
    let is_brace = |byte: &u8| matches!(byte, b'{' | b'}');
    let before = text[..at].iter().rev().take(REACH).position(is_brace).map_or(at.min(REACH), |length| length + 1);
    let behind = &text[at..];
    let length = behind.iter().take(REACH).position(is_brace).unwrap_or(behind.len().min(REACH));
    at - before..at + length
}

/// The text of the JWK as core reads it, if the object has a private member.
pub(super) fn text(object: &[u8]) -> Option<Zeroizing<String>> {
    let plain = unescaped(object);
    let values = NAMES.map(|name| value(&plain, name));
    values[2].as_ref()?;
    let mut jwk = Zeroizing::new(String::with_capacity(plain.len() + 64));
    jwk.push_str(r#"{"kty":"RSA""#);
    for (name, value) in NAMES.iter().zip(&values) {
        if let Some(value) = value {
            for part in [",\"", name, "\":\"", value, "\""] {
                jwk.push_str(part);
            }
        }
    }
    jwk.push('}');
    Some(jwk)
}

fn unescaped(object: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut plain = Zeroizing::new(Vec::with_capacity(object.len()));
    let mut at = 0;
    while at < object.len() {
        let (byte, length) = escape(&object[at..]).unwrap_or((Some(object[at]), 1));
        plain.extend(byte);
        at += length;
    }
    plain
}

/// The value of a member: `name`, a colon and base64url, with or without quotes. A value in quotes may
/// be wrapped.
fn value(object: &[u8], name: &str) -> Option<Zeroizing<String>> {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`');
    let mut from = 0;
    loop {
        let at = from + object[from..].windows(name.len()).position(|window| window == name.as_bytes())?;
        from = at + 1;
        if at.checked_sub(1).is_some_and(|before| is_base64url(object[before])) {
            continue;
        }
        let behind = object[at + name.len()..].trim_ascii_start();
        let behind = behind.split_first().filter(|(first, _)| is_quote(first)).map_or(behind, |(_, rest)| rest);
        let Some(behind) = behind.trim_ascii_start().strip_prefix(b":") else { continue };
        let behind = behind.trim_ascii_start();
        let (behind, is_quoted) = match behind.split_first() {
            Some((first, rest)) if is_quote(first) => (rest, true),
            _ => (behind, false),
        };
        let mut value = Zeroizing::new(String::with_capacity(behind.len()));
        for byte in behind {
            match byte {
                byte if is_base64url(*byte) => value.push(char::from(*byte)),
                byte if is_quoted && byte.is_ascii_whitespace() => {}
                _ => break,
            }
        }
        return Some(value);
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_in_every_spelling() {
        for found in [
            r#"{"kty":"RSA","e":"AQAB","d":"a-_b"}"#,
            "{\n  \"d\" : \"a-\n   _b\",\n  \"e\": \"AQAB\"\n}",
            r#"{\"kty\":\"RSA\",\n \"e\":\"AQAB\",\"d\":\"a-_b\"}"#,
            "{ kty: 'RSA', e: 'AQAB', d: `a-_b` }",
            "kty: RSA\nd: a-_b\ne: AQAB\n",
            "{&quot;e&quot;:&quot;AQAB&quot;,&#34;d&#34;:&#34;a-_b&#34;}",
            "%7B%22d%22%3A%22a-_b%22%2C%22e%22%3A%22AQAB%22%7D",
        ] {
            let jwk = text(found.as_bytes()).expect("a private member");
            assert_eq!(*jwk, r#"{"kty":"RSA","e":"AQAB","d":"a-_b"}"#, "{found}");
        }
        assert!(text(br#"{"kty":"RSA","e":"AQAB","n":"aaaa","id":"d"}"#).is_none());
    }

    #[test]
    fn the_object_ends_at_the_nearest_braces() {
        assert_eq!(object(br#"[{"a":1},{"kty":2},{"#, 10), 9..17);
        assert_eq!(object(b"kty", 1), 0..3);
    }
}
