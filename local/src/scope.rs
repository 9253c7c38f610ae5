//! `Scope`: a method and a pattern of paths. Once a credential has scopes, it may do nothing else.
//!
//! Scout has announced scoped permissions. Their form here is ours.

use axum::http::Method;
use serde::{Deserialize, Serialize};

/// The most scopes of a credential.
pub(crate) const MOST: usize = 64;

/// What a credential may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scope {
    /// A method in capital letters, or `*`.
    pub(crate) method: String,
    /// A path, such as `/v2/workflows/*`: `*` is one segment, and a last `**` any number of them.
    pub(crate) path: String,
}

impl Scope {
    /// Whether the scope is well-formed: its texts are short, and `*` is a whole segment.
    pub(crate) fn is_valid(&self) -> bool {
        let is_method = self.method == "*" || self.method.bytes().all(|byte| byte.is_ascii_uppercase());
        let segments: Vec<&str> = self.path.split('/').collect();
        let is_last = |at| at + 1 == segments.len();
        let is_segment = |(at, segment): (usize, &&str)| match *segment {
            "*" => true,
            "**" => is_last(at),
            "" => at == 0 || is_last(at),
            _ => !segment.contains('*') && !is_dots(segment),
        };
        is_method
            && (1..=16).contains(&self.method.len())
            && self.path.starts_with('/')
            && self.path.len() <= 255
            && self.path.bytes().all(|byte| byte.is_ascii_graphic())
            && segments.iter().enumerate().all(is_segment)
    }

    /// Whether a request is within the scope. `path` is as it was sent. A path that a server could read in
    /// two ways, with `..`, an encoded slash or a parameter (`;`), is in no scope.
    pub(crate) fn covers(&self, method: &Method, path: &str) -> bool {
        let is_method = self.method == "*" || self.method == method.as_str();
        is_method && !path.split('/').any(is_ambiguous) && matches(&self.path, path)
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    for part in pattern.split('/') {
        match (part, segments.next()) {
            ("**", rest) => return rest.is_some(),
            ("*", Some(segment)) if !segment.is_empty() => {}
            (part, Some(segment)) if part == segment => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

fn is_ambiguous(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    // Some servers remove what follows `;`, and some decode twice (%25 is a percent sign).
    ["%00", "%25", "%2e", "%2f", "%3b", "%5c", "\\", ";"].iter().any(|part| lower.contains(part)) || is_dots(segment)
}

fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(method: &str, path: &str) -> Scope {
        Scope { method: method.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn a_pattern_covers_whole_segments_and_no_path_that_can_be_read_in_two_ways() {
        for (pattern, path, covered) in [
            ("/v2/workflows", "/v2/workflows", true),
            ("/v2/workflows", "/v2/workflows/", false),
            ("/v2/workflows", "/v2/workflowsx", false),
            ("/v2/workflows/*", "/v2/workflows/w1", true),
            ("/v2/workflows/*", "/v2/workflows/", false),
            ("/v2/workflows/*", "/v2/workflows/w1/run", false),
            ("/v2/*/w1", "/v2/workflows/w1", true),
            ("/v2/workflows/**", "/v2/workflows/w1/run", true),
            ("/v2/workflows/**", "/v2/workflows/", true),
            ("/v2/workflows/**", "/v2/workflows", false),
            ("/v2/workflows/**", "/v2/workflows/../tables", false),
            ("/v2/workflows/**", "/v2/workflows/%2E%2e/tables", false),
            ("/v2/workflows/**", "/v2/workflows/..%2ftables", false),
            ("/v2/workflows/*", "/v2/workflows/a%2Fb", false),
            ("/v2/workflows/**", "/v2/workflows/..;/tables", false),
            ("/v2/workflows/**", "/v2/workflows/%252e%252e/tables", false),
            ("/v2/workflows/*", "/v2/workflows/a%20b", true),
            ("/**", "/", true),
        ] {
            assert_eq!(scope("GET", pattern).covers(&Method::GET, path), covered, "{pattern} {path}");
        }
        assert!(!scope("GET", "/**").covers(&Method::POST, "/v2"));
        assert!(scope("*", "/**").covers(&Method::POST, "/v2"));
    }

    #[test]
    fn a_pattern_that_could_mean_more_than_it_shows_is_not_valid() {
        for (method, path, valid) in [
            ("GET", "/v2/workflows/**", true),
            ("*", "/", true),
            ("get", "/v2", false),
            ("", "/v2", false),
            ("GET", "v2", false),
            ("GET", "/v2/work*", false),
            ("GET", "/**/v2", false),
            ("GET", "/v2//x", false),
            ("GET", "/v2/../x", false),
            ("GET", "/v2/a b", false),
        ] {
            assert_eq!(scope(method, path).is_valid(), valid, "{method} {path}");
        }
    }
}
