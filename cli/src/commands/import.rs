//! `import`: writes the credential file.

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use scout_auth::{CredentialFile, Error, Settings, Signer};
use serde_json::json;

use crate::arguments::{CREDENTIAL_ID, FORCE, JSON, OUT};
use crate::failure::Failure;
use crate::host::Host;
use crate::input;
use crate::words::ascii;

/// Where Scout's guides keep it, in the folder of the user's settings.
const DEFAULT_PATH: &str = "scoutos/credential.jwk.json";

const WHAT: &str = "the credential file";

/// `scout-auth import`
pub(crate) fn import(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let path = destination(matches, host)?;
    let is_forced = matches.get_flag(FORCE);
    // Before the command asks for a key.
    if !is_forced && path.symlink_metadata().is_ok() {
        return Err(is_there());
    }
    let mut credential = CredentialFile::parse(&input::credential(matches, host)?)?;
    let credential_id = credential_id(&credential, matches, host)?;
    credential.credential_id = Some(credential_id.clone());
    let settings = Settings { kid: credential.kid.clone(), ..Settings::default() };
    let kid = Signer::with_settings(credential_id.clone(), credential.key.clone(), settings)?.kid();
    store(&path, &credential, is_forced)?;
    warn_of_writers(&path, host);
    host.print(&if matches.get_flag(JSON) {
        let path = path.to_string_lossy();
        ascii(&json!({ "path": path, "credential_id": credential_id, "kid": kid.as_str() }).to_string()) + "\n"
    } else {
        let path = path.display();
        format!("credential id  {credential_id}\nkid            {kid}\nwritten to     {path}\n{}", next(&path, host))
    })
}

/// Writes a credential file that is not there yet.
#[cfg(feature = "net")]
pub(super) fn write_new(path: &Path, credential: &CredentialFile) -> Result<(), Failure> {
    store(path, credential, false)
}

fn store(path: &Path, credential: &CredentialFile, is_forced: bool) -> Result<(), Failure> {
    write(path, &credential.to_json()?, is_forced).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => is_there(),
        _ => Failure::output(WHAT, &error),
    })
}

pub(super) fn is_there() -> Failure {
    Failure::output(WHAT, &io::Error::other("there is one already"))
        .with_help("use --force to replace it, or --out PATH")
}

/// What the user has to do, if programs would not find the file.
fn next(path: &std::path::Display<'_>, host: &Host<'_>) -> String {
    if host.environment().credential_file().is_some() {
        return String::new();
    }
    format!("to use it      set SCOUT_CREDENTIAL_FILE to {path}\n")
}

/// The file of `--out` or of `SCOUT_CREDENTIAL_FILE`, or the one of Scout's guides.
fn destination(matches: &ArgMatches, host: &Host<'_>) -> Result<PathBuf, Failure> {
    let folder = |name| (host.variable)(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let given = matches.get_one::<PathBuf>(OUT).cloned().or_else(|| host.environment().credential_file());
    let settings = || folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    given.or_else(|| Some(settings()?.join(DEFAULT_PATH))).ok_or_else(|| {
        Failure::unusable("HOME is not set, so there is no place for the credential file", "use --out PATH")
    })
}

/// The credential id: of the option, the text, the variable or the terminal.
fn credential_id(credential: &CredentialFile, matches: &ArgMatches, host: &mut Host<'_>) -> Result<String, Failure> {
    match (matches.get_one::<String>(CREDENTIAL_ID), &credential.credential_id) {
        (Some(given), Some(held)) if given != held => Err(Failure::unusable(
            "the credential has another id than --credential-id",
            "leave the option out, or check whether this is the right credential",
        )),
        (Some(id), _) | (None, Some(id)) => Ok(id.clone()),
        (None, None) => match host.environment().credential_id() {
            Err(Error::VariableMissing { .. }) => input::typed_credential_id(host)?.ok_or_else(|| {
                Failure::from(Error::CredentialIncomplete { member: "credential_id" })
                    .with_help("use --credential-id ID")
            }),
            id => Ok(id?),
        },
    }
}

/// Writes the whole file, or nothing: programs may read it at any moment. Only its owner can read it.
fn write(path: &Path, text: &str, is_forced: bool) -> io::Result<()> {
    // A link stays a link.
    let path = if is_forced { path.canonicalize().unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)?;
    // Mode 600, and removed if anything fails.
    let mut file = tempfile::Builder::new().prefix(".credential-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    if is_forced { file.persist(&path) } else { file.persist_noclobber(&path) }.map_err(|failed| failed.error)?;
    // The name is in the folder, which has to reach the disk too.
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Warns if others can replace the file: they can rename files in its folder.
#[cfg(unix)]
fn warn_of_writers(path: &Path, host: &mut Host<'_>) {
    use std::os::unix::fs::PermissionsExt as _;
    const OTHERS_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let folder = path.canonicalize().ok().and_then(|path| path.parent()?.metadata().ok());
    let mode = folder.map_or(0, |folder| folder.permissions().mode());
    if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 {
        host.warn("others can replace the credential file, because they can write to its folder: chmod 700 the folder");
    }
}

#[cfg(not(unix))]
fn warn_of_writers(_: &Path, _: &mut Host<'_>) {}
