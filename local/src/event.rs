//! `Event`: one change, as the audit trail keeps it.
//!
//! An event is one line of JSON. Each contains the SHA-256 of the line before it in its organisation, so
//! that a line cannot be changed or removed without a trace in the next: `sha256sum` can check it.

use serde::{Deserialize, Serialize};

use crate::hash::{hex, sha256};
use crate::scope::Scope;

/// Who made a change, in the form of Scout's SDK (`ActorIdentity`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// `system`: who has the admin token. `organization`: a credential.
    #[serde(rename = "type")]
    pub kind: String,
    /// `system`, or the credential's id.
    pub id: String,
}

impl Actor {
    /// Who has the admin token of this server, and the server itself.
    pub fn system() -> Self {
        Self { kind: "system".to_owned(), id: "system".to_owned() }
    }

    /// A credential or a legacy key.
    pub(crate) fn credential(id: &str) -> Self {
        Self { kind: "organization".to_owned(), id: id.to_owned() }
    }
}

/// One line of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// Its place among all events of the server; the first is 1.
    pub(crate) sequence: u64,
    /// By the organisation's clock, in Unix seconds.
    pub(crate) time: u64,
    /// The organisation's id.
    pub(crate) organization: String,
    pub(crate) actor: Actor,
    /// The request that was not to be carried out twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<Request>,
    #[serde(flatten)]
    pub(crate) change: Change,
    /// SHA-256 of the organisation's line before this one, in hexadecimal digits; of nothing for the first.
    pub(crate) previous: String,
}

/// An `Idempotency-Key`, and what it was used for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// The key's SHA-256, in hexadecimal digits.
    pub(crate) key: String,
    /// SHA-256 of method, path and body, in hexadecimal digits.
    pub(crate) content: String,
}

/// What has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub(crate) enum Change {
    #[serde(rename = "organization.created")]
    OrganizationCreated { name: String },
    /// All credentials and legacy keys are gone.
    #[serde(rename = "organization.reset")]
    OrganizationReset,
    #[serde(rename = "credential.created")]
    CredentialCreated {
        credential_id: String,
        kid: String,
        /// base64url of SPKI.
        public_key: String,
        name: String,
        roles: Vec<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        scopes: Vec<Scope>,
        /// The credential that this one is to replace.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        predecessor: Option<String>,
    },
    #[serde(rename = "credential.renamed")]
    CredentialRenamed { credential_id: String, kid: String, name: String },
    #[serde(rename = "credential.enabled")]
    CredentialEnabled { credential_id: String, kid: String },
    #[serde(rename = "credential.disabled")]
    CredentialDisabled { credential_id: String, kid: String },
    /// Without any, all is allowed.
    #[serde(rename = "credential.scoped")]
    CredentialScoped { credential_id: String, kid: String, scopes: Vec<Scope> },
    /// It has a successor. It is refused from a time on, if there is one.
    #[serde(rename = "credential.rotated")]
    CredentialRotated { credential_id: String, kid: String, successor: String, expires_at: Option<u64> },
    #[serde(rename = "credential.deleted")]
    CredentialDeleted { credential_id: String, kid: String },
    #[serde(rename = "legacy_key.created")]
    LegacyKeyCreated {
        legacy_key_id: String,
        /// Its first characters.
        prefix: String,
        /// SHA-256 of the key, in hexadecimal digits.
        sha256: String,
    },
    #[serde(rename = "legacy_key.enabled")]
    LegacyKeyEnabled { legacy_key_id: String },
    #[serde(rename = "legacy_key.disabled")]
    LegacyKeyDisabled { legacy_key_id: String },
    #[serde(rename = "legacy_key.rotated")]
    LegacyKeyRotated { legacy_key_id: String, successor: String, expires_at: Option<u64> },
    #[serde(rename = "legacy_key.deleted")]
    LegacyKeyDeleted { legacy_key_id: String },
    /// What a request asked for was so already. It is an event for the sake of its `Idempotency-Key`.
    #[serde(rename = "request.unchanged")]
    RequestUnchanged {
        /// Of a credential or a legacy key.
        credential_id: String,
    },
    /// A request was refused. It changes nothing.
    #[serde(rename = "request.refused")]
    RequestRefused {
        kid: Option<String>,
        /// Of a credential or a legacy key.
        credential_id: Option<String>,
        code: String,
    },
}

/// A change that is not yet an event: who makes it, where and when.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) organization: String,
    pub(crate) time: u64,
    pub(crate) actor: Actor,
    pub(crate) request: Option<Request>,
    pub(crate) change: Change,
}

impl Event {
    /// Reads a line.
    pub(crate) fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    /// Writes the line, without its end.
    pub(crate) fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What the next line of the organisation names as `previous`.
pub(crate) fn link(line: &str) -> String {
    hex(&sha256(line.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_that_is_read_as_it_was_written() {
        let change = Change::CredentialRenamed {
            credential_id: "cred_1".to_owned(),
            kid: "k".to_owned(),
            name: "a\nname \u{2028} of \"marks\"".to_owned(),
        };
        let request = Some(Request { key: "00".to_owned(), content: "11".to_owned() });
        let event = Event {
            sequence: 7,
            time: u64::MAX,
            organization: "org_1".to_owned(),
            actor: Actor::system(),
            request,
            change,
            previous: link(""),
        };
        assert!(!event.line().contains('\n'));
        assert_eq!(Event::read(&event.line()), Some(event.clone()));
        assert!(event.line().starts_with(r#"{"sequence":7,"time":"#), "{}", event.line());
        assert!(event.line().contains(r#""event":"credential.renamed","credential_id":"cred_1""#), "{}", event.line());
    }
}
