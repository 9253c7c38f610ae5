//! What people paste in place of a key, each by its own name.
//!
//! These rules see only text that cannot be read as a key, so that no key is ever refused by them.

use crate::encoding::pasted::is_key_text;
use crate::error::Error;
use crate::secret::SecretText;

/// The longest path, reference or placeholder. A key is longer.
const MAX_WORD: usize = 512;

/// What the schemes of secret managers look like when no program replaced the reference by its
/// secret. A URL (`://`) is found without them.
const REFERENCES: &[&str] = &["vault:", "arn:", "op:", "ssm:", "sm:", "ref+", "projects/", "@Microsoft.KeyVault("];

/// The starts of paths, in Unix and Windows form.
const PATHS: &[&str] = &["/", "./", "../", "~/", "\\\\", ".\\", "..\\", "file:"];

/// The names of key files end so.
const KEY_FILES: &[&str] = &[".pem", ".key", ".der", ".p8", ".pk8", ".jwk", ".json", ".crt", ".txt"];

/// Words of examples and templates.
const PLACEHOLDERS: &[&str] =
    &["changeme", "change-me", "change_me", "replace-me", "replace_me", "placeholder", "insert-", "paste-"];

/// Signs that user interfaces show in place of a secret's characters.
const MASKS: &[char] = &['•', '●', '⬤', '∙', '▪', '█', '…'];

/// Names text that is not a key. `decoded` is what it decodes to, if it is base64.
pub(crate) fn name(text: &str, decoded: &[u8]) -> Option<Error> {
    // An API key is one word; a key is longer than this, and one that lost its end starts with MI.
    let is_word = (16..=256).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-") {
        Some(Error::KeyIsOpenssh)
    } else if text.starts_with("PuTTY-User-Key-File") {
        Some(Error::KeyFormat { found: "a PuTTY key file" })
    } else if text.starts_with('$') || text.starts_with("SCOUT_") {
        Some(Error::KeyFormat { found: "the name of a variable, not its value" })
    } else if is_token(text) {
        Some(Error::KeyIsToken)
    } else if is_key_text(decoded) {
        Some(Error::KeyEncodedTwice)
    } else if let Some(error) = stand_in(text) {
        Some(error)
    } else if is_path(text) {
        Some(Error::KeyIsPath)
    } else if is_word && !text.starts_with("MI") {
        Some(Error::KeyIsLegacy)
    } else {
        None
    }
}

/// Names text that stands in for a secret and can be neither a key nor an API key: a reference, a
/// placeholder, a masked copy.
pub(crate) fn stand_in(text: &str) -> Option<Error> {
    if is_reference(text) {
        Some(Error::KeyIsReference)
    } else if is_placeholder(text) {
        Some(Error::KeyIsPlaceholder)
    } else if is_masked(text) {
        Some(Error::KeyIsMasked)
    } else {
        None
    }
}

/// Whether the text has the form of a JWT.
fn is_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.matches('.').count() == 2
}

/// Whether a user interface hid a part of the secret: `••••`, `****`, `MIIE...xyz`.
pub(crate) fn is_masked(text: &str) -> bool {
    let is_one_word = !text.contains(char::is_whitespace);
    text.contains(MASKS) || (is_one_word && (text.contains("...") || text.contains("****")))
}

fn is_reference(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme).filter(|scheme| *scheme != "file");
    let has_scheme = scheme.is_some_and(|scheme| {
        (1..=32).contains(&scheme.len())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    is_short(text) && (has_scheme || REFERENCES.iter().any(|start| text.starts_with(start)))
}

fn is_placeholder(text: &str) -> bool {
    let Some(lower) = lowercase(text) else { return false };
    let is_enclosed = [("<", ">"), ("{{", "}}"), ("[", "]"), ("%", "%")]
        .iter()
        .any(|(start, end)| lower.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).is_some_and(is_name));
    let is_yours = lower.strip_prefix("your").is_some_and(|rest| rest.starts_with(['-', '_', ' ']));
    let is_filler = lower.len() >= 4 && lower.bytes().all(|byte| byte == b'x');
    is_enclosed || is_yours || is_filler || PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// Whether the text is words, as a name in a template is.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || " _-./:|()".contains(c))
}

fn is_path(text: &str) -> bool {
    let Some(lower) = lowercase(text) else { return false };
    let has_drive = matches!(text.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    has_drive || PATHS.iter().any(|start| text.starts_with(start)) || KEY_FILES.iter().any(|end| lower.ends_with(end))
}

/// Short text in lower case. It may be a part of a key, so the copy is wiped.
fn lowercase(text: &str) -> Option<SecretText> {
    is_short(text).then(|| SecretText::new(text.to_ascii_lowercase()))
}

fn is_short(text: &str) -> bool {
    text.len() <= MAX_WORD && !text.contains(['\n', '\r'])
}
