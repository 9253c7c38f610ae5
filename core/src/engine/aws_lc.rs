//! aws-lc-rs: the engine of every shipped artifact.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use scout_auth_fork::{generate_rsa, holding_off_forks};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::numbers::{PrivateNumbers, PublicNumbers};
use crate::secret::SecretBytes;

/// Constant time, blinded, and each private-key result is verified before it leaves.
///
/// Every call holds off forks. Even loading a key and verifying take locks of aws-lc: at the first
/// error of a thread.
pub(crate) struct AwsLc;

impl Engine for AwsLc {
    const NAME: &'static str = "aws-lc-rs";
    type Private = KeyPair;
    type Public = ParsedPublicKey;

    fn load_private(numbers: PrivateNumbers<'_>) -> Result<KeyPair> {
        let components = KeyPairComponents {
            public_key: components(numbers.public),
            d: numbers.d,
            p: numbers.p,
            q: numbers.q,
            dP: numbers.dp,
            dQ: numbers.dq,
            qInv: numbers.qinv,
        };
        holding_off_forks(|| KeyPair::from_components(&components)).map_err(|_| Error::KeyInconsistent)
    }

    fn load_public(numbers: PublicNumbers<'_>) -> Result<ParsedPublicKey> {
        holding_off_forks(|| components(numbers).to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256))
            .map_err(|_| Error::KeyInconsistent)
    }

    fn sign(key: &KeyPair, message: &[u8], signature: &mut [u8]) -> Result<()> {
        // `sign` panics if the length differs from that of the modulus.
        if signature.len() != key.public_modulus_len() {
            return Err(Error::Internal);
        }
        holding_off_forks(|| key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, signature))
            .map_err(|_| Error::KeyCannotSign)
    }

    fn verify(key: &ParsedPublicKey, message: &[u8], signature: &[u8]) -> bool {
        holding_off_forks(|| key.verify_sig(message, signature)).is_ok()
    }

    fn generate(bits: u32) -> Result<SecretBytes> {
        match bits {
            2048 | 3072 | 4096 | 8192 => generate_rsa(bits).ok_or(Error::Engine),
            _ => Err(Error::KeySize),
        }
    }
}

fn components(numbers: PublicNumbers<'_>) -> PublicKeyComponents<&[u8]> {
    PublicKeyComponents { n: numbers.n, e: numbers.e }
}
