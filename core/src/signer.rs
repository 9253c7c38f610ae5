//! `Signer`: a credential id and its private key. It mints tokens and keeps the current one.

mod builder;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use crate::authorization::bearer;
use crate::cache::{Cache, Looked, Mint};
use crate::clock::{Clock, Now, checked};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::jwt::Sent;
use crate::key::{PrivateKey, PublicKey};
use crate::kid::Kid;
use crate::minter::Minter;
use crate::offset::Offset;
use crate::origin::AllowedOrigins;
use crate::rotation::{FALLBACK, InUse};
use crate::settings::{Settings, Times};
use crate::source::Sourced;
use crate::token::Token;

pub use builder::SignerBuilder;

/// A credential id and its private key: mints tokens and keeps the current one.
///
/// A signer of a key is immutable. A signer of a file or a command follows its source: when a token
/// is due, and after a 401, it looks whether the credential has changed, and replaces key,
/// credential id and kid in one step. Cloning is cheap, and the clones share the current token. It
/// may be used from many threads and after a fork.
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
    sourced: Option<Sourced>,
    /// For the credentials that the source will hold, too.
    settings: Settings,
    times: Times,
    clock: Box<dyn Clock>,
    origins: AllowedOrigins,
    cache: Cache<InUse>,
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

    /// Makes a signer from the environment: `SCOUT_CREDENTIAL_FILE`, `SCOUT_CREDENTIAL_COMMAND`, or
    /// `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE` with `SCOUT_CREDENTIAL_ID` and, if it is set,
    /// `SCOUT_KID`. [`Settings::kid`] replaces `SCOUT_KID`. A private key in `SCOUT_API_KEY` beside a
    /// `SCOUT_CREDENTIAL_ID` counts as `SCOUT_PRIVATE_KEY`.
    ///
    /// # Errors
    /// [`Error::VariableMissing`], [`Error::VariableConflict`], [`Error::VariableNotText`],
    /// [`Error::KeyFile`], and those of [`PrivateKey::parse`], [`Signer::with_settings`],
    /// [`Signer::from_file`] and [`Signer::from_command`].
    pub fn from_environment(environment: &Environment<'_>, settings: Settings) -> Result<Self> {
        if let Some(sourced) = environment.source()? {
            return SignerBuilder::sourced(sourced).settings(settings).build();
        }
        let (key, credential_id) = (environment.private_key()?, environment.credential_id()?);
        let kid = match settings.kid {
            Some(kid) => Some(kid),
            None => environment.kid()?,
        };
        Self::with_settings(credential_id, key, Settings { kid, ..settings })
    }

    /// Makes a signer of a credential file, or of a folder with one file for each field. Both are
    /// read again when they change; docs/credentials.md lists the forms.
    ///
    /// # Errors
    /// [`Error::CredentialUnreadable`], [`Error::CredentialTooLong`], [`Error::CredentialFormat`],
    /// [`Error::CredentialIncomplete`], and those of [`PrivateKey::parse`] and
    /// [`Signer::with_settings`]. After the construction an error keeps the last good credential:
    /// see [`Signer::source_error`].
    pub fn from_file(path: impl Into<PathBuf>, settings: Settings) -> Result<Self> {
        SignerBuilder::from_file(path).settings(settings).build()
    }

    /// Makes a signer of the credential that a program prints. The first text is the program, the
    /// others are its arguments; no shell runs. It has ten seconds. It runs now, after a 401, and
    /// every [`Settings::refresh`] if that is set; the calling thread waits for it.
    ///
    /// # Errors
    /// [`Error::CommandArguments`], [`Error::CommandStart`], [`Error::CommandFailed`],
    /// [`Error::CommandTimeout`], [`Error::CommandOutput`], and those of [`Signer::from_file`].
    pub fn from_command(command: impl IntoIterator<Item = impl Into<String>>, settings: Settings) -> Result<Self> {
        SignerBuilder::from_command(command).settings(settings).build()
    }

    /// Takes settings one by one.
    pub fn builder(credential_id: impl Into<String>, key: PrivateKey) -> SignerBuilder {
        SignerBuilder::new(credential_id.into(), key)
    }

    fn of_key(credential_id: String, key: PrivateKey, settings: Settings, clock: Box<dyn Clock>) -> Result<Self> {
        let times = Times::of(&settings)?;
        let minter = Minter::new(credential_id, key, &settings)?;
        Self::build(None, InUse::new(minter, None), settings, times, clock)
    }

    fn of_source(mut sourced: Sourced, settings: Settings, clock: Box<dyn Clock>) -> Result<Self> {
        let times = Times::of(&settings)?;
        sourced.set_refresh(times.refresh);
        let (file, look) = sourced.source.read(clock.now().monotonic)?;
        sourced.check_variables(&file)?;
        let minter = sourced.minter(file, &settings)?;
        Self::build(Some(sourced), InUse::new(minter, Some(look)), settings, times, clock)
    }

    fn build(
        sourced: Option<Sourced>,
        credential: InUse,
        settings: Settings,
        times: Times,
        clock: Box<dyn Clock>,
    ) -> Result<Self> {
        let origins = AllowedOrigins::of(settings.allowed_origins.as_deref())?;
        let cache = Cache::new(credential, times.refresh_margin);
        Ok(Self(Arc::new(Inner { sourced, settings, times, clock, origins, cache })))
    }

    /// Makes and signs a new token, always. The current one stays.
    ///
    /// # Errors
    /// `Clock`, `KeyCannotSign`, `Engine`.
    pub fn mint(&self) -> Result<Token> {
        let credential = self.0.cache.credential();
        self.0.mint(&credential, self.0.clock.now(), self.clock_offset()).map(|(token, _)| token)
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
        self.0.cache.with_token(&*self.0, then)
    }

    /// The value of the header `Authorization`: `Bearer ` and the current token.
    ///
    /// # Errors
    /// As [`Signer::token`].
    pub fn authorization(&self) -> Result<String> {
        self.with_token(|token| token.authorization().to_owned())
    }

    /// What stands behind `Bearer `: the current token, for SDKs that write `Bearer ` themselves.
    ///
    /// # Errors
    /// As [`Signer::token`].
    pub fn bearer(&self) -> Result<String> {
        self.with_token(|token| token.as_str().to_owned())
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
        self.0.cache.is_current(token, &*self.0)
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
    ///
    /// The source of the credential is looked at. For ten minutes after a rotation, a 401 to the new
    /// credential brings the previous one back for 30 seconds, unless the date explains the 401: by
    /// it, the token has expired, or is from more than a minute ahead.
    pub fn rejected(&self, token: &str, date: Option<&str>) -> bool {
        let Inner { times, clock, cache, .. } = &*self.0;
        let now = clock.now();
        let server = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let server = server.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let measured = server.and_then(|time| Offset::measure(time.as_secs(), now.unix));
        let issued_at = |offset| now.unix.saturating_add_signed(offset).saturating_sub(times.backdate);
        let pause = Duration::from_secs(times.lifetime);
        let server = measured.map(|measured| now.unix.saturating_add_signed(measured));
        let is_explained = |token: &Sent<'_>| server.is_some_and(|server| Offset::explains(server, token));
        let blamed = Sent::read(bearer(token)).filter(|token| !is_explained(token));
        let (offset, refused) = (self.clock_offset(), cache.credential());
        let retry = cache.rejected(
            bearer(token),
            issued_at,
            |known, is_current| match measured {
                Some(measured) => known.learn(measured, now.monotonic, pause),
                None if is_current => known.reset(),
                None => known,
            },
            |credential, minted| {
                let minted = minted.unwrap_or(now).monotonic;
                blamed.as_ref().and_then(|token| credential.refused(token, minted, now.monotonic))
            },
        );
        if offset != self.clock_offset() {
            Event::ClockOffset { seconds: self.clock_offset() }.emit();
        }
        // For a token that is not the current one, too: the current one may be of the same credential,
        // minted before the source changed.
        cache.look(now, |credential, now| self.0.look(credential, now, true));
        // Another thread may have seen the change first.
        let retry = retry || !cache.credential().minter.is_same(&refused.minter);
        Event::Rejected { kid: self.kid(), retry }.emit();
        retry
    }

    /// The seconds by which the server's clock is ahead of the local one, as learnt from a 401. 0 at
    /// first.
    pub fn clock_offset(&self) -> i64 {
        self.0.cache.clock_offset()
    }

    /// The credential id: the claim `sub`. After a rotation, that of the new credential.
    pub fn credential_id(&self) -> String {
        self.0.cache.credential().minter.credential_id.clone()
    }

    /// The kid of the private key. After a rotation, that of the new credential.
    pub fn kid(&self) -> Kid {
        self.0.cache.credential().minter.key.kid()
    }

    /// The public key: what verifies these tokens. After a rotation, that of the new credential.
    pub fn public_key(&self) -> PublicKey {
        self.0.cache.credential().minter.key.public_key().clone()
    }

    /// Why the last look at the source of the credential failed. `None` if it did not, or if there
    /// is no source. The last good credential stays in use, and the source is read again when the
    /// next token is due.
    pub fn source_error(&self) -> Option<Error> {
        self.0.cache.credential().look.and_then(|look| look.error)
    }
}

impl Inner {
    /// Looks at the source. `None` if there is nothing new to say.
    fn look(&self, credential: &InUse, now: Now, is_refused: bool) -> Option<Looked<InUse>> {
        let now = now.monotonic;
        let sourced = self.sourced.as_ref()?;
        let last = credential.look.as_ref()?;
        let kept = |credential| Looked { credential, keeps_token: true };
        let Some((file, look)) = sourced.source.look(last, now, is_refused) else {
            return credential.tidied(now).map(kept);
        };
        match file.and_then(|file| sourced.minter(file, &self.settings)) {
            Ok(minter) if minter.is_same(&credential.minter) => Some(kept(credential.looked(look))),
            Ok(minter) => {
                Event::Rotated { old: credential.minter.key.kid(), new: minter.key.kid() }.emit();
                Some(Looked { credential: credential.rotated(minter, look, now), keeps_token: false })
            }
            Err(error) => {
                Event::SourceFailed { error }.emit();
                Some(kept(credential.looked(last.failed(error, now))))
            }
        }
    }
}

impl Mint for Inner {
    type Credential = InUse;

    fn now(&self) -> Now {
        self.clock.now()
    }

    fn look(&self, credential: &InUse, now: Now) -> Option<Looked<InUse>> {
        self.look(credential, now, false)
    }

    fn mint(&self, credential: &InUse, now: Now, clock_offset: i64) -> Result<(Token, u64)> {
        let server_time = checked(now.unix.saturating_add_signed(clock_offset))?;
        let minter = credential.minter_at(now.monotonic);
        let token = minter.mint(server_time.saturating_sub(self.times.backdate))?;
        Event::Minted { kid: minter.key.kid(), expires_at: token.expires_at() }.emit();
        let usable = self.times.lifetime - self.times.backdate;
        // A token of the previous credential is due when the new one is to be tried again.
        let is_previous = credential.uses_previous(now.monotonic);
        let usable = if is_previous { usable.min(FALLBACK + self.times.refresh_margin) } else { usable };
        Ok((token, usable))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer {{ credential_id: {:?}, kid: {} }}", self.credential_id(), self.kid())
    }
}
