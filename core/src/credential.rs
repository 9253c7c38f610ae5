//! `Credential`: what an environment holds, a signer or an API key.

use crate::api_key::ApiKey;
use crate::environment::Environment;
use crate::error::Result;
use crate::settings::Settings;
use crate::signer::Signer;

/// An org credential or a legacy key.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An org credential.
    Signer(Signer),
    /// A legacy key.
    ApiKey(ApiKey),
}

impl Credential {
    /// Reads the environment of this process, with default settings; see
    /// [`Credential::from_environment`].
    ///
    /// # Errors
    /// As [`Credential::from_environment`].
    pub fn from_env() -> Result<Self> {
        Self::from_environment(&Environment::process(), Settings::default())
    }

    /// Makes a [`Signer`] if any variable of an org credential is set, as
    /// [`Signer::from_environment`] does. Otherwise makes an [`ApiKey`] from `SCOUT_API_KEY`, which
    /// takes [`Settings::allowed_origins`]: the other settings are about tokens.
    ///
    /// # Errors
    /// As [`Signer::from_environment`] and [`ApiKey::from_environment`].
    pub fn from_environment(environment: &Environment<'_>, settings: Settings) -> Result<Self> {
        if environment.has_org_credential() || !environment.is_set(Environment::API_KEY) {
            return Signer::from_environment(environment, settings).map(Self::Signer);
        }
        let key = ApiKey::from_environment(environment)?;
        match settings.allowed_origins {
            Some(origins) => key.with_allowed_origins(origins),
            None => Ok(key),
        }
        .map(Self::ApiKey)
    }

    /// As [`Signer::authorization`] or [`ApiKey::authorization`].
    ///
    /// # Errors
    /// As those.
    pub fn authorization(&self) -> Result<String> {
        match self {
            Self::Signer(signer) => signer.authorization(),
            Self::ApiKey(key) => Ok(key.authorization().to_owned()),
        }
    }

    /// As [`Signer::bearer`] or [`ApiKey::bearer`].
    ///
    /// # Errors
    /// As those.
    pub fn bearer(&self) -> Result<String> {
        match self {
            Self::Signer(signer) => signer.bearer(),
            Self::ApiKey(key) => Ok(key.bearer().to_owned()),
        }
    }

    /// As [`Signer::authorization_for`] or [`ApiKey::authorization_for`].
    ///
    /// # Errors
    /// As those.
    pub fn authorization_for(&self, url: &str) -> Result<String> {
        match self {
            Self::Signer(signer) => signer.authorization_for(url),
            Self::ApiKey(key) => key.authorization_for(url).map(str::to_owned),
        }
    }

    /// As [`Signer::rejected`] or [`ApiKey::rejected`].
    pub fn rejected(&self, token: &str, date: Option<&str>) -> bool {
        match self {
            Self::Signer(signer) => signer.rejected(token, date),
            Self::ApiKey(key) => key.rejected(token, date),
        }
    }
}
