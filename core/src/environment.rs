//! `Environment`: the one reader of the environment variables.
//!
//! Every language, the command and its `doctor` read the variables here. Each getter reads one
//! variable and has its own errors. An empty variable counts as unset. White space and quotes
//! around a value are taken off, because `docker --env-file` and similar tools keep them.

use std::ffi::OsString;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::encoding::pasted::unquote;
use crate::error::{Error, Result};
use crate::key::{PrivateKey, read_key_file};
use crate::secret::{SecretBytes, SecretText};
use crate::source::{Source, Sourced};

/// The environment variables of this process, or of another source.
#[derive(Clone, Copy)]
pub struct Environment<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl Environment<'static> {
    /// The variables of this process.
    pub fn process() -> Self {
        Self(&|name| std::env::var_os(name))
    }
}

impl<'a> Environment<'a> {
    /// The private key itself.
    pub const PRIVATE_KEY: &'static str = "SCOUT_PRIVATE_KEY";
    /// The path of a file that holds the private key, as secret stores mount it.
    pub const PRIVATE_KEY_FILE: &'static str = "SCOUT_PRIVATE_KEY_FILE";
    /// The credential id.
    pub const CREDENTIAL_ID: &'static str = "SCOUT_CREDENTIAL_ID";
    /// The kid that the key must have. Optional.
    pub const KID: &'static str = "SCOUT_KID";
    /// The path of a credential file, or of a folder with one file for each field.
    pub const CREDENTIAL_FILE: &'static str = "SCOUT_CREDENTIAL_FILE";
    /// A program that prints a credential, and its arguments: a JSON array of strings.
    pub const CREDENTIAL_COMMAND: &'static str = "SCOUT_CREDENTIAL_COMMAND";
    /// A legacy key.
    pub const API_KEY: &'static str = "SCOUT_API_KEY";

    /// The variables of an org credential.
    pub const ORG_CREDENTIAL: [&'static str; 6] = [
        Self::PRIVATE_KEY,
        Self::PRIVATE_KEY_FILE,
        Self::CREDENTIAL_FILE,
        Self::CREDENTIAL_COMMAND,
        Self::CREDENTIAL_ID,
        Self::KID,
    ];

    /// The variables that this function looks up.
    pub fn new(variable: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self(variable)
    }

    /// Whether the variable is set and not empty.
    pub fn is_set(&self, name: &str) -> bool {
        (self.0)(name).is_some_and(|value| !Zeroizing::new(value.into_encoded_bytes()).is_empty())
    }

    /// Whether any variable of an org credential is set.
    pub fn has_org_credential(&self) -> bool {
        Self::ORG_CREDENTIAL.iter().any(|name| self.is_set(name))
    }

    /// Refuses more than one variable that says where the credential is.
    ///
    /// # Errors
    /// [`Error::VariableConflict`].
    pub fn check(&self) -> Result<()> {
        let mut set = Self::ORG_CREDENTIAL[..4].iter().copied().filter(|name| self.is_set(name));
        match (set.next(), set.next()) {
            (Some(first), Some(second)) => Err(Error::VariableConflict { first, second }),
            _ => Ok(()),
        }
    }

    /// Where the credential is read from and read again, if it is not in the variables themselves.
    ///
    /// Errors: `VariableConflict`, `VariableMissing`, `VariableNotText`, `CommandArguments`.
    pub(crate) fn source(&self) -> Result<Option<Sourced>> {
        self.check()?;
        let (source, variable) = if let Some(path) = self.path(Self::CREDENTIAL_FILE) {
            (Source::Path(path), Self::CREDENTIAL_FILE)
        } else if let Some(path) = self.private_key_file() {
            (Source::KeyFile(path), Self::PRIVATE_KEY_FILE)
        } else if let Some(command) = self.text(Self::CREDENTIAL_COMMAND)? {
            let command = serde_json::from_str::<Vec<String>>(&command).map_err(|_| Error::CommandArguments)?;
            (Source::Command { command, refresh: None }, Self::CREDENTIAL_COMMAND)
        } else {
            return Ok(None);
        };
        let credential_id = match source {
            Source::KeyFile(_) => Some(self.credential_id()?),
            _ if self.is_set(Self::CREDENTIAL_ID) => Some(self.credential_id()?),
            _ => None,
        };
        Ok(Some(Sourced { source, variable, credential_id, kid: self.kid()? }))
    }

    /// The text of the private key: `SCOUT_PRIVATE_KEY`, or the contents of the file that
    /// `SCOUT_PRIVATE_KEY_FILE` names, or a private key in `SCOUT_API_KEY` beside a
    /// `SCOUT_CREDENTIAL_ID`. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::VariableConflict`] if both are set, [`Error::VariableNotText`], [`Error::KeyFile`].
    pub fn private_key_text(&self) -> Result<Option<SecretBytes>> {
        match (self.text(Self::PRIVATE_KEY)?, self.private_key_file()) {
            (Some(_), Some(_)) => {
                Err(Error::VariableConflict { first: Self::PRIVATE_KEY, second: Self::PRIVATE_KEY_FILE })
            }
            (Some(text), None) => Ok(Some(Zeroizing::new(text.as_bytes().to_vec()))),
            (None, Some(path)) => read_key_file(&path).map(Some),
            (None, None) => self.misplaced_private_key(),
        }
    }

    /// A private key in `SCOUT_API_KEY`, where Scout's guides put it for the SDKs, beside a
    /// credential id. Alone it is an API key, and is sent as it is.
    fn misplaced_private_key(&self) -> Result<Option<SecretBytes>> {
        if !self.is_set(Self::CREDENTIAL_ID) {
            return Ok(None);
        }
        let text = self.text(Self::API_KEY)?.map(|text| Zeroizing::new(text.as_bytes().to_vec()));
        Ok(text.filter(|text| PrivateKey::parse(text).is_ok()))
    }

    /// The private key.
    ///
    /// # Errors
    /// [`Error::VariableMissing`], and those of [`Environment::private_key_text`] and
    /// [`PrivateKey::parse`].
    pub fn private_key(&self) -> Result<PrivateKey> {
        let text = self.private_key_text()?.ok_or(Error::VariableMissing { variable: Self::PRIVATE_KEY })?;
        PrivateKey::parse(&*text)
    }

    /// The path in `SCOUT_PRIVATE_KEY_FILE`.
    pub fn private_key_file(&self) -> Option<PathBuf> {
        self.path(Self::PRIVATE_KEY_FILE)
    }

    /// The path in `SCOUT_CREDENTIAL_FILE`.
    pub fn credential_file(&self) -> Option<PathBuf> {
        self.path(Self::CREDENTIAL_FILE)
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        (self.0)(name).filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    /// The credential id.
    ///
    /// # Errors
    /// [`Error::VariableMissing`], [`Error::VariableNotText`].
    pub fn credential_id(&self) -> Result<String> {
        let missing = Error::VariableMissing { variable: Self::CREDENTIAL_ID };
        self.text(Self::CREDENTIAL_ID)?.map(|text| unquote(&text).to_owned()).ok_or(missing)
    }

    /// The kid that the key must have.
    ///
    /// # Errors
    /// [`Error::VariableNotText`].
    pub fn kid(&self) -> Result<Option<String>> {
        Ok(self.text(Self::KID)?.map(|text| unquote(&text).to_owned()))
    }

    /// The legacy key.
    ///
    /// # Errors
    /// [`Error::VariableMissing`], [`Error::VariableNotText`].
    pub fn api_key(&self) -> Result<SecretText> {
        let missing = Error::VariableMissing { variable: Self::API_KEY };
        self.text(Self::API_KEY)?.map(|text| Zeroizing::new(unquote(&text).to_owned())).ok_or(missing)
    }

    fn text(&self, name: &'static str) -> Result<Option<SecretText>> {
        match (self.0)(name) {
            Some(value) if !value.is_empty() => match value.into_string() {
                Ok(text) => Ok(Some(Zeroizing::new(text))),
                Err(_) => Err(Error::VariableNotText { variable: name }),
            },
            _ => Ok(None),
        }
    }
}
