//! The files of the credential: who can read them, and whether a rotation reaches them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use scout_auth::Environment;

use super::Check;

/// The checks of the file or folder that a variable names.
pub(super) fn checks(environment: &Environment<'_>) -> Vec<Check> {
    let (path, variable) = match (environment.credential_file(), environment.private_key_file()) {
        (Some(path), _) => (path, Environment::CREDENTIAL_FILE),
        (None, Some(path)) => (path, Environment::PRIVATE_KEY_FILE),
        (None, None) => return Vec::new(),
    };
    [permissions(&path, variable), mount(&path)].into_iter().flatten().collect()
}

/// Who can read the file, or the most open file of the folder.
fn permissions(path: &Path, variable: &str) -> Option<Check> {
    const NAME: &str = "key file";
    let modes: Vec<u32> = files(path).iter().filter_map(|file| mode(file)).collect();
    // Kubernetes mounts a secret for a group with mode 440; everything else is for one user.
    let is_open = |mode: &u32| mode & !0o440 != 0 && mode & !0o600 != 0;
    if let Some(mode) = modes.iter().find(|mode| is_open(mode)) {
        let help =
            format!("chmod 600 the file of {variable}; in Kubernetes, set defaultMode: 0400 (0440 with fsGroup)");
        return Some(Check::warning(NAME, format!("users other than its owner can read it (mode {mode:o})"), help));
    }
    let mode = modes.first()?;
    let readers = if mode & 0o040 == 0 { "only its owner" } else { "only its owner and its group" };
    Some(Check::ok(NAME, format!("{readers} can read it (mode {mode:o})")))
}

/// The file, or the files of the folder.
fn files(path: &Path) -> Vec<PathBuf> {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect(),
        Err(_) => vec![path.to_owned()],
    }
}

fn mode(file: &Path) -> Option<u32> {
    fs::metadata(file).ok().map(|metadata| metadata.permissions().mode() & 0o777)
}

/// Warns of a file that is a mount of its own: it stays as it is when the secret changes.
fn mount(path: &Path) -> Option<Check> {
    let path = path.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    (path.is_file() && is_mount_point(&mounts, &path)).then(|| {
        Check::warning(
            "mount",
            "the file is a mount of its own, such as a subPath in Kubernetes: a rotation does not reach it",
            "mount the whole folder of the secret instead, and name the file in it, or the folder",
        )
    })
}

/// Whether that file lists the path as a mount point, its fifth field (man 5 `proc_pid_mountinfo`).
fn is_mount_point(mounts: &str, path: &Path) -> bool {
    mounts.lines().filter_map(|line| line.split(' ').nth(4)).any(|point| Path::new(point) == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_kubernetes_mounts_by_subpath_is_a_mount_point() {
        let mounts = "1 0 0:1 / / rw - overlay overlay rw\n\
                      2 1 0:2 / /secrets ro,relatime - tmpfs tmpfs rw\n\
                      3 1 0:2 /..2026/key /etc/scout/key ro,relatime - tmpfs tmpfs rw\n";
        assert!(is_mount_point(mounts, Path::new("/etc/scout/key")));
        assert!(!is_mount_point(mounts, Path::new("/secrets/key")));
        assert!(!is_mount_point(mounts, Path::new("/..2026/key")));
    }
}
