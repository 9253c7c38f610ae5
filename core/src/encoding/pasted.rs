//! Keys as people paste them.
//!
//! Scout issues base64url of DER. Before it reaches us, it passes through shells, `.env` files, YAML,
//! CI settings and chat windows. This module mends what it can undo without guessing; docs/keys.md
//! lists it. It refuses everything else, with the error that says what the text is.

use zeroize::Zeroizing;

use crate::encoding::asn1::{self, Container};
use crate::encoding::from_key_base64;
use crate::encoding::jwk::Jwk;
use crate::encoding::mistaken;
use crate::error::{Error, Result};
use crate::numbers::Numbers;
use crate::secret::{MAX_KEY_TEXT, SecretBytes, SecretText};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// A pasted key, recognised and decoded. Its numbers are not checked yet.
pub(crate) enum Pasted {
    Der { der: SecretBytes, container: Container },
    Jwk(Jwk),
}

impl Pasted {
    /// Reads a key in any form: text as described above, or DER itself.
    pub(crate) fn read(key: &[u8]) -> Result<Self> {
        if key.len() > MAX_KEY_TEXT {
            return Err(Error::KeyTextTooLong);
        }
        if is_der(key) {
            return Self::from_der(Zeroizing::new(key.to_vec()), None);
        }
        let text = std::str::from_utf8(key).map_err(|_| Error::KeyEncoding)?;
        let text = without_nul(text);
        Self::from_text(unwrap(text))
    }

    /// Reads DER.
    pub(crate) fn from_der(der: SecretBytes, label: Option<&str>) -> Result<Self> {
        if der.len() > MAX_KEY_TEXT {
            return Err(Error::KeyTextTooLong);
        }
        let container = asn1::recognise(&der)?;
        match label {
            Some(label) if label != pem_label(container) => Err(Error::KeyPemLabel),
            _ => Ok(Self::Der { der, container }),
        }
    }

    /// The numbers of the key.
    pub(crate) fn numbers(&self) -> Result<Numbers<'_>> {
        match self {
            Self::Der { der, container } => asn1::numbers(der, *container),
            Self::Jwk(jwk) => Ok(jwk.numbers()),
        }
    }

    /// Whether this is DER that [`asn1::write_pkcs8`] would write of its numbers, which were read.
    pub(crate) fn is_canonical_pkcs8(&self) -> bool {
        matches!(self, Self::Der { der, container: Container::Pkcs8 } if asn1::is_canonical_pkcs8(der))
    }

    fn from_text(text: &str) -> Result<Self> {
        match strip_prefix_ignoring_case(text, "data:") {
            Some(uri) => Self::from_data_uri(uri),
            None => Self::from_plain_text(text),
        }
    }

    fn from_plain_text(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::KeyEmpty);
        }
        if text.starts_with('{') && !text.starts_with("{{") {
            return Jwk::read(text).map(Self::Jwk);
        }
        let unescaped = text.contains('\\').then(|| unescape(text));
        let plain = unescaped.as_ref().map_or(text, |text| text.as_str());
        // Both have a space, which is found faster than either.
        if plain.contains(' ') && (plain.contains(BEGIN) || plain.contains(END)) {
            return Self::from_pem(plain);
        }
        // Named by the text as it came: a path of Windows has backslashes.
        match from_key_base64(plain) {
            Ok(bytes) if is_der(&bytes) => Self::from_der(bytes, None),
            Ok(bytes) => Err(mistaken::name(text, &bytes).unwrap_or(Error::KeyStructure)),
            Err(error) => Err(mistaken::name(text, &[]).unwrap_or(error)),
        }
    }

    /// `data:[type][;base64],…` (RFC 2397). What it carries may be any of the other forms.
    fn from_data_uri(uri: &str) -> Result<Self> {
        let (kind, data) = uri.split_once(',').ok_or(Error::KeyTruncated)?;
        if !kind.to_ascii_lowercase().ends_with(";base64") {
            return Self::from_plain_text(data);
        }
        let decoded = from_key_base64(data)?;
        match std::str::from_utf8(&decoded) {
            Ok(text) if text.trim_start().starts_with('{') || text.contains(BEGIN) => {
                Self::from_plain_text(text.trim())
            }
            _ => Self::from_der(decoded, None),
        }
    }

    /// One PEM block (RFC 7468 §2), with its line breaks as they came: none, spaces, CR, CRLF.
    fn from_pem(text: &str) -> Result<Self> {
        let begin = text.find(BEGIN).ok_or(Error::KeyPem)?;
        // Text may stand before the block (RFC 7468 §2), but not on its line.
        if !(begin == 0 || text[..begin].ends_with(['\n', '\r'])) {
            return Err(Error::KeyPem);
        }
        let (label, rest) = text[begin + BEGIN.len()..].split_once(DASHES).ok_or(Error::KeyTruncated)?;
        // A certificate with its key behind it: the key is what is wanted.
        let bundle = rest.contains(BEGIN) && rest.contains("KEY-----");
        refuse_label(label).map_err(|error| match error {
            Error::KeyIsCertificate if bundle => Error::KeyPemBlocks,
            _ => error,
        })?;
        let (body, rest) = rest.split_once(END).ok_or(Error::KeyTruncated)?;
        let (end_label, rest) = rest.split_once(DASHES).ok_or(Error::KeyTruncated)?;
        if end_label != label {
            return Err(Error::KeyPem);
        }
        if rest.contains(BEGIN) {
            return Err(Error::KeyPemBlocks);
        }
        if !rest.trim().is_empty() {
            return Err(if rest.starts_with('-') { Error::KeyPem } else { Error::KeyTrailingData });
        }
        // Headers (RFC 1421) end in an empty line. Only those of encryption occur in practice.
        if body.contains(':') {
            return Err(if body.contains(",ENCRYPTED") { Error::KeyIsEncrypted } else { Error::KeyPem });
        }
        let der = from_key_base64(body)
            .map_err(|error| if mistaken::is_masked(body.trim()) { Error::KeyIsMasked } else { error })?;
        Self::from_der(der, Some(label))
    }
}

/// Takes off one final NUL: C's `sizeof` counts it with the characters of a string.
pub(crate) fn without_nul(text: &str) -> &str {
    text.strip_suffix('\0').unwrap_or(text)
}

/// Whether text that should be something else is a key, or the beginning of one.
pub(crate) fn is_key(text: &str) -> bool {
    matches!(Pasted::read(text.as_bytes()), Ok(_) | Err(Error::KeyTruncated))
}

/// Whether text is a public key.
pub(crate) fn is_public_key(text: &str) -> bool {
    Pasted::read(text.as_bytes()).is_ok_and(|key| matches!(key.numbers(), Ok(Numbers::Public(_))))
}

/// Whether the bytes are DER and no text: a SEQUENCE of more than 127 bytes, complete or not, which
/// is no UTF-8, or a short one to its last byte.
fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x80..=0xff, ..]) || asn1::declared_length(bytes) == Some(bytes.len())
}

/// Takes off what stands around a pasted key, however nested: white space, a BOM, quotes, and
/// `export NAME=` or `NAME=` in front.
fn unwrap(text: &str) -> &str {
    strip_all(text, |text| strip_assignment(unquote(text)))
}

/// Takes off white space, a BOM and quotes, however nested.
pub(crate) fn unquote(text: &str) -> &str {
    strip_all(text, |text| strip_quotes(text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')))
}

fn strip_all(mut text: &str, strip: impl Fn(&str) -> &str) -> &str {
    loop {
        let stripped = strip(text);
        if stripped.len() == text.len() {
            return text;
        }
        text = stripped;
    }
}

fn strip_quotes(text: &str) -> &str {
    ['"', '\'', '`'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(text)
}

/// `NAME=` is an assignment only if a value follows, because `=` and `==` also end padded base64.
fn strip_assignment(text: &str) -> &str {
    let Some((name, value)) = text.split_once('=') else { return text };
    let name = name.trim_end();
    let name = name.strip_prefix("export ").map_or(name, str::trim_start);
    let is_name = name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name && !value.trim_start().is_empty() && !value.starts_with('=') { value } else { text }
}

/// Undoes the escaping of line breaks: `\n` and `\r` as two characters, escaped again or not.
fn unescape(text: &str) -> SecretText {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let after = rest[at..].trim_start_matches('\\');
        rest = match after.chars().next() {
            Some('n' | 'r') => {
                plain.push('\n');
                &after[1..]
            }
            // A shell's line continuation: the break itself follows, or was trimmed off.
            Some('\n' | '\r') | None => after,
            _ => {
                plain.push('\\');
                after
            }
        };
    }
    plain.push_str(rest);
    plain
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The label that belongs to the container (RFC 7468 §10, §13; RFC 8017's by custom).
fn pem_label(container: Container) -> &'static str {
    match container {
        Container::Pkcs8 => "PRIVATE KEY",
        Container::Pkcs1Private => "RSA PRIVATE KEY",
        Container::Spki => "PUBLIC KEY",
        Container::Pkcs1Public => "RSA PUBLIC KEY",
    }
}

/// Refuses the labels of what is not an RSA key, by name.
fn refuse_label(label: &str) -> Result<()> {
    match label {
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "PUBLIC KEY" | "RSA PUBLIC KEY" => Ok(()),
        "ENCRYPTED PRIVATE KEY" => Err(Error::KeyIsEncrypted),
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Err(Error::KeyIsCertificate),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Err(Error::KeyFormat { found: "a certificate request" }),
        "OPENSSH PRIVATE KEY" => Err(Error::KeyIsOpenssh),
        _ if label.starts_with("EC ") => Err(Error::KeyAlgorithm { found: "an EC key" }),
        _ if label.starts_with("DSA ") => Err(Error::KeyAlgorithm { found: "a DSA key" }),
        _ if label.starts_with("PGP ") => Err(Error::KeyFormat { found: "an OpenPGP block" }),
        _ => Err(Error::KeyFormat { found: "a PEM block of another kind" }),
    }
}

/// Whether decoded bytes are themselves key text.
pub(crate) fn is_key_text(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default().trim_start();
    text.starts_with("MI") || text.starts_with(DASHES) || text.starts_with('{')
}
