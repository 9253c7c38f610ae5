//! A credential file or folder, read so that nothing of one generation meets anything of another.

use std::fs::File;
use std::io::{Error as IoError, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, statat};

use crate::credential_file::{CREDENTIAL_ID, CredentialFile, KID, PRIVATE_KEY, either, field_text};
use crate::error::{Error, Result};
use crate::key::key_file_error;
use crate::secret::{SecretBytes, SecretText, read_secret};

/// The folder that Kubernetes replaces, by one rename of this link, when it updates a volume.
const GENERATION: &str = "..data";

/// How often a file that changes while it is read is read again.
const ATTEMPTS: usize = 3;

/// What tells one version of a file from the next: device, inode, size, modification and change.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Version([i128; 7]);

impl Version {
    fn of(stat: &Stat) -> Self {
        Self([
            stat.st_dev.into(),
            stat.st_ino.into(),
            stat.st_size.into(),
            stat.st_mtime.into(),
            stat.st_mtime_nsec.into(),
            stat.st_ctime.into(),
            stat.st_ctime_nsec.into(),
        ])
    }
}

/// The version of a file, or of a folder and its files. `None` stands for a file that is not there.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Stamp(Vec<Option<Version>>);

impl Stamp {
    /// Looks at the path, through links: one system call for a file.
    ///
    /// Errors: `CredentialUnreadable`.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let stat = statat(CWD, path, AtFlags::empty()).map_err(unreadable)?;
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            return Self::of_folder(&open_folder(path)?);
        }
        Ok(Self(vec![Some(Version::of(&stat))]))
    }

    fn of_folder(folder: &OwnedFd) -> Result<Self> {
        let mut versions = vec![Some(Version::of(&fstat(folder).map_err(unreadable)?))];
        for name in [PRIVATE_KEY, CREDENTIAL_ID, KID].iter().flatten() {
            versions.push(statat(folder, *name, AtFlags::empty()).ok().map(|stat| Version::of(&stat)));
        }
        Ok(Self(versions))
    }
}

/// Reads the credential at the path, and the version that was read.
///
/// Errors: `CredentialUnreadable`, and those of [`CredentialFile`].
pub(super) fn read(path: &Path) -> Result<(CredentialFile, Stamp)> {
    let stat = statat(CWD, path, AtFlags::empty()).map_err(unreadable)?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
        return read_folder(path);
    }
    let (bytes, version) = read_file(&CWD, path)?;
    Ok((CredentialFile::parse(&bytes)?, Stamp(vec![Some(version)])))
}

/// Reads the key file at the path, and the version that was read.
///
/// Errors: `KeyFile`, `KeyTextTooLong`, and those of [`PrivateKey::parse`](crate::PrivateKey::parse).
pub(super) fn read_key(path: &Path) -> Result<(CredentialFile, Stamp)> {
    let (bytes, version) = read_file(&CWD, path).map_err(|error| match error {
        Error::CredentialUnreadable { kind } => key_file_error(path, kind),
        error => error,
    })?;
    Ok((CredentialFile::of_key(&bytes)?, Stamp(vec![Some(version)])))
}

fn read_folder(path: &Path) -> Result<(CredentialFile, Stamp)> {
    for _ in 0..ATTEMPTS {
        let folder = open_folder(path)?;
        let before = Stamp::of_folder(&folder)?;
        let [key, credential_id, kid] = [PRIVATE_KEY, CREDENTIAL_ID, KID].map(|names| field(&folder, names));
        let (key, credential_id, kid) = (key?, credential_id?, kid?);
        if before != Stamp::of_folder(&folder)? {
            continue;
        }
        let key = key.ok_or(Error::CredentialIncomplete { member: PRIVATE_KEY[0] })?;
        let text = |field: &Option<SecretText>| field.as_ref().map(|text| text.as_str().to_owned());
        let file = CredentialFile::from_fields(&key, text(&credential_id).as_deref(), text(&kid).as_deref())?;
        return Ok((file, before));
    }
    Err(changing())
}

/// A field of a folder, under either of its names.
fn field(folder: &OwnedFd, names: [&str; 2]) -> Result<Option<SecretText>> {
    let [first, second] = names.map(|name| match read_file(folder, Path::new(name)) {
        Ok((bytes, _)) => field_text(&bytes).map(Some),
        Err(Error::CredentialUnreadable { kind: ErrorKind::NotFound }) => Ok(None),
        Err(error) => Err(error),
    });
    either([first?, second?])
}

/// The folder that holds the current generation, as a descriptor: a swap of links afterwards does
/// not change what is read through it.
fn open_folder(path: &Path) -> Result<OwnedFd> {
    let open = |path: &Path| openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    open(&path.join(GENERATION)).or_else(|_| open(path)).map_err(unreadable)
}

/// Reads a regular file that does not change meanwhile.
fn read_file(folder: &impl AsFd, path: &Path) -> Result<(SecretBytes, Version)> {
    for _ in 0..ATTEMPTS {
        // Not blocking: a named pipe would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(openat(folder, path, flags, Mode::empty()).map_err(unreadable)?);
        let before = fstat(&file).map_err(unreadable)?;
        if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
            return Err(Error::CredentialUnreadable { kind: not_regular(&before) });
        }
        let bytes = read_secret(&file).map_err(|error| Error::CredentialUnreadable { kind: error.kind() })?;
        let version = Version::of(&before);
        if version == Version::of(&fstat(&file).map_err(unreadable)?) {
            return Ok((bytes, version));
        }
    }
    Err(changing())
}

fn not_regular(stat: &Stat) -> ErrorKind {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => ErrorKind::IsADirectory,
        _ => ErrorKind::InvalidInput,
    }
}

fn changing() -> Error {
    Error::CredentialUnreadable { kind: ErrorKind::ResourceBusy }
}

fn unreadable(error: rustix::io::Errno) -> Error {
    Error::CredentialUnreadable { kind: IoError::from(error).kind() }
}
