//! Times, hashes and JSON for people, in `inspect`, `verify`, `kid` and `doctor`.

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use der::DateTime;
use scout_auth::{Clock as _, PublicKey, SystemClock};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The system's time, in Unix seconds.
pub(crate) fn now() -> u64 {
    SystemClock.now().unix
}

/// A time in RFC 3339, such as `2023-11-14T22:13:20Z`.
pub(crate) fn utc(unix: u64) -> String {
    DateTime::from_unix_duration(Duration::from_secs(unix))
        .map_or_else(|_| "after the year 9999".to_owned(), |time| time.to_string())
}

/// SHA-256 of the public key in SPKI, in hex and in base64url: other names for a key that software
/// shows, and that are not its kid.
pub(crate) fn spki_sha256(key: &PublicKey) -> [String; 2] {
    let hash = Sha256::digest(key.to_der());
    [hex(&hash), URL_SAFE_NO_PAD.encode(hash)]
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
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

/// JSON text in ASCII. Characters that could control a terminal or reverse the direction of the text
/// are escaped; the JSON keeps its meaning.
pub(crate) fn ascii(json: &str) -> String {
    let mut ascii = String::new();
    for character in json.chars() {
        match character {
            ' '..='~' => ascii.push(character),
            // Between the parts of JSON text only: within a string JSON does not allow them.
            '\t' | '\n' | '\r' => ascii.push(' '),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(ascii, "\\u{unit:04x}");
                }
            }
        }
    }
    ascii
}

/// Visible ASCII as the inside of a string in double quotes, of JSON or of the configuration of curl.
pub(crate) fn escaped(text: &str) -> Zeroizing<String> {
    // A growing string would leave copies behind.
    let mut escaped = Zeroizing::new(String::with_capacity(2 * text.len()));
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Whether a time must be in milliseconds: in seconds it would be after the year 5000.
pub(crate) fn is_milliseconds(time: u64) -> bool {
    time > 100_000_000_000
}

/// What a time claim means at this moment; empty for other claims.
pub(crate) fn of_claim(name: &str, time: u64, now: u64) -> String {
    let relation = match name {
        "exp" | "iat" | "nbf" if is_milliseconds(time) => return "  not seconds: milliseconds?".to_owned(),
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
    fn a_span_is_shown_in_its_two_largest_units() {
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
    fn a_time_is_shown_in_utc_and_no_number_is_too_large() {
        assert_eq!(utc(1_700_000_000), "2023-11-14T22:13:20Z");
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(u64::MAX), "after the year 9999");
    }
}
