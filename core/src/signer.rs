//! `Signer`: a credential id and its private key. It mints tokens and keeps the current one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::cache::Cache;
use crate::clock::{Clock, Now, SystemClock};
use crate::error::{Error, Result};
use crate::jwt::{self, BEARER, MAX_LIFETIME};
use crate::key::PrivateKey;
use crate::kid::Kid;
use crate::origin::AllowedOrigins;
use crate::token::Token;

/// The lifetime of a token where nothing else is set (Scout's page, Step 2).
const LIFETIME: Duration = Duration::from_secs(MAX_LIFETIME);

/// A token is minted anew when fewer seconds than this remain (Scout's page, Step 2).
const REFRESH_MARGIN: u64 = 30;

/// The first second of 2020. A clock before it was never set.
const EARLIEST: u64 = 1_577_836_800;

/// How far the server's clock may differ before it is learnt, in seconds: `Date` has whole seconds,
/// and the response was on its way for some time.
const CLOCK_TOLERANCE: u64 = 5;

/// The largest difference that is believed, in seconds: one day.
const MAX_CLOCK_OFFSET: u64 = 24 * 60 * 60;

/// A credential id and its private key: mints tokens and keeps the current one.
///
/// A signer is immutable. To rotate, make a new one and let the old one go: no cache is shared.
/// Cloning is cheap, and the clones share the current token. It may be used from many threads and
/// after a fork.
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

/// What is the same in all tokens of a credential.
struct Minter {
    credential_id: String,
    key: PrivateKey,
    header: String,
    /// The credential id as JSON text.
    subject: String,
    lifetime: u64,
}

/// Settings of a [`Signer`]; all have Scout's values where they are not set.
#[must_use = "nothing is made before build()"]
pub struct SignerBuilder {
    credential_id: String,
    key: PrivateKey,
    kid: Option<String>,
    lifetime: Duration,
    refresh_margin: Option<Duration>,
    backdate: Duration,
    clock: Box<dyn Clock>,
    origins: Option<Vec<String>>,
}

impl Signer {
    /// A signer with Scout's settings: tokens of 300 s, minted anew when fewer than 30 s remain.
    ///
    /// # Errors
    /// `CredentialId`.
    pub fn new(credential_id: impl Into<String>, key: PrivateKey) -> Result<Self> {
        Self::builder(credential_id, key).build()
    }

    /// A signer with other settings.
    pub fn builder(credential_id: impl Into<String>, key: PrivateKey) -> SignerBuilder {
        SignerBuilder {
            credential_id: credential_id.into(),
            key,
            kid: None,
            lifetime: LIFETIME,
            refresh_margin: None,
            backdate: Duration::ZERO,
            clock: Box::new(SystemClock),
            origins: None,
        }
    }

    /// Makes and signs a new token, always. The current one stays.
    ///
    /// # Errors
    /// `Clock`, `KeyCannotSign`, `Engine`.
    pub fn mint(&self) -> Result<Token> {
        self.0.mint(self.0.clock.now(), self.clock_offset())
    }

    /// The current token: the same one until fewer seconds than the refresh margin remain or the
    /// clock was set back behind its minting, then a new one.
    ///
    /// While one thread mints, the others get the token that is still valid. Where minting fails
    /// and the token at hand is still valid, that one is given.
    ///
    /// # Errors
    /// `Clock`, `KeyCannotSign`, `Engine`.
    pub fn token(&self) -> Result<Token> {
        self.with_token(Token::clone)
    }

    /// As [`Signer::token`], where the token is needed for a moment only: it is lent and not
    /// cloned, so that threads do not contend for its count.
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

    /// As [`Signer::authorization`], for a request to that absolute URL: it may go over https, to
    /// the allowed origins where such a list was set, and to loopback over either scheme. A redirect
    /// to another origin must not get the header.
    ///
    /// # Errors
    /// `Url`, `UrlInsecure`, `OriginNotAllowed`, and those of [`Signer::token`].
    pub fn authorization_for(&self, url: &str) -> Result<String> {
        self.0.origins.check(url)?;
        self.authorization()
    }

    /// As [`Signer::token`], for a request to that absolute URL: see [`Signer::authorization_for`].
    ///
    /// # Errors
    /// As [`Signer::authorization_for`].
    pub fn token_for(&self, url: &str) -> Result<Token> {
        self.0.origins.check(url)?;
        self.token()
    }

    /// Whether [`Signer::token`] would give this very token, at once and without minting: for a
    /// binding that keeps its language's own objects beside it.
    pub fn is_current(&self, token: &Token) -> bool {
        self.0.cache.is_current(token, &*self.0.clock)
    }

    /// Forgets the current token; the next call mints.
    pub fn invalidate(&self) {
        self.0.cache.invalidate();
    }

    /// To be called after a response of 401, with the token that was sent (or the whole header
    /// value) and the response's header `Date`. Answers whether to send the request once more,
    /// with a new [`Signer::authorization_for`]; never do so twice.
    ///
    /// The token is dropped where it is still the current one. Where the server's clock differs
    /// from the local one by more than five seconds and at most a day, the difference is applied
    /// to later tokens: see [`Signer::clock_offset`]. A `Date` that cannot be read is passed over.
    pub fn rejected(&self, token: &str, date: Option<&str>) -> bool {
        let now = self.0.clock.now();
        let server = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let server = server.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let measured = server.and_then(|time| time.as_secs().checked_signed_diff(now.unix));
        let issued_at = |offset| now.unix.saturating_add_signed(offset).saturating_sub(self.0.backdate);
        let token = token.strip_prefix(BEARER).unwrap_or(token);
        self.0.cache.rejected(token, issued_at, |known| measured.map_or(known, |measured| relearn(known, measured)))
    }

    /// The seconds by which the server's clock was found to be ahead of the local one; 0 until a
    /// difference was learnt from a 401.
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
    pub fn public_key(&self) -> &crate::PublicKey {
        self.0.minter.key.public_key()
    }
}

/// The clock offset after the server's clock was measured to differ by `measured` seconds.
fn relearn(known: i64, measured: i64) -> i64 {
    if measured.unsigned_abs() > MAX_CLOCK_OFFSET || measured.abs_diff(known) <= CLOCK_TOLERANCE {
        known
    } else if measured.unsigned_abs() <= CLOCK_TOLERANCE {
        0
    } else {
        measured
    }
}

/// Makes and signs one token without keeping it. `issued_at`, in Unix seconds, is now where it is
/// not given; `kid`, where given, must be the key's; the lifetime is 300 s where it is not given.
///
/// # Errors
/// `CredentialId`, `Lifetime`, `KidMalformed`, `KidMismatch`, `Clock`, `Argument` for a time beyond
/// what can be counted, `KeyCannotSign`, `Engine`.
pub fn mint_token(
    credential_id: &str,
    key: &PrivateKey,
    kid: Option<&str>,
    lifetime: impl Into<Option<Duration>>,
    issued_at: Option<u64>,
) -> Result<Token> {
    let lifetime = lifetime.into().unwrap_or(LIFETIME);
    let minter = Minter::new(credential_id.to_owned(), key.clone(), kid, lifetime)?;
    match issued_at {
        Some(issued_at) => minter.mint(issued_at),
        None => minter.mint(checked(SystemClock.now().unix)?),
    }
}

impl Inner {
    fn mint(&self, now: Now, clock_offset: i64) -> Result<Token> {
        let server_time = checked(now.unix.saturating_add_signed(clock_offset))?;
        self.minter.mint(server_time.saturating_sub(self.backdate))
    }
}

fn checked(time: u64) -> Result<u64> {
    if time < EARLIEST { Err(Error::Clock) } else { Ok(time) }
}

impl Minter {
    fn new(credential_id: String, key: PrivateKey, kid: Option<&str>, lifetime: Duration) -> Result<Self> {
        check_credential_id(&credential_id)?;
        if let Some(kid) = kid {
            check_kid(kid, key.kid())?;
        }
        Ok(Self {
            header: jwt::header(key.kid()),
            subject: serde_json::Value::from(credential_id.as_str()).to_string(),
            lifetime: whole_seconds(lifetime).filter(|s| (1..=MAX_LIFETIME).contains(s)).ok_or(Error::Lifetime)?,
            credential_id,
            key,
        })
    }

    fn mint(&self, issued_at: u64) -> Result<Token> {
        let expires_at = issued_at.checked_add(self.lifetime).ok_or(Error::Argument)?;
        let text = jwt::sign(&self.key, &self.header, &self.subject, issued_at, expires_at)?;
        Ok(Token::new(text, issued_at, expires_at))
    }
}

/// 1 to 255 visible ASCII characters (VCHAR, RFC 5234 appendix B.1).
pub(crate) fn check_credential_id(credential_id: &str) -> Result<()> {
    let visible = credential_id.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && (1..=255).contains(&credential_id.len()) { Ok(()) } else { Err(Error::CredentialId) }
}

fn check_kid(expected: &str, actual: Kid) -> Result<()> {
    let expected = Kid::parse(expected).ok_or(Error::KidMalformed)?;
    if expected == actual { Ok(()) } else { Err(Error::KidMismatch { expected, actual }) }
}

pub(crate) fn whole_seconds(duration: Duration) -> Option<u64> {
    (duration.subsec_nanos() == 0).then_some(duration.as_secs())
}

impl SignerBuilder {
    /// The credential id, in the place of the one that the builder was made with.
    pub fn credential_id(mut self, credential_id: impl Into<String>) -> Self {
        self.credential_id = credential_id.into();
        self
    }

    /// The kid that the key must have, as Scout shows it: a mix-up is found here and not by a 401.
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The lifetime of each token: 1 to 300 whole seconds.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// How long before its expiry a token is replaced: whole seconds, fewer than the lifetime less
    /// the backdate. Where it is not set: 30 s, or half of that difference where it is shorter.
    pub fn refresh_margin(mut self, refresh_margin: Duration) -> Self {
        self.refresh_margin = Some(refresh_margin);
        self
    }

    /// How far in the past `iat` is put, for servers whose clock is behind: whole seconds, fewer
    /// than the lifetime, which begins there.
    pub fn backdate(mut self, backdate: Duration) -> Self {
        self.backdate = backdate;
        self
    }

    /// Another clock than the system's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// The only origins, besides loopback, for which [`Signer::authorization_for`] gives a header:
    /// each `https://host` or `https://host:port`.
    pub fn allowed_origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Checks the settings and makes the signer.
    ///
    /// # Errors
    /// `CredentialId`, `KidMalformed`, `KidMismatch`, `Lifetime`, `Backdate`, `RefreshMargin`,
    /// `Origin`.
    pub fn build(self) -> Result<Signer> {
        let minter = Minter::new(self.credential_id, self.key, self.kid.as_deref(), self.lifetime)?;
        let backdate = whole_seconds(self.backdate).filter(|&s| s < minter.lifetime).ok_or(Error::Backdate)?;
        let usable = minter.lifetime - backdate;
        let refresh_margin = match self.refresh_margin {
            Some(margin) => whole_seconds(margin).filter(|&s| s < usable).ok_or(Error::RefreshMargin)?,
            None if REFRESH_MARGIN < usable => REFRESH_MARGIN,
            None => usable / 2,
        };
        let origins = match self.origins {
            Some(origins) => AllowedOrigins::only(origins)?,
            None => AllowedOrigins::default(),
        };
        let cache = Cache::new(usable, refresh_margin);
        Ok(Signer(Arc::new(Inner { minter, backdate, clock: self.clock, origins, cache })))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer {{ credential_id: {:?}, kid: {} }}", self.credential_id(), self.kid())
    }
}

impl fmt::Debug for SignerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerBuilder {{ credential_id: {:?}, kid: {} }}", self.credential_id, self.key.kid())
    }
}
