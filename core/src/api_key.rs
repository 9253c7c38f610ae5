//! `ApiKey`: a bearer string that is sent as it is.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::authorization::{BEARER, bearer};
use crate::encoding::{mistaken, pasted};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::key::PrivateKey;
use crate::origin::AllowedOrigins;
use crate::secret::SecretText;

/// The longest API key: as long as the longest key text.
const MAX_API_KEY: usize = 64 * 1024;

/// A bearer string that is sent as it is: a legacy key, or the raw private key (Scout's Method 1).
///
/// It travels with every request, so prefer a [`crate::Signer`]. `Debug` shows nothing of it, and
/// its memory is wiped when the last clone is dropped.
#[derive(Clone)]
pub struct ApiKey {
    authorization: Arc<SecretText>,
    origins: AllowedOrigins,
}

impl ApiKey {
    /// Takes a legacy key, as it is.
    ///
    /// # Errors
    /// [`Error::ApiKey`] if it is not 1 to 65536 visible ASCII characters, because nothing else can
    /// be sent in the header. What can be no API key has its own error: [`Error::KeyIsPublic`],
    /// [`Error::KeyIsMasked`], [`Error::KeyIsPlaceholder`], [`Error::KeyIsReference`].
    pub fn new(key: &str) -> Result<Self> {
        if let Some(error) = mistaken::stand_in(key) {
            return Err(error);
        }
        if pasted::is_public_key(key) {
            return Err(Error::KeyIsPublic);
        }
        if !is_sendable(key) {
            return Err(Error::ApiKey);
        }
        let mut text = Zeroizing::new(String::with_capacity(BEARER.len() + key.len()));
        text.push_str(BEARER);
        text.push_str(key);
        Ok(Self { authorization: Arc::new(text), origins: AllowedOrigins::default() })
    }

    /// Takes the raw private key, checks that it is one, and keeps its text exactly as issued. A key
    /// in another form, such as PEM, is converted to the form that Scout issues.
    ///
    /// # Errors
    /// Those of [`PrivateKey::parse`].
    pub fn from_private_key(key: &str) -> Result<Self> {
        let parsed = PrivateKey::parse(key)?;
        let key = key.trim();
        let as_issued = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if as_issued { Self::new(key) } else { Self::new(&parsed.to_base64url()) }
    }

    /// Reads `SCOUT_API_KEY` of this process.
    ///
    /// # Errors
    /// As [`ApiKey::from_environment`].
    pub fn from_env() -> Result<Self> {
        Self::from_environment(&Environment::process())
    }

    /// Reads `SCOUT_API_KEY`.
    ///
    /// # Errors
    /// [`Error::VariableMissing`], [`Error::VariableNotText`], [`Error::ApiKey`].
    pub fn from_environment(environment: &Environment<'_>) -> Result<Self> {
        Self::new(&environment.api_key()?)
    }

    /// Sets the only origins, apart from loopback, that may receive the key: each `https://host` or
    /// `https://host:port`. An empty list allows loopback only.
    ///
    /// # Errors
    /// [`Error::Origin`].
    pub fn with_allowed_origins(mut self, origins: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let origins: Vec<_> = origins.into_iter().collect();
        self.origins = AllowedOrigins::of(Some(&origins))?;
        Ok(self)
    }

    /// The value of the header `Authorization`: `Bearer ` and the key.
    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// What stands behind `Bearer `: the key, for SDKs that write `Bearer ` themselves.
    pub fn bearer(&self) -> &str {
        bearer(&self.authorization)
    }

    /// As [`ApiKey::authorization`], for a request to that absolute URL: see [`ApiKey::check_url`].
    ///
    /// # Errors
    /// Those of [`ApiKey::check_url`].
    pub fn authorization_for(&self, url: &str) -> Result<&str> {
        self.check_url(url)?;
        Ok(self.authorization())
    }

    /// As [`Signer::check_url`](crate::Signer::check_url).
    ///
    /// # Errors
    /// [`Error::Url`], [`Error::UrlInsecure`], [`Error::OriginNotAllowed`].
    pub fn check_url<'a>(&self, url: &'a str) -> Result<Option<&'a str>> {
        self.origins.check(url)
    }

    /// The counterpart of [`crate::Signer::rejected`]. It returns `false`, because an API key cannot
    /// be renewed.
    pub fn rejected(&self, _token: &str, _date: Option<&str>) -> bool {
        false
    }
}

/// What can stand in a header field without being changed on the way (RFC 9110 §5.5).
fn is_sendable(key: &str) -> bool {
    (1..=MAX_API_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey { .. }")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_is_sent_as_it_is() {
        let key = ApiKey::new("scout_legacy~+/=!").unwrap();
        assert_eq!(key.authorization(), "Bearer scout_legacy~+/=!");
        assert_eq!(key.bearer(), "scout_legacy~+/=!");
        assert_eq!(format!("{key:?}"), "ApiKey { .. }");
        assert_eq!(key.authorization_for("http://example.com/"), Err(Error::UrlInsecure));
        assert!(!key.rejected(key.authorization(), None));
    }

    #[test]
    fn an_api_key_has_at_most_64_kib() {
        assert!(ApiKey::new(&"a".repeat(65536)).is_ok());
        assert_eq!(ApiKey::new(&"a".repeat(65537)).unwrap_err(), Error::ApiKey);
    }
}
