//! Verifiers and the claims of a verified token.

use std::ffi::c_char;
use std::time::Duration;

use scout_auth_core::{Claims, Error, Verifier, verify_token};

use crate::ffi::{NO_LIST, boundary, buffer, bytes, duration, free, handle, output, required, seconds, text};
use crate::key::scout_public_key;

/// Public keys by kid that accept or refuse a token. Add the keys first; then any number of
/// threads may verify at once, and a forked child too.
pub struct scout_verifier(Verifier);

/// What a verified token says: immutable.
pub struct scout_claims(Claims);

/// Makes a verifier without keys, with a leeway of 5 seconds. Until a key is added,
/// scout_verifier_verify fails with SCOUT_ERR_KEY_SET_EMPTY.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verifier_new(verifier: *mut Option<Box<scout_verifier>>) -> i32 {
    boundary(|| output(verifier)?.put(handle(scout_verifier(Verifier::default()))))
}

/// Adds a key, which stays yours to free. No other thread may be using the verifier.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verifier_add_key(
    verifier: Option<&mut scout_verifier>,
    public_key: Option<&scout_public_key>,
) -> i32 {
    boundary(|| {
        required(verifier)?.0.add(required(public_key)?.0.clone());
        Ok(())
    })
}

/// Adds the keys of a text: a JWK set, or one public key in any form that scout_public_key_parse
/// takes. On error no key is added. No other thread may be using the verifier.
///
/// Errors: those of scout_verifier_add_jwk_set and scout_public_key_parse.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verifier_add_keys(
    verifier: Option<&mut scout_verifier>,
    keys: *const c_char,
    keys_length: usize,
) -> i32 {
    boundary(|| {
        let verifier = required(verifier)?;
        verifier.0.extend(Verifier::parse(bytes(keys, keys_length)?)?);
        Ok(())
    })
}

/// Adds the RSA keys for RS256 of a JWK set (RFC 7517 section 5), all or, on error, none. A token
/// may name them by their thumbprint or by the kid of their JWK. No other thread may be using the
/// verifier.
///
/// Errors: SCOUT_ERR_KEY_JWK, SCOUT_ERR_KEY_SET_EMPTY, SCOUT_ERR_KEY_TEXT_TOO_LONG, and those of
/// scout_public_key_parse.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verifier_add_jwk_set(
    verifier: Option<&mut scout_verifier>,
    jwk_set: *const c_char,
    jwk_set_length: usize,
) -> i32 {
    boundary(|| {
        let verifier = required(verifier)?;
        verifier.0.extend(Verifier::parse_set(text(jwk_set, jwk_set_length)?)?);
        Ok(())
    })
}

/// Makes a second verifier with the same keys and leeway. To add a key while other threads verify,
/// add it to a clone, and let them use the clone from then on.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verifier_clone(
    verifier: Option<&scout_verifier>,
    clone: *mut Option<Box<scout_verifier>>,
) -> i32 {
    boundary(|| output(clone)?.put(handle(scout_verifier(required(verifier)?.0.clone()))))
}

/// Sets by how many seconds the two clocks may differ: 0 to 300. No other thread may be using the
/// verifier.
///
/// Errors: SCOUT_ERR_LEEWAY, SCOUT_ERR_ARGUMENT; the leeway is unchanged then.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verifier_set_leeway(verifier: Option<&mut scout_verifier>, leeway: u64) -> i32 {
    boundary(|| {
        let verifier = required(verifier)?;
        verifier.0 = verifier.0.clone().with_leeway(Duration::from_secs(leeway))?;
        Ok(())
    })
}

/// Verifies a token, without "Bearer " in front: RS256 by one of the keys, issued by scout, of at
/// most 300 seconds. `now` is in Unix seconds, SCOUT_DEFAULT for the system's clock. `claims` is
/// written only if all of that is true.
///
/// Errors: one of SCOUT_ERR_TOKEN_*, SCOUT_ERR_ENGINE, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verifier_verify(
    verifier: Option<&scout_verifier>,
    token: *const c_char,
    token_length: usize,
    now: u64,
    claims: *mut Option<Box<scout_claims>>,
) -> i32 {
    boundary(|| {
        let out = output(claims)?;
        let (verifier, token) = (&required(verifier)?.0, text(token, token_length)?);
        let claims = match seconds(now) {
            Some(now) => verifier.verify_at(token, now),
            None => verifier.verify(token),
        };
        out.put(handle(scout_claims(claims?)))
    })
}

/// The keys as a JWK set (RFC 7517 section 5), by ascending kid.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verifier_to_jwk_set(
    verifier: Option<&scout_verifier>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(verifier)?.0.to_jwk_set()))
}

/// Frees a verifier; NULL is harmless. No other thread may be using it.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verifier_free(verifier: Option<Box<scout_verifier>>) {
    free(verifier);
}

/// The claim sub: the credential id.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_claims_credential_id(
    claims: Option<&scout_claims>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(claims)?.0.credential_id))
}

/// The claim iat, in Unix seconds.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_claims_issued_at(claims: Option<&scout_claims>, issued_at: *mut u64) -> i32 {
    boundary(|| output(issued_at)?.put(required(claims)?.0.issued_at))
}

/// The claim exp, in Unix seconds; 300 seconds after iat if the token has none.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_claims_expires_at(claims: Option<&scout_claims>, expires_at: *mut u64) -> i32 {
    boundary(|| output(expires_at)?.put(required(claims)?.0.expires_at))
}

/// The kid of the key that signed, 43 characters.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_claims_kid(
    claims: Option<&scout_claims>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(required(claims)?.0.kid.as_str()))
}

/// How many names the claim roles lists. SCOUT_ALL_ROLES if the token has no such claim: it does not
/// limit what the credential may do.
///
/// Errors: SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_claims_roles_count(claims: Option<&scout_claims>, count: *mut usize) -> i32 {
    boundary(|| output(count)?.put(required(claims)?.0.roles.as_ref().map_or(NO_LIST, Vec::len)))
}

/// One name of the claim roles, by its place from 0.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT (also for an index beyond the last).
#[unsafe(no_mangle)]
pub extern "C" fn scout_claims_role(
    claims: Option<&scout_claims>,
    index: usize,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| {
        let roles = required(claims)?.0.roles.as_deref().unwrap_or_default();
        buffer(text, size, length)?.put_text(roles.get(index).ok_or(Error::Argument)?)
    })
}

/// All claims, as the JSON object that was signed.
///
/// Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn scout_claims_json(
    claims: Option<&scout_claims>,
    text: *mut c_char,
    size: usize,
    length: *mut usize,
) -> i32 {
    boundary(|| buffer(text, size, length)?.put_text(&required(claims)?.0.json))
}

/// Frees claims; NULL is harmless.
#[unsafe(no_mangle)]
pub extern "C" fn scout_claims_free(claims: Option<Box<scout_claims>>) {
    free(claims);
}

/// Verifies one token against a JWK set or one public key in any form. `now` is in Unix seconds,
/// SCOUT_DEFAULT for the system's clock; `leeway` is 0 to 300 seconds, SCOUT_DEFAULT for 5. To
/// verify more than one token use a verifier, which reads the keys once.
///
/// Errors: those of scout_verifier_add_jwk_set, scout_public_key_parse and scout_verifier_verify,
/// and SCOUT_ERR_LEEWAY.
#[unsafe(no_mangle)]
pub extern "C" fn scout_verify_token(
    token: *const c_char,
    token_length: usize,
    keys: *const c_char,
    keys_length: usize,
    now: u64,
    leeway: u64,
    claims: *mut Option<Box<scout_claims>>,
) -> i32 {
    boundary(|| {
        let out = output(claims)?;
        let (token, keys) = (text(token, token_length)?, text(keys, keys_length)?);
        out.put(handle(scout_claims(verify_token(token, keys, seconds(now), duration(leeway))?)))
    })
}
