//! Who sends a request, or why it is refused.
//!
//! A request carries a signed token, a private key (Scout's method 1) or a legacy key. The kid finds the
//! credential. Unknown, disabled and deleted ones have the same status and cost the same work.

use std::sync::{Arc, LazyLock};

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scout_auth::{Error, Kid, PrivateKey, PublicKey, Verifier};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::hash::sha256;
use crate::legacy_key;
use crate::problem::Problem;
use crate::snapshot::{Credential, LegacyKey, Organization, Snapshot};

/// What the claim `sub` must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// The credential id, as Scout's page on API keys says.
    #[default]
    Credential,
    /// The organisation's id, as other guides of Scout say of the workspace id.
    Workspace,
}

/// How a request was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    SignedJwt,
    PrivateKey,
    LegacyKey,
}

/// Who sends a request.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) organization: Arc<Organization>,
    pub(crate) means: Means,
    pub(crate) holder: Holder,
    /// What it may act as: the token's roles that the credential has, too.
    pub(crate) roles: Vec<String>,
    /// When the token expires, in Unix seconds.
    pub(crate) expires_at: Option<u64>,
}

/// What a request is authenticated with.
#[derive(Clone)]
pub(crate) enum Holder {
    Credential(Arc<Credential>),
    LegacyKey(Arc<LegacyKey>),
}

/// Whom a request seems to come from, and why it is refused.
pub(crate) struct Refused {
    pub(crate) problem: Problem,
    /// Nothing of it is proved.
    pub(crate) claimed: Claimed,
}

/// What the presented text names, before anything is proved.
#[derive(Clone, Default)]
pub(crate) struct Claimed {
    pub(crate) organization: Option<Arc<Organization>>,
    pub(crate) holder: Option<Holder>,
}

impl Means {
    /// The name in answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SignedJwt => "signed_jwt",
            Self::PrivateKey => "private_key",
            Self::LegacyKey => "legacy_key",
        }
    }
}

impl Holder {
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Credential(credential) => &credential.id,
            Self::LegacyKey(key) => &key.id,
        }
    }

    pub(crate) fn kid(&self) -> Option<&Kid> {
        match self {
            Self::Credential(credential) => Some(&credential.kid),
            Self::LegacyKey(_) => None,
        }
    }

    /// What a legacy key is called in answers: it has no name of its own.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Credential(credential) => &credential.name,
            Self::LegacyKey(_) => "Legacy key",
        }
    }
}

impl Identity {
    /// Whether it has this role.
    pub(crate) fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    /// Checks that it may do this: with one of its roles, and within its scopes.
    pub(crate) fn may(&self, method: &Method, path: &str) -> Result<(), Problem> {
        if self.roles.is_empty() {
            return Err(Problem::NoRole);
        }
        let scopes = match &self.holder {
            Holder::Credential(credential) => credential.scopes.as_slice(),
            Holder::LegacyKey(_) => &[],
        };
        let is_covered = scopes.is_empty() || scopes.iter().any(|scope| scope.covers(method, path));
        if is_covered { Ok(()) } else { Err(Problem::Scope) }
    }
}

/// The bearer of the header (RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Problem::NoCredential)?;
    if values.next().is_some() {
        return Err(Problem::Authorization);
    }
    let value = value.to_str().map_err(|_| Problem::Authorization)?;
    let (scheme, bearer) = value.split_once(' ').ok_or(Problem::Authorization)?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Problem::NoCredential);
    }
    let bearer = bearer.trim_matches(' ');
    if bearer.is_empty() || bearer.contains(' ') { Err(Problem::Authorization) } else { Ok(bearer) }
}

/// What is presented: it decides how it is looked up.
enum Presented<'a> {
    Token { text: &'a str, kid: Option<Kid> },
    LegacyKey(&'a str),
    PrivateKey(Result<PrivateKey, Error>),
}

impl<'a> Presented<'a> {
    fn of(bearer: &'a str, snapshot: &Snapshot) -> Self {
        // Neither base64url nor a key of ours contains a dot.
        if bearer.contains('.') {
            return Self::Token { text: bearer, kid: named_kid(bearer) };
        }
        if legacy_key::is_ours(bearer) || snapshot.by_hash(&sha256(bearer.as_bytes())).is_some() {
            return Self::LegacyKey(bearer);
        }
        Self::PrivateKey(PrivateKey::parse(bearer))
    }
}

/// Who presents this, at the time of the organisation that it names.
pub(crate) fn authenticate(bearer: &str, snapshot: &Snapshot, subject: Subject) -> Result<Identity, Refused> {
    let presented = Presented::of(bearer, snapshot);
    let claimed = claimed(&presented, snapshot);
    prove(&presented, &claimed, subject).map_err(|problem| Refused { problem, claimed })
}

/// Whom the text names. It is not proved.
fn claimed(presented: &Presented<'_>, snapshot: &Snapshot) -> Claimed {
    let by_kid = |kid: &Kid| snapshot.by_kid(kid).map(|(owner, own)| (owner, Holder::Credential(Arc::clone(own))));
    let found = match presented {
        Presented::Token { kid, .. } => kid.as_ref().and_then(by_kid),
        Presented::PrivateKey(key) => key.as_ref().ok().and_then(|key| by_kid(&key.kid())),
        Presented::LegacyKey(text) => {
            let hash = sha256(text.as_bytes());
            let found = snapshot.by_hash(&hash).filter(|(_, key)| key.sha256.ct_eq(&hash).into());
            found.map(|(owner, key)| (owner, Holder::LegacyKey(Arc::clone(key))))
        }
    };
    found.map_or_else(Claimed::default, |(owner, holder)| Claimed {
        organization: Some(Arc::clone(owner)),
        holder: Some(holder),
    })
}

fn prove(presented: &Presented<'_>, claimed: &Claimed, subject: Subject) -> Result<Identity, Problem> {
    let (Some(organization), Some(holder)) = (&claimed.organization, &claimed.holder) else {
        return Err(stranger(presented));
    };
    let now = organization.controls.now();
    let identity = |means, roles, expires_at| Identity {
        organization: Arc::clone(organization),
        means,
        holder: holder.clone(),
        roles,
        expires_at,
    };
    let (life, identity) = match (presented, holder) {
        (Presented::Token { text, .. }, Holder::Credential(credential)) => {
            let claims = credential.verifier.verify_at(text, now)?;
            let own = match subject {
                Subject::Credential => &credential.id,
                Subject::Workspace => &organization.id,
            };
            if claims.credential_id != *own {
                return Err(Problem::Subject);
            }
            let roles = narrowed(&credential.roles, claims.roles.as_deref());
            (&credential.life, identity(Means::SignedJwt, roles, Some(claims.expires_at)))
        }
        (Presented::PrivateKey(_), Holder::Credential(credential)) => {
            (&credential.life, identity(Means::PrivateKey, credential.roles.clone(), None))
        }
        (Presented::LegacyKey(_), Holder::LegacyKey(key)) => {
            (&key.life, identity(Means::LegacyKey, vec!["admin".to_owned()], None))
        }
        _ => return Err(Problem::Internal),
    };
    // At last: only who has proved to have the key learns what became of it.
    if let Some(problem) = life.refusal(now) {
        return Err(problem);
    }
    life.used(now);
    Ok(identity)
}

/// The credential's roles, of those that the token asks for. Without a claim, all.
fn narrowed(own: &[String], asked: Option<&[String]>) -> Vec<String> {
    let is_asked = |role: &&String| asked.is_none_or(|asked| asked.contains(role));
    own.iter().filter(is_asked).cloned().collect()
}

/// Why something is refused that names no credential of this server.
fn stranger(presented: &Presented<'_>) -> Problem {
    match presented {
        Presented::Token { text, .. } => strange_token(text),
        Presented::PrivateKey(Ok(_)) => Problem::KeyUnknown,
        Presented::PrivateKey(Err(error)) => not_a_key(*error),
        Presented::LegacyKey(text) if legacy_key::is_damaged(text) => Problem::LegacyKeyDamaged,
        Presented::LegacyKey(_) => Problem::LegacyKeyUnknown,
    }
}

/// Why a token of an unknown kid is refused. Its signature is verified all the same, with a key that is
/// nobody's: otherwise the time of the answer would tell which kids there are.
fn strange_token(text: &str) -> Problem {
    let Some(key) = &*NOBODY else { return Problem::Internal };
    let Err(error) = Verifier::new([key.clone()]).and_then(|verifier| verifier.verify_at(text, 0)) else {
        return Problem::Internal;
    };
    let (message, signature) = text.rsplit_once('.').unwrap_or_default();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    match key.verify(message.as_bytes(), &signature) {
        Ok(_) => error.into(),
        Err(error) => error.into(),
    }
}

/// What to say of a text that is no private key. Core knows what it is if it begins like a key.
fn not_a_key(error: Error) -> Problem {
    match error {
        Error::KeyFormat { .. } | Error::KeyEncoding | Error::KeyIsLegacy => Problem::LegacyKeyUnknown,
        error => error.into(),
    }
}

/// The kid that the header of a token names. The verifier reads the header again, strictly.
fn named_kid(token: &str) -> Option<Kid> {
    #[derive(Deserialize)]
    struct Header {
        kid: String,
    }
    let header = URL_SAFE_NO_PAD.decode(token.split_once('.')?.0).ok()?;
    Kid::parse(&serde_json::from_slice::<Header>(&header).ok()?.kid)
}

/// The key of RFC 7638 §3.1. Its private key was never published.
static NOBODY: LazyLock<Option<PublicKey>> = LazyLock::new(|| {
    PublicKey::parse(
        r#"{"kty":"RSA","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}"#,
    )
    .ok()
});
