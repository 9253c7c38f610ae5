//! `Needles`: the short texts that announce a key or a token, and the search for all of them at once.

use aho_corasick::packed::{Config, Searcher};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The object identifier rsaEncryption (RFC 8017 appendix A.1) in DER.
const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Where it stands in the DER of a PKCS#8 key, in bytes from the start.
const BEFORE_OID: usize = 9;

/// Version 0 and the beginning of a modulus of 2048 bits or more, in the DER of a PKCS#1 key.
const PKCS1: &[u8] = &[0x02, 0x01, 0x00, 0x02, 0x82];

/// Where it stands in that DER, in bytes from the start.
const BEFORE_PKCS1: usize = 4;

/// Two parts of `IBADANBgkqhkiG9w0BAQE`, which the base64 of a PKCS#8 key has from its seventh character
/// on, and which of a group of four their first characters are. A line may end in one of them.
const PKCS8_TEXT: [(&str, usize); 2] = [("DANBgkqh", 1), ("G9w0BAQ", 3)];

/// PEM has this line before a key, whose lines may be too short for the other needles.
const ARMOUR: &str = "PRIVATE KEY-----";

/// PEM and the names of variables have this.
const PRIVATE: &str = "PRIVATE";

/// A JWK has this member. JSON, URLs, HTML, Python, JavaScript and YAML.
const KTY: [&str; 5] = ["\"kty", "22kty", ";kty&", "'kty", "kty:"];

/// The same in JSON, whole.
const KTY_TEXT: &str = "\"kty\"";

/// A token of Scout has this text, as the value of `iss`.
const ISSUER: &str = "\"scout\"";

/// What stands at the place that a needle announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// DER of a PKCS#8 key; it starts so many bytes before.
    Pkcs8(usize),
    /// DER of a PKCS#1 key; it starts so many bytes before.
    Pkcs1(usize),
    /// base64 of a key; it starts so many bytes behind.
    Armour(usize),
    /// A JWK, in whose middle this is.
    Jwk,
    /// A token, in whose claims this is.
    Token,
    /// base64 with one of the above in it. The needle's first character is this one of a group of four.
    Base64 { phase: usize },
    /// UTF-16 with one of the above in it.
    Wide,
}

/// All needles. At most 32: with more, aho-corasick has no vector search on ARM.
pub(super) struct Needles {
    needles: Vec<(Vec<u8>, Kind)>,
    /// `None` on a processor without vectors that aho-corasick knows.
    searcher: Option<Searcher>,
}

impl Needles {
    pub(super) fn new() -> Self {
        let mut needles = vec![
            (RSA_ENCRYPTION.to_vec(), Kind::Pkcs8(BEFORE_OID)),
            (PKCS1.to_vec(), Kind::Pkcs1(BEFORE_PKCS1)),
            (ARMOUR.into(), Kind::Armour(ARMOUR.len())),
        ];
        needles.extend(KTY.map(|text| (text.into(), Kind::Jwk)));
        needles.extend(PKCS8_TEXT.map(|(text, phase)| (text.into(), Kind::Base64 { phase })));
        for before in 0..3 {
            needles.push((in_base64(ISSUER.as_bytes(), before).0.into(), Kind::Token));
            // A key in DER begins its base64, so its own needles have one alignment. Other data may hold
            // a key at the other two.
            let der = if before == 0 { &[PKCS1][..] } else { &[PKCS1, RSA_ENCRYPTION] };
            let texts = [PKCS8_TEXT[0].0, PKCS8_TEXT[1].0, PRIVATE, KTY_TEXT].map(str::as_bytes);
            for inner in der.iter().copied().chain(texts) {
                let (text, phase) = in_base64(inner, before);
                needles.push((text.into(), Kind::Base64 { phase }));
            }
        }
        needles.extend([PKCS8_TEXT[1].0, KTY_TEXT].map(|text| (wide(text), Kind::Wide)));
        let searcher = Config::new().builder().extend(needles.iter().map(|(text, _)| text)).build();
        Self { needles, searcher }
    }

    /// The first needle at `from` or behind it: its place and what it announces.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<(usize, Kind)> {
        match &self.searcher {
            // A leak may end behind the text that is searched.
            _ if from >= text.len() => None,
            Some(searcher) => {
                let found = searcher.find_in(text, (from..text.len()).into())?;
                Some((found.start(), self.needles[found.pattern().as_usize()].1))
            }
            None => self.find_slowly(text, from),
        }
    }

    fn find_slowly(&self, text: &[u8], from: usize) -> Option<(usize, Kind)> {
        let at = |at: usize| self.needles.iter().find(|(needle, _)| text[at..].starts_with(needle));
        (from..text.len()).find_map(|place| at(place).map(|(_, kind)| (place, *kind)))
    }
}

/// The characters of base64 that hold the bytes and nothing else, if so many bytes (modulo 3) stand
/// before them; and which of a group of four the first one is.
fn in_base64(bytes: &[u8], before: usize) -> (String, usize) {
    let before = before % 3;
    let all = [&[0; 2][..before], bytes].concat();
    let (first, end) = ((before * 8).div_ceil(6), all.len() * 8 / 6);
    let text = STANDARD_NO_PAD.encode(&all);
    debug_assert_eq!(text, URL_SAFE_NO_PAD.encode(&all), "a needle is the same in both alphabets");
    (text[first..end].to_owned(), first % 4)
}

/// ASCII in UTF-16 of either byte order, without the zero at its one end or the other.
fn wide(text: &str) -> Vec<u8> {
    let mut wide: Vec<u8> = text.bytes().flat_map(|byte| [byte, 0]).collect();
    wide.pop();
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_search_finds_what_the_fast_one_finds() {
        let needles = Needles::new();
        assert!(needles.needles.len() <= 32 && needles.needles.iter().all(|(text, _)| text.len() >= 4));
        let mut text = vec![b'x'; 100];
        for (needle, _) in &needles.needles {
            text.extend_from_slice(needle);
            text.extend_from_slice(b"\nMIIx");
        }
        let mut from = 0;
        while let Some(found) = needles.find(&text, from) {
            assert_eq!(Some(found), needles.find_slowly(&text, from));
            from = found.0 + 1;
        }
        assert_eq!(needles.find_slowly(&text, from), None);
        assert!(from > 300, "{from}");
    }

    #[test]
    fn needles_are_the_texts_that_keys_have() {
        let has = |text: &str| Needles::new().needles.iter().any(|(needle, _)| needle == text.as_bytes());
        // The start of a PKCS#1 key as openssl writes it: MIIEpAIBAAKCAQEA.
        assert!(has("IBAAKC"));
        // {"iss":"scout","sub":…
        assert!(has("InNjb3V0I"));
        let (text, _) = in_base64(RSA_ENCRYPTION, BEFORE_OID);
        assert_eq!(text, "BgkqhkiG9w0BAQ");
    }
}
