//! Credentials from the environment.

use scout_auth_core::{ApiKey, Environment, Signer};

use crate::api_key::scout_api_key;
use crate::ffi::{boundary, handle, output};
use crate::settings::{scout_signer_options, settings};
use crate::signer::scout_signer;

/// Makes a signer from the environment: SCOUT_CREDENTIAL_FILE, or SCOUT_CREDENTIAL_COMMAND (a JSON
/// array), or SCOUT_PRIVATE_KEY or SCOUT_PRIVATE_KEY_FILE with SCOUT_CREDENTIAL_ID and perhaps
/// SCOUT_KID. Files and commands are read again as by scout_signer_from_file and
/// scout_signer_from_command. An empty variable counts as unset. As with getenv, no other thread may
/// change the environment meanwhile.
///
/// Errors: SCOUT_ERR_VARIABLE_MISSING (scout_last_error says which), SCOUT_ERR_VARIABLE_CONFLICT,
/// SCOUT_ERR_VARIABLE_NOT_TEXT, SCOUT_ERR_KEY_FILE, and those of scout_signer_from_file and
/// scout_signer_from_command.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_from_env(signer: *mut Option<Box<scout_signer>>) -> i32 {
    boundary(|| output(signer)?.put(handle(scout_signer(Signer::from_env()?))))
}

/// As scout_signer_from_env, with settings. `options` may be NULL; options->kid replaces SCOUT_KID.
///
/// Errors: those of scout_signer_from_env, and SCOUT_ERR_ARGUMENT for a wrong options->size.
#[unsafe(no_mangle)]
pub extern "C" fn scout_signer_from_env_with(
    options: *const scout_signer_options,
    signer: *mut Option<Box<scout_signer>>,
) -> i32 {
    boundary(|| {
        let signer = output(signer)?;
        signer.put(handle(scout_signer(Signer::from_environment(&Environment::process(), settings(options)?)?)))
    })
}

/// Makes an API key from SCOUT_API_KEY. An empty variable counts as unset. As with getenv, no other
/// thread may change the environment meanwhile.
///
/// Errors: SCOUT_ERR_VARIABLE_MISSING, SCOUT_ERR_VARIABLE_NOT_TEXT, SCOUT_ERR_API_KEY.
#[unsafe(no_mangle)]
pub extern "C" fn scout_api_key_from_env(api_key: *mut Option<Box<scout_api_key>>) -> i32 {
    boundary(|| output(api_key)?.put(handle(scout_api_key(ApiKey::from_env()?))))
}
