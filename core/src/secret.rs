//! Bytes and text that are wiped when they are dropped.

use std::io::{self, Read};

use zeroize::Zeroizing;

/// The longest key text that is read, in bytes. A key of 8192 bits takes 6.4 KiB as PEM.
pub(crate) const MAX_KEY_TEXT: usize = 64 * 1024;

/// Bytes that are wiped when dropped.
pub(crate) type SecretBytes = Zeroizing<Vec<u8>>;

/// Text that is wiped when dropped.
pub(crate) type SecretText = Zeroizing<String>;

/// Reads a key or a token from a file or a stream, into memory that is wiped when dropped.
///
/// At most 64 KiB and one byte are read: longer text is then refused as too long, and never read to
/// its end.
///
/// # Errors
/// Those of `source`.
pub fn read_secret(source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // The whole capacity at once: a buffer that grows leaves copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_KEY_TEXT + 1));
    source.take(MAX_KEY_TEXT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
