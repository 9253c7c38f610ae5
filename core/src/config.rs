//! Credentials from the environment and from files.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::api_key::ApiKey;
use crate::encoding::pasted::unquote;
use crate::encoding::{MAX_KEY_TEXT, SecretBytes, SecretText};
use crate::error::{Error, Result};
use crate::key::PrivateKey;
use crate::signer::{Signer, SignerBuilder};

/// The private key itself.
const PRIVATE_KEY: &str = "SCOUT_PRIVATE_KEY";
/// The path of a file that holds the private key, as secret stores mount it.
const PRIVATE_KEY_FILE: &str = "SCOUT_PRIVATE_KEY_FILE";
/// The credential id.
const CREDENTIAL_ID: &str = "SCOUT_CREDENTIAL_ID";
/// The kid that the key is expected to have. Optional.
const KID: &str = "SCOUT_KID";
/// A legacy key.
const API_KEY: &str = "SCOUT_API_KEY";

/// What an environment holds: an org credential or a legacy key.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An org credential.
    Signer(Signer),
    /// A legacy key.
    ApiKey(ApiKey),
}

impl Credential {
    /// Reads the environment: `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE`, with
    /// `SCOUT_CREDENTIAL_ID` and perhaps `SCOUT_KID`, make a [`Signer`]; else `SCOUT_API_KEY` makes
    /// an [`ApiKey`]. An empty variable counts as unset. White space and quotes around a value are
    /// taken off: `docker --env-file` and its like keep them.
    ///
    /// # Errors
    /// `VariableMissing` where an org credential is set in part or nothing is set at all,
    /// `VariableConflict`, `VariableNotText`, `KeyFile`, and those of [`PrivateKey::parse`],
    /// [`Signer::builder`] and [`ApiKey::new`].
    pub fn from_env() -> Result<Self> {
        Self::from_variables(&process_variable)
    }

    /// As [`Credential::from_env`], from another source of variables.
    ///
    /// # Errors
    /// As [`Credential::from_env`].
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let is_set = |name| variable(name).is_some_and(|value| !Zeroizing::new(value.into_encoded_bytes()).is_empty());
        let org = [PRIVATE_KEY, PRIVATE_KEY_FILE, CREDENTIAL_ID, KID].into_iter().any(is_set);
        let legacy = if org { None } else { text(variable, API_KEY)? };
        match legacy {
            Some(key) => ApiKey::new(unquote(&key)).map(Self::ApiKey),
            None => Signer::from_variables(variable).map(Self::Signer),
        }
    }

    /// The value of the header `Authorization`, of whichever it is.
    ///
    /// # Errors
    /// As [`Signer::authorization`].
    pub fn authorization(&self) -> Result<String> {
        match self {
            Self::Signer(signer) => signer.authorization(),
            Self::ApiKey(key) => Ok(key.authorization().to_owned()),
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

impl Signer {
    /// Reads the environment: `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE`,
    /// `SCOUT_CREDENTIAL_ID`, and perhaps `SCOUT_KID`. An empty variable counts as unset.
    ///
    /// # Errors
    /// As [`Credential::from_env`].
    pub fn from_env() -> Result<Self> {
        Self::from_variables(&process_variable)
    }

    /// As [`Signer::from_env`], from another source of variables.
    ///
    /// # Errors
    /// As [`Credential::from_env`].
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        Self::builder_from_variables(None, variable)?.build()
    }

    /// As [`Signer::from_variables`], for other settings. Where a key is given, those of its variables
    /// are not read.
    ///
    /// # Errors
    /// `VariableMissing`, `VariableConflict`, `VariableNotText`, `KeyFile`, and those of
    /// [`PrivateKey::parse`].
    pub fn builder_from_variables(
        key: impl Into<Option<PrivateKey>>,
        variable: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<SignerBuilder> {
        let key = key.into().map_or_else(|| PrivateKey::from_variables(variable), Ok)?;
        let credential_id = text(variable, CREDENTIAL_ID)?;
        let credential_id = credential_id.ok_or(Error::VariableMissing { variable: CREDENTIAL_ID })?;
        let builder = Self::builder(unquote(&credential_id), key);
        Ok(match text(variable, KID)? {
            Some(kid) => builder.kid(unquote(&kid)),
            None => builder,
        })
    }
}

impl PrivateKey {
    /// Reads a key file: any form that [`PrivateKey::parse`] takes, at most 64 KiB.
    ///
    /// # Errors
    /// `KeyFile`, and those of [`PrivateKey::parse`].
    pub fn read_file(path: impl AsRef<Path>) -> Result<Self> {
        Self::parse(&*read_key_file(path.as_ref())?)
    }

    fn from_variables(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        match (text(variable, PRIVATE_KEY)?, path(variable, PRIVATE_KEY_FILE)) {
            (Some(_), Some(_)) => Err(Error::VariableConflict),
            (Some(key), None) => Self::parse(key.as_bytes()),
            (None, Some(path)) => Self::read_file(path),
            (None, None) => Err(Error::VariableMissing { variable: PRIVATE_KEY }),
        }
    }
}

/// The contents of a key file. One byte more than a key may have is read, so that a longer file is
/// refused as too long and not read to its end.
fn read_key_file(path: &Path) -> Result<SecretBytes> {
    let failed = |error: std::io::Error| Error::KeyFile { kind: error.kind() };
    // Room for everything at once: a growing buffer would leave copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_KEY_TEXT + 1));
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_KEY_TEXT as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn process_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

fn text(variable: &dyn Fn(&str) -> Option<OsString>, name: &'static str) -> Result<Option<SecretText>> {
    match variable(name) {
        Some(value) if !value.is_empty() => match value.into_string() {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(_) => Err(Error::VariableNotText { variable: name }),
        },
        _ => Ok(None),
    }
}

fn path(variable: &dyn Fn(&str) -> Option<OsString>, name: &str) -> Option<OsString> {
    variable(name).filter(|value| !value.is_empty())
}
