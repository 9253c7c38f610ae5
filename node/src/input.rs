//! What JavaScript passes, checked and copied.

use std::time::Duration;

use napi::bindgen_prelude::{Either, Uint8Array};
use napi::{Env, JsString};
use napi_derive::napi;
use scout_auth::Error;
use zeroize::Zeroizing;

use crate::error::{Result, thrown};

/// Key text: a string, or the bytes of a `Buffer` or `Uint8Array`.
#[napi]
pub type KeyText = Either<String, Uint8Array>;

/// A copy of key text that is wiped when it is dropped. Bytes are copied before they are read,
/// because another thread may change them.
pub(crate) fn copied(key: KeyText) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(match key {
        Either::A(text) => text.into_bytes(),
        Either::B(bytes) => bytes.to_vec(),
    })
}

/// Secret text as a string of JavaScript's, copied directly from memory that is wiped: a `String` of
/// ours would stay in freed memory. V8 copies ASCII faster if it is called Latin-1.
pub(crate) fn secret<'env>(env: &'env Env, text: &str) -> Result<JsString<'env>> {
    let made = if text.is_ascii() { env.create_string_latin1(text) } else { env.create_string(text) };
    made.map_err(|_| thrown(Error::Internal))
}

/// A number of seconds. A number that is no `Duration` becomes the longest one: core refuses it with
/// the error of that setting.
pub(crate) fn span(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// A time in Unix seconds: whole, and not before 1970.
pub(crate) fn time(seconds: f64) -> Result<u64> {
    let whole = Duration::try_from_secs_f64(seconds).ok().filter(|time| time.subsec_nanos() == 0);
    whole.map(|time| time.as_secs()).ok_or_else(|| thrown(Error::Argument))
}

/// Seconds for JavaScript, whose numbers are exact up to 2^53.
pub(crate) fn number(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
