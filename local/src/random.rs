//! Random ids and secrets: letters and digits, so that a double click selects the whole.

use zeroize::Zeroizing;

use crate::problem::Problem;

/// The digits of base 62.
pub(crate) const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// So many characters hold 131 bits.
const ID: usize = 22;

/// So many characters hold 256 bits.
const SECRET: usize = 43;

/// A new id, such as `cred_…`.
pub(crate) fn id(prefix: &str) -> Result<String, Problem> {
    text(prefix, ID).map(|id| id.to_string())
}

/// A new secret of 256 bits, with a prefix that says what it is.
pub(crate) fn secret(prefix: &str) -> Result<Zeroizing<String>, Problem> {
    text(prefix, SECRET)
}

fn text(prefix: &str, length: usize) -> Result<Zeroizing<String>, Problem> {
    // Some more capacity, so that what the caller appends leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + length + 16));
    text.push_str(prefix);
    let whole = prefix.len() + length;
    let mut bytes = Zeroizing::new([0; 64]);
    while text.len() < whole {
        getrandom::fill(&mut *bytes).map_err(|_| Problem::Internal)?;
        // Only four times 62 values: the rest would make some characters likelier.
        let digits = bytes.iter().filter(|byte| usize::from(**byte) < 4 * ALPHABET.len());
        let missing = whole - text.len();
        text.extend(digits.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).take(missing));
    }
    Ok(text)
}
