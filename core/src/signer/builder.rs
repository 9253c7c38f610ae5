//! `SignerBuilder`: settings one by one, and another clock.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::error::Result;
use crate::key::PrivateKey;
use crate::settings::Settings;
use crate::signer::Signer;
use crate::source::{Source, Sourced};

/// Makes a [`Signer`] from settings given one by one; see [`Settings`] for each.
#[must_use = "build() makes the signer"]
pub struct SignerBuilder {
    from: From,
    settings: Settings,
    clock: Box<dyn Clock>,
}

enum From {
    Key(String, PrivateKey),
    Source(Sourced),
}

impl SignerBuilder {
    pub(super) fn new(credential_id: String, key: PrivateKey) -> Self {
        Self::with(From::Key(credential_id, key))
    }

    pub(super) fn sourced(sourced: Sourced) -> Self {
        Self::with(From::Source(sourced))
    }

    fn with(from: From) -> Self {
        Self { from, settings: Settings::default(), clock: Box::new(SystemClock) }
    }

    /// A signer of a credential file or folder; see [`Signer::from_file`].
    pub fn from_file(path: impl Into<PathBuf>) -> Self {
        Self::sourced(Sourced::new(Source::Path(path.into())))
    }

    /// A signer of the credential that a program prints; see [`Signer::from_command`].
    pub fn from_command(command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let command = command.into_iter().map(Into::into).collect();
        Self::sourced(Sourced::new(Source::Command { command, refresh: None }))
    }

    /// Replaces all settings.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets [`Settings::kid`].
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.settings.kid = Some(kid.into());
        self
    }

    /// Sets [`Settings::lifetime`].
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.lifetime = Some(lifetime);
        self
    }

    /// Sets [`Settings::refresh_margin`].
    pub fn refresh_margin(mut self, refresh_margin: Duration) -> Self {
        self.settings.refresh_margin = Some(refresh_margin);
        self
    }

    /// Sets [`Settings::backdate`].
    pub fn backdate(mut self, backdate: Duration) -> Self {
        self.settings.backdate = Some(backdate);
        self
    }

    /// Sets [`Settings::allowed_origins`].
    pub fn allowed_origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.allowed_origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Sets [`Settings::header_kid`].
    pub fn header_kid(mut self, kid: impl Into<String>) -> Self {
        self.settings.header_kid = Some(kid.into());
        self
    }

    /// Sets [`Settings::roles`].
    pub fn roles(mut self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.roles = Some(roles.into_iter().map(Into::into).collect());
        self
    }

    /// Sets [`Settings::claims`].
    pub fn claims(mut self, claims: impl Into<String>) -> Self {
        self.settings.claims = Some(claims.into());
        self
    }

    /// Sets [`Settings::refresh`].
    pub fn refresh(mut self, refresh: Duration) -> Self {
        self.settings.refresh = Some(refresh);
        self
    }

    /// Replaces the system's clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Checks the settings and makes the signer.
    ///
    /// # Errors
    /// As [`Signer::with_settings`], [`Signer::from_file`] or [`Signer::from_command`].
    pub fn build(self) -> Result<Signer> {
        match self.from {
            From::Key(credential_id, key) => Signer::of_key(credential_id, key, self.settings, self.clock),
            From::Source(sourced) => Signer::of_source(sourced, self.settings, self.clock),
        }
    }
}

impl fmt::Debug for SignerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.from {
            From::Key(credential_id, key) => {
                write!(f, "SignerBuilder {{ credential_id: {credential_id:?}, kid: {} }}", key.kid())
            }
            From::Source(_) => f.write_str("SignerBuilder { .. }"),
        }
    }
}
