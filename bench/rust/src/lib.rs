//! What the programs of `make bench` share: the keys, the clocks, the engine's bare operations.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The credential id in every token.
pub const CREDENTIAL_ID: &str = "cred_bench";

/// Where all requests go.
pub const URL: &str = "https://api.scoutos.com/v2/workflows";

/// The folder of throwaway keys that `bench/run.py` made.
pub struct Keys(PathBuf);

impl Keys {
    /// The folder that `BENCH_KEYS` names.
    pub fn from_env() -> Self {
        Self(env::var_os("BENCH_KEYS").expect("BENCH_KEYS is set").into())
    }

    /// A key in one form, such as `2048.pem`.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("the key exists")
    }
}

/// The engine's key, as it is without scout-auth.
pub fn load(text: &str) -> KeyPair {
    KeyPair::from_pkcs8(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("a key")
}

/// The engine's bare signature.
pub fn sign(key: &KeyPair, message: &[u8], signature: &mut [u8]) {
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, signature).expect("a signature");
}

/// The engine's first work in a process: it reads and checks the key in `SCOUT_PRIVATE_KEY` and signs a
/// message as long as a token's.
pub fn first_signature() -> Vec<u8> {
    let key = load(&env::var("SCOUT_PRIVATE_KEY").expect("SCOUT_PRIVATE_KEY is set"));
    let mut signature = vec![0; key.public_modulus_len()];
    sign(&key, &[b'x'; 220], &mut signature);
    signature
}

/// Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// Nanoseconds of the monotonic clock and of CPU time of this process.
pub fn clocks() -> [u64; 2] {
    [libc::CLOCK_MONOTONIC, libc::CLOCK_PROCESS_CPUTIME_ID].map(|clock| {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: clock_gettime writes to the timespec.
        unsafe { libc::clock_gettime(clock, &raw mut time) };
        time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
    })
}

/// The bytes that malloc has handed out: those of Rust and of the engine's C code.
pub fn allocated() -> usize {
    // SAFETY: mallinfo2 only reads.
    let info = unsafe { libc::mallinfo2() };
    info.uordblks + info.hblkhd
}
