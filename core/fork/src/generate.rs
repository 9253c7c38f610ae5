//! RSA key generation.
//!
//! Making a key takes up to several seconds. `aws-lc-rs` makes it in one call, and a fork would
//! have to wait for all of it. aws-lc itself calls back between two candidates for a prime, when it
//! holds no lock: there a fork may pass.

use std::ffi::c_int;
use std::ptr::null_mut;
use std::slice;

use aws_lc_sys::{
    CBB, CBB_cleanup, CBB_finish, CBB_init, CBB_zero, EVP_PKEY, EVP_PKEY_CTX, EVP_PKEY_CTX_free, EVP_PKEY_CTX_new_id,
    EVP_PKEY_CTX_set_cb, EVP_PKEY_CTX_set_rsa_keygen_bits, EVP_PKEY_RSA, EVP_PKEY_free, EVP_PKEY_keygen,
    EVP_PKEY_keygen_init, EVP_marshal_private_key, OPENSSL_free,
};
use zeroize::Zeroizing;

use crate::hold::{holding_off_forks, let_forks_pass};

/// Makes an RSA key with e = 65537. Returns its PKCS#8 DER, or `None` if aws-lc fails. Forks pass
/// while it runs.
pub fn generate_rsa(bits: u32) -> Option<Zeroizing<Vec<u8>>> {
    holding_off_forks(|| Key::generate(c_int::try_from(bits).ok()?)?.to_pkcs8())
}

struct Key(*mut EVP_PKEY);

impl Key {
    fn generate(bits: c_int) -> Option<Self> {
        let mut key = Self(null_mut());
        // SAFETY: `context` is used between its creation and its release, and only if it is not
        // NULL. `key` is NULL, as EVP_PKEY_keygen requires of an output that it allocates.
        let is_made = unsafe {
            let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, null_mut());
            let is_made = !context.is_null()
                && EVP_PKEY_keygen_init(context) == 1
                && EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1
                && {
                    EVP_PKEY_CTX_set_cb(context, Some(between_candidates));
                    EVP_PKEY_keygen(context, &raw mut key.0) == 1
                };
            EVP_PKEY_CTX_free(context);
            is_made
        };
        is_made.then_some(key)
    }

    fn to_pkcs8(&self) -> Option<Zeroizing<Vec<u8>>> {
        let (mut der, mut length) = (null_mut(), 0);
        // SAFETY: the key exists. The builder is initialised before it is used. On success
        // CBB_finish sets `der` to `length` bytes that are ours to free; OPENSSL_free wipes them.
        unsafe {
            let mut builder: CBB = std::mem::zeroed();
            CBB_zero(&raw mut builder);
            if CBB_init(&raw mut builder, 0) != 1
                || EVP_marshal_private_key(&raw mut builder, self.0) != 1
                || CBB_finish(&raw mut builder, &raw mut der, &raw mut length) != 1
            {
                CBB_cleanup(&raw mut builder);
                return None;
            }
            let copy = Zeroizing::new(slice::from_raw_parts(der, length).to_vec());
            OPENSSL_free(der.cast());
            Some(copy)
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the key is ours, and NULL is allowed.
        unsafe { EVP_PKEY_free(self.0) };
    }
}

/// aws-lc calls this many times while it looks for primes, and holds no lock then.
extern "C" fn between_candidates(_: *mut EVP_PKEY_CTX) -> c_int {
    #[cfg(test)]
    tests::PAUSES.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let_forks_pass();
    1
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::SeqCst;

    use super::*;
    use crate::alone;

    pub(super) static PAUSES: AtomicUsize = AtomicUsize::new(0);

    #[test]
    fn making_a_key_lets_forks_pass_at_every_candidate() {
        let _alone = alone();
        assert!(generate_rsa(2048).is_some());
        // The test of each prime alone has 16 rounds or more.
        assert!(PAUSES.load(SeqCst) >= 32);
    }

    #[test]
    fn a_size_that_aws_lc_refuses_makes_no_key() {
        let _alone = alone();
        assert!(generate_rsa(0).is_none());
    }
}
