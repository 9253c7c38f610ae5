//! Signers, which mint tokens and keep the current one.

use std::ffi::c_char;

use scout_auth_core::{Result, Signer, Token, mint_token};

use crate::ffi::{
    Buffer, Output, boundary, buffer, c_text, c_texts, duration, free, given, handle, optional_c_text, optional_output,
    options, output, seconds, text,
};
use crate::key::{scout_private_key, scout_public_key};

/// The size of a buffer for any token of a signer and any of its header values, with the NUL.
pub const SCOUT_TOKEN_SIZE: usize = 4096;

/// A credential id and its private key: mints tokens and keeps the current one. Any number of
/// threads may use one signer at once, and a forked child may go on using it. To rotate a key,
/// make a new signer and free the old one.
pub struct scout_signer(Signer);

/// Settings of a signer. Begin with SCOUT_SIGNER_OPTIONS_INIT, then change what you need; later
/// versions of the library add fields at the end and take the sizes of earlier versions too.
#[repr(C)]
pub struct scout_signer_options {
    /// sizeof(scout_signer_options)
    pub size: usize,
    /// The kid that the key must have, or NULL: finds a mix-up before a 401 does.
    pub kid: *const c_char,
    /// Seconds for which a token is valid: 1 to 300. SCOUT_DEFAULT: 300.
    pub lifetime: u64,
    /// A token is replaced when fewer seconds than this remain. SCOUT_DEFAULT: 30, or less for
    /// short lifetimes.
    pub refresh_margin: u64,
    /// Seconds that iat is put into the past, for a server whose clock is behind.
    /// SCOUT_DEFAULT: 0.
    pub backdate: u64,
    /// The only origins, besides loopback, for which scout_signer_authorization_for gives a
    /// header: each "https://host" or "https://host:port". NULL: any https origin.
    pub allowed_origins: *const *const c_char,
    /// How many there are.
    pub allowed_origins_count: usize,
}

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
    boundary(|| output(signer)?.put(handle(scout_signer(new(c_text(credential_id)?, given(private_key)?, options)?))))
}

fn new(credential_id: &str, private_key: &scout_private_key, settings: *const scout_signer_options) -> Result<Signer> {
    let mut builder = Signer::builder(credential_id, private_key.0.clone());
    let Some(settings) = options(settings)? else { return builder.build() };
    if let Some(kid) = optional_c_text(settings.kid)? {
        builder = builder.kid(kid);
    }
    if let Some(lifetime) = duration(settings.lifetime) {
        builder = builder.lifetime(lifetime);
    }
    if let Some(refresh_margin) = duration(settings.refresh_margin) {
        builder = builder.refresh_margin(refresh_margin);
    }
    if let Some(backdate) = duration(settings.backdate) {
        builder = builder.backdate(backdate);
    }
    let origins = c_texts(settings.allowed_origins, settings.allowed_origins_count)?;
    if !settings.allowed_origins.is_null() {
        builder = builder.allowed_origins(origins);
    }
    builder.build()
}

/// Makes a signer from the environment: SCOUT_PRIVATE_KEY or SCOUT_PRIVATE_KEY_FILE,
/// SCOUT_CREDENTIAL_ID, and perhaps SCOUT_KID. An empty variable counts as unset. As with getenv,
/// no other thread may change the environment meanwhile.
///
/// Errors: SCOUT_ERR_VARIABLE_MISSING (scout_last_error says which), SCOUT_ERR_VARIABLE_CONFLICT,
/// SCOUT_ERR_VARIABLE_NOT_TEXT, SCOUT_ERR_KEY_FILE, and those of scout_private_key_parse and
/// scout_signer_new.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_from_env(signer: *mut Option<Box<scout_signer>>) -> i32 {
    boundary(|| output(signer)?.put(handle(scout_signer(Signer::from_env()?))))
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
    boundary(|| put_token(buffer(token, size, length)?, optional_output(expires_at), &given(signer)?.0.mint()?))
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
        given(signer)?.0.with_token(|token| put_token(text, optional_output(expires_at), token))?
    })
}

fn put_token(text: Buffer, expires_at: Output<u64>, token: &Token) -> Result<()> {
    text.put_text(token.as_str())?;
    expires_at.put(token.expires_at())
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
        given(signer)?.0.with_token(|token| text.put_text(token.authorization()))?
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
    boundary(|| buffer(header, size, length)?.put_text(given(signer)?.0.token_for(c_text(url)?)?.authorization()))
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
        output(retry)?.put(given(signer)?.0.rejected(text(token, token_length)?, date))
    })
}

/// Forgets the current token; the next call mints.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_invalidate(signer: Option<&scout_signer>) -> i32 {
    boundary(|| {
        given(signer)?.0.invalidate();
        Ok(())
    })
}

/// The seconds by which the server's clock was found to be ahead of the local one; 0 until a
/// difference was learnt from a 401.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_clock_offset(signer: Option<&scout_signer>, clock_offset: *mut i64) -> i32 {
    boundary(|| output(clock_offset)?.put(given(signer)?.0.clock_offset()))
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
    boundary(|| buffer(text, size, length)?.put_text(given(signer)?.0.credential_id()))
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
    boundary(|| buffer(text, size, length)?.put_text(given(signer)?.0.kid().as_str()))
}

/// The public key that verifies this signer's tokens, as a handle of its own.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_public_key(
    signer: Option<&scout_signer>,
    public_key: *mut Option<Box<scout_public_key>>,
) -> i32 {
    boundary(|| output(public_key)?.put(handle(scout_public_key(given(signer)?.0.public_key().clone()))))
}

/// Frees a signer; NULL is harmless. No other thread may be using it.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_free(signer: Option<Box<scout_signer>>) {
    free(signer);
}

/// Makes and signs one token without keeping it. `kid`, where it is not NULL, must be the key's;
/// `lifetime` is 1 to 300 seconds, SCOUT_DEFAULT for 300; `issued_at` is in Unix seconds,
/// SCOUT_DEFAULT for now.
/// `expires_at`, in Unix seconds, may be NULL.
///
/// Errors: SCOUT_ERR_CREDENTIAL_ID, SCOUT_ERR_LIFETIME, SCOUT_ERR_KID_MALFORMED,
/// SCOUT_ERR_KID_MISMATCH, and those of scout_signer_mint.
#[allow(clippy::too_many_arguments, reason = "what a token is made of, and where it goes")]
#[unsafe(no_mangle)]
pub extern "C" fn scout_mint_token(
    credential_id: *const c_char,
    private_key: Option<&scout_private_key>,
    kid: *const c_char,
    lifetime: u64,
    issued_at: u64,
    token: *mut c_char,
    size: usize,
    length: *mut usize,
    expires_at: *mut u64,
) -> i32 {
    boundary(|| {
        let text = buffer(token, size, length)?;
        let lifetime = duration(lifetime);
        let key = &given(private_key)?.0;
        let minted = mint_token(c_text(credential_id)?, key, optional_c_text(kid)?, lifetime, seconds(issued_at))?;
        put_token(text, optional_output(expires_at), &minted)
    })
}
