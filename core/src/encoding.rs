//! Encodings of keys: base64url, PEM, DER, JWK, and the mending of pasted keys.
//!
//! Nothing here does arithmetic. What comes out of [`pasted`] and [`asn1`] are the numbers of a key
//! as they stand in the text: [`crate::key`] checks them.

pub(crate) mod asn1;
pub(crate) mod json;
pub(crate) mod jwk;
pub(crate) mod mistaken;
pub(crate) mod pasted;

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use pem_rfc7468::LineEnding;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::secret::{SecretBytes, SecretText};

/// base64url without padding, in constant time (RFC 4648 §5).
pub(crate) fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Decodes canonical base64url without padding, in constant time.
pub(crate) fn from_base64url(text: &str) -> Option<SecretBytes> {
    decode::<Base64UrlUnpadded>(text.as_bytes())
}

/// Decodes key text in either alphabet, but not in both, with or without its padding; white space
/// is passed over. The unused bits of the last character must be zero.
pub(crate) fn from_key_base64(text: &str) -> Result<SecretBytes> {
    let mut compact = Zeroizing::new(Vec::with_capacity(text.len()));
    compact.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let padding = compact.iter().rev().take_while(|&&byte| byte == b'=').count();
    if padding > 2 || (padding > 0 && compact.len() % 4 != 0) {
        return Err(Error::KeyEncoding);
    }
    let body = &compact[..compact.len() - padding];
    let url_safe = body.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let decoded = if url_safe { decode::<Base64UrlUnpadded>(body) } else { decode::<Base64Unpadded>(body) };
    decoded.ok_or_else(|| if is_cut_short(body) { Error::KeyTruncated } else { Error::KeyEncoding })
}

/// Whether base64 that does not decode is a key that lost its end: its first bytes say how long it
/// is.
fn is_cut_short(text: &[u8]) -> bool {
    let complete = &text[..text.len() / 4 * 4];
    let start = decode::<Base64UrlUnpadded>(complete).or_else(|| decode::<Base64Unpadded>(complete));
    let declared = start.and_then(|start| asn1::declared_length(&start));
    declared.is_some_and(|declared| declared > text.len() * 3 / 4)
}

fn decode<E: base64ct::Encoding>(text: &[u8]) -> Option<SecretBytes> {
    let mut bytes = Zeroizing::new(vec![0; text.len() / 4 * 3 + 3]);
    let length = E::decode(text, &mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}

/// PEM as openssl writes it: 64 columns, LF, a final newline (RFC 7468 §2).
pub(crate) fn pem(label: &str, der: &[u8]) -> Result<SecretText> {
    let text = pem_rfc7468::encode_string(label, LineEnding::LF, der);
    text.map(Zeroizing::new).map_err(|_| Error::Internal)
}
