//! `SignerBuilder`: settings one by one, and another clock.

use std::fmt;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::error::Result;
use crate::key::PrivateKey;
use crate::settings::Settings;
use crate::signer::Signer;

/// Makes a [`Signer`] from settings given one by one; see [`Settings`] for each.
#[must_use = "build() makes the signer"]
pub struct SignerBuilder {
    credential_id: String,
    key: PrivateKey,
    settings: Settings,
    clock: Box<dyn Clock>,
}

impl SignerBuilder {
    pub(super) fn new(credential_id: String, key: PrivateKey) -> Self {
        Self { credential_id, key, settings: Settings::default(), clock: Box::new(SystemClock) }
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

    /// Replaces the system's clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Checks the settings and makes the signer.
    ///
    /// # Errors
    /// As [`Signer::with_settings`].
    pub fn build(self) -> Result<Signer> {
        Signer::with_clock(self.credential_id, self.key, &self.settings, self.clock)
    }
}

impl fmt::Debug for SignerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerBuilder {{ credential_id: {:?}, kid: {} }}", self.credential_id, self.key.kid())
    }
}
