//! Sources on systems without the calls of Unix: files by their size and time, and no commands.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use crate::credential_file::CredentialFile;
use crate::error::{Error, Result};
use crate::key::key_file_error;
use crate::secret::{SecretBytes, read_secret};

/// The size and the modification time of a file.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Stamp(u64, SystemTime);

impl Stamp {
    fn of(path: &Path) -> Result<Self> {
        let stat = fs::metadata(path).map_err(unreadable)?;
        Ok(Self(stat.len(), stat.modified().map_err(unreadable)?))
    }

    pub(super) fn is_current(&self, path: &Path) -> bool {
        Self::of(path).is_ok_and(|now| now == *self)
    }
}

/// Reads a credential file. A folder is an error.
pub(super) fn read(path: &Path) -> Result<(CredentialFile, Stamp)> {
    let stamp = Stamp::of(path)?;
    let bytes = read_secret(fs::File::open(path).map_err(unreadable)?).map_err(unreadable)?;
    Ok((CredentialFile::parse(&bytes)?, stamp))
}

/// Reads a key file.
pub(super) fn read_key(path: &Path) -> Result<(CredentialFile, Stamp)> {
    let failed = |error: std::io::Error| key_file_error(path, error.kind());
    let stamp = Stamp::of(path).map_err(|_| key_file_error(path, ErrorKind::NotFound))?;
    let bytes = read_secret(fs::File::open(path).map_err(failed)?).map_err(failed)?;
    Ok((CredentialFile::of_key(&bytes)?, stamp))
}

/// No command runs here.
pub(super) fn run(_: &[String]) -> Result<SecretBytes> {
    Err(Error::CommandStart { kind: ErrorKind::Unsupported })
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: std::io::Error) -> Error {
    Error::CredentialUnreadable { kind: error.kind() }
}
