//! The engine: the code that performs the RSA operations, behind one private trait.
//!
//! RS256 is deterministic (RFC 8017 §8.2.1), so the two engines make the same signature for every key
//! and message. They also accept and refuse the same keys. The tests check both.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
#[cfg(all(feature = "rust-crypto", any(test, not(feature = "aws-lc-rs"))))]
mod rust_crypto;

mod per_process;

use crate::error::Result;
use crate::numbers::{PrivateNumbers, PublicNumbers};
use crate::secret::SecretBytes;

pub(crate) use per_process::PerProcess;

#[cfg(feature = "aws-lc-rs")]
pub(crate) use aws_lc::AwsLc as Active;
#[cfg(all(feature = "rust-crypto", not(feature = "aws-lc-rs")))]
pub(crate) use rust_crypto::RustCrypto as Active;

/// RSA operations for RS256 (RFC 7518 §3.3: RSASSA-PKCS1-v1_5 with SHA-256).
pub(crate) trait Engine {
    /// The engine's name, as its crate is called.
    const NAME: &'static str;
    /// A loaded private key.
    type Private: Send + Sync;
    /// A loaded public key.
    type Public: Send + Sync;

    /// Loads a private key and checks that its numbers match each other (RFC 8017 §3.2): p·q = n,
    /// d·e ≡ 1 modulo p − 1 and q − 1, exact CRT values. Sizes were checked before.
    ///
    /// Errors: `KeyInconsistent`.
    fn load_private(numbers: PrivateNumbers<'_>) -> Result<Self::Private>;

    /// Loads a public key.
    ///
    /// Errors: `KeyInconsistent`.
    fn load_public(numbers: PublicNumbers<'_>) -> Result<Self::Public>;

    /// Signs into `signature`, which is as long as the modulus. A wrong signature, as after a
    /// hardware fault, is an error.
    ///
    /// Errors: `KeyCannotSign`.
    fn sign(key: &Self::Private, message: &[u8], signature: &mut [u8]) -> Result<()>;

    /// Whether the signature is that of the key over the message.
    fn verify(key: &Self::Public, message: &[u8], signature: &[u8]) -> bool;

    /// Makes a key of 2048, 3072, 4096 or 8192 bits with e = 65537, as PKCS#8 DER.
    ///
    /// Errors: `KeySize`, `Engine`.
    fn generate(bits: u32) -> Result<SecretBytes>;
}

/// Each engine checks the other. The corpus runs on both too.
#[cfg(all(test, feature = "aws-lc-rs", feature = "rust-crypto"))]
mod tests {
    use super::aws_lc::AwsLc;
    use super::rust_crypto::RustCrypto;
    use super::*;
    use crate::encoding::asn1::{self, Container};
    use crate::error::Error;
    use crate::numbers::Numbers;

    type Field = for<'a, 'b> fn(&'b mut PrivateNumbers<'a>) -> &'b mut &'a [u8];

    fn numbers(pkcs8: &[u8]) -> PrivateNumbers<'_> {
        match asn1::numbers(pkcs8, Container::Pkcs8) {
            Ok(Numbers::Private(numbers)) => numbers,
            _ => panic!("not a private key"),
        }
    }

    fn signature<E: Engine>(numbers: PrivateNumbers<'_>, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; numbers.public.n.len()];
        E::sign(&E::load_private(numbers).unwrap(), message, &mut signature).unwrap();
        signature
    }

    fn verifies<E: Engine>(numbers: PrivateNumbers<'_>, message: &[u8], signature: &[u8]) -> bool {
        E::verify(&E::load_public(numbers.public).unwrap(), message, signature)
    }

    #[test]
    fn both_engines_make_and_accept_the_same_signatures_at_every_size() {
        for bits in [2048, 3072, 4096] {
            for pkcs8 in [AwsLc::generate(bits).unwrap(), RustCrypto::generate(bits).unwrap()] {
                let numbers = numbers(&pkcs8);
                for message in [&b""[..], b"message", &[0xff; 1000]] {
                    let made = signature::<AwsLc>(numbers, message);
                    assert_eq!(made, signature::<RustCrypto>(numbers, message), "{bits} bits");
                    assert!(verifies::<AwsLc>(numbers, message, &made));
                    assert!(verifies::<RustCrypto>(numbers, message, &made));
                    for wrong in [&made[1..], &[&made[..], &[0]].concat(), &vec![0; made.len()], &[]] {
                        assert!(!verifies::<AwsLc>(numbers, message, wrong));
                        assert!(!verifies::<RustCrypto>(numbers, message, wrong));
                    }
                }
            }
        }
    }

    #[test]
    fn both_engines_refuse_a_key_with_one_bit_changed_in_any_number() {
        let pkcs8 = AwsLc::generate(2048).unwrap();
        let sound = numbers(&pkcs8);
        let fields: [(&str, Field); 8] = [
            ("n", |numbers| &mut numbers.public.n),
            ("e", |numbers| &mut numbers.public.e),
            ("d", |numbers| &mut numbers.d),
            ("p", |numbers| &mut numbers.p),
            ("q", |numbers| &mut numbers.q),
            ("dp", |numbers| &mut numbers.dp),
            ("dq", |numbers| &mut numbers.dq),
            ("qinv", |numbers| &mut numbers.qinv),
        ];
        for (name, field) in fields {
            for bit in [1, 3, 6] {
                let mut changed = sound;
                let mut value = field(&mut changed).to_vec();
                *value.last_mut().unwrap() ^= 1 << bit;
                *field(&mut changed) = &value;
                let verdicts = [AwsLc::load_private(changed).err(), RustCrypto::load_private(changed).err()];
                assert_eq!(verdicts, [Some(Error::KeyInconsistent); 2], "{name}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_signature_buffer_of_another_length_is_an_error() {
        let pkcs8 = AwsLc::generate(2048).unwrap();
        for length in [0, 255, 257] {
            let mut buffer = vec![0; length];
            let key = AwsLc::load_private(numbers(&pkcs8)).unwrap();
            assert_eq!(AwsLc::sign(&key, b"", &mut buffer), Err(Error::Internal));
            let key = RustCrypto::load_private(numbers(&pkcs8)).unwrap();
            assert_eq!(RustCrypto::sign(&key, b"", &mut buffer), Err(Error::Internal));
        }
    }
}
