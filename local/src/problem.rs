//! `Problem`: every answer that is not a success, in one table: status, code, what is wrong, what to do.
//!
//! Codes are stable. A problem holds no text of a request, so no answer can repeat a secret.

use axum::http::StatusCode;
use scout_auth::{Error, Family};

macro_rules! problems {
    ($( $variant:ident = $status:literal $code:literal $detail:literal, $help:literal; )+) => {
        /// Why a request is not answered with a success.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Problem {
            $( #[doc = concat!("`", $code, "`: ", $detail, ".")] $variant, )+
            /// The token or the private key is refused, for this reason of core.
            Credential(Error),
            /// A member of the body or a parameter is missing or wrong.
            Invalid {
                /// Where: `body`, `query` or `header`, and the name.
                place: [&'static str; 2],
                /// What is wrong: one clause.
                text: &'static str,
            },
        }

        impl Problem {
            /// The whole table: status, code, detail, help.
            #[cfg(test)]
            pub(crate) const TABLE: &'static [(u16, &'static str, &'static str, &'static str)] = &[
                $( ($status, $code, $detail, $help), )+
            ];

            fn row(self) -> Option<(u16, &'static str, &'static str, &'static str)> {
                match self {
                    $( Self::$variant => Some(($status, $code, $detail, $help)), )+
                    Self::Credential(_) | Self::Invalid { .. } => None,
                }
            }
        }
    };
}

problems! {
    // Who sends the request.
    NoCredential = 401 "ERR_LOCAL_NO_CREDENTIAL" "the request has no header Authorization: Bearer …",
        "send a token, a private key or a legacy key";
    Authorization = 400 "ERR_LOCAL_AUTHORIZATION" "the header Authorization is malformed or occurs twice",
        "send it once: Bearer, one space, and the token";
    KeyUnknown = 401 "ERR_LOCAL_KEY_UNKNOWN" "no credential of this server has this private key",
        "create a credential here, or check whether the key is of another server";
    LegacyKeyUnknown = 401 "ERR_LOCAL_LEGACY_KEY_UNKNOWN"
        "it is no token, no private key, and no legacy key of this server",
        "check whether it was copied whole, or create a credential here";
    LegacyKeyDamaged = 401 "ERR_LOCAL_LEGACY_KEY_DAMAGED" "the checksum of the legacy key is wrong",
        "copy the key again, whole";
    Disabled = 401 "ERR_LOCAL_DISABLED" "the credential is disabled", "enable it, or use another credential";
    Deleted = 401 "ERR_LOCAL_DELETED" "the credential is deleted", "use another credential: this one never returns";
    Expired = 401 "ERR_LOCAL_EXPIRED" "the credential was rotated, and its grace period is over",
        "use the successor";
    Subject = 401 "ERR_LOCAL_SUBJECT" "the token's sub is not the one of the key's credential",
        "set SCOUT_CREDENTIAL_ID to the id of the credential that has this key";
    IsAdminToken = 401 "ERR_LOCAL_IS_ADMIN_TOKEN" "this is the admin token, which only manages this server",
        "use a credential; or check the path, see /openapi.json";
    AdminToken = 401 "ERR_LOCAL_ADMIN_TOKEN" "this needs the admin token of this server",
        "send the admin token of the ready line, or the one in --admin-token-file";

    // What the credential may do.
    NoRole = 403 "ERR_LOCAL_NO_ROLE" "the token's roles and the credential's have none in common",
        "ask for roles that the credential has, or for no roles";
    NotAdmin = 403 "ERR_LOCAL_NOT_ADMIN" "this needs the role admin",
        "use a credential with the role admin, or the admin token of this server";
    Scope = 403 "ERR_LOCAL_SCOPE" "no scope of the credential covers this method and path",
        "add a scope, or remove all scopes of the credential";

    // Credentials and legacy keys.
    CredentialUnknown = 404 "ERR_LOCAL_CREDENTIAL_UNKNOWN" "the organisation has no credential with this id",
        "list the credentials; a deleted one is gone";
    LegacyKeyIdUnknown = 404 "ERR_LOCAL_LEGACY_KEY_ID_UNKNOWN" "the organisation has no legacy key with this id",
        "list the legacy keys; a deleted one is gone";
    OrganizationUnknown = 404 "ERR_LOCAL_ORGANIZATION_UNKNOWN" "there is no organisation with this id",
        "check the header Scout-Organization, or create one: POST /_local/organizations";
    Enabled = 409 "ERR_LOCAL_ENABLED" "the credential is enabled, and a deletion is for ever",
        "disable it and watch for errors first, or add ?force=true";
    KeyInUse = 409 "ERR_LOCAL_KEY_IN_USE" "a credential of this server has or had this public key",
        "use a new key pair for each credential";
    CredentialIdInUse = 409 "ERR_LOCAL_CREDENTIAL_ID_IN_USE" "a credential of this server has or had this id",
        "leave the id out";
    LegacyKeyExists = 409 "ERR_LOCAL_LEGACY_KEY_EXISTS" "the organisation has a legacy key",
        "rotate or delete it: there is one in an organisation";
    LegacyKeyInUse = 409 "ERR_LOCAL_LEGACY_KEY_IN_USE" "this server has or had this legacy key", "use a new one";
    PrivateKeyNotKept = 410 "ERR_LOCAL_PRIVATE_KEY_NOT_KEPT" "this server never stores a private key",
        "use the answer that created the credential, or rotate it";
    Answered = 409 "ERR_LOCAL_ANSWERED" "this Idempotency-Key was answered, and the secret in the answer is not kept",
        "look at the list; if you have lost the secret, delete the key and create another";
    IdempotencyKey = 422 "ERR_LOCAL_IDEMPOTENCY_KEY" "this Idempotency-Key was used for another request",
        "use a new one for each change";

    // The request itself.
    Host = 403 "ERR_LOCAL_HOST" "the header Host does not name this server",
        "call it by the address that it printed";
    Origin = 403 "ERR_LOCAL_ORIGIN" "requests of other web pages are refused", "call it from a program";
    Form = 400 "ERR_LOCAL_FORM" "the request is not for a path of this server",
        "use it as the base URL, not as an HTTP proxy";
    NotFound = 404 "ERR_LOCAL_NOT_FOUND" "there is no such path", "see /openapi.json";
    Method = 405 "ERR_LOCAL_METHOD" "the path has no such method", "see /openapi.json";
    TooLarge = 413 "ERR_LOCAL_TOO_LARGE" "the body is longer than 1 MiB", "send less";
    Incomplete = 400 "ERR_LOCAL_INCOMPLETE" "the body ended early, or took longer than 30 s", "send it again";
    MediaType = 415 "ERR_LOCAL_MEDIA_TYPE" "the body is not JSON by its Content-Type",
        "send Content-Type: application/json";

    // The server.
    Store = 503 "ERR_LOCAL_STORE" "the change could not be stored, and nothing has changed",
        "look at the server's standard error; check the free space and the permissions of its store";
    StoreUnknown = 503 "ERR_LOCAL_STORE_UNKNOWN" "the store did not answer, so the change may be stored or not",
        "look at what there is; a request that is repeated with its Idempotency-Key changes nothing twice";
    Stale = 503 "ERR_LOCAL_STALE" "the store has not answered for some seconds, so a credential may be disabled by now",
        "try again; look at the server's standard error, and at the database";
    Fault = 500 "ERR_LOCAL_FAULT" "this failure was asked for by POST /_local/fail", "it passes";
    Internal = 500 "ERR_LOCAL_INTERNAL" "a fault of scout-auth itself", "please report it";
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error.family() {
            Family::Internal => Self::Internal,
            _ => Self::Credential(error),
        }
    }
}

impl Problem {
    /// Something is wrong with a member of the body.
    pub(crate) fn member(name: &'static str, text: &'static str) -> Self {
        Self::Invalid { place: ["body", name], text }
    }

    /// The status of the answer.
    pub(crate) fn status(self) -> StatusCode {
        let status = match self {
            Self::Credential(_) => 401,
            Self::Invalid { .. } => 422,
            _ => self.row().map_or(500, |row| row.0),
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The stable name.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Credential(error) => error.code(),
            Self::Invalid { .. } => "ERR_LOCAL_INVALID",
            _ => self.row().map_or("ERR_LOCAL_INTERNAL", |row| row.1),
        }
    }

    /// What is wrong: one clause.
    pub(crate) fn detail(self) -> String {
        match self {
            Self::Credential(error) => error.summary(),
            Self::Invalid { text, .. } => text.to_owned(),
            _ => self.row().map_or_else(String::new, |row| row.2.to_owned()),
        }
    }

    /// What to do about it: one clause.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Credential(error) => error.help(),
            Self::Invalid { .. } => "see /openapi.json",
            _ => self.row().map_or("", |row| row.3),
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 §3), if there is one.
    pub(crate) fn challenge(self, is_opaque: bool) -> Option<String> {
        let error = match self.status().as_u16() {
            401 if self == Self::NoCredential => return Some("Bearer realm=\"scout\"".to_owned()),
            400 if self == Self::Authorization => "invalid_request",
            401 => "invalid_token",
            403 if matches!(self, Self::NoRole | Self::NotAdmin | Self::Scope) => "insufficient_scope",
            _ => return None,
        };
        let description = if is_opaque { String::new() } else { format!(", error_description=\"{}\"", self.ascii()) };
        Some(format!("Bearer realm=\"scout\", error=\"{error}\"{description}"))
    }

    /// The detail in the characters of an `error_description` (RFC 6750 §3): no quote, no backslash.
    fn ascii(self) -> String {
        let is_allowed = |character: &char| matches!(character, ' ' | '!' | '#'..='[' | ']'..='~');
        self.detail().chars().filter(is_allowed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_texts_are_clauses_without_a_full_stop() {
        for (status, code, detail, help) in Problem::TABLE {
            assert_eq!(Problem::TABLE.iter().filter(|row| row.1 == *code).count(), 1, "{code}");
            assert!(code.starts_with("ERR_LOCAL_") && (400..600).contains(status), "{code}");
            for text in [detail, help] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
            }
        }
    }

    #[test]
    fn the_page_has_a_row_for_each() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/local.md")).unwrap();
        for (status, code, detail, help) in Problem::TABLE {
            let row = format!("| {status} | `{code}` | {detail} | {help} |");
            assert!(page.contains(&row), "docs/local.md lacks: {row}");
        }
    }
}
