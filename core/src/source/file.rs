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
pub(super) struct Version([i128; 7]);

impl Version {
    fn at(path: &Path) -> Result<Self> {
        statat(CWD, path, AtFlags::empty()).map(|stat| Self::of(&stat)).map_err(unreadable)
    }

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

/// What was read, to see by few system calls whether it has changed.
#[derive(Clone)]
pub(super) enum Stamp {
    File(Version),
    /// What `..data` led to. Kubernetes changes no file in it: it makes another.
    Generation(Version),
    /// A folder and the fields in it. A field that was not there changes the folder when it comes.
    Folder(Version, Vec<(&'static str, Version)>),
}

impl Stamp {
    /// Whether the path still leads to what was read, links followed: one system call, and for an
    /// ordinary folder one more for each field.
    pub(super) fn is_current(&self, path: &Path) -> bool {
        let is = |version: &Version, path: &Path| Version::at(path).is_ok_and(|now| now == *version);
        match self {
            Self::File(version) => is(version, path),
            Self::Generation(version) => is(version, &path.join(GENERATION)),
            Self::Folder(folder, fields) => {
                is(folder, path) && fields.iter().all(|(name, version)| is(version, &path.join(name)))
            }
        }
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
    Ok((CredentialFile::parse(&bytes)?, Stamp::File(version)))
}

/// Reads the key file at the path, and the version that was read.
///
/// Errors: `KeyFile`, `KeyTextTooLong`, and those of [`PrivateKey::parse`](crate::PrivateKey::parse).
pub(super) fn read_key(path: &Path) -> Result<(CredentialFile, Stamp)> {
    let (bytes, version) = read_file(&CWD, path).map_err(|error| match error {
        Error::CredentialUnreadable { kind } => key_file_error(path, kind),
        error => error,
    })?;
    Ok((CredentialFile::of_key(&bytes)?, Stamp::File(version)))
}

fn read_folder(path: &Path) -> Result<(CredentialFile, Stamp)> {
    for _ in 0..ATTEMPTS {
        let (folder, is_generation) = open_folder(path)?;
        let before = versions(&folder)?;
        let [key, credential_id, kid] = [PRIVATE_KEY, CREDENTIAL_ID, KID].map(|names| field(&folder, names));
        let (key, credential_id, kid) = (key?, credential_id?, kid?);
        if before != versions(&folder)? {
            continue;
        }
        let key = key.ok_or(Error::CredentialIncomplete { member: PRIVATE_KEY[0] })?;
        let text = |field: &Option<SecretText>| field.as_ref().map(|text| text.as_str().to_owned());
        let file = CredentialFile::from_fields(&key, text(&credential_id).as_deref(), text(&kid).as_deref())?;
        let (version, fields) = before;
        return Ok((file, if is_generation { Stamp::Generation(version) } else { Stamp::Folder(version, fields) }));
    }
    Err(changing())
}

/// The version of a folder, and those of the fields in it.
fn versions(folder: &OwnedFd) -> Result<(Version, Vec<(&'static str, Version)>)> {
    let version = Version::of(&fstat(folder).map_err(unreadable)?);
    let names = [PRIVATE_KEY, CREDENTIAL_ID, KID].into_iter().flatten();
    let stat = |name| Some((name, Version::of(&statat(folder, name, AtFlags::empty()).ok()?)));
    Ok((version, names.filter_map(stat).collect()))
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

/// The folder with the fields, as a descriptor: a swap of links afterwards does not change what is
/// read through it. `true` for a generation of Kubernetes' folder.
fn open_folder(path: &Path) -> Result<(OwnedFd, bool)> {
    let open = |path: &Path| openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    let generation = open(&path.join(GENERATION)).map(|folder| (folder, true));
    generation.or_else(|_| Ok((open(path)?, false))).map_err(unreadable)
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
