//! Signers, which mint tokens and keep the current one.

use std::ffi::c_char;

use scout_auth_core::Signer;

use crate::ffi::{
    boundary, buffer, c_text, c_texts, free, handle, optional_output, output, required, response_header, text,
};
use crate::key::{scout_private_key, scout_public_key};
use crate::settings::{scout_signer_options, settings};
use crate::token::put_token;

/// A credential id and its private key: mints tokens and keeps the current one. Many threads may use
/// one signer at once, and a forked child may continue to use it. A signer from a file or a command
/// follows a rotation by itself. To rotate another one while threads use it, see
/// scout_signer_clone.
pub struct scout_signer(pub(crate) Signer);

/// Makes a signer. `private_key` stays yours to free; `options` may be NULL.
///
/// Errors: SCOUT_ERR_CREDENTIAL_ID, SCOUT_ERR_KID_MALFORMED, SCOUT_ERR_KID_MISMATCH,
/// SCOUT_ERR_LIFETIME, SCOUT_ERR_BACKDATE, SCOUT_ERR_REFRESH_MARGIN, SCOUT_ERR_ORIGIN,
/// SCOUT_ERR_HEADER_KID, SCOUT_ERR_ROLES, SCOUT_ERR_CLAIMS, SCOUT_ERR_REFRESH, SCOUT_ERR_ARGUMENT
/// (also for a wrong options->size).
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_new(
    credential_id: *const c_char,
    private_key: Option<&scout_private_key>,
    options: *const scout_signer_options,
    signer: *mut Option<Box<scout_signer>>,
) -> i32 {
    boundary(|| {
        let (signer, key) = (output(signer)?, required(private_key)?.0.clone());
        signer.put(handle(scout_signer(Signer::with_settings(c_text(credential_id)?, key, settings(options)?)?)))
    })
}

/// Makes a signer of a credential file, or of a folder with one file for each field:
/// docs/credentials.md lists the forms. They are looked at when a token is due and after a 401; if
/// they changed, key, credential id and kid are replaced at once. If they cannot be read then, the
/// last good credential stays: see scout_signer_source_error. `options` may be NULL.
///
/// Errors: SCOUT_ERR_CREDENTIAL_UNREADABLE, SCOUT_ERR_CREDENTIAL_TOO_LONG,
/// SCOUT_ERR_CREDENTIAL_FORMAT, SCOUT_ERR_CREDENTIAL_INCOMPLETE, and those of
/// scout_private_key_parse and scout_signer_new.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_from_file(
    path: *const c_char,
    options: *const scout_signer_options,
    signer: *mut Option<Box<scout_signer>>,
) -> i32 {
    boundary(|| {
        let signer = output(signer)?;
        signer.put(handle(scout_signer(Signer::from_file(c_text(path)?, settings(options)?)?)))
    })
}

/// Makes a signer of the credential that a program prints: `command` is the program and its
/// arguments, `count` texts in all. No shell runs. The program has ten seconds, and the calling
/// thread waits for it. It runs now, after a 401, and every options->refresh seconds if that is
/// set. `options` may be NULL.
///
/// Errors: SCOUT_ERR_COMMAND_ARGUMENTS, SCOUT_ERR_COMMAND_START, SCOUT_ERR_COMMAND_FAILED,
/// SCOUT_ERR_COMMAND_TIMEOUT, SCOUT_ERR_COMMAND_OUTPUT, and those of scout_signer_from_file.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_from_command(
    command: *const *const c_char,
    count: usize,
    options: *const scout_signer_options,
    signer: *mut Option<Box<scout_signer>>,
) -> i32 {
    boundary(|| {
        let signer = output(signer)?;
        signer.put(handle(scout_signer(Signer::from_command(c_texts(command, count)?, settings(options)?)?)))
    })
}

/// Mints a new token at each call. The current token does not change. `expires_at`, in Unix seconds,
/// may be NULL. Pass a buffer of SCOUT_TOKEN_SIZE, which is always enough: a call that asks for the
/// length signs a token too.
///
/// Errors: SCOUT_ERR_CLOCK, SCOUT_ERR_KEY_CANNOT_SIGN, SCOUT_ERR_ENGINE,
/// SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_mint(
    signer: Option<&scout_signer>,
    token: *mut c_char,
    size: usize,
    length: *mut usize,
    expires_at: *mut u64,
) -> i32 {
    boundary(|| put_token(buffer(token, size, length)?, optional_output(expires_at), &required(signer)?.0.mint()?))
}

/// The current token. It is the same until fewer seconds remain than the refresh margin, and then a
/// new one. While one thread mints, others get the token that is still valid. `expires_at`, in Unix
/// seconds, may be NULL.
///
/// Errors: as scout_signer_mint.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_token(
    signer: Option<&scout_signer>,
    token: *mut c_char,
    size: usize,
    length: *mut usize,
    expires_at: *mut u64,
) -> i32 {
    boundary(|| {
        let text = buffer(token, size, length)?;
        required(signer)?.0.with_token(|token| put_token(text, optional_output(expires_at), token))?
    })
}

/// What stands behind "Bearer ": the current token, without its expiry.
///
/// Errors: as scout_signer_mint.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_bearer(
    signer: Option<&scout_signer>,
    bearer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| {
        let text = buffer(bearer, size, length)?;
        required(signer)?.0.with_token(|token| text.put_text(token.as_str()))?
    })
}

/// The value of the header Authorization: "Bearer " and the current token.
///
/// Errors: as scout_signer_token.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_authorization(
    signer: Option<&scout_signer>,
    header: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| {
        let text = buffer(header, size, length)?;
        required(signer)?.0.with_token(|token| text.put_text(token.authorization()))?
    })
}

/// As scout_signer_authorization, for a request to that absolute URL. A Scout token names no
/// audience, so every server that receives it can use it. The URL must be https, with an allowed
/// origin if there is a list of them, or loopback. Do not send the header on after a redirect to
/// another origin.
///
/// Errors: SCOUT_ERR_URL, SCOUT_ERR_URL_INSECURE, SCOUT_ERR_ORIGIN_NOT_ALLOWED, and those of
/// scout_signer_token.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_authorization_for(
    signer: Option<&scout_signer>,
    url: *const c_char,
    header: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| {
        let text = buffer(header, size, length)?;
        let signer = &required(signer)?.0;
        signer.check_url(c_text(url)?)?;
        signer.with_token(|token| text.put_text(token.authorization()))?
    })
}

/// Call this after a 401, with the token that was sent, or the whole header value, and the
/// response's header Date. `date` is NULL if it had none, or if it had an Age: then a cache sent it.
/// `retry` says whether to send the request once more, with a new scout_signer_authorization_for;
/// never do so twice. It is false if a new token would be the same as the refused one.
///
/// The signer drops the token if it is still the current one. If `date` shows that the server's
/// clock differs by more than five seconds, later tokens use that clock: see
/// scout_signer_clock_offset. A `date` that cannot be read, or is too far away, counts as NULL.
///
/// The source of the credential is looked at. For ten minutes after a rotation, a 401 to the new
/// credential brings the previous one back for 30 seconds.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_rejected(
    signer: Option<&scout_signer>,
    token: *const c_char,
    token_length: usize,
    date: *const c_char,
    retry: *mut bool,
) -> i32 {
    boundary(|| {
        let date = response_header(date);
        output(retry)?.put(required(signer)?.0.rejected(text(token, token_length)?, date))
    })
}

/// Forgets the current token; the next call mints.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_invalidate(signer: Option<&scout_signer>) -> i32 {
    boundary(|| {
        required(signer)?.0.invalidate();
        Ok(())
    })
}

/// By how many seconds the server's clock is ahead of the local one, as learnt from a 401. 0 at first.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_clock_offset(signer: Option<&scout_signer>, clock_offset: *mut i64) -> i32 {
    boundary(|| output(clock_offset)?.put(required(signer)?.0.clock_offset()))
}

/// Why the last look at the credential's source failed, as the code of the error; scout_last_error
/// has its details. SCOUT_OK if it did not fail, or if there is no source.
///
/// Errors: SCOUT_ERR_ARGUMENT if the signer is NULL, and those of scout_signer_from_file and
/// scout_signer_from_command.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_source_error(signer: Option<&scout_signer>) -> i32 {
    boundary(|| required(signer)?.0.source_error().map_or(Ok(()), Err))
}

/// The credential id: the claim sub. After a rotation, that of the new credential.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_credential_id(
    signer: Option<&scout_signer>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(signer)?.0.credential_id()))
}

/// The kid of the private key, 43 characters. After a rotation, that of the new credential.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_kid(
    signer: Option<&scout_signer>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(required(signer)?.0.kid().as_str()))
}

/// The public key that verifies this signer's tokens, as a handle of its own. After a rotation, that
/// of the new credential.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_public_key(
    signer: Option<&scout_signer>,
    public_key: *mut Option<Box<scout_public_key>>,
) -> i32 {
    boundary(|| output(public_key)?.put(handle(scout_public_key(required(signer)?.0.public_key()))))
}

/// Makes a second handle to the same signer: both share the key, the current token and the clock
/// offset, and each is freed for itself. If each thread has its own handle, the signer lives until
/// the last thread has freed its handle, and no lock is needed around the calls:
///
///     pthread_mutex_lock(&lock);            replacing the signer:  pthread_mutex_lock(&lock);
///     scout_signer_clone(current, &mine);                          old = current;
///     pthread_mutex_unlock(&lock);                                 current = new_signer;
///     ... use mine ...                                             pthread_mutex_unlock(&lock);
///     scout_signer_free(mine);                                     scout_signer_free(old);
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_clone(signer: Option<&scout_signer>, clone: *mut Option<Box<scout_signer>>) -> i32 {
    boundary(|| output(clone)?.put(handle(scout_signer(required(signer)?.0.clone()))))
}

/// Frees a signer; NULL is harmless. No other thread may be using it.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_free(signer: Option<Box<scout_signer>>) {
    free(signer);
}
