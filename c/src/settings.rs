//! Settings of a signer.

use std::ffi::c_char;
use std::ptr::null;

use scout_auth_core::{Result, Settings};

use crate::ffi::{self, NO_LIST, SCOUT_DEFAULT, duration, optional_c_text, optional_list};

/// Settings of a signer. Begin with SCOUT_SIGNER_OPTIONS_INIT, then change what you need: a field of
/// 0 bytes does not mean "not set". Later versions of the library add fields at the end, and accept
/// the sizes of earlier versions too.
#[repr(C)]
pub struct scout_signer_options {
    /// sizeof(scout_signer_options)
    pub size: usize,
    /// The kid that the key must have, or NULL. It finds a mix-up before a 401 does.
    pub kid: *const c_char,
    /// Seconds for which a token is valid: 1 to 300. SCOUT_DEFAULT: 300.
    pub lifetime: u64,
    /// A token is replaced when fewer seconds than this remain. SCOUT_DEFAULT: 30, or half of
    /// `lifetime` - `backdate` if that is less.
    pub refresh_margin: u64,
    /// Seconds that iat lies in the past, for a server whose clock is behind. `lifetime` begins at
    /// iat, so a token is usable for `lifetime` - `backdate` seconds. SCOUT_DEFAULT: 0.
    pub backdate: u64,
    /// The origins that scout_signer_authorization_for allows: each "https://host" or
    /// "https://host:port". Loopback is always allowed.
    pub allowed_origins: *const *const c_char,
    /// How many there are. 0 allows loopback only, whatever the pointer. SCOUT_ANY_ORIGIN, with a
    /// pointer of NULL, allows every https origin.
    pub allowed_origins_count: usize,
    /// The kid that the tokens' header names, as given, or NULL for the RFC 7638 thumbprint: 1 to 128
    /// visible ASCII characters. For the case that Scout's kid is not the thumbprint.
    pub header_kid: *const c_char,
    /// The claim roles: 1 to 16 names of visible ASCII, for tokens with fewer rights than the
    /// credential has. Scout's API calls the field roles; that the claim has the same name and form
    /// is not confirmed.
    pub roles: *const *const c_char,
    /// How many there are. SCOUT_ALL_ROLES, with a pointer of NULL: the token has no such claim. A
    /// list that came out empty is SCOUT_ERR_ROLES, whatever the pointer.
    pub roles_count: usize,
    /// Further claims, or NULL: the text of a JSON object, of at most 4 KiB. iss, sub, iat, exp, nbf
    /// and roles are refused in it.
    pub claims: *const c_char,
    /// Seconds after which the command of scout_signer_from_command runs again: at least 1.
    /// SCOUT_DEFAULT: only after a 401.
    pub refresh: u64,
}

/// What SCOUT_SIGNER_OPTIONS_INIT says.
const INIT: scout_signer_options = scout_signer_options {
    size: size_of::<scout_signer_options>(),
    kid: null(),
    lifetime: SCOUT_DEFAULT,
    refresh_margin: SCOUT_DEFAULT,
    backdate: SCOUT_DEFAULT,
    allowed_origins: null(),
    allowed_origins_count: NO_LIST,
    header_kid: null(),
    roles: null(),
    roles_count: NO_LIST,
    claims: null(),
    refresh: SCOUT_DEFAULT,
};

/// The sizes that the struct has had so far: a new field appends one.
const SIZES: [usize; 1] = [INIT.size];

/// The settings that these options describe; NULL means the default ones.
pub(crate) fn settings(options: *const scout_signer_options) -> Result<Settings> {
    let options = ffi::options(options, INIT, &SIZES)?;
    let text = |pointer| optional_c_text(pointer).map(|text| text.map(str::to_owned));
    Ok(Settings {
        kid: text(options.kid)?,
        header_kid: text(options.header_kid)?,
        lifetime: duration(options.lifetime),
        refresh_margin: duration(options.refresh_margin),
        backdate: duration(options.backdate),
        allowed_origins: optional_list(options.allowed_origins, options.allowed_origins_count)?,
        roles: optional_list(options.roles, options.roles_count)?,
        claims: text(options.claims)?,
        refresh: duration(options.refresh),
    })
}
