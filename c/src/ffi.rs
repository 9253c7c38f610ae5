//! The boundary between C and Rust: results, and what the pointers of C point to.
//!
//! All unsafe code of the library is in this file, and it rests on one promise, which the header
//! asks of its users: a pointer is NULL or points to what the parameter says, for as long as the
//! function runs, and nobody else writes there meanwhile.

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use std::{ptr, slice};

use scout_auth_core::{Error, Result};

/// The call succeeded.
pub const SCOUT_OK: i32 = 0;

/// For numbers that may be left to the library: Scout's value, or for a time, now.
pub const SCOUT_DEFAULT: u64 = u64::MAX;

/// SCOUT_ANY_ORIGIN and SCOUT_ALL_ROLES of the header: the count of a list that there is not.
/// (cbindgen does not know `usize::MAX`.)
pub(crate) const NO_LIST: usize = usize::MAX;

thread_local! {
    static LAST: Cell<Option<Error>> = const { Cell::new(None) };
}

/// The error of the last call in this thread that failed.
pub(crate) fn last_error() -> Option<Error> {
    LAST.get()
}

/// Runs the body of a function and returns its result to C: 0 or the number of the error.
pub(crate) fn boundary(body: impl FnOnce() -> Result<()>) -> i32 {
    match catch(body) {
        Ok(()) => SCOUT_OK,
        Err(error) => {
            LAST.set(Some(error));
            error.number().into()
        }
    }
}

/// Runs `body`; a panic, which would abort the process at the `extern "C"` frame, becomes
/// `Internal`.
pub(crate) fn catch(body: impl FnOnce() -> Result<()>) -> Result<()> {
    // Nothing of core is left half changed by a panic: its handles are immutable or replaced whole.
    let caught = catch_unwind(AssertUnwindSafe(|| {
        #[cfg(test)]
        tests::maybe_panic();
        body()
    }));
    caught.unwrap_or(Err(Error::Internal))
}

/// Frees a handle.
pub(crate) fn free<T>(handle: Option<Box<T>>) {
    // These functions have no result that could report a panic.
    let _ = catch(|| {
        drop(handle);
        Ok(())
    });
}

/// A handle that must not be NULL.
pub(crate) fn required<T>(handle: Option<T>) -> Result<T> {
    handle.ok_or(Error::Argument)
}

/// A new handle, which C owns.
#[allow(clippy::unnecessary_wraps, reason = "NULL is what C may pass in the same place")]
pub(crate) fn handle<T>(value: T) -> Option<Box<T>> {
    Some(Box::new(value))
}

/// `length` bytes that C lends. NULL is an empty text if the length is 0.
pub(crate) fn bytes<'a>(pointer: *const c_char, length: usize) -> Result<&'a [u8]> {
    match (pointer.is_null(), length) {
        (true, 0) => Ok(&[]),
        (false, length) if isize::try_from(length).is_ok() => {
            // SAFETY: not NULL, and by the promise above `length` bytes are there.
            Ok(unsafe { slice::from_raw_parts(pointer.cast(), length) })
        }
        _ => Err(Error::Argument),
    }
}

/// As [`bytes`], if it has to be UTF-8.
pub(crate) fn text<'a>(pointer: *const c_char, length: usize) -> Result<&'a str> {
    str::from_utf8(bytes(pointer, length)?).map_err(|_| Error::Argument)
}

/// A NUL-terminated UTF-8 text that C lends.
pub(crate) fn c_text<'a>(pointer: *const c_char) -> Result<&'a str> {
    optional_c_text(pointer)?.ok_or(Error::Argument)
}

/// As [`c_text`]; NULL means that there is none.
pub(crate) fn optional_c_text<'a>(pointer: *const c_char) -> Result<Option<&'a str>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and by the promise above it is terminated.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map(Some).map_err(|_| Error::Argument)
}

/// A header of a response, which the server chose: one that is not UTF-8 is like none.
pub(crate) fn response_header<'a>(pointer: *const c_char) -> Option<&'a str> {
    optional_c_text(pointer).ok().flatten()
}

/// A list of a setting, or `None` if there is no list. Only the count says so: a list that came out
/// empty is an empty list, also if its pointer is NULL.
pub(crate) fn optional_list(pointer: *const *const c_char, count: usize) -> Result<Option<Vec<String>>> {
    if pointer.is_null() && count == NO_LIST {
        return Ok(None);
    }
    Ok(Some(c_texts(pointer, count)?.into_iter().map(str::to_owned).collect()))
}

/// `count` NUL-terminated texts. NULL is an empty list if the count is 0.
pub(crate) fn c_texts<'a>(pointer: *const *const c_char, count: usize) -> Result<Vec<&'a str>> {
    let pointers = match (pointer.is_null(), count) {
        (true, 0) => &[],
        (false, count) if count <= isize::MAX as usize / size_of::<*const c_char>() => {
            // SAFETY: not NULL, and by the promise above `count` pointers are there.
            unsafe { slice::from_raw_parts(pointer, count) }
        }
        _ => return Err(Error::Argument),
    };
    pointers.iter().map(|&pointer| c_text(pointer)).collect()
}

/// Options that C passes: a struct of integers and pointers that begins with its size. Fields that
/// its version lacks, or all of them for NULL, are those of `init`. `sizes` are the sizes that the
/// struct has had.
pub(crate) fn options<T>(pointer: *const T, init: T, sizes: &[usize]) -> Result<T> {
    if pointer.is_null() {
        return Ok(init);
    }
    // SAFETY: every version of the struct begins with its size; only that much is read before the
    // size has been seen.
    let size = unsafe { pointer.cast::<usize>().read() };
    if !sizes.contains(&size) || size > size_of::<T>() {
        return Err(Error::Argument);
    }
    let mut options = init;
    // SAFETY: by the promise above `size` bytes are there; they fit into a `T`, in which integers
    // and pointers may hold any bytes.
    unsafe { ptr::copy_nonoverlapping(pointer.cast::<u8>(), (&raw mut options).cast(), size) };
    Ok(options)
}

/// A number of seconds, or `None` if it was left to the library.
pub(crate) fn seconds(seconds: u64) -> Option<u64> {
    (seconds != SCOUT_DEFAULT).then_some(seconds)
}

/// As [`seconds`].
pub(crate) fn duration(duration: u64) -> Option<Duration> {
    seconds(duration).map(Duration::from_secs)
}

/// The place where C wants one value. It is checked before the work and written after it.
pub(crate) struct Output<T>(*mut T);

/// An output that must not be NULL.
pub(crate) fn output<T>(pointer: *mut T) -> Result<Output<T>> {
    if pointer.is_null() { Err(Error::Argument) } else { Ok(Output(pointer)) }
}

/// An output that may be NULL.
pub(crate) fn optional_output<T>(pointer: *mut T) -> Output<T> {
    Output(pointer)
}

impl<T> Output<T> {
    #[allow(clippy::unnecessary_wraps, reason = "the last step of a body, which returns a result")]
    pub(crate) fn put(self, value: T) -> Result<()> {
        if !self.0.is_null() {
            // SAFETY: not NULL, and by the promise above there is space for a `T`. The old value is
            // overwritten and not dropped, because C need not initialise it.
            unsafe { self.0.write(value) };
        }
        Ok(())
    }
}

/// The place where C wants text or bytes: a buffer, its size, and a place for the length.
pub(crate) struct Buffer {
    start: *mut u8,
    size: usize,
    length: Output<usize>,
}

/// A buffer. It may be NULL if its size is 0, to ask for the length.
pub(crate) fn buffer<T>(start: *mut T, size: usize, length: *mut usize) -> Result<Buffer> {
    if start.is_null() && size > 0 {
        return Err(Error::Argument);
    }
    Ok(Buffer { start: start.cast(), size, length: optional_output(length) })
}

impl Buffer {
    /// Writes the text and a NUL.
    pub(crate) fn put_text(self, text: &str) -> Result<()> {
        self.put_with(text.as_bytes(), &[0])
    }

    /// Writes the bytes.
    pub(crate) fn put_bytes(self, bytes: &[u8]) -> Result<()> {
        self.put_with(bytes, &[])
    }

    fn put_with(self, bytes: &[u8], terminator: &[u8]) -> Result<()> {
        self.length.put(bytes.len())?;
        if self.size < bytes.len() + terminator.len() {
            return Err(Error::BufferTooSmall);
        }
        // SAFETY: by the promise above there is space for `size` bytes, and the sum is not larger. A
        // buffer of C's overlaps with nothing of ours.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.start, bytes.len());
            ptr::copy_nonoverlapping(terminator.as_ptr(), self.start.add(bytes.len()), terminator.len());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::ptr::null_mut;

    use super::*;

    thread_local! {
        static PANIC: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn maybe_panic() {
        assert!(!PANIC.get(), "a test asked for this");
    }

    /// The source of every public function: its signature and its body.
    fn functions() -> impl Iterator<Item = &'static str> {
        let sources = [
            include_str!("error.rs"),
            include_str!("key.rs"),
            include_str!("token.rs"),
            include_str!("signer.rs"),
            include_str!("api_key.rs"),
            include_str!("verifier.rs"),
            include_str!("environment.rs"),
            include_str!("event.rs"),
        ];
        sources.into_iter().flat_map(|source| source.split("pub extern \"C\" fn ").skip(1))
    }

    #[test]
    fn a_panic_becomes_an_internal_error() {
        let internal = i32::from(Error::Internal.number());
        let mut signer = None;
        let mut bits = 0;
        PANIC.set(true);
        let results = [
            crate::environment::scout_signer_from_env(&raw mut signer),
            crate::key::scout_private_key_bits(None, &raw mut bits),
            crate::error::scout_last_error(null_mut(), 0, null_mut()),
        ];
        crate::signer::scout_signer_free(None);
        PANIC.set(false);
        assert_eq!(results, [internal; 3]);
    }

    #[test]
    fn the_body_of_every_function_is_inside_the_boundary() {
        let mut count = 0;
        for function in functions() {
            let name = function.split('(').next().unwrap();
            let body = function.split_once("{\n").unwrap().1.trim_start();
            // These read static text and nothing else.
            let is_static = ["scout_version", "scout_strerror", "scout_error_name"].contains(&name);
            let is_inside =
                ["boundary(|| ", "free(", "let last = last_error();"].iter().any(|start| body.starts_with(start));
            assert!(is_static || is_inside, "{name}");
            count += 1;
        }
        assert!(count > 50, "only {count} functions were found");
    }

    #[test]
    fn a_length_beyond_the_address_space_is_refused() {
        let byte = c"x".as_ptr();
        for length in [usize::MAX, isize::MAX as usize + 1] {
            assert_eq!(bytes(byte, length), Err(Error::Argument));
            assert_eq!(c_texts(&raw const byte, length), Err(Error::Argument));
        }
    }
}
