//! `Settings`: everything that a user can choose about a signer, as one plain struct.

use std::time::Duration;

use crate::clock::whole_seconds;
use crate::error::{Error, Result};
use crate::jwt::MAX_LIFETIME;

/// The default refresh margin, in seconds (Scout's page, Step 2).
const REFRESH_MARGIN: u64 = 30;

/// Settings of a [`Signer`](crate::Signer). Every field is optional; `None` means the default.
///
/// Later versions add fields, so end a literal with `..Settings::default()`.
///
/// ```
/// use std::time::Duration;
/// use scout_auth::{PrivateKey, Settings, Signer};
///
/// let settings = Settings { lifetime: Some(Duration::from_secs(60)), ..Settings::default() };
/// let signer = Signer::with_settings("cred_123", PrivateKey::generate(2048)?, settings)?;
/// # Ok::<(), scout_auth::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The kid that the key must have, as Scout shows it. It finds a wrong key before a 401 does.
    pub kid: Option<String>,
    /// The kid that the tokens' header names, as given: 1 to 128 visible ASCII characters. For the
    /// case that Scout's kid is not the RFC 7638 thumbprint. Default: the thumbprint.
    pub header_kid: Option<String>,
    /// The lifetime of each token: 1 to 300 whole seconds. Default: 300 seconds.
    pub lifetime: Option<Duration>,
    /// How long before its expiry a token is replaced: whole seconds, less than the lifetime minus
    /// the backdate. Default: 30 seconds, or half of that difference if it is 30 seconds or less.
    pub refresh_margin: Option<Duration>,
    /// How far `iat` lies in the past, for servers whose clock is behind: whole seconds, less than
    /// the lifetime. The lifetime begins at `iat`. Default: 0 seconds.
    pub backdate: Option<Duration>,
    /// The only origins, apart from loopback, that may receive the credential: each
    /// `https://host` or `https://host:port`. Default: any https origin. An empty list allows
    /// loopback only.
    pub allowed_origins: Option<Vec<String>>,
    /// The claim `roles`: 1 to 16 names of visible ASCII, for tokens with fewer rights than the
    /// credential has. Scout's API calls the field `roles`; that the claim has the same name and
    /// form is not confirmed by a public page. Default: no such claim, all roles.
    pub roles: Option<Vec<String>>,
    /// Further claims: the text of a JSON object, at most 4 KiB. Its members follow in this order.
    /// `iss`, `sub`, `iat`, `exp`, `nbf` and `roles` are refused in it. Default: none.
    pub claims: Option<String>,
    /// How often the command of [`Signer::from_command`](crate::Signer::from_command) runs again:
    /// whole seconds, at least 1. Default: only after a 401.
    pub refresh: Option<Duration>,
}

/// The times of a signer after the check, in seconds.
pub(crate) struct Times {
    pub(crate) lifetime: u64,
    pub(crate) backdate: u64,
    pub(crate) refresh_margin: u64,
    pub(crate) refresh: Option<Duration>,
}

impl Times {
    /// Errors: `Lifetime`, `Backdate`, `RefreshMargin`, `Refresh`.
    pub(crate) fn of(settings: &Settings) -> Result<Self> {
        let lifetime = lifetime(settings.lifetime)?;
        let backdate = settings.backdate.unwrap_or_default();
        let backdate = whole_seconds(backdate).filter(|&s| s < lifetime).ok_or(Error::Backdate)?;
        let usable = lifetime - backdate;
        let refresh_margin = match settings.refresh_margin {
            Some(margin) => whole_seconds(margin).filter(|&s| s < usable).ok_or(Error::RefreshMargin)?,
            None if REFRESH_MARGIN < usable => REFRESH_MARGIN,
            None => usable / 2,
        };
        let is_whole = |time: Duration| whole_seconds(time).is_some_and(|seconds| seconds > 0);
        if settings.refresh.is_some_and(|refresh| !is_whole(refresh)) {
            return Err(Error::Refresh);
        }
        Ok(Self { lifetime, backdate, refresh_margin, refresh: settings.refresh })
    }
}

/// The lifetime of a token in seconds.
///
/// Errors: `Lifetime`.
pub(crate) fn lifetime(setting: Option<Duration>) -> Result<u64> {
    let Some(lifetime) = setting else { return Ok(MAX_LIFETIME) };
    whole_seconds(lifetime).filter(|s| (1..=MAX_LIFETIME).contains(s)).ok_or(Error::Lifetime)
}
