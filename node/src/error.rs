//! Errors on their way to JavaScript: napi sets `code` to the status of an error, and the status here
//! is the code of core's error.
//!
//! `lib/native.ts` makes each a `ScoutAuthError`. An error with a status of napi's own is either a
//! failed conversion of an argument or a panic, and its text is not shown.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};

use napi::{Env, JsError};
use napi_derive::napi;
use scout_auth::{Error, ErrorInfo};

/// What the functions of this library return.
pub(crate) type Result<T> = napi::Result<T, Code>;

/// The stable name of an error of core, `ERR_…`.
pub struct Code(&'static str);

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        self.0
    }
}

/// An error of core, for a function to return.
pub(crate) fn thrown(error: Error) -> napi::Error<Code> {
    napi::Error::new(Code(error.code()), error.to_string())
}

/// An error of core, for a closure or a task to return: napi takes only its own status from these,
/// so the JavaScript error is made here.
pub(crate) fn raised(env: &Env, error: Error) -> napi::Error {
    JsError::from(thrown(error)).into_unknown(Env::from_raw(env.raw())).into()
}

/// An error of core that is returned and not thrown.
#[napi(object, object_from_js = false)]
pub struct Failure {
    /// The stable name.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { code: error.code(), message: error.to_string() }
    }
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

/// The panic boundary of work in the thread pool, because napi has none there: a panic is
/// `ERR_INTERNAL`.
pub(crate) fn contained<T>(work: impl FnOnce() -> scout_auth::Result<T>) -> scout_auth::Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Error::Internal))
}

/// The text of a panic may contain a secret, so only its place is printed. The hook is
/// this library's own; other native addons have theirs.
pub(crate) fn install_panic_hook() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("scout-auth failed inside, at {place}");
    }));
}
