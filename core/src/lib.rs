#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

// The house, from the ground up: each module uses those above it only, and a test holds that.

/// The RFC 7638 thumbprint.
mod kid;

/// Every error: number, name, text.
mod error;

/// base64url, PEM, DER, JWK, and the mending of pasted keys.
mod encoding;

/// RSA arithmetic, behind one private trait.
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
mod engine;

/// Keys: read, checked, written.
mod key;

/// Compact serialisation: header, claims, signature.
mod jwt;

/// One minted token.
mod token;

/// The time of day, and a clock that never steps.
mod clock;

/// The current token: when it is due, who mints it.
mod cache;

/// Where a credential may be sent.
mod origin;

/// A bearer string that is sent as it is.
mod api_key;

/// Mints tokens and keeps the current one.
mod signer;

/// Accepts or refuses tokens.
mod verifier;

/// Credentials from the environment and from files.
mod config;

#[cfg(not(any(feature = "aws-lc-rs", feature = "rust-crypto")))]
compile_error!("scout-auth needs an engine: turn on the feature `aws-lc-rs` (the default) or `rust-crypto`");

pub use api_key::ApiKey;
pub use clock::{Clock, Now, SystemClock};
pub use config::Credential;
pub use error::{Error, ErrorInfo, Family, Result};
pub use key::{PrivateKey, PublicKey, der_to_pem, kid, pem_to_der};
pub use kid::Kid;
pub use signer::{Signer, SignerBuilder, mint_token};
pub use token::Token;
pub use verifier::{Claims, Verifier, unverified_fault, verify_token};

/// The name of the engine that this build signs with: `aws-lc-rs` or `rsa`.
pub const ENGINE: &str = <engine::Active as engine::Engine>::NAME;
