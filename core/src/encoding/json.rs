//! Strict JSON objects: one value, no duplicate member names at any depth (RFC 8259 §4 leaves them
//! undefined, and readers that differ are how forgeries pass).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Reads `T` from the text of a JSON object. Returns `None` for bad JSON, a duplicate name, nesting
/// over 128 levels, or a value that is not an object.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    members(text, |_, _| {})?;
    serde_json::from_slice(text).ok()
}

/// Calls `see` for each member, in one pass. Returns `None` if the text is not a strict JSON object;
/// the caller must then discard what `see` collected.
pub(crate) fn members<'a>(text: &'a [u8], see: impl FnMut(&str, Member<'a>)) -> Option<()> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    deserializer.deserialize_map(MembersVisitor(see)).ok()?;
    deserializer.end().ok()
}

/// A member's value, as far as tokens need it.
#[derive(Default)]
pub(crate) enum Member<'a> {
    /// It is not there. (`null` is `Other`.)
    #[default]
    Missing,
    Text(Cow<'a, str>),
    /// A whole number, written without sign, fraction or exponent.
    Number(u64),
    /// An array of texts alone.
    Texts(Vec<String>),
    Other,
}

/// The name of a member, borrowed if it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct MembersVisitor<F>(F);

impl<'de, F: FnMut(&str, Member<'de>)> Visitor<'de> for MembersVisitor<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object without duplicate names")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut names = BTreeSet::new();
        while let Some((Name(name), member)) = map.next_entry()? {
            (self.0)(&name, member);
            if !names.insert(name) {
                return Err(A::Error::custom("duplicate name"));
            }
        }
        Ok(())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Member<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate names")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Member<'de>, E> {
        Ok(Member::Number(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Member<'de>, A::Error> {
        MembersVisitor(|_: &str, _: Member<'_>| {}).visit_map(map).map(|()| Member::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member<'de>, A::Error> {
        let mut texts = Some(Vec::new());
        while let Some(item) = items.next_element::<Member<'_>>()? {
            match (item, &mut texts) {
                (Member::Text(text), Some(texts)) => texts.push(text.into_owned()),
                _ => texts = None,
            }
        }
        Ok(texts.map_or(Member::Other, Member::Texts))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_unit<E>(self) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }
}

/// A text member, borrowed from the input, so that no copy of a secret is made; text with JSON
/// escapes cannot be borrowed and is refused. Unlike with `Option`, `null` is refused too.
#[derive(Clone, Copy, Default)]
pub(crate) struct Text<'a>(pub(crate) Option<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&str>::deserialize(deserializer).map(|text| Self(Some(text)))
    }
}

/// Whether a member is there, with whatever value, `null` too.
#[derive(Clone, Copy, Default)]
pub(crate) struct Present(pub(crate) bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}
