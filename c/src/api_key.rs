//! API keys, which are sent as they are.

use std::ffi::c_char;

use scout_auth_core::ApiKey;

use crate::ffi::{boundary, buffer, c_text, c_texts, free, handle, output, required, text};

/// A bearer string that is sent as it is: a legacy key, or the raw private key. It travels with
/// every request: prefer a signer. Wiped when freed.
pub struct scout_api_key(pub(crate) ApiKey);

/// Takes a legacy key, as it is.
///
/// Errors: SCOUT_ERR_API_KEY, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_api_key_new(
    key: *const c_char,
    key_length: usize,
    api_key: *mut Option<Box<scout_api_key>>,
) -> i32 {
    boundary(|| output(api_key)?.put(handle(scout_api_key(ApiKey::new(text(key, key_length)?)?))))
}

/// Takes the raw private key, checks that it is one, and sends its text in the form that Scout
/// issues.
///
/// Errors: those of scout_private_key_parse.
#[unsafe(no_mangle)]
pub extern "C" fn scout_api_key_from_private_key(
    key: *const c_char,
    key_length: usize,
    api_key: *mut Option<Box<scout_api_key>>,
) -> i32 {
    boundary(|| output(api_key)?.put(handle(scout_api_key(ApiKey::from_private_key(text(key, key_length)?)?))))
}

/// Sets the origins that scout_api_key_authorization_for allows: each "https://host" or
/// "https://host:port". Loopback is always allowed. A count of 0 allows loopback only, whatever the
/// pointer. Without this call every https origin is allowed. No other thread may be using the key.
///
/// Errors: SCOUT_ERR_ORIGIN, SCOUT_ERR_ARGUMENT; the key is unchanged then.
#[unsafe(no_mangle)]
pub extern "C" fn scout_api_key_allow_origins(
    api_key: Option<&mut scout_api_key>,
    origins: *const *const c_char,
    origins_count: usize,
) -> i32 {
    boundary(|| {
        let api_key = required(api_key)?;
        api_key.0 = api_key.0.clone().with_allowed_origins(c_texts(origins, origins_count)?)?;
        Ok(())
    })
}

/// The value of the header Authorization: "Bearer " and the key. This secret does not expire: wipe
/// it.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_api_key_authorization(
    api_key: Option<&scout_api_key>,
    header: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(header, size, length)?.put_text(required(api_key)?.0.authorization()))
}

/// What stands behind "Bearer ": the key. Wipe it.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_api_key_bearer(
    api_key: Option<&scout_api_key>,
    bearer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(bearer, size, length)?.put_text(required(api_key)?.0.bearer()))
}

/// As scout_api_key_authorization, for a request to that absolute URL. The URL must be https, with an
/// allowed origin if there is a list of them, or loopback.
///
/// Errors: SCOUT_ERR_URL, SCOUT_ERR_URL_INSECURE, SCOUT_ERR_ORIGIN_NOT_ALLOWED,
/// SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_api_key_authorization_for(
    api_key: Option<&scout_api_key>,
    url: *const c_char,
    header: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(header, size, length)?.put_text(required(api_key)?.0.authorization_for(c_text(url)?)?))
}

/// Frees an API key; NULL is harmless. No other thread may be using it.
#[unsafe(no_mangle)]
pub extern "C" fn scout_api_key_free(api_key: Option<Box<scout_api_key>>) {
    free(api_key);
}
