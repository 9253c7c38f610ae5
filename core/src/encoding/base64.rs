//! base64 in constant time (RFC 4648 §4, §5), for the text of keys: no branch and no memory access
//! depends on a character. It reads and writes canonical text without padding.
//!
//! Characters are converted by arithmetic on 64 bytes at a time, in loops without branches, which
//! the compiler turns into vector instructions. `base64ct` does the same for one character at a
//! time, and takes six times as long; the tests compare the two.

use zeroize::Zeroizing;

use crate::secret::SecretBytes;

/// What is converted at a time: 64 characters, 48 bytes. A line of PEM has as many.
pub(crate) const LINE: usize = 64;
const BYTES: usize = LINE / 4 * 3;

/// The bit that no six bits have.
const INVALID: u8 = 0x80;

/// The last two characters of an alphabet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alphabet {
    c62: u8,
    c63: u8,
}

/// RFC 4648 §4.
pub(crate) const STANDARD: Alphabet = Alphabet { c62: b'+', c63: b'/' };

/// RFC 4648 §5.
pub(crate) const URL_SAFE: Alphabet = Alphabet { c62: b'-', c63: b'_' };

/// Writes the bytes as text. After each line it calls `end_line` with the text so far and the line's length.
pub(crate) fn encode(bytes: &[u8], alphabet: Alphabet, text: &mut Vec<u8>, end_line: impl Fn(&mut Vec<u8>, usize)) {
    let mut line = Zeroizing::new([0; LINE]);
    // Full lines have a constant length, so copying them is no call.
    let (lines, rest) = bytes.as_chunks();
    for bytes in lines {
        encode_line(bytes, alphabet, &mut line);
        text.extend_from_slice(&*line);
        end_line(text, LINE);
    }
    if !rest.is_empty() {
        let mut padded = Zeroizing::new([0; BYTES]);
        padded[..rest.len()].copy_from_slice(rest);
        encode_line(&padded, alphabet, &mut line);
        let length = (rest.len() * 8).div_ceil(6);
        text.extend_from_slice(&line[..length]);
        end_line(text, length);
    }
}

/// Reads text. `None` if it has a character that is not of the alphabet, or is not canonical: a
/// length that no bytes have, or unused bits that are not zero.
pub(crate) fn decode(text: &[u8], alphabet: Alphabet) -> Option<SecretBytes> {
    let mut bytes = Zeroizing::new(vec![0; text.len().div_ceil(LINE) * BYTES]);
    let mut line = Zeroizing::new([0; LINE]);
    let mut all = 0;
    let (lines, rest) = text.as_chunks();
    let mut packed = bytes.as_chunks_mut().0.iter_mut();
    for (text, bytes) in lines.iter().zip(&mut packed) {
        all |= decode_line(text, alphabet, &mut line);
        pack(&line, bytes);
    }
    if let Some(bytes) = packed.next() {
        // The rest of a short line reads as zeros.
        let mut padded = Zeroizing::new([b'A'; LINE]);
        padded[..rest.len()].copy_from_slice(rest);
        all |= decode_line(&padded, alphabet, &mut line);
        pack(&line, bytes);
    }
    let length = text.len() / 4 * 3 + [0, 0, 1, 2][text.len() % 4];
    // The bits of the last character that belong to no byte.
    let unused = bytes.get(length).copied().unwrap_or(0);
    bytes.truncate(length);
    (text.len() % 4 != 1 && all & INVALID == 0 && unused == 0).then_some(bytes)
}

fn encode_line(bytes: &[u8; BYTES], alphabet: Alphabet, line: &mut [u8; LINE]) {
    spread(bytes, line);
    for value in line {
        *value = character(*value, alphabet);
    }
}

/// Returns the bits of all values of the line, to be checked for [`INVALID`].
fn decode_line(text: &[u8; LINE], alphabet: Alphabet, line: &mut [u8; LINE]) -> u8 {
    for (value, character) in line.iter_mut().zip(text) {
        *value = self::value(*character, alphabet);
    }
    // A loop of its own: with the two in one, the compiler converts byte by byte.
    line.iter().fold(0, |all, value| all | value)
}

/// 0xff if the condition holds, otherwise 0.
const fn mask(condition: bool) -> u8 {
    (condition as u8).wrapping_neg()
}

/// The character of six bits: 'A' and as many, and a step wherever the alphabet makes one.
const fn character(value: u8, Alphabet { c62, c63 }: Alphabet) -> u8 {
    let to_lower = mask(value >= 26) & (b'a' - b'Z' - 1);
    let to_digit = mask(value >= 52) & b'0'.wrapping_sub(b'z' + 1);
    let to_c62 = mask(value >= 62) & c62.wrapping_sub(b'9' + 1);
    let to_c63 = mask(value >= 63) & c63.wrapping_sub(c62 + 1);
    let steps = to_lower.wrapping_add(to_digit).wrapping_add(to_c62).wrapping_add(to_c63);
    value.wrapping_add(b'A').wrapping_add(steps)
}

/// The six bits of a character; 0xff for one that does not belong to the alphabet.
const fn value(character: u8, alphabet: Alphabet) -> u8 {
    let upper = mask(character.wrapping_sub(b'A') < 26);
    let lower = mask(character.wrapping_sub(b'a') < 26);
    let digit = mask(character.wrapping_sub(b'0') < 10);
    let c62 = mask(character == alphabet.c62);
    let c63 = mask(character == alphabet.c63);
    (upper & character.wrapping_sub(b'A'))
        | (lower & character.wrapping_sub(b'a').wrapping_add(26))
        | (digit & character.wrapping_sub(b'0').wrapping_add(52))
        | (c62 & 0x3e)
        | (c63 & 0x3f)
        | !(upper | lower | digit | c62 | c63)
}

/// Six bytes become eight times six bits, in three steps of one number: the halves of its 48 bits
/// move apart, then the halves of each half, and of each quarter.
fn spread(bytes: &[u8; BYTES], values: &mut [u8; LINE]) {
    for (bytes, values) in bytes.as_chunks::<6>().0.iter().zip(values.as_chunks_mut().0) {
        let mut padded = [0; 8];
        padded[2..].copy_from_slice(bytes);
        let bits = u64::from_be_bytes(padded);
        let bits = (bits << 8 & 0x00ff_ffff_0000_0000) | (bits & 0x00ff_ffff);
        let bits = (bits << 4 & 0x0fff_0000_0fff_0000) | (bits & 0x0000_0fff_0000_0fff);
        let bits = (bits << 2 & 0x3f00_3f00_3f00_3f00) | (bits & 0x003f_003f_003f_003f);
        *values = bits.to_be_bytes();
    }
}

/// The reverse of [`spread`].
fn pack(values: &[u8; LINE], bytes: &mut [u8; BYTES]) {
    for (values, bytes) in values.as_chunks().0.iter().zip(bytes.as_chunks_mut::<6>().0) {
        let bits = u64::from_be_bytes(*values);
        let bits = (bits & 0x3f00_3f00_3f00_3f00) >> 2 | (bits & 0x003f_003f_003f_003f);
        let bits = (bits & 0x0fff_0000_0fff_0000) >> 4 | (bits & 0x0000_0fff_0000_0fff);
        let bits = (bits & 0x00ff_ffff_0000_0000) >> 8 | (bits & 0x00ff_ffff);
        let [_, _, packed @ ..] = bits.to_be_bytes();
        *bytes = packed;
    }
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding};

    use super::*;

    fn encoded(bytes: &[u8], alphabet: Alphabet) -> String {
        let mut text = Vec::new();
        encode(bytes, alphabet, &mut text, |_, _| {});
        String::from_utf8(text).unwrap()
    }

    fn assert_same_verdict(text: &[u8]) {
        let text_of_base64ct = std::str::from_utf8(text).unwrap();
        let standard = Base64Unpadded::decode_vec(text_of_base64ct).ok();
        assert_eq!(decode(text, STANDARD).map(|bytes| bytes.to_vec()), standard, "{text_of_base64ct}");
        let url_safe = Base64UrlUnpadded::decode_vec(text_of_base64ct).ok();
        assert_eq!(decode(text, URL_SAFE).map(|bytes| bytes.to_vec()), url_safe, "{text_of_base64ct}");
    }

    #[test]
    fn it_writes_and_reads_as_base64ct_does_at_every_length() {
        for length in 0..200 {
            let bytes: Vec<u8> = (0..length).map(|i: u8| i.wrapping_mul(167).wrapping_add(length)).collect();
            assert_eq!(encoded(&bytes, STANDARD), Base64Unpadded::encode_string(&bytes));
            assert_eq!(encoded(&bytes, URL_SAFE), Base64UrlUnpadded::encode_string(&bytes));
            assert_eq!(**decode(encoded(&bytes, STANDARD).as_bytes(), STANDARD).as_ref().unwrap(), bytes);
            assert_eq!(**decode(encoded(&bytes, URL_SAFE).as_bytes(), URL_SAFE).as_ref().unwrap(), bytes);
        }
    }

    #[test]
    fn it_refuses_each_character_and_each_end_that_base64ct_refuses() {
        for character in 0..128 {
            for length in [1, 2, 3, 4, 63, 64, 65, 66, 67, 130] {
                for at in [0, length / 2, length - 1] {
                    let mut text = vec![b'Q'; length];
                    text[at] = character;
                    assert_same_verdict(&text);
                }
            }
        }
        for character in 128..=255 {
            assert!(decode(&[b'Q', b'Q', character, b'Q'], STANDARD).is_none(), "{character}");
        }
    }
}
