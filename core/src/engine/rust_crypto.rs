//! The `rsa` crate: pure Rust, for builds without a C compiler, and a check of the other engine in the tests.

use getrandom::SysRng;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::sha2::{Digest as _, Sha256};
use rsa::traits::PrivateKeyParts as _;
use rsa::{BoxedUint, Pkcs1v15Sign, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::numbers::{PrivateNumbers, PublicNumbers};
use crate::secret::SecretBytes;

/// Blinded with the operating system's random numbers.
pub(crate) struct RustCrypto;

impl Engine for RustCrypto {
    const NAME: &'static str = "rsa";
    type Private = PrivateKey;
    type Public = PublicKey;

    fn load_private(numbers: PrivateNumbers<'_>) -> Result<PrivateKey> {
        let PublicNumbers { n, e } = numbers.public;
        let primes = vec![uint(numbers.p), uint(numbers.q)];
        let key = PrivateKey::from_components(uint(n), uint(e), uint(numbers.d), primes)
            .map_err(|_| Error::KeyInconsistent)?;
        // The crate computes the CRT values for itself and never sees the given ones.
        let same = |ours: Option<BoxedUint>, given| ours.is_some_and(|ours| ours == uint(given));
        let exact = same(key.dp().cloned(), numbers.dp)
            & same(key.dq().cloned(), numbers.dq)
            & same(key.crt_coefficient(), numbers.qinv);
        if exact { Ok(key) } else { Err(Error::KeyInconsistent) }
    }

    fn load_public(numbers: PublicNumbers<'_>) -> Result<PublicKey> {
        PublicKey::new(uint(numbers.n), uint(numbers.e)).map_err(|_| Error::KeyInconsistent)
    }

    fn sign(key: &PrivateKey, message: &[u8], signature: &mut [u8]) -> Result<()> {
        // The crate raises its result to e and compares, so a faulty one is an error here too.
        let made =
            key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)).map_err(|_| Error::KeyCannotSign)?;
        if made.len() != signature.len() {
            return Err(Error::Internal);
        }
        signature.copy_from_slice(&made);
        Ok(())
    }

    fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature).is_ok()
    }

    fn generate(bits: u32) -> Result<SecretBytes> {
        if !matches!(bits, 2048 | 3072 | 4096 | 8192) {
            return Err(Error::KeySize);
        }
        let key = PrivateKey::new(&mut SysRng, bits as usize).map_err(|_| Error::Engine)?;
        let der = key.to_pkcs8_der().map_err(|_| Error::Engine)?;
        Ok(Zeroizing::new(der.as_bytes().to_vec()))
    }
}

/// A number of its own width: the crate compares by value.
fn uint(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(bytes)
}
