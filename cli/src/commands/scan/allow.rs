//! `Allowed`: keys that may be where they are, by their kid. So an exception fits one key only.

use std::collections::BTreeSet;
use std::io::{self, Read};

use scout_auth::Kid;

/// The file of exceptions, in the root of a repository.
pub(super) const FILE: &str = ".scout-auth-allow";

/// The longest file of exceptions, in bytes: a repository may have any.
const LARGEST: u64 = 1024 * 1024;

/// The exception in a line of its own file.
const MARK: &[u8] = b"scout-auth: allow ";

/// How far around a leak its line is looked at, in bytes.
const REACH: usize = 4096;

const KID: usize = 43;

/// The kids of a file of exceptions.
#[derive(Default)]
pub(super) struct Allowed(BTreeSet<Kid>);

impl Allowed {
    /// Reads a file of exceptions: a kid in each line, and what it is for behind `#`. What is no kid is
    /// returned by the number of its line.
    pub(super) fn parse(text: &str) -> Result<Self, usize> {
        let lines = text.lines().enumerate().map(|(number, line)| {
            let line = line.split('#').next().unwrap_or_default().trim();
            (number + 1, line)
        });
        let kids = lines.filter(|(_, line)| !line.is_empty());
        kids.map(|(number, line)| Kid::parse(line).ok_or(number)).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn contains(&self, kid: &Kid) -> bool {
        self.0.contains(kid)
    }
}

/// The text of a file of exceptions.
pub(super) fn text(file: &mut dyn Read) -> io::Result<String> {
    let mut text = String::new();
    let length = file.take(LARGEST + 1).read_to_string(&mut text)?;
    if length as u64 > LARGEST { Err(io::Error::other("it is longer than 1 MiB")) } else { Ok(text) }
}

/// Whether the line of that place, or the line before it, allows the key.
pub(super) fn is_allowed_at(text: &[u8], at: usize, kid: &Kid) -> bool {
    let before = &text[at.saturating_sub(REACH)..at];
    let mut ends = before.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    let start = ends.nth(1).map_or(0, |(end, _)| end + 1);
    let behind = &text[at..text.len().min(at + REACH)];
    let end = behind.iter().position(|byte| *byte == b'\n').unwrap_or(behind.len());
    [&before[start..], &behind[..end]].iter().any(|lines| {
        let is_mark = |place: &usize| lines[*place..].starts_with(MARK);
        let marked = (0..lines.len()).filter(is_mark).map(|place| &lines[place + MARK.len()..]);
        marked.filter_map(|rest| rest.get(..KID)).any(|text| text == kid.as_str().as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

    #[test]
    fn a_file_of_exceptions_has_a_kid_in_each_line() {
        let kid = Kid::parse(TEXT).expect("a kid");
        let allowed = Allowed::parse(&format!("# ours\n\n{TEXT} # RFC 7517\r\n")).unwrap_or_default();
        assert!(allowed.contains(&kid));
        assert_eq!(Allowed::parse(&format!("{TEXT}\n*\n")).err(), Some(2));
    }

    #[test]
    fn a_line_allows_its_own_key_and_that_of_the_next_line() {
        let kid = Kid::parse(TEXT).expect("a kid");
        let other = Kid::parse(&TEXT.replace('N', "A")).expect("a kid");
        for (text, allows) in [
            (format!("KEY  # scout-auth: allow {TEXT}\n"), true),
            (format!("# scout-auth: allow {TEXT}\nKEY"), true),
            (format!("# scout-auth: allow {TEXT}\n\nKEY"), false),
            (format!("KEY\n# scout-auth: allow {TEXT}"), false),
            (format!("KEY # scout-auth: allow {}", &TEXT[..42]), false),
            (format!("KEY # scout-auth: allow {other} scout-auth: allow {TEXT}"), true),
        ] {
            let at = text.find("KEY").expect("a place");
            assert_eq!(is_allowed_at(text.as_bytes(), at, &kid), allows, "{text}");
        }
    }
}
