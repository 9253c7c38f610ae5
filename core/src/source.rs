//! `Source`: where a credential is read from, and read again when it changes.
//!
//! No watcher and no thread: a source is looked at when a token is due and after a 401. A watcher
//! follows the inode of a file, and Kubernetes replaces files by renaming a link.

#[cfg(unix)]
mod command;
#[cfg(unix)]
mod file;
#[cfg(not(unix))]
mod portable;

use std::path::PathBuf;
use std::time::Duration;

use crate::credential_file::{CREDENTIAL_ID, CredentialFile, KID};
use crate::error::{Error, Result};
use crate::minter::Minter;
use crate::settings::Settings;

#[cfg(unix)]
use command::run;
#[cfg(unix)]
use file::{Stamp, read, read_key};
#[cfg(not(unix))]
use portable::{Stamp, read, read_key, run};

/// The shortest time between two runs of a command, and between two attempts after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Where a credential is read from.
pub(crate) enum Source {
    /// A credential file, or a folder with one file for each field.
    Path(PathBuf),
    /// A file that holds a private key alone.
    KeyFile(PathBuf),
    /// A program and its arguments, and how often it runs again.
    Command { command: Vec<String>, refresh: Option<Duration> },
}

/// A source, and the fields that stand beside it in the environment.
pub(crate) struct Sourced {
    pub(crate) source: Source,
    /// The variable that names the source.
    pub(crate) variable: &'static str,
    /// The credential id and the kid for a source that holds none.
    pub(crate) credential_id: Option<String>,
    pub(crate) kid: Option<String>,
}

/// What is remembered of the last look at a source.
#[derive(Clone)]
pub(crate) struct Look {
    /// The version that was read last without an error.
    stamp: Option<Stamp>,
    /// When, by the monotonic clock.
    at: Duration,
    /// Why the last look failed.
    pub(crate) error: Option<Error>,
}

impl Source {
    /// Reads the credential, whether it changed or not.
    ///
    /// Errors: `CredentialUnreadable`, the `Command…` errors, and those of [`CredentialFile`].
    pub(crate) fn read(&self, now: Duration) -> Result<(CredentialFile, Look)> {
        let (file, stamp) = match self {
            Self::Path(path) => read(path).map(|(file, stamp)| (file, Some(stamp)))?,
            Self::KeyFile(path) => read_key(path).map(|(file, stamp)| (file, Some(stamp)))?,
            Self::Command { command, .. } => (CredentialFile::parse(&run(command)?)?, None),
        };
        Ok((file, Look { stamp, at: now, error: None }))
    }

    /// Reads the credential again if it is time to and the source has changed. `None` if there is
    /// nothing to read. `is_refused` says that the server has just refused the credential.
    pub(crate) fn look(&self, last: &Look, now: Duration, is_refused: bool) -> Option<(Result<CredentialFile>, Look)> {
        let since = now.saturating_sub(last.at);
        let is_due = match self {
            Self::Path(path) | Self::KeyFile(path) => match last.error {
                None => !last.stamp.as_ref().is_some_and(|stamp| stamp.is_current(path)),
                Some(_) => since >= PAUSE,
            },
            Self::Command { refresh, .. } => {
                let is_time = refresh.is_some_and(|refresh| since >= refresh);
                since >= PAUSE && (is_refused || is_time || last.error.is_some())
            }
        };
        if !is_due {
            return None;
        }
        match self.read(now) {
            Ok((file, look)) => Some((Ok(file), look)),
            Err(error) => Some((Err(error), last.failed(error, now))),
        }
    }
}

impl Sourced {
    /// A source with nothing beside it.
    pub(crate) fn new(source: Source) -> Self {
        Self { source, variable: "", credential_id: None, kid: None }
    }

    /// Sets how often a command runs again.
    pub(crate) fn set_refresh(&mut self, every: Option<Duration>) {
        if let Source::Command { refresh, .. } = &mut self.source {
            *refresh = every;
        }
    }

    /// Refuses variables that contradict what the source holds at the construction. Later the
    /// source may hold another credential, and then its own fields count.
    ///
    /// Errors: `VariableConflict`.
    pub(crate) fn check_variables(&self, file: &CredentialFile) -> Result<()> {
        let fields = [(&self.credential_id, &file.credential_id, CREDENTIAL_ID), (&self.kid, &file.kid, KID)];
        for (given, held, [_, second]) in fields {
            if given.is_some() && held.is_some() && given != held {
                return Err(Error::VariableConflict { first: self.variable, second });
            }
        }
        Ok(())
    }

    /// The minter of the credential that the source holds.
    ///
    /// Errors: `CredentialIncomplete`, and those of [`Minter::new`].
    pub(crate) fn minter(&self, file: CredentialFile, settings: &Settings) -> Result<Minter> {
        let missing = Error::CredentialIncomplete { member: CREDENTIAL_ID[0] };
        let credential_id = file.credential_id.or_else(|| self.credential_id.clone()).ok_or(missing)?;
        let mut settings = settings.clone();
        // With a kid for the header, the kid of the source is not the thumbprint either.
        if settings.kid.is_none() && settings.header_kid.is_none() {
            settings.kid = file.kid.or_else(|| self.kid.clone());
        }
        Minter::new(credential_id, file.key, &settings)
    }
}

impl Look {
    /// The same version, after a look that failed.
    pub(crate) fn failed(&self, error: Error, now: Duration) -> Self {
        Self { stamp: self.stamp.clone(), at: now, error: Some(error) }
    }
}
