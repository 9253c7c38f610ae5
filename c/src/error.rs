//! Errors and the version. Codes, names and texts are core's table.

use std::ffi::{CStr, c_char};

use scout_auth_core::Error;

use crate::ffi::{SCOUT_OK, buffer, catch, last_error};

/// The version of the library that is loaded, such as "0.1.0": static text. The macro
/// SCOUT_VERSION is that of the header that was compiled against.
#[unsafe(no_mangle)]
pub extern "C" fn scout_version() -> *const c_char {
    const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };
    VERSION.as_ptr()
}

/// What is wrong and what to do about it, for a code: static text, never NULL, for people. Use it for
/// a code that you kept. Just after a failure use scout_last_error, which has the details.
#[unsafe(no_mangle)]
pub extern "C" fn scout_strerror(code: i32) -> *const c_char {
    match code {
        SCOUT_OK => c"OK",
        _ => static_text(code, 1).unwrap_or(c"unknown error"),
    }
    .as_ptr()
}

/// The name of a code, such as "ERR_KEY_IS_PUBLIC", the same in every language of scout-auth:
/// static text, never NULL. "OK" for 0.
#[unsafe(no_mangle)]
pub extern "C" fn scout_error_name(code: i32) -> *const c_char {
    match code {
        SCOUT_OK => c"OK",
        _ => static_text(code, 0).unwrap_or(c"ERR_UNKNOWN"),
    }
    .as_ptr()
}

/// The text of the last call in this thread that failed, with its details: which variable is missing,
/// which kid was expected. It contains no key and no token. 512 bytes are enough for any text.
///
/// The text is "OK" if no call has failed. A successful call does not change it.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_last_error(text: *mut c_char, size: usize, length: *mut usize) -> i32 {
    let last = last_error();
    let put = || buffer(text, size, length)?.put_text(&last.map_or_else(|| "OK".to_owned(), |error| error.to_string()));
    // Not `boundary`, which would replace what is asked for by this call's own failure.
    catch(put).map_or_else(|error| error.number().into(), |()| SCOUT_OK)
}

/// Column 0 (name) or 1 (text) of the row with that code.
fn static_text(code: i32, column: usize) -> Option<&'static CStr> {
    let row = Error::TABLE.iter().position(|row| i32::from(row.number) == code)?;
    let text = TEXTS.split_inclusive(|&byte| byte == 0).nth(2 * row + column)?;
    CStr::from_bytes_with_nul(text).ok()
}

/// Core's table as C wants it: `name NUL summary; help NUL` for each row. Made when compiling,
/// since there is no lock then that a fork could leave held.
static TEXTS: [u8; length_of_texts()] = texts();

const SEPARATOR: &str = "; ";

const fn length_of_texts() -> usize {
    let mut length = 0;
    let mut row = 0;
    while row < Error::TABLE.len() {
        let info = Error::TABLE[row];
        length += info.name.len() + 1 + info.summary.len() + SEPARATOR.len() + info.help.len() + 1;
        row += 1;
    }
    length
}

const fn texts<const N: usize>() -> [u8; N] {
    let mut texts = [0; N];
    let mut end = 0;
    let mut row = 0;
    while row < Error::TABLE.len() {
        let info = Error::TABLE[row];
        end = append(&mut texts, end, info.name) + 1;
        end = append(&mut texts, end, info.summary);
        end = append(&mut texts, end, SEPARATOR);
        end = append(&mut texts, end, info.help) + 1;
        row += 1;
    }
    texts
}

const fn append(texts: &mut [u8], end: usize, text: &str) -> usize {
    let mut i = 0;
    while i < text.len() {
        texts[end + i] = text.as_bytes()[i];
        i += 1;
    }
    end + text.len()
}
