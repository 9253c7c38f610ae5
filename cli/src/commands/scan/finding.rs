//! `Findings`: what was found and where, as text, JSON or SARIF. No part of a key is in them.

use serde_json::{Value, json};

use super::leak::What;
use super::scanner::Place;
use crate::words::ascii;

/// A leak, and where it is.
pub(super) struct Finding {
    pub(super) path: String,
    /// The blob of a history.
    pub(super) blob: Option<String>,
    /// The commit that brought it.
    pub(super) commit: Option<String>,
    pub(super) place: Place,
    /// What `--keys` calls the key.
    pub(super) known_as: Option<String>,
}

/// The result of a scan.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) all: Vec<Finding>,
    /// How many keys were found and are allowed.
    pub(super) allowed: u64,
    /// How many files were read to their end.
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// Files that cannot be read, and why.
    pub(super) unreadable: Vec<(String, String)>,
    /// Repositories in the folder, which git lists as one file: submodules and others.
    pub(super) repositories: Vec<String>,
    /// What was scanned beside what was asked for, or not at all, in words.
    pub(super) notes: Vec<String>,
}

/// One kind of finding: its name in JSON and SARIF, its level in SARIF, its words, what to do.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) level: &'static str,
    pub(super) words: &'static str,
    pub(super) help: &'static str,
}

const DISABLE: &str = "a key that others may have seen is theirs too: disable its credential in Scout and make a new one; \
                       if it is a test key, add its kid to .scout-auth-allow";

const KEY: Rule = Rule { name: "private-key", level: "error", words: "private key", help: DISABLE };
const DAMAGED: Rule = Rule {
    name: "damaged-key",
    level: "warning",
    words: "damaged private key",
    help: "a key that lost a part may have been whole before: look at what it was",
};
const LIVE: Rule = Rule {
    name: "live-token",
    level: "error",
    words: "live token",
    help: "whoever has the token can use it until it expires, at most five minutes: find out how it came here",
};
const EXPIRED: Rule = Rule {
    name: "expired-token",
    level: "note",
    words: "expired token",
    help: "the token is worth nothing now: find out how it came here",
};

/// All kinds, the most important first.
pub(super) const RULES: [&Rule; 4] = [&KEY, &LIVE, &DAMAGED, &EXPIRED];

impl Finding {
    pub(super) fn rule(&self) -> &'static Rule {
        match self.place.what {
            What::Key { .. } => &KEY,
            What::Damaged(_) => &DAMAGED,
            What::Token { is_live: true, .. } => &LIVE,
            What::Token { is_live: false, .. } => &EXPIRED,
        }
    }

    /// Whether somebody must act: an expired token is worth nothing.
    pub(super) fn is_leak(&self) -> bool {
        self.rule().level != EXPIRED.level
    }

    /// What it is, in words.
    pub(super) fn words(&self) -> String {
        let (words, form) = (self.rule().words, &self.place.form);
        let what = match &self.place.what {
            What::Key { bits, kid } => format!("{words} ({form}, {bits} bits), kid {kid}"),
            What::Token { kid: Some(kid), .. } => format!("{words}, kid {kid}"),
            What::Token { kid: None, .. } => words.to_owned(),
            What::Damaged(error) => format!("{words} ({form}): {} ({})", error.summary(), error.code()),
        };
        let known = self.known_as.as_ref().map(|name| format!(", known as {}", printable(name)));
        let commit = self.commit.as_ref().map(|commit| format!(", commit {commit}"));
        [Some(what), known, commit].into_iter().flatten().collect()
    }

    fn json(&self) -> Value {
        let (bits, error) = match &self.place.what {
            What::Key { bits, .. } => (Some(bits), None),
            What::Damaged(error) => (None, Some(error.code())),
            What::Token { .. } => (None, None),
        };
        json!({
            "kind": self.rule().name,
            "path": self.path,
            "line": self.place.line,
            "column": self.place.column,
            "form": self.place.form,
            "bits": bits,
            "kid": self.place.what.kid().map(scout_auth::Kid::as_str),
            "error": error,
            "known_as": self.known_as,
            "blob": self.blob,
            "commit": self.commit,
        })
    }
}

impl Findings {
    /// The most important kind of finding, if somebody must act.
    pub(super) fn worst(&self) -> Option<&'static Rule> {
        let is_there =
            |rule: &&Rule| self.all.iter().any(|finding| finding.is_leak() && finding.rule().name == rule.name);
        RULES.into_iter().find(is_there)
    }

    /// One line that says how much was scanned, and what it came to.
    pub(super) fn summary(&self) -> String {
        let count = |rule: &Rule| self.all.iter().filter(|finding| finding.rule().name == rule.name).count() as u64;
        let found = RULES.map(|rule| (count(rule), rule.words));
        let found = found.iter().filter(|(count, _)| *count > 0).map(|(count, words)| plural(*count, words));
        let mut found: Vec<String> = found.collect();
        if self.allowed > 0 {
            found.push(format!("{} allowed", self.allowed));
        }
        let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
        format!("{} scanned: {found}\n", plural(self.files, "file"))
    }

    /// One line for each finding.
    pub(super) fn lines(&self) -> String {
        let line = |finding: &Finding| {
            let Finding { path, place, .. } = finding;
            format!("{}:{}:{}: {}\n", printable(path), place.line, place.column, finding.words())
        };
        self.all.iter().map(line).collect()
    }

    /// One line of JSON.
    pub(super) fn json(&self) -> String {
        let unreadable = self.unreadable.iter().map(|(path, text)| json!({ "path": path, "text": text }));
        let all = json!({
            "findings": self.all.iter().map(Finding::json).collect::<Vec<_>>(),
            "allowed": self.allowed,
            "files": self.files,
            "bytes": self.bytes,
            "unreadable": unreadable.collect::<Vec<_>>(),
        });
        ascii(&all.to_string()) + "\n"
    }
}

/// Text from a repository for people: what could control a terminal is escaped.
pub(super) fn printable(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || c == ' ' || c.is_ascii_graphic();
    text.chars().map(|c| if is_plain(c) { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

/// A number and a noun.
pub(super) fn plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
