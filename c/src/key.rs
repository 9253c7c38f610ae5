//! Private and public keys, and the plain functions on key text.

use std::ffi::c_char;

use scout_auth_core::{PrivateKey, PublicKey, kid, to_base64url, to_pem};

use crate::ffi::{boundary, buffer, bytes, c_text, free, handle, output, required};

/// The size of a buffer for any kid, with its NUL.
pub const SCOUT_KID_SIZE: usize = 44;

/// The size of a buffer for any private or public key in any form, with its NUL.
pub const SCOUT_KEY_SIZE: usize = 8192;

/// An RSA private key: immutable, wiped when the last handle that uses it is freed.
pub struct scout_private_key(pub(crate) PrivateKey);

/// An RSA public key: immutable.
pub struct scout_public_key(pub(crate) PublicKey);

/// Reads a private key as Scout issues it, base64url of PKCS#8 DER, or as PEM, DER or JWK.
/// Nothing of `key` is kept: wipe it when you are done. One NUL at its end is ignored, so `sizeof` of
/// an array is a right length too.
///
/// Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_parse(
    key: *const c_char,
    key_length: usize,
    private_key: *mut Option<Box<scout_private_key>>,
) -> i32 {
    boundary(|| output(private_key)?.put(handle(scout_private_key(PrivateKey::parse(bytes(key, key_length)?)?))))
}

/// Reads a private key from a file in any form that scout_private_key_parse takes.
///
/// Errors: SCOUT_ERR_KEY_FILE, and those of scout_private_key_parse.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_read_file(
    path: *const c_char,
    private_key: *mut Option<Box<scout_private_key>>,
) -> i32 {
    boundary(|| output(private_key)?.put(handle(scout_private_key(PrivateKey::read_file(c_text(path)?)?))))
}

/// Makes a new key of 2048, 3072, 4096 or 8192 bits.
///
/// Errors: SCOUT_ERR_KEY_SIZE, SCOUT_ERR_ENGINE, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_generate(bits: u32, private_key: *mut Option<Box<scout_private_key>>) -> i32 {
    boundary(|| output(private_key)?.put(handle(scout_private_key(PrivateKey::generate(bits)?))))
}

/// The public key of a private key, as a handle of its own.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_public_key(
    private_key: Option<&scout_private_key>,
    public_key: *mut Option<Box<scout_public_key>>,
) -> i32 {
    boundary(|| output(public_key)?.put(handle(scout_public_key(required(private_key)?.0.public_key().clone()))))
}

/// The size of the modulus in bits.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_bits(private_key: Option<&scout_private_key>, bits: *mut u32) -> i32 {
    boundary(|| output(bits)?.put(required(private_key)?.0.bits()))
}

/// The kid: the RFC 7638 thumbprint of the public key, 43 characters.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_kid(
    private_key: Option<&scout_private_key>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(required(private_key)?.0.kid().as_str()))
}

/// base64url of PKCS#8 DER, without padding: the form that Scout issues. A secret: wipe it.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_to_base64url(
    private_key: Option<&scout_private_key>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(private_key)?.0.to_base64url()))
}

/// PEM of PKCS#8, byte for byte as openssl writes it. A secret: wipe it.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_to_pem(
    private_key: Option<&scout_private_key>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(private_key)?.0.to_pem()))
}

/// DER of PKCS#8: bytes, without a NUL behind them. A secret: wipe it.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_to_der(
    private_key: Option<&scout_private_key>,
    der: *mut u8,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(der, size, length)?.put_bytes(&required(private_key)?.0.to_der()))
}

/// The private JWK (RFC 7518 section 6.3.2). A secret: wipe it.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_to_jwk(
    private_key: Option<&scout_private_key>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(private_key)?.0.to_jwk()))
}

/// Frees a private key; NULL is harmless. What was made with the key stays usable.
#[unsafe(no_mangle)]
pub extern "C" fn scout_private_key_free(private_key: Option<Box<scout_private_key>>) {
    free(private_key);
}

/// Reads a public key: base64url of SPKI DER, PEM, DER or JWK.
///
/// Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_public_key_parse(
    key: *const c_char,
    key_length: usize,
    public_key: *mut Option<Box<scout_public_key>>,
) -> i32 {
    boundary(|| output(public_key)?.put(handle(scout_public_key(PublicKey::parse(bytes(key, key_length)?)?))))
}

/// The size of the modulus in bits.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_public_key_bits(public_key: Option<&scout_public_key>, bits: *mut u32) -> i32 {
    boundary(|| output(bits)?.put(required(public_key)?.0.bits()))
}

/// The kid: the RFC 7638 thumbprint, 43 characters.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_public_key_kid(
    public_key: Option<&scout_public_key>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(required(public_key)?.0.kid().as_str()))
}

/// base64url of SPKI DER, without padding: the form in which Scout shows it.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_public_key_to_base64url(
    public_key: Option<&scout_public_key>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(public_key)?.0.to_base64url()))
}

/// PEM of SPKI, byte for byte as openssl writes it.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_public_key_to_pem(
    public_key: Option<&scout_public_key>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(public_key)?.0.to_pem()))
}

/// DER of SPKI: bytes, without a NUL behind them.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_public_key_to_der(
    public_key: Option<&scout_public_key>,
    der: *mut u8,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(der, size, length)?.put_bytes(&required(public_key)?.0.to_der()))
}

/// The public JWK (RFC 7518 section 6.3.1), with alg, use and kid.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_public_key_to_jwk(
    public_key: Option<&scout_public_key>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(public_key)?.0.to_jwk()))
}

/// Frees a public key; NULL is harmless. What was made with the key stays usable.
#[unsafe(no_mangle)]
pub extern "C" fn scout_public_key_free(public_key: Option<Box<scout_public_key>>) {
    free(public_key);
}

/// Converts key text in any form, private or public, to PEM. The structure of the key is checked, and
/// its arithmetic is not. If the key is private, the result is a secret: wipe it.
///
/// Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_to_pem(
    key: *const c_char,
    key_length: usize,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&to_pem(bytes(key, key_length)?)?))
}

/// Converts key text in any form, private or public, to base64url of its DER, as Scout issues it. It
/// writes text, not the bytes of DER: for these use scout_private_key_to_der or
/// scout_public_key_to_der. The structure of the key is checked, and its arithmetic is not. If the
/// key is private, the result is a secret: wipe it.
///
/// Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_to_base64url(
    key: *const c_char,
    key_length: usize,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&to_base64url(bytes(key, key_length)?)?))
}

/// The old name of scout_to_pem, kept until version 1.0.
///
/// Errors: those of scout_to_pem.
#[unsafe(no_mangle)]
pub extern "C" fn scout_der_to_pem(
    key: *const c_char,
    key_length: usize,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&to_pem(bytes(key, key_length)?)?))
}

/// The old name of scout_to_base64url, kept until version 1.0.
///
/// Errors: those of scout_to_base64url.
#[unsafe(no_mangle)]
pub extern "C" fn scout_pem_to_der(
    key: *const c_char,
    key_length: usize,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&to_base64url(bytes(key, key_length)?)?))
}

/// The kid of a key, from key text in any form, private or public.
///
/// Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_kid(
    key: *const c_char,
    key_length: usize,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(kid(bytes(key, key_length)?)?.as_str()))
}
