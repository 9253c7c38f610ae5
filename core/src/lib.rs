#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

// Modules are listed in dependency order: each may use only modules listed before it.
// `tests/structure.rs` checks this.

/// The RFC 7638 thumbprint.
mod kid;

/// Every error: number, name, text.
mod error;

/// What happened, for logs.
mod event;

/// Bytes and text that are wiped.
mod secret;

/// The numbers of a key.
mod numbers;

/// base64url, PEM, DER, JWK, and the mending of pasted keys.
mod encoding;

/// RSA arithmetic, behind one private trait.
#[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
mod engine;

/// Keys: read, checked, written.
mod key;

/// The value of the header `Authorization`.
mod authorization;

/// Compact serialisation: header, claims, signature.
mod jwt;

/// One minted token.
mod token;

/// Wall-clock time and monotonic time.
mod clock;

/// How far the server's clock is ahead.
mod offset;

/// Accepts or refuses tokens.
mod verifier;

/// What a user can choose about a signer.
mod settings;

/// Where a credential may be sent.
mod origin;

/// The claims that a user adds to a token.
mod extra_claims;

/// What is the same in all tokens of a credential.
mod minter;

/// A private key, its credential id and its kid in one place.
mod credential_file;

/// Where a credential is read from, and read again.
mod source;

/// The environment variables.
mod environment;

/// The credential in use, and the one before it.
mod rotation;

/// The current token: when it is due, who mints it.
mod cache;

/// A bearer string that is sent as it is.
mod api_key;

/// Mints tokens and keeps the current one.
mod signer;

/// A signer or an API key.
mod credential;

#[cfg(not(any(feature = "aws-lc-rs", feature = "rust-crypto")))]
compile_error!("scout-auth needs an engine: turn on the feature `aws-lc-rs` (the default) or `rust-crypto`");

pub use api_key::ApiKey;
pub use clock::{Clock, Now, SystemClock, TestClock};
pub use credential::Credential;
pub use credential_file::CredentialFile;
pub use environment::Environment;
pub use error::{Error, ErrorInfo, Family, Result};
pub use event::{Event, Events};
#[allow(deprecated, reason = "the old names stay until 1.0")]
pub use key::{PrivateKey, PublicKey, der_to_pem, kid, pem_to_der, to_base64url, to_pem};
pub use kid::Kid;
pub use minter::mint_token;
pub use secret::read_secret;
pub use settings::Settings;
pub use signer::{Signer, SignerBuilder};
pub use token::Token;
pub use verifier::{Claims, Verifier, unverified_fault, verify_token};

/// The name of the engine that this build signs with: `aws-lc-rs` or `rsa`.
pub const ENGINE: &str = <engine::Active as engine::Engine>::NAME;
