//! `LocalToken`: what callers present. It is worth nothing beyond this proxy.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A new token has this many random bytes.
const BYTES: usize = 32;

/// A token in a file has at least and at most so many characters.
const LENGTH: std::ops::RangeInclusive<usize> = 32..=1024;

/// A secret that callers and the proxy share.
#[derive(Clone)]
pub(crate) struct LocalToken(Zeroizing<String>);

impl LocalToken {
    /// A new token of 256 random bits.
    pub(crate) fn random() -> io::Result<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        getrandom::fill(&mut *bytes).map_err(|error| io::Error::other(error.to_string()))?;
        // The name says that it is not from Scout.
        let mut text = Zeroizing::new(String::with_capacity(64));
        text.push_str("local_");
        URL_SAFE_NO_PAD.encode_string(*bytes, &mut text);
        Ok(Self(text))
    }

    /// The token in the file, so that configurations outlive the proxy. If there is no file, makes one
    /// that only this user can read.
    pub(crate) fn of_file(path: &Path) -> io::Result<Self> {
        match File::open(path) {
            Ok(file) => Self::read(file),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let token = Self::random()?;
                new_file(path)?.write_all(format!("{}\n", *token.0).as_bytes())?;
                Ok(token)
            }
            Err(error) => Err(error),
        }
    }

    /// The token in a file that is there.
    pub(crate) fn in_file(path: &Path) -> io::Result<Self> {
        File::open(path).and_then(Self::read)
    }

    fn read(file: File) -> io::Result<Self> {
        let invalid = |text: &'static str| Err(io::Error::new(ErrorKind::InvalidData, text));
        if is_of_another(&file)? {
            return invalid("it belongs to another user");
        }
        if is_open_to_others(&file)? {
            return invalid("other users can read it (its mode must be 600)");
        }
        let mut text = Zeroizing::new(String::with_capacity(2 * LENGTH.end()));
        file.take(*LENGTH.end() as u64 + 2).read_to_string(&mut text)?;
        let token = Zeroizing::new(text.trim().to_owned());
        if !LENGTH.contains(&token.len()) || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return invalid("it holds no local token (32 or more visible characters)");
        }
        Ok(Self(token))
    }

    /// The text, for the program that is to call.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the token. How long that takes says nothing of the token but its length.
    pub(super) fn is(&self, presented: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(presented).into()
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether a user who is neither this one nor root made it, and so knows the token.
#[cfg(unix)]
fn is_of_another(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let owner = file.metadata()?.uid();
    Ok(owner != 0 && owner != rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn is_of_another(_: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> io::Result<bool> {
    Ok(false)
}
