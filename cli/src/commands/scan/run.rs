//! `Run`: base64 as it stands in files, in either alphabet: wrapped, quoted, indented, escaped.
//!
//! Nothing here decides whether the text is a key. The run is decoded, and core's parser decides.

use std::ops::Range;

use memchr::memmem;
use zeroize::Zeroizing;

/// How far a run is followed before and behind the needle, in bytes. A key of 8192 bits in base64 of
/// base64 takes 8.5 KiB.
pub(super) const REACH: usize = 24 * 1024;

/// The longest gap between two characters, in bytes: the end of a line and the start of the next.
const MAX_GAP: usize = 256;

/// The longest beginning of a line that is repeated on each line, such as `//   `.
const MAX_PREFIX: usize = 32;

/// What PEM has around its base64.
const DASHES: &[u8] = b"-----";

/// base64 around a place.
pub(super) struct Run {
    /// The value of each character: 0 to 63.
    values: Zeroizing<Vec<u8>>,
    /// Where each character stands.
    places: Vec<usize>,
    /// How many characters are before the first whole group of four.
    shift: usize,
    /// How much text was read.
    length: usize,
}

impl Run {
    /// The run around a needle, whose first character is the one of that `phase` in a group of four.
    pub(super) fn around(text: &[u8], needle: usize, phase: usize) -> Self {
        let begin = needle.saturating_sub(REACH);
        // Nothing before it belongs to the run. Certificates have many needles, and many stand together.
        let begin = memmem::rfind(&text[begin..needle], DASHES).map_or(begin, |dashes| begin + dashes + DASHES.len());
        let mut run = Self::read(text, begin, needle);
        let index = run.places.partition_point(|place| *place < needle);
        run.shift = (index + 4 - phase) % 4;
        run
    }

    /// The run that starts at that place, or behind white space and the like there.
    pub(super) fn behind(text: &[u8], start: usize) -> Self {
        Self::read(text, start, start)
    }

    /// Reads from `begin`, at least to the needle.
    fn read(text: &[u8], begin: usize, needle: usize) -> Self {
        let end = text.len().min(needle + REACH);
        let end = memmem::find(&text[needle..end], DASHES).map_or(end, |dashes| needle + dashes);
        let mut reader = Reader { text: &text[..end], at: begin, gap: 0, prefix: prefix(text, needle) };
        let capacity = end - begin;
        let mut run = Self {
            values: Zeroizing::new(Vec::with_capacity(capacity)),
            places: Vec::with_capacity(capacity),
            shift: 0,
            length: 0,
        };
        while reader.at < end {
            let place = reader.at;
            match reader.next() {
                Piece::Value(value) => {
                    run.values.push(value);
                    run.places.push(place);
                }
                Piece::Gap => {}
                Piece::End if reader.at > needle => break,
                Piece::End => {
                    run.values.clear();
                    run.places.clear();
                }
            }
        }
        run.length = reader.at - begin;
        run
    }

    /// How much text was read for it, in bytes.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// How many characters are before the first whole group of four.
    pub(super) fn shift(&self) -> usize {
        self.shift
    }

    /// Whether a needle at that place belongs to this run, so that decoding this one finds it.
    pub(super) fn holds(&self, needle: usize, phase: usize) -> bool {
        self.places.binary_search(&needle).is_ok_and(|index| (index + 4 - phase) % 4 == self.shift)
    }

    /// The bytes that the run encodes.
    pub(super) fn decode(&self) -> Zeroizing<Vec<u8>> {
        let values = self.values.get(self.shift..).unwrap_or_default();
        let mut bytes = Zeroizing::new(Vec::with_capacity(values.len()));
        for group in values.chunks(4) {
            let all = group.iter().fold(0, |all: u32, value| all << 6 | u32::from(*value)) << (6 * (4 - group.len()));
            bytes.extend_from_slice(&all.to_be_bytes()[1..group.len()]);
        }
        bytes
    }

    /// Where the character stands that holds the beginning of that byte; the end of the run for what is
    /// behind it.
    pub(super) fn place(&self, byte: usize) -> usize {
        let end = self.places.last().map_or(0, |last| last + 1);
        self.places.get(self.shift + byte * 4 / 3).copied().unwrap_or(end)
    }

    /// The alphabet of the characters that hold these bytes.
    pub(super) fn alphabet(&self, text: &[u8], bytes: Range<usize>) -> &'static str {
        let index = |byte: usize| self.places.len().min(self.shift + byte * 4 / 3);
        if self.places[index(bytes.start)..index(bytes.end)].iter().any(|place| matches!(text[*place], b'-' | b'_')) {
            "base64url"
        } else {
            "base64"
        }
    }
}

/// What every line begins with, if the line of the needle does: white space, comment signs, the `+` of
/// a diff. Letters count only before white space, as in `REM `: a line of base64 may begin with others.
fn prefix(text: &[u8], needle: usize) -> &[u8] {
    const BEGIN: &[u8] = b"-----BEGIN";
    let start = text[..needle].iter().rev().take(MAX_PREFIX * 2).position(|byte| *byte == b'\n');
    let line = start.map_or(&[][..], |start| &text[needle - start..needle]);
    let begin = line.windows(BEGIN.len()).position(|window| window == BEGIN);
    let length = begin.or_else(|| line.iter().position(u8::is_ascii_alphanumeric)).unwrap_or(line.len());
    let prefix = &line[..length.min(MAX_PREFIX)];
    let is_separate = matches!(prefix, [.., b' ' | b'\t']);
    if is_separate || !prefix.iter().any(u8::is_ascii_alphanumeric) { prefix } else { &[] }
}

/// One step in a run.
enum Piece {
    Value(u8),
    Gap,
    End,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// The length of the gap that the reader is in.
    gap: usize,
    prefix: &'a [u8],
}

impl Reader<'_> {
    fn next(&mut self) -> Piece {
        let rest = &self.text[self.at..];
        // Most are, and the rest of this function would come to the same.
        if rest[0].is_ascii_alphanumeric() {
            self.at += 1;
            self.gap = 0;
            return plain(rest[0]);
        }
        let sign = if self.gap > 0 { sign(rest, self.text[self.at - 1]) } else { None };
        let (piece, length) = sign.map_or_else(|| piece(rest), |length| (Piece::Gap, length));
        let begins_line = rest[0] == b'\n' && !self.prefix.is_empty() && rest[1..].starts_with(self.prefix);
        let length = if begins_line { 1 + self.prefix.len() } else { length };
        self.at += length;
        match piece {
            Piece::Gap if self.gap + length <= MAX_GAP => {
                self.gap += length;
                Piece::Gap
            }
            Piece::Value(value) => {
                self.gap = 0;
                Piece::Value(value)
            }
            _ => {
                self.gap = 0;
                Piece::End
            }
        }
    }
}

/// The length of signs that are characters of base64 elsewhere, but join or begin lines when white
/// space or a quote follows them: `" +`, `// `, `_` at the end of a line, unless the line is that sign.
fn sign(rest: &[u8], before: u8) -> Option<usize> {
    let length = rest.iter().position(|byte| !matches!(byte, b'+' | b'/' | b'-' | b'_' | b'.' | b'&'))?;
    let joins = match rest[length] {
        b' ' | b'\t' | b'"' | b'\'' => true,
        b'\r' | b'\n' => before != b'\n',
        _ => false,
    };
    (joins && (1..=3).contains(&length)).then_some(length)
}

fn piece(rest: &[u8]) -> (Piece, usize) {
    if rest.starts_with(DASHES) {
        return (Piece::End, DASHES.len());
    }
    if let Some((byte, length)) = escape(rest) {
        return (byte.map_or(Piece::Gap, plain), length);
    }
    match rest {
        [b'<', tag @ ..] => match tag.iter().take(64).position(|byte| *byte == b'>') {
            Some(length) => (Piece::Gap, length + 2),
            None => (Piece::End, 1),
        },
        _ => (plain(rest[0]), 1),
    }
}

/// A character that is not escaped.
fn plain(byte: u8) -> Piece {
    match byte {
        b'A'..=b'Z' => Piece::Value(byte - b'A'),
        b'a'..=b'z' => Piece::Value(byte - b'a' + 26),
        b'0'..=b'9' => Piece::Value(byte - b'0' + 52),
        b'+' | b'-' => Piece::Value(62),
        b'/' | b'_' => Piece::Value(63),
        b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b',' | b'#' | b'>' | b'|' | b'*' => Piece::Gap,
        _ => Piece::End,
    }
}

/// What an escape at this place stands for, and its length. `None` in its place is nothing at all: the
/// backslash before a line break, a quote or a sign.
pub(super) fn escape(rest: &[u8]) -> Option<(Option<u8>, usize)> {
    let code = |digits: &[u8], base: u32| {
        let digits = std::str::from_utf8(digits).ok()?;
        u32::from_str_radix(digits, base).ok()?.try_into().ok()
    };
    match rest {
        [b'\\', ..] => {
            let slashes = rest.iter().position(|byte| *byte != b'\\').unwrap_or(rest.len());
            let (escaped, length) = match &rest[slashes..] {
                [b'n', ..] => (Some(b'\n'), 1),
                [b'r', ..] => (Some(b'\r'), 1),
                [b't', ..] => (Some(b'\t'), 1),
                [b'u', a, b, c, d, ..] => (Some(code(&[*a, *b, *c, *d], 16)?), 5),
                [b'x', a, b, ..] => (Some(code(&[*a, *b], 16)?), 3),
                _ => (None, 0),
            };
            Some((escaped, slashes + length))
        }
        // The end of a line in quoted-printable (RFC 2045 §6.7).
        [b'=', b'\r', b'\n', ..] => Some((None, 3)),
        [b'=', b'\n', ..] => Some((None, 2)),
        [b'%', a, b, ..] => Some((Some(code(&[*a, *b], 16)?), 3)),
        [b'&', b'#', number @ ..] => {
            let length = number.iter().take(8).position(|byte| *byte == b';')?;
            let value = match &number[..length] {
                [b'x' | b'X', digits @ ..] => code(digits, 16)?,
                digits => code(digits, 10)?,
            };
            Some((Some(value), length + 3))
        }
        _ => [("&quot;", b'"'), ("&apos;", b'\''), ("&nbsp;", b' '), ("=3D", b'=')]
            .iter()
            .find(|(name, _)| rest.starts_with(name.as_bytes()))
            .map(|(name, byte)| (Some(*byte), name.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the run around the first `MII` decodes to.
    fn decoded(text: &str) -> Vec<u8> {
        let needle = text.find("MII").expect("a needle");
        Run::around(text.as_bytes(), needle, 0).decode().to_vec()
    }

    #[test]
    fn a_run_is_read_through_what_stands_between_its_characters() {
        let bytes = [0x30, 0x82, 0x04, 0xfb, 0xff, 0xbf, 0xfb, 0xff, 0xbf, 0x01];
        for text in [
            "key: MIIE+/+/+/+/AQ==",
            "KEY=MIIE-_-_-_-_AQ",
            "MIIE+/\n+/+/\r\n+/AQ",
            "  MIIE+/\n  +/+/\n  +/AQ",
            "\n+MIIE+/\n++/+/\n++/AQ",
            "\n// MIIE+/\n// +/+/\n// +/AQ",
            "\n * MIIE+/\n * +/+/\n * +/AQ",
            "\n> MIIE+/\n> +/+/\n> +/AQ",
            "(\"MIIE+/\" +\n \"+/+/\" + \"+/AQ\")",
            "'MIIE+/' . '+/+/' .\n '+/AQ'",
            "\"MIIE+/\" & _\n \"+/+/\" & _\n \"+/AQ\"",
            "\"MIIE+/\\n\",\n \"+/+/\\n\",\n \"+/AQ\\n\"",
            "MIIE+/\\n+/+/\\\\r\\\\n+/AQ",
            "MIIE+/\\\n+/+/\\\n+/AQ",
            "MIIE+\\/\\u002b\\/+\\u002F\\x2b/AQ",
            "MIIE%2B%2F%2b%2f%0A%2B%2F%2B%2FAQ%3D%3D",
            "MIIE&#43;&#x2F;&#x2b;/&#10;+/+/AQ",
            "MIIE+/<br>+/+/<br />+/AQ",
            "MIIE+/+/=\r\n+/+/AQ=3D=3D",
            "MIIE+/ +/+/ +/AQ==",
            "MIIE\n+\n/\n+\n/\n+\n/\n+/AQ",
        ] {
            let found = decoded(text);
            assert_eq!(found.get(..bytes.len()), Some(&bytes[..]), "{text}");
        }
    }

    #[test]
    fn a_run_ends_before_the_end_of_pem_and_at_other_signs() {
        assert_eq!(decoded("MIIE\n-----END PRIVATE KEY-----"), [0x30, 0x82, 0x04]);
        assert_eq!(decoded("a=MIIE:abcd"), [0x30, 0x82, 0x04]);
        assert_eq!(decoded(&format!("MIIE{}abcd", " ".repeat(300))), [0x30, 0x82, 0x04]);
    }

    #[test]
    fn letters_before_the_begin_of_pem_are_taken_from_no_line() {
        let behind = |text: &str| {
            let start = text.find("KEY-----").expect("an armour") + "KEY-----".len();
            Run::behind(text.as_bytes(), start).decode().to_vec()
        };
        let bytes = [0x30, 0x82, 0x04, 0xc4, 0x00, 0x00];
        assert_eq!(behind("\nx-----BEGIN PRIVATE KEY-----\nMIIE\nxAAA"), bytes);
        assert_eq!(behind("\nREM -----BEGIN PRIVATE KEY-----\nREM MIIE\nREM xAAA"), bytes);
    }

    #[test]
    fn a_run_knows_the_places_of_its_bytes_and_the_needles_that_it_holds() {
        let text = b"x=AAAMII\nEabc";
        let run = Run::around(text, 5, 0);
        assert_eq!([run.place(0), run.place(3)], [5, 10]);
        assert!(run.holds(10, 0) && !run.holds(10, 1) && !run.holds(8, 0));
        assert_eq!(run.alphabet(text, 0..5), "base64");
        assert_eq!(Run::around(b"MII_", 0, 0).alphabet(b"MII_", 0..3), "base64url");
    }

    #[test]
    fn any_bytes_make_a_run() {
        for byte in 0..=255u8 {
            for tail in [&b""[..], b"M", b"\\", b"%", b"&#", b"<"] {
                let text = [&[byte; 3][..], tail].concat();
                for needle in 0..text.len() {
                    let run = Run::around(&text, needle, 3);
                    run.place(run.decode().len());
                }
            }
        }
    }
}
