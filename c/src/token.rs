//! Tokens.

use std::ffi::c_char;

use scout_auth_core::{Result, Token, mint_token};

use crate::ffi::{Buffer, Output, boundary, buffer, c_text, optional_output, required, seconds};
use crate::key::scout_private_key;
use crate::settings::{scout_signer_options, settings};

/// The size of a buffer for any token of a signer and any of its header values, with the NUL.
pub const SCOUT_TOKEN_SIZE: usize = 8192;

/// Writes a token and its expiry.
pub(crate) fn put_token(text: Buffer, expires_at: Output<u64>, token: &Token) -> Result<()> {
    text.put_text(token.as_str())?;
    expires_at.put(token.expires_at())
}

/// Makes and signs one token without keeping it. Of the options, which may be NULL, kid,
/// header_kid, lifetime, roles and claims count. `issued_at` is in Unix seconds; SCOUT_DEFAULT
/// means now. `expires_at`, in Unix seconds, may be NULL.
///
/// Errors: SCOUT_ERR_CREDENTIAL_ID, SCOUT_ERR_LIFETIME, SCOUT_ERR_KID_MALFORMED,
/// SCOUT_ERR_KID_MISMATCH, SCOUT_ERR_HEADER_KID, SCOUT_ERR_ROLES, SCOUT_ERR_CLAIMS, and those of
/// scout_signer_mint.
#[allow(clippy::too_many_arguments, reason = "what a token is made of, and where it goes")]
#[unsafe(no_mangle)]
pub extern "C" fn scout_mint_token(
    credential_id: *const c_char,
    private_key: Option<&scout_private_key>,
    options: *const scout_signer_options,
    issued_at: u64,
    token: *mut c_char,
    size: usize,
    length: *mut usize,
    expires_at: *mut u64,
) -> i32 {
    boundary(|| {
        let text = buffer(token, size, length)?;
        let key = &required(private_key)?.0;
        let minted = mint_token(c_text(credential_id)?, key, &settings(options)?, seconds(issued_at))?;
        put_token(text, optional_output(expires_at), &minted)
    })
}
