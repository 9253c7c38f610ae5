//! aws-lc-rs: the engine of every shipped artifact.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeyPairComponents, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use scout_auth_fork::holding_off_forks;
use zeroize::Zeroizing;

use crate::encoding::{PrivateNumbers, PublicNumbers, SecretBytes};
use crate::engine::Engine;
use crate::error::{Error, Result};

/// Constant time, blinded, and each private-key result is verified before it leaves.
pub(crate) struct AwsLc;

impl Engine for AwsLc {
    const NAME: &'static str = "aws-lc-rs";
    type Private = KeyPair;
    type Public = ParsedPublicKey;

    fn load_private(numbers: PrivateNumbers<'_>) -> Result<KeyPair> {
        KeyPair::from_components(&KeyPairComponents {
            public_key: components(numbers.public),
            d: numbers.d,
            p: numbers.p,
            q: numbers.q,
            dP: numbers.dp,
            dQ: numbers.dq,
            qInv: numbers.qinv,
        })
        .map_err(|_| Error::KeyInconsistent)
    }

    fn load_public(numbers: PublicNumbers<'_>) -> Result<ParsedPublicKey> {
        components(numbers).to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).map_err(|_| Error::KeyInconsistent)
    }

    fn sign(key: &KeyPair, message: &[u8], signature: &mut [u8]) -> Result<()> {
        // `sign` panics where the length is another than the modulus's.
        if signature.len() != key.public_modulus_len() {
            return Err(Error::Internal);
        }
        holding_off_forks(|| key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, signature))
            .map_err(|_| Error::KeyCannotSign)
    }

    fn verify(key: &ParsedPublicKey, message: &[u8], signature: &[u8]) -> bool {
        key.verify_sig(message, signature).is_ok()
    }

    fn generate(bits: u32) -> Result<SecretBytes> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            8192 => KeySize::Rsa8192,
            _ => return Err(Error::KeySize),
        };
        let key = holding_off_forks(|| KeyPair::generate(size)).map_err(|_| Error::Engine)?;
        let der = key.as_der().map_err(|_| Error::Engine)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }
}

fn components(numbers: PublicNumbers<'_>) -> PublicKeyComponents<&[u8]> {
    PublicKeyComponents { n: numbers.n, e: numbers.e }
}
