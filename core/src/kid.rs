//! The kid: the RFC 7638 thumbprint of an RSA public key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The length of a kid: base64url of the 32 bytes of SHA-256.
const LENGTH: usize = 43;

/// The RFC 7638 SHA-256 thumbprint of a public key: 43 base64url characters.
///
/// It is no secret. Scout shows it in Settings → API Keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid([u8; LENGTH]);

impl Kid {
    /// The thumbprint of the key with modulus `n` and exponent `e`, both big-endian without leading
    /// zeros: SHA-256 over the JWK's required members in RFC 7638 §3.3's form.
    pub(crate) fn of(n: &[u8], e: &[u8]) -> Self {
        let jwk = format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, URL_SAFE_NO_PAD.encode(e), URL_SAFE_NO_PAD.encode(n));
        let mut text = [0; LENGTH];
        let written = URL_SAFE_NO_PAD.encode_slice(Sha256::digest(jwk), &mut text);
        debug_assert_eq!(written, Ok(LENGTH));
        Self(text)
    }

    /// Reads a kid, or nothing where the text is not one: canonical base64url of 32 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut digest) {
            Ok(32) => Some(Self(text.as_bytes().try_into().ok()?)),
            _ => None,
        }
    }

    /// The 43 characters.
    pub fn as_str(&self) -> &str {
        // Both constructors write base64url characters only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kid_is_43_canonical_base64url_characters() {
        let kid = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(Kid::parse(kid).unwrap().as_str(), kid);
        let longer = format!("{kid}A");
        let padded = format!("{kid}=");
        let noncanonical = format!("{}t", &kid[..42]);
        for wrong in ["", &kid[..42], &longer, &padded, &noncanonical, &kid.replace('-', "+")] {
            assert_eq!(Kid::parse(wrong), None, "{wrong}");
        }
    }

    /// RFC 7638 §3.1, the whole example.
    #[test]
    fn the_example_of_rfc_7638() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let n = URL_SAFE_NO_PAD.decode(n).unwrap();
        assert_eq!(Kid::of(&n, &[1, 0, 1]).as_str(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }
}
