//! The files of a folder: those that git does not ignore, or all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::git::Git;
use crate::failure::Failure;

/// What to do with a file, or with a folder that cannot be read.
pub(super) type Each<'a> = &'a mut dyn FnMut(&Path, io::Result<()>);

/// Calls `then` for each file of the folder. Links are not followed. Returns why git did not list the
/// files of a repository: then those that it ignores are among the files.
pub(super) fn each(folder: &Path, then: Each<'_>) -> Option<Failure> {
    let refusal = root(folder)
        .and_then(|_| Git::new(folder).files(&mut |name, read| then(&shown(folder).join(name), read)).err());
    if refusal.is_some() || root(folder).is_none() {
        walk(folder, then);
    }
    refusal
}

/// The root of the repository that the folder is in.
pub(super) fn root(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// Opens a file, but not what a link names, and without waiting for the writer of a pipe. `None` if it
/// is gone or is no file.
pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    match options.open(path) {
        // A pipe or a device may have no end.
        Ok(file) => file.metadata().map(|metadata| metadata.is_file().then_some(file)),
        Err(error) => match path.symlink_metadata() {
            Ok(metadata) if !metadata.is_file() => Ok(None),
            Err(gone) if matches!(gone.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            // A folder on the way may be closed to us, too.
            _ => Err(error),
        },
    }
}

fn walk(folder: &Path, then: Each<'_>) {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return then(folder, Err(error)),
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = shown(folder).join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && entry.file_name() != ".git" => walk(&path, then),
            Ok(kind) if kind.is_file() => then(&path, Ok(())),
            Ok(_) => {}
            Err(error) => then(&path, Err(error)),
        }
    }
}

/// The folder as the beginning of a path: nothing for the current one.
fn shown(folder: &Path) -> &Path {
    if folder == Path::new(".") { Path::new("") } else { folder }
}
