//! `Signer`: a credential id and its private key. It mints tokens and keeps the current one.

mod builder;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use crate::authorization::bearer;
use crate::cache::Cache;
use crate::clock::{Clock, Now, checked};
use crate::environment::Environment;
use crate::error::Result;
use crate::key::{PrivateKey, PublicKey};
use crate::kid::Kid;
use crate::minter::Minter;
use crate::offset::Offset;
use crate::origin::AllowedOrigins;
use crate::settings::{Settings, Times};
use crate::token::Token;

pub use builder::SignerBuilder;

/// A credential id and its private key: mints tokens and keeps the current one.
///
/// A signer is immutable. To rotate, make a new one and drop the old one: they share no cache.
/// Cloning is cheap, and the clones share the current token. Many threads may use a signer, and so
/// may a forked child.
///
/// ```
/// use scout_auth::{PrivateKey, Signer};
///
/// let signer = Signer::new("cred_123", PrivateKey::generate(2048)?)?;
/// let header = signer.authorization()?;
/// assert!(header.starts_with("Bearer eyJ"));
/// assert_eq!(header, signer.authorization()?);
/// # Ok::<(), scout_auth::Error>(())
/// ```
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    minter: Minter,
    backdate: u64,
    clock: Box<dyn Clock>,
    origins: AllowedOrigins,
    cache: Cache,
}

impl Signer {
    /// Makes a signer with the default settings: tokens of 300 s, replaced when fewer than 30 s remain.
    ///
    /// # Errors
    /// [`CredentialId`](crate::Error::CredentialId).
    pub fn new(credential_id: impl Into<String>, key: PrivateKey) -> Result<Self> {
        Self::with_settings(credential_id, key, Settings::default())
    }

    /// Makes a signer with these settings.
    ///
    /// # Errors
    /// [`CredentialId`](crate::Error::CredentialId), [`KidMalformed`](crate::Error::KidMalformed), [`KidMismatch`](crate::Error::KidMismatch), [`Lifetime`](crate::Error::Lifetime),
    /// [`Backdate`](crate::Error::Backdate), [`RefreshMargin`](crate::Error::RefreshMargin), [`Origin`](crate::Error::Origin).
    pub fn with_settings(credential_id: impl Into<String>, key: PrivateKey, settings: Settings) -> Result<Self> {
        Self::builder(credential_id, key).settings(settings).build()
    }

    /// Reads the environment of this process, with default settings; see [`Signer::from_environment`].
    ///
    /// # Errors
    /// As [`Signer::from_environment`].
    pub fn from_env() -> Result<Self> {
        Self::from_environment(&Environment::process(), Settings::default())
    }

    /// Makes a signer from `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE`, `SCOUT_CREDENTIAL_ID`
    /// and, if it is set, `SCOUT_KID`. [`Settings::kid`] replaces `SCOUT_KID`.
    ///
    /// # Errors
    /// [`VariableMissing`](crate::Error::VariableMissing), [`VariableConflict`](crate::Error::VariableConflict), [`VariableNotText`](crate::Error::VariableNotText),
    /// [`KeyFile`](crate::Error::KeyFile), and those of [`PrivateKey::parse`] and [`Signer::with_settings`].
    pub fn from_environment(environment: &Environment<'_>, settings: Settings) -> Result<Self> {
        let key = environment.private_key()?;
        let credential_id = environment.credential_id()?;
        let kid = match settings.kid {
            Some(kid) => Some(kid),
            None => environment.kid()?,
        };
        Self::with_settings(credential_id, key, Settings { kid, ..settings })
    }

    /// Takes settings one by one.
    pub fn builder(credential_id: impl Into<String>, key: PrivateKey) -> SignerBuilder {
        SignerBuilder::new(credential_id.into(), key)
    }

    fn with_clock(credential_id: String, key: PrivateKey, settings: &Settings, clock: Box<dyn Clock>) -> Result<Self> {
        let Times { lifetime, backdate, refresh_margin } = Times::of(settings)?;
        let minter = Minter::new(credential_id, key, settings.kid.as_deref(), lifetime)?;
        let origins = AllowedOrigins::of(settings.allowed_origins.as_deref())?;
        let cache = Cache::new(lifetime - backdate, refresh_margin);
        Ok(Self(Arc::new(Inner { minter, backdate, clock, origins, cache })))
    }

    /// Makes and signs a new token, always. The current one stays.
    ///
    /// # Errors
    /// `Clock`, `KeyCannotSign`, `Engine`.
    pub fn mint(&self) -> Result<Token> {
        self.0.mint(self.0.clock.now(), self.clock_offset())
    }

    /// The current token. It stays the same until fewer seconds than the refresh margin remain, or
    /// the clock was set back to before its minting.
    ///
    /// While one thread mints, the others receive the token that is still valid. If minting fails
    /// and the current token is still valid, that one is returned.
    ///
    /// # Errors
    /// `Clock`, `KeyCannotSign`, `Engine`.
    pub fn token(&self) -> Result<Token> {
        self.with_token(Token::clone)
    }

    /// As [`Signer::token`], for a token that is needed for a moment only. It is lent and not cloned,
    /// so that threads do not contend for its count.
    ///
    /// # Errors
    /// As [`Signer::token`].
    pub fn with_token<T>(&self, then: impl FnOnce(&Token) -> T) -> Result<T> {
        self.0.cache.with_token(&*self.0.clock, |now, offset| self.0.mint(now, offset), then)
    }

    /// The value of the header `Authorization`: `Bearer ` and the current token.
    ///
    /// # Errors
    /// As [`Signer::token`].
    pub fn authorization(&self) -> Result<String> {
        self.with_token(|token| token.authorization().to_owned())
    }

    /// As [`Signer::authorization`], for a request to that absolute URL: see [`Signer::check_url`].
    ///
    /// # Errors
    /// Those of [`Signer::check_url`] and [`Signer::token`].
    pub fn authorization_for(&self, url: &str) -> Result<String> {
        self.check_url(url)?;
        self.authorization()
    }

    /// Checks that the credential may be sent to that absolute URL: over https, to the allowed
    /// origins if there is such a list, and to loopback over either scheme. A redirect to another
    /// origin must not receive the header.
    ///
    /// Returns the beginning of the URL that decided it: the origin and the character after it. Any
    /// URL that begins with that text passes too, so a caller may remember it. `None` if nothing
    /// follows the origin.
    ///
    /// # Errors
    /// [`Url`](crate::Error::Url), [`UrlInsecure`](crate::Error::UrlInsecure), [`OriginNotAllowed`](crate::Error::OriginNotAllowed).
    pub fn check_url<'a>(&self, url: &'a str) -> Result<Option<&'a str>> {
        self.0.origins.check(url)
    }

    /// Whether [`Signer::token`] would return this very token at once, without minting. For a binding
    /// that keeps its language's own objects beside the token.
    pub fn is_current(&self, token: &Token) -> bool {
        self.0.cache.is_current(token, &*self.0.clock)
    }

    /// Forgets the current token; the next call mints.
    pub fn invalidate(&self) {
        self.0.cache.invalidate();
    }

    /// Call this after a response of 401, with the token that was sent, or the whole header value,
    /// and the response's header `Date`. Returns whether to send the request once more, with a new
    /// [`Signer::authorization_for`]; never do so twice.
    ///
    /// Pass no date if the response has a header `Age`: it comes from a cache, and so does its date.
    ///
    /// The token is dropped if it is still the current one. If the server's clock differs from the
    /// local one by more than five seconds, at most a day behind or an hour ahead, later tokens are
    /// minted by the server's clock: see [`Signer::clock_offset`]. The offset moves away from zero
    /// at most once per lifetime of a token, and back to zero at any time. A `Date` that cannot be
    /// read or believed counts as none. If there is none, and the current token was minted with an
    /// offset, the offset returns to zero.
    pub fn rejected(&self, token: &str, date: Option<&str>) -> bool {
        let Inner { minter, clock, cache, backdate, .. } = &*self.0;
        let now = clock.now();
        let server = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let server = server.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let measured = server.and_then(|time| Offset::measure(time.as_secs(), now.unix));
        let issued_at = |offset| now.unix.saturating_add_signed(offset).saturating_sub(*backdate);
        let pause = Duration::from_secs(minter.lifetime);
        cache.rejected(bearer(token), issued_at, |known, is_current| match measured {
            Some(measured) => known.learn(measured, now.monotonic, pause),
            None if is_current => known.reset(),
            None => known,
        })
    }

    /// The seconds by which the server's clock is ahead of the local one, as learnt from a 401. 0 at
    /// first.
    pub fn clock_offset(&self) -> i64 {
        self.0.cache.clock_offset()
    }

    /// The credential id: the claim `sub`.
    pub fn credential_id(&self) -> &str {
        &self.0.minter.credential_id
    }

    /// The kid of the private key.
    pub fn kid(&self) -> Kid {
        self.0.minter.key.kid()
    }

    /// The public key: what verifies these tokens.
    pub fn public_key(&self) -> &PublicKey {
        self.0.minter.key.public_key()
    }
}

impl Inner {
    fn mint(&self, now: Now, clock_offset: i64) -> Result<Token> {
        let server_time = checked(now.unix.saturating_add_signed(clock_offset))?;
        self.minter.mint(server_time.saturating_sub(self.backdate))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer {{ credential_id: {:?}, kid: {} }}", self.credential_id(), self.kid())
    }
}
