//! `AdminToken`: what whoever manages this server presents. It is worth nothing elsewhere.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::hash::{Hash, sha256};
use crate::problem::Problem;
use crate::random;

const PREFIX: &str = "admin_";

/// The shortest and the longest token, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 32..=1024;

/// A secret that the server and whoever manages it share. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct AdminToken(Zeroizing<String>);

impl AdminToken {
    /// A new token of 256 random bits. `None` if the system has no random numbers.
    pub fn random() -> Option<Self> {
        random::secret(PREFIX).ok().map(Self)
    }

    /// The user's own token: 32 to 1024 visible ASCII characters, or nothing if the text is another.
    pub fn parse(text: &str) -> Option<Self> {
        let is_token = LENGTH.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for whoever is to manage the server.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the server keeps of it.
    pub(crate) fn check(&self) -> AdminCheck {
        AdminCheck(sha256(self.0.as_bytes()))
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken")
    }
}

/// The hash of the admin token.
pub(crate) struct AdminCheck(Hash);

impl AdminCheck {
    /// Whether this is the admin token. How long that takes says nothing of it.
    pub(crate) fn accepts(&self, presented: &str) -> Result<(), Problem> {
        let is_same: bool = self.0.ct_eq(&sha256(presented.as_bytes())).into();
        if is_same { Ok(()) } else { Err(Problem::AdminToken) }
    }
}
