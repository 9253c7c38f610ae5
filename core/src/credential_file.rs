//! The credential file: a private key, its credential id and perhaps its kid in one place, so that
//! a rotation replaces all three at once.
//!
//! A rotation in Scout makes a new credential: the key, the credential id and the kid change
//! together. docs/credentials.md lists the forms that are read here.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::encoding::json::{self, Present, Text};
use crate::encoding::pasted::unquote;
use crate::error::{Error, Result};
use crate::jwt::check_credential_id;
use crate::key::PrivateKey;
use crate::secret::{MAX_KEY_TEXT, SecretText};

/// The field names of a folder and of JSON; `.env` lines use the second of each pair.
pub(crate) const PRIVATE_KEY: [&str; 2] = ["private_key", "SCOUT_PRIVATE_KEY"];
pub(crate) const CREDENTIAL_ID: [&str; 2] = ["credential_id", "SCOUT_CREDENTIAL_ID"];
pub(crate) const KID: [&str; 2] = ["kid", "SCOUT_KID"];

/// What a credential file holds: the key is checked, the id and the kid are as they stand there.
///
/// [`Signer::from_file`](crate::Signer::from_file) reads such a file and follows its changes. This
/// type is for programs that make one.
#[derive(Debug)]
pub struct CredentialFile {
    /// The private key.
    pub key: PrivateKey,
    /// The credential id, if it is there.
    pub credential_id: Option<String>,
    /// The kid, if it is there. It may be another key's.
    pub kid: Option<String>,
}

/// Scout's own JSON, `{"private_key", "credential_id", "kid"}` or with `"jwk"` in place of the key,
/// and the answer of Scout's API to creating a credential, `{"credential": {"id", "kid"},
/// "private_key"}`. Secret managers print the variables as members. Other members are ignored.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Json<'a> {
    #[serde(borrow)]
    private_key: Option<&'a RawValue>,
    jwk: Option<&'a RawValue>,
    credential_id: Text<'a>,
    kid: Text<'a>,
    credential: Option<&'a RawValue>,
    kty: Present,
    #[serde(rename = "SCOUT_PRIVATE_KEY")]
    private_key_variable: Option<&'a RawValue>,
    #[serde(rename = "SCOUT_CREDENTIAL_ID")]
    credential_id_variable: Text<'a>,
    #[serde(rename = "SCOUT_KID")]
    kid_variable: Text<'a>,
}

/// The member `credential` of the API's answer.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Issued<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    kid: Text<'a>,
}

impl CredentialFile {
    /// Reads the contents of a credential file: JSON, `.env` lines, or a private key alone in any
    /// form that [`PrivateKey::parse`] takes. All but DER is UTF-8.
    ///
    /// # Errors
    /// [`Error::CredentialTooLong`], [`Error::CredentialFormat`], [`Error::CredentialIncomplete`],
    /// and those of [`PrivateKey::parse`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_KEY_TEXT {
            return Err(Error::CredentialTooLong);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Self::of_key(bytes).map_err(|error| match error {
                Error::KeyEncoding => Error::CredentialFormat,
                error => error,
            });
        };
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') {
            return Self::from_json(text);
        }
        match env_lines(text)? {
            Some([Some(key), credential_id, kid]) => Self::from_fields(key, credential_id, kid),
            Some([None, ..]) => Err(Error::CredentialIncomplete { member: "private_key" }),
            None => Self::of_key(bytes),
        }
    }

    /// A private key alone, in any form.
    ///
    /// Errors: those of [`PrivateKey::parse`].
    pub(crate) fn of_key(key: &[u8]) -> Result<Self> {
        Ok(Self { key: PrivateKey::parse(key)?, credential_id: None, kid: None })
    }

    /// The texts of the fields, as a folder holds them.
    ///
    /// Errors: those of [`PrivateKey::parse`].
    pub(crate) fn from_fields(key: &str, credential_id: Option<&str>, kid: Option<&str>) -> Result<Self> {
        let field = |text: Option<&str>| text.map(unquote).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Self { credential_id: field(credential_id), kid: field(kid), ..Self::of_key(key.as_bytes())? })
    }

    /// Writes the JSON that Scout's guides show: `private_key`, `credential_id`, `kid`. The kid is
    /// that of the key.
    ///
    /// # Errors
    /// [`Error::CredentialIncomplete`] without a credential id; [`Error::CredentialId`] if it is not
    /// visible ASCII, or has a character that JSON would escape.
    pub fn to_json(&self) -> Result<SecretText> {
        let missing = Error::CredentialIncomplete { member: CREDENTIAL_ID[0] };
        let credential_id = self.credential_id.as_deref().ok_or(missing)?;
        check_credential_id(credential_id)?;
        if credential_id.contains(['"', '\\']) {
            return Err(Error::CredentialId);
        }
        let (key, kid) = (self.key.to_base64url(), self.key.kid());
        let members = format!(r#"","credential_id":"{credential_id}","kid":"{kid}"}}"#);
        // The whole capacity at once: a growing string would leave copies of the key behind.
        let mut text = SecretText::new(String::with_capacity(key.len() + members.len() + 32));
        for part in ["{\"private_key\":\"", &key, &members, "\n"] {
            text.push_str(part);
        }
        Ok(text)
    }

    fn from_json(text: &str) -> Result<Self> {
        let members: Json<'_> = json::read(text.as_bytes()).ok_or(Error::CredentialFormat)?;
        let private_key = either([members.private_key, members.private_key_variable])?;
        let private_key = private_key.map(|json| unescaped(json.get()));
        let credential_id = either([members.credential_id.0, members.credential_id_variable.0])?;
        let kid = either([members.kid.0, members.kid_variable.0])?;
        let key = match (&private_key, members.jwk) {
            (Some(_), Some(_)) => return Err(Error::CredentialFormat),
            (Some(key), None) => key,
            (None, Some(key)) => key.get(),
            // A private JWK alone.
            (None, None) if members.kty.0 => text,
            (None, None) => return Err(Error::CredentialIncomplete { member: "private_key" }),
        };
        match members.credential {
            Some(_) if credential_id.is_some() => Err(Error::CredentialFormat),
            Some(issued) => {
                let issued: Issued<'_> = json::read(issued.get().as_bytes()).ok_or(Error::CredentialFormat)?;
                Self::from_fields(key, issued.id.0, issued.kid.0.or(kid))
            }
            None => Self::from_fields(key, credential_id, kid.filter(|_| !members.kty.0)),
        }
    }
}

/// A field under either of its names.
///
/// Errors: `CredentialFormat` if it is there under both.
pub(crate) fn either<T>(fields: [Option<T>; 2]) -> Result<Option<T>> {
    match fields {
        [Some(_), Some(_)] => Err(Error::CredentialFormat),
        [first, second] => Ok(first.or(second)),
    }
}

/// The text of a JSON string, quotes included. `\/` and `\u….` are undone here, because many programs
/// write `/`, `+` and `=` so, and `\"`, for the text of a JWK. The other escapes are mended like those of any pasted key.
fn unescaped(json: &str) -> SecretText {
    let mut text = SecretText::new(String::with_capacity(json.len()));
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let digits = after.strip_prefix('u').and_then(|digits| digits.get(..4));
        let letter = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        let itself = after.chars().next().filter(|letter| ['/', '"'].contains(letter));
        let (unescaped, length) = match (letter, itself) {
            (Some(letter), _) => (letter, 5),
            (None, Some(letter)) => (letter, 1),
            (None, None) => ('\\', 0),
        };
        text.push(unescaped);
        rest = &after[length..];
        // Both characters of an escaped backslash stay.
        if length == 0 && rest.starts_with('\\') {
            text.push('\\');
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    text
}

/// The values of `SCOUT_PRIVATE_KEY`, `SCOUT_CREDENTIAL_ID` and `SCOUT_KID` in `.env` lines. `None`
/// if the text is something else. Other names, empty lines and comments are ignored.
///
/// Errors: `CredentialFormat` if a name stands twice, a quote does not end, or something else stands
/// beside such lines.
fn env_lines(text: &str) -> Result<Option<[Option<&str>; 3]>> {
    let mut values = [None; 3];
    let mut rest = text;
    while let Some(line) = next_line(rest) {
        if line.starts_with('#') {
            rest = line.split_once('\n').map_or("", |(_, rest)| rest);
            continue;
        }
        let Some((name, after)) = line.split_once('=').filter(|(name, _)| !name.contains('\n')) else {
            let is_ours = values.iter().any(Option::is_some);
            return if is_ours { Err(Error::CredentialFormat) } else { Ok(None) };
        };
        let name = name.trim();
        let name = name.strip_prefix("export ").map_or(name, str::trim_start);
        let (value, after) = value(after)?;
        rest = after;
        if let Some(at) = [PRIVATE_KEY, CREDENTIAL_ID, KID].iter().position(|names| names[1] == name)
            && values[at].replace(value).is_some()
        {
            return Err(Error::CredentialFormat);
        }
    }
    Ok(values.iter().any(Option::is_some).then_some(values))
}

/// The text from its first line that is not empty. `None` at the end.
fn next_line(text: &str) -> Option<&str> {
    Some(text.trim_start()).filter(|text| !text.is_empty())
}

/// A value and the text after its line. A quoted value may hold line breaks, as a PEM does.
fn value(text: &str) -> Result<(&str, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let quoted = ['"', '\''].into_iter().find_map(|quote| Some((quote, text.strip_prefix(quote)?)));
    let (value, rest) = match quoted {
        Some((quote, inner)) => inner.split_once(quote).ok_or(Error::CredentialFormat)?,
        None => text.split_at(text.find('\n').unwrap_or(text.len())),
    };
    let (tail, rest) = match quoted {
        Some(_) => rest.split_once('\n').unwrap_or((rest, "")),
        None => ("", rest),
    };
    let tail = tail.trim();
    if !tail.is_empty() && !tail.starts_with('#') {
        return Err(Error::CredentialFormat);
    }
    let value = if quoted.is_some() { value } else { value.split(" #").next().unwrap_or_default() };
    Ok((value.trim(), rest))
}

/// The text of one field of a folder.
///
/// Errors: `CredentialFormat` if it is not UTF-8.
pub(crate) fn field_text(bytes: &[u8]) -> Result<SecretText> {
    let text = std::str::from_utf8(bytes).map_err(|_| Error::CredentialFormat)?;
    Ok(Zeroizing::new(text.to_owned()))
}
