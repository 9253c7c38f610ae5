//! Encodings of keys: base64url, PEM, DER, JWK, and the mending of pasted keys.
//!
//! Nothing here does arithmetic. What comes out of [`pasted`] and [`asn1`] are the numbers of a key
//! as they stand in the text: [`crate::key`] checks them.

pub(crate) mod asn1;
mod base64;
pub(crate) mod json;
pub(crate) mod jwk;
pub(crate) mod mistaken;
pub(crate) mod pasted;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::secret::{SecretBytes, SecretText};

/// base64url without padding, in constant time (RFC 4648 §5).
pub(crate) fn base64url(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity((bytes.len() * 8).div_ceil(6));
    base64::encode(bytes, base64::URL_SAFE, &mut text, |_, _| {});
    ascii(text)
}

/// Decodes canonical base64url without padding, in constant time.
pub(crate) fn from_base64url(text: &str) -> Option<SecretBytes> {
    base64::decode(text.as_bytes(), base64::URL_SAFE)
}

/// Decodes key text in either alphabet, but not in both, with or without its padding; white space
/// is passed over. The unused bits of the last character must be zero.
pub(crate) fn from_key_base64(text: &str) -> Result<SecretBytes> {
    // To the end of the text, wherever the first such character stands.
    let spaces = text.bytes().fold(0, |found, byte| found | u8::from(byte <= b' '));
    if spaces == 0 {
        return from_compact(text.as_bytes());
    }
    let mut compact = Zeroizing::new(Vec::with_capacity(text.len()));
    for piece in text.as_bytes().split(u8::is_ascii_whitespace) {
        compact.extend_from_slice(piece);
    }
    from_compact(&compact)
}

/// As [`from_key_base64`], for text without white space.
fn from_compact(text: &[u8]) -> Result<SecretBytes> {
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    if padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) {
        return Err(Error::KeyEncoding);
    }
    let body = &text[..text.len() - padding];
    // To the end of the text, wherever the first such character stands.
    let url_safe = body.iter().fold(0, |found, byte| found | u8::from(*byte == b'-') | u8::from(*byte == b'_'));
    let alphabet = if url_safe == 0 { base64::STANDARD } else { base64::URL_SAFE };
    let decoded = base64::decode(body, alphabet);
    decoded.ok_or_else(|| if is_cut_short(body) { Error::KeyTruncated } else { Error::KeyEncoding })
}

/// Whether base64 that does not decode is a key that lost its end: its first bytes say how long it
/// is.
fn is_cut_short(text: &[u8]) -> bool {
    let complete = &text[..text.len() / 4 * 4];
    let start = base64::decode(complete, base64::URL_SAFE).or_else(|| base64::decode(complete, base64::STANDARD));
    let declared = start.and_then(|start| asn1::declared_length(&start));
    declared.is_some_and(|declared| declared > text.len() * 3 / 4)
}

/// PEM as openssl writes it: 64 columns, LF, a final newline (RFC 7468 §2).
pub(crate) fn pem(label: &str, der: &[u8]) -> SecretText {
    const MARKS: usize = "-----BEGIN -----\n-----END -----\n".len();
    let body = der.len().div_ceil(48) * (base64::LINE + 1);
    // The whole capacity at once: text that grows leaves copies of the key behind.
    let mut text = Vec::with_capacity(MARKS + 2 * label.len() + body);
    text.extend_from_slice(format!("-----BEGIN {label}-----\n").as_bytes());
    base64::encode(der, base64::STANDARD, &mut text, |text, length| {
        text.extend_from_slice(["\n", "===\n", "==\n", "=\n"][length % 4].as_bytes());
    });
    text.extend_from_slice(format!("-----END {label}-----\n").as_bytes());
    Zeroizing::new(ascii(text))
}

/// Text that was written here. Not `expect`: its message would contain the bytes.
fn ascii(text: Vec<u8>) -> String {
    let Ok(text) = String::from_utf8(text) else { unreachable!("base64 is ASCII") };
    text
}
