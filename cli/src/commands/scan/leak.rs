//! `Leak`: a key or a token that was found, and the search for them through layers of encoding.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scout_auth::{Error, Kid, PrivateKey, Verifier, unverified_fault};
use serde_json::Value;
use zeroize::Zeroizing;

use super::allow::is_allowed_at;
use super::jwk;
use super::needle::{Kind, Needles};
use super::run::{REACH, Run};

/// How many layers are opened: base64 of base64 of base64, UTF-16 of one of these.
const MAX_DEPTH: usize = 4;

/// The longest token that core reads, in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// The longest needle, in bytes.
const MAX_NEEDLE: usize = 64;

/// What a byte of a JWK costs, which is read once for each member.
const OF_JSON: usize = 8;

/// What a byte of a key costs: core calculates with it.
const OF_ARITHMETIC: usize = 32;

/// How often a text is read behind its needles, at most. Keys in DER and nothing else come to 33, and all
/// versions of all files of pip to less than 1.
const MAX_WORK: usize = 64;

/// How much is read behind needles, in bytes. A text can be made of needles, each of which announces much
/// that ends in nothing.
pub(super) struct Work {
    done: usize,
    limit: usize,
}

impl Work {
    pub(super) fn of(length: usize) -> Self {
        Self { done: 0, limit: MAX_WORK * length.max(8 * REACH) }
    }

    fn add(&mut self, bytes: usize) {
        self.done += bytes;
    }

    pub(super) fn is_too_much(&self) -> bool {
        self.done > self.limit
    }
}

/// A key or a token in a text.
pub(super) struct Leak {
    /// Where it begins.
    pub(super) at: usize,
    /// How it is written, such as `PEM` or `JWK in base64`.
    pub(super) form: String,
    pub(super) what: What,
    /// Whether its line says that it may be there.
    pub(super) is_allowed: bool,
    /// Where it ends.
    end: usize,
}

#[derive(Clone, Copy)]
pub(super) enum What {
    /// A private key, which core accepts.
    Key { bits: u32, kid: Kid },
    /// What looks like a private key, and core's reason to refuse it.
    Damaged(Error),
    /// A token that Scout may accept, or accepted when it was new. Its kid, if it is a thumbprint.
    Token { is_live: bool, kid: Option<Kid> },
}

impl What {
    pub(super) fn kid(&self) -> Option<&Kid> {
        match self {
            Self::Key { kid, .. } => Some(kid),
            Self::Token { kid, .. } => kid.as_ref(),
            Self::Damaged(_) => None,
        }
    }

    fn of_key(key: Result<PrivateKey, Error>) -> Self {
        match key {
            Ok(key) => Self::Key { bits: key.bits(), kid: key.kid() },
            Err(error) => Self::Damaged(error),
        }
    }
}

/// Finds leaks.
pub(super) struct Search {
    pub(super) needles: Needles,
    /// The keys of `--keys`, which tell a forged token.
    pub(super) keys: Option<Verifier>,
    /// The time, in Unix seconds.
    pub(super) now: u64,
}

impl Search {
    /// The leaks that a needle within the window announces, by their places: all, unless the work becomes
    /// too much.
    pub(super) fn leaks(&self, text: &[u8], window: Range<usize>, work: &mut Work) -> Vec<Leak> {
        self.at_depth(text, window, 0, work)
    }

    fn at_depth(&self, text: &[u8], window: Range<usize>, depth: usize, work: &mut Work) -> Vec<Leak> {
        let searched = &text[..text.len().min(window.end + MAX_NEEDLE)];
        let mut leaks: Vec<Leak> = Vec::new();
        let (mut from, mut object_end, mut wide_end) = (window.start, 0, 0);
        // One for each shift, so that no text is decoded again for each needle in it.
        let mut runs = [const { None }; 4];
        while let Some((at, kind)) = self.needles.find(searched, from).filter(|(at, _)| *at < window.end) {
            if work.is_too_much() {
                break;
            }
            from = at + 1;
            let found = match kind {
                Kind::Pkcs8(before) => {
                    at.checked_sub(before).and_then(|start| pkcs8(text, start, work)).into_iter().collect()
                }
                Kind::Pkcs1(before) => {
                    at.checked_sub(before).and_then(|start| pkcs1(text, start, work)).into_iter().collect()
                }
                Kind::Token => self.token(text, at, work).into_iter().collect(),
                Kind::Jwk if at >= object_end => {
                    let object = jwk::object(text, at);
                    object_end = object.end;
                    work.add(OF_JSON * object.len());
                    json_web_key(text, object).into_iter().collect()
                }
                Kind::Base64 { phase }
                    if depth < MAX_DEPTH && !runs.iter().flatten().any(|run: &Run| run.holds(at, phase)) =>
                {
                    let run = Run::around(text, at, phase);
                    let slot = &mut runs[run.shift()];
                    self.in_base64(text, slot.insert(run), depth, work)
                }
                Kind::Armour(length) if depth < MAX_DEPTH => {
                    self.in_base64(text, runs[0].insert(Run::behind(text, at + length)), depth, work)
                }
                Kind::Wide if depth < MAX_DEPTH && at >= wide_end => {
                    let (leaks, end) = self.in_utf16(text, at, depth, work);
                    wide_end = end;
                    leaks
                }
                _ => continue,
            };
            for mut leak in found {
                leak.is_allowed |= leak.what.kid().is_some_and(|kid| is_allowed_at(text, leak.at, kid));
                // What only looks like a key may hold one. And before a leak further on in the same run there
                // may be one that only its own needle announces.
                if leak.at <= at && !matches!(leak.what, What::Damaged(_)) {
                    from = from.max(leak.end);
                }
                // Two needles can announce one leak.
                if leaks.iter().rev().take(64).all(|other| other.at != leak.at) {
                    leaks.push(leak);
                }
            }
        }
        leaks.sort_by_key(|leak| leak.at);
        leaks
    }

    /// What the run of base64 holds.
    fn in_base64(&self, text: &[u8], run: &Run, depth: usize, work: &mut Work) -> Vec<Leak> {
        work.add(run.length());
        let bytes = run.decode();
        let mut leaks = self.at_depth(&bytes, 0..bytes.len(), depth + 1, work);
        for leak in &mut leaks {
            let (begin, end) = (run.place(leak.at), run.place(leak.end));
            let is_damaged = matches!(leak.what, What::Damaged(_));
            let alphabet = run.alphabet(text, leak.at..if is_damaged { bytes.len() } else { leak.end });
            leak.form = match leak.form.as_str() {
                DER | PKCS1_DER => {
                    let armour = armour(text, begin);
                    leak.at = armour.unwrap_or(begin);
                    leak.form.replace(DER, if armour.is_some() { "PEM" } else { alphabet })
                }
                inner => {
                    leak.at = begin;
                    format!("{inner} in {alphabet}")
                }
            };
            leak.end = end;
        }
        leaks
    }

    /// What text in UTF-16 around that place holds, and where the text ends.
    fn in_utf16(&self, text: &[u8], at: usize, depth: usize, work: &mut Work) -> (Vec<Leak>, usize) {
        let pairs_before = text[..at].rchunks_exact(2).take(2 * REACH);
        let begin = at - 2 * pairs_before.take_while(|pair| pair[0] != 0 && pair[1] == 0).count();
        let pairs = text[begin..].chunks(2).take(4 * REACH);
        let pairs = pairs.take_while(|pair| pair[0] != 0 && pair.get(1).is_none_or(|byte| *byte == 0));
        let narrow: Zeroizing<Vec<u8>> = Zeroizing::new(pairs.map(|pair| pair[0]).collect());
        work.add(2 * narrow.len());
        let mut leaks = self.at_depth(&narrow, 0..narrow.len(), depth + 1, work);
        for leak in &mut leaks {
            (leak.at, leak.end) = (begin + 2 * leak.at, begin + 2 * leak.end);
            leak.form += " in UTF-16";
        }
        (leaks, begin + 2 * narrow.len())
    }

    /// The token whose claims are at that place.
    fn token(&self, text: &[u8], at: usize, work: &mut Work) -> Option<Leak> {
        let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let before = text[..at].iter().rev().take(MAX_TOKEN).take_while(|byte| is_token(byte)).count();
        let behind = text[at..].iter().take(MAX_TOKEN).take_while(|byte| is_token(byte)).count();
        work.add(before + behind);
        let text = std::str::from_utf8(&text[at - before..at + behind]).ok()?;
        // Header, claims and signature, and what else dots may join to them in a sentence.
        let claims_start = text[..before].rfind('.')? + 1;
        let header_start = text[..claims_start - 1].rfind('.').map_or(0, |dot| dot + 1);
        let header_start = header_start + text[header_start..claims_start].find("eyJ")?;
        let claims_end = before + text[before..].find('.')?;
        let signature_end = text[claims_end + 1..].find('.').map_or(text.len(), |length| claims_end + 1 + length);
        let token = &text[header_start..signature_end];
        let member = |segment: &str, name: &str| {
            let json: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).ok()?).ok()?;
            json.get(name).cloned()
        };
        let is_live = match unverified_fault(token, self.now) {
            None => true,
            Some(Error::TokenExpired) => false,
            // Scout's kid may be another name than the thumbprint.
            Some(Error::TokenKidUnknown) => {
                member(&text[claims_start..claims_end], "exp")?.as_u64().is_some_and(|exp| exp > self.now)
            }
            Some(_) => return None,
        };
        let verdict = self.keys.as_ref().map(|keys| keys.verify_at(token, self.now));
        if let Some(Err(Error::TokenSignature)) = verdict {
            return None;
        }
        let kid = member(&text[header_start..claims_start - 1], "kid")?;
        let what = What::Token { is_live, kid: kid.as_str().and_then(Kid::parse) };
        Some(leak(at - before + header_start, at - before + signature_end, "JWT", what))
    }
}

const DER: &str = "DER";
const PKCS1_DER: &str = "PKCS#1 DER";

fn leak(at: usize, end: usize, form: &str, what: What) -> Leak {
    Leak { at, end, form: form.to_owned(), what, is_allowed: false }
}

/// A PKCS#8 key that starts there (RFC 5958): a SEQUENCE that starts with the version.
fn pkcs8(text: &[u8], start: usize, work: &mut Work) -> Option<Leak> {
    (text.get(start + 4..start + 6)? == [0x02, 0x01]).then(|| der(text, start, DER, work))?
}

/// A PKCS#1 key that starts there (RFC 8017 appendix A.1.2), unless an OCTET STRING holds it, as in
/// PKCS#8: core decides about that as a whole.
fn pkcs1(text: &[u8], start: usize, work: &mut Work) -> Option<Leak> {
    let is_within = matches!(text[..start], [.., 0x04, 0x82, _, _]);
    (!is_within).then(|| der(text, start, PKCS1_DER, work))?
}

fn der(text: &[u8], start: usize, form: &str, work: &mut Work) -> Option<Leak> {
    let [0x30, 0x82, high, low] = text.get(start..start + 4)? else { return None };
    let end = start + 4 + usize::from(u16::from_be_bytes([*high, *low]));
    let key = text.get(start..end).ok_or(Error::KeyTruncated).and_then(|der| {
        work.add(OF_ARITHMETIC * der.len());
        PrivateKey::from_der(der)
    });
    let what = What::of_key(key);
    Some(leak(start, end, form, what))
}

fn json_web_key(text: &[u8], object: Range<usize>) -> Option<Leak> {
    let jwk = jwk::text(&text[object.clone()])?;
    // Without braces, the object may hold other keys: none is passed over.
    Some(leak(object.start, object.start, "JWK", What::of_key(PrivateKey::parse(&*jwk))))
}

/// Where the PEM armour of the base64 begins that begins there.
fn armour(text: &[u8], begin: usize) -> Option<usize> {
    let start = begin.saturating_sub(64);
    let before = &text[start..begin];
    let find = |part: &[u8]| before.windows(part.len()).rposition(|window| window == part);
    find(b"KEY-----")?;
    find(b"-----BEGIN ").map(|at| start + at)
}
