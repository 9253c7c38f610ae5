//! Findings as SARIF 2.1.0 (OASIS), which code scanning services read.

use serde_json::{Value, json};

use super::finding::{Finding, Findings, RULES};
use crate::words::ascii;

/// One line of SARIF.
pub(super) fn sarif(findings: &Findings) -> String {
    let rules = RULES.map(|rule| {
        json!({
            "id": rule.name,
            "shortDescription": { "text": rule.words },
            "help": { "text": rule.help },
            "defaultConfiguration": { "level": rule.level },
        })
    });
    let unreadable = findings.unreadable.iter().map(
        |(path, reason)| json!({ "level": "error", "message": { "text": format!("{path} cannot be read: {reason}") } }),
    );
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "scout-auth", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": findings.unreadable.is_empty(),
                "toolExecutionNotifications": unreadable.collect::<Vec<_>>(),
            }],
            "results": findings.all.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    ascii(&log.to_string()) + "\n"
}

fn result(finding: &Finding) -> Value {
    let Finding { path, place, .. } = finding;
    let kid = place.what.kid().map_or("", scout_auth::Kid::as_str);
    json!({
        "ruleId": finding.rule().name,
        "level": finding.rule().level,
        "message": { "text": finding.words() },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(path) },
            "region": { "startLine": place.line, "startColumn": place.column },
        } }],
        // A service knows by it that the same key in the same file is the same result.
        "partialFingerprints": { "pathAndKid/v1": format!("{} {kid}", uri(path)) },
    })
}

/// The path as a reference to a URI (RFC 3986 §4.1).
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let plain = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let encoded: String = path.bytes().map(plain).collect();
    if encoded.starts_with('/') { format!("file://{encoded}") } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_a_uri() {
        assert_eq!(uri("src/a b%:é.txt"), "src/a%20b%25%3A%C3%A9.txt");
        assert_eq!(uri("/tmp/x"), "file:///tmp/x");
    }
}
