//! `scout_auth._native`: the crate `scout-auth` for Python.
//!
//! All rules are in the core. Each function here takes its arguments, calls one function of the core,
//! and returns the result or raises the exception of the error. `help()` shows the docstrings;
//! `tests/table.py` copies them to `python/scout_auth/_native.pyi`, which has the types.

#![allow(clippy::doc_markdown, reason = "docstrings are text and no Markdown")]
#![allow(clippy::needless_pass_by_value, reason = "PyO3 passes arguments by value")]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

/// What signers did, for the logger `scout_auth`.
mod event;

/// The exceptions, and the boundary that no panic crosses.
mod error;

/// The arguments of the functions.
mod input;

/// `copy` and `pickle`, with and without a secret.
mod copies;

/// `PrivateKey`, `PublicKey`.
mod key;

/// The settings of a signer, as keyword arguments.
mod settings;

/// `Token`, `mint_token`.
mod token;

/// `Signer`.
mod signer;

/// `TestClock`.
mod test_clock;

/// `ApiKey`.
mod api_key;

/// `Verifier`, `Claims`.
mod verifier;

/// Credentials from the environment.
mod environment;

/// The console script `scout-auth`.
mod command;

#[pyo3::pymodule(gil_used = false)]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::api_key::ApiKey;
    #[pymodule_export]
    use crate::command::main;
    #[pymodule_export]
    use crate::environment::from_env;
    #[cfg(feature = "test-hooks")]
    #[pymodule_export]
    use crate::error::panic;
    #[pymodule_export]
    use crate::error::{
        ConfigError, InternalError, InvalidKeyError, KidMismatchError, ScoutAuthError, TokenError, TokenExpiredError,
        TokenSignatureError, UrlInsecureError, VariableMissingError, error_table, url_insecure,
    };
    #[pymodule_export]
    use crate::event::observe;
    #[pymodule_export]
    use crate::key::{PrivateKey, PublicKey, der_to_pem, kid, pem_to_der, restore_public_key, to_base64url, to_pem};
    #[pymodule_export]
    use crate::signer::Signer;
    #[pymodule_export]
    use crate::test_clock::TestClock;
    #[pymodule_export]
    use crate::token::{Token, mint_token};
    #[pymodule_export]
    use crate::verifier::{Claims, Verifier, restore_claims, restore_verifier, verify_token};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::error::add_attributes(module.py())?;
        // The package says what is public.
        module.delattr("__all__")
    }
}
