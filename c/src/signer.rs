//! Signers, which mint tokens and keep the current one.

use std::ffi::c_char;

use scout_auth_core::Signer;

use crate::ffi::{boundary, buffer, c_text, free, handle, optional_c_text, optional_output, output, required, text};
use crate::key::{scout_private_key, scout_public_key};
use crate::settings::{scout_signer_options, settings};
use crate::token::put_token;

/// A credential id and its private key: mints tokens and keeps the current one. Any number of
/// threads may use one signer at once, and a forked child may go on using it. To rotate a key,
/// make a new signer and free the old one.
pub struct scout_signer(pub(crate) Signer);

/// Makes a signer. `private_key` stays yours to free; `options` may be NULL.
///
/// Errors: SCOUT_ERR_CREDENTIAL_ID, SCOUT_ERR_KID_MALFORMED, SCOUT_ERR_KID_MISMATCH,
/// SCOUT_ERR_LIFETIME, SCOUT_ERR_BACKDATE, SCOUT_ERR_REFRESH_MARGIN, SCOUT_ERR_ORIGIN,
/// SCOUT_ERR_ARGUMENT (also for a wrong options->size).
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

/// Makes and signs a new token, always; the current one stays. `expires_at`, in Unix seconds, may
/// be NULL.
///
/// Errors: SCOUT_ERR_CLOCK, SCOUT_ERR_KEY_CANNOT_SIGN, SCOUT_ERR_ENGINE,
/// SCOUT_ERR_BUFFER_TOO_SMALL (SCOUT_TOKEN_SIZE always suffices), SCOUT_ERR_ARGUMENT.
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

/// The current token: the same one until fewer seconds than the refresh margin remain, then a new
/// one. While one thread mints, others get the token that is still valid. `expires_at`, in Unix
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
/// audience, so whoever receives it can use it: https is needed, or loopback, and one of the
/// allowed origins where such a list was set. A redirect to another origin must not get the header.
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

/// To be called after a response of 401, with the token that was sent, or the whole header value,
/// and the response's header Date, or NULL where it had none. `retry` says whether to send the
/// request once more, with a new scout_signer_authorization_for; never do so twice.
///
/// The token is dropped where it is still the current one, and where `date` shows that the
/// server's clock differs, later tokens are minted by that clock: see scout_signer_clock_offset.
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
        let date = optional_c_text(date)?;
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

/// The seconds by which the server's clock was found to be ahead of the local one; 0 until a
/// difference was learnt from a 401.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_clock_offset(signer: Option<&scout_signer>, clock_offset: *mut i64) -> i32 {
    boundary(|| output(clock_offset)?.put(required(signer)?.0.clock_offset()))
}

/// The credential id: the claim sub.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_credential_id(
    signer: Option<&scout_signer>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(required(signer)?.0.credential_id()))
}

/// The kid of the private key, 43 characters.
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

/// The public key that verifies this signer's tokens, as a handle of its own.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_public_key(
    signer: Option<&scout_signer>,
    public_key: *mut Option<Box<scout_public_key>>,
) -> i32 {
    boundary(|| output(public_key)?.put(handle(scout_public_key(required(signer)?.0.public_key().clone()))))
}

/// Frees a signer; NULL is harmless. No other thread may be using it.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_free(signer: Option<Box<scout_signer>>) {
    free(signer);
}
