//! The text of a legacy key: `scout_`, 43 random characters, and six of a checksum.
//!
//! The form is ours. The prefix and the checksum let a scanner, and this server, tell a real key from a
//! damaged or invented one without a look-up.

use zeroize::Zeroizing;

use crate::problem::Problem;
use crate::random::{self, ALPHABET};

const PREFIX: &str = "scout_";

/// The characters of the checksum.
const CHECKSUM: usize = 6;

/// All characters of a key.
const LENGTH: usize = PREFIX.len() + 43 + CHECKSUM;

/// So many of a key's first characters are shown to tell keys apart.
const SHOWN: usize = PREFIX.len() + 4;

/// The characters of a key that somebody brings. Its hash is stored without a slow function, so that it must
/// be too long to guess.
const OWN: std::ops::RangeInclusive<usize> = 32..=255;

/// A new key.
pub(crate) fn generate() -> Result<Zeroizing<String>, Problem> {
    let mut key = random::secret(PREFIX)?;
    let checksum = checksum(&key);
    key.push_str(&checksum);
    Ok(key)
}

/// Whether a text begins as these keys do.
pub(crate) fn is_ours(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// Whether a key of this form is damaged. Keys of another form have no checksum.
pub(crate) fn is_damaged(key: &str) -> bool {
    is_ours(key)
        && !key
            .split_at_checked(LENGTH - CHECKSUM)
            .is_some_and(|(body, digits)| digits.len() == CHECKSUM && checksum(body) == digits)
}

/// Whether a key that somebody brings can be sent in a header and stored as a plain hash.
pub(crate) fn can_be_kept(key: &str) -> bool {
    let is_visible = key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
    OWN.contains(&key.len()) && is_visible && !is_damaged(key)
}

/// What is shown of a key.
pub(crate) fn shown(key: &str) -> String {
    key.chars().take(SHOWN).collect()
}

/// The CRC-32 of a text, in base 62.
fn checksum(text: &str) -> String {
    let base = 62;
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [0; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % base) as usize];
        rest /= base;
    }
    digits.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_character_shows_in_the_checksum() {
        let key = generate().unwrap();
        assert_eq!(key.len(), LENGTH);
        assert!(!is_damaged(&key));
        for at in PREFIX.len()..LENGTH {
            let mut damaged = key.to_string().into_bytes();
            damaged[at] = if damaged[at] == b'0' { b'1' } else { b'0' };
            assert!(is_damaged(std::str::from_utf8(&damaged).unwrap()), "{at}");
        }
        assert!(is_damaged(&key[..LENGTH - 1]));
        assert!(is_damaged(&format!("{}0", *key)));
        assert!(!is_damaged("a-key-of-another-form"));
    }
}
