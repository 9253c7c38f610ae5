//! Errors on their way to JavaScript: the code and the text, in one string.
//!
//! `lib/error.ts` makes each a `ScoutAuthError`. A napi error that is not from [`thrown`] is either
//! a failed conversion of an argument or a panic, and its text is not shown to anyone.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};

use napi::bindgen_prelude::Object;
use napi_derive::napi;
use scout_auth::{Error, ErrorInfo};

/// An error of core, as `lib/error.ts` reads it: `ERR_…: text`.
pub(crate) fn thrown(error: Error) -> napi::Error {
    napi::Error::from_reason(format!("{}: {error}", error.code()))
}

/// One row of core's table of errors.
#[napi(object, object_from_js = false)]
pub struct ErrorRow {
    /// The stable name.
    pub code: &'static str,
    /// The stable number.
    pub number: u16,
    /// The HTTP status with which a server answers.
    pub status: u16,
    /// What is wrong, without the data of one occurrence.
    pub summary: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// Core's table of errors, by ascending number.
#[napi(catch_unwind)]
pub fn error_table() -> Vec<ErrorRow> {
    let row = |row: &ErrorInfo| ErrorRow {
        code: row.name,
        number: row.number,
        status: row.http_status(),
        summary: row.summary,
        help: row.help,
    };
    Error::TABLE.iter().map(row).collect()
}

/// The boundary of work in the thread pool, where napi has none: a panic is `ERR_INTERNAL`.
pub(crate) fn contained<T>(work: impl FnOnce() -> napi::Result<T>) -> napi::Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(thrown(Error::Internal)))
}

/// The text of a panic may hold what was being worked on: only its place is printed. The hook is
/// this library's own; other native addons have theirs.
#[napi(module_exports)]
#[allow(clippy::unnecessary_wraps, reason = "napi's signature")]
pub fn install_panic_hook(_exports: Object) -> napi::Result<()> {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("scout-auth failed inside, at {place}");
    }));
    Ok(())
}
