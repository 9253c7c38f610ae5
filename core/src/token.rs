//! `Token`: one minted JWT.

use std::fmt;
use std::sync::Arc;

use crate::authorization::BEARER;
use crate::secret::SecretText;

/// One minted JWT, with its times.
///
/// Until it expires, a token is a secret: whoever has it can use it. `Debug` shows its times only.
/// Its memory is wiped when the last clone is dropped. Cloning is cheap.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

struct Inner {
    authorization: SecretText,
    issued_at: u64,
    expires_at: u64,
}

impl Token {
    /// `authorization` is the token with `Bearer ` in front, as [`crate::jwt::sign`] returns it.
    pub(crate) fn new(authorization: SecretText, issued_at: u64, expires_at: u64) -> Self {
        Self(Arc::new(Inner { authorization, issued_at, expires_at }))
    }

    /// The JWT.
    pub fn as_str(&self) -> &str {
        &self.0.authorization[BEARER.len()..]
    }

    /// The value of the header `Authorization`: `Bearer ` and the JWT.
    pub fn authorization(&self) -> &str {
        &self.0.authorization
    }

    /// The claim `iat`, in Unix seconds.
    pub fn issued_at(&self) -> u64 {
        self.0.issued_at
    }

    /// The claim `exp`, in Unix seconds. From then on the token is refused.
    pub fn expires_at(&self) -> u64 {
        self.0.expires_at
    }

    /// Whether both are clones of one token, not merely equal.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl AsRef<str> for Token {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token {{ issued_at: {}, expires_at: {} }}", self.issued_at(), self.expires_at())
    }
}
