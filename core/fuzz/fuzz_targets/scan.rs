//! Whatever is scanned: `scan` ends as it should, and a key behind it is found, with its kid. The first byte
//! chooses the form of the key.

#![no_main]

use std::ffi::OsString;
use std::path::Path;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use scout_auth::PrivateKey;
use scout_auth_cli::{Host, Streams, run};

/// A throwaway key, a new one in each run.
static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(2048).unwrap());
static FORMS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let pem = KEY.to_pem();
    let issued = KEY.to_base64url();
    vec![
        issued.as_bytes().to_vec(),
        pem.as_bytes().to_vec(),
        KEY.to_jwk().as_bytes().to_vec(),
        KEY.to_der().to_vec(),
        STANDARD.encode(pem.as_bytes()).into_bytes(),
        STANDARD.encode(issued.as_bytes()).into_bytes(),
    ]
});

fuzz_target!(|given: &[u8]| {
    let Some((form, text)) = given.split_first() else { return };
    let (status, _) = scan(text);
    assert!(status == 0 || status == 7, "{status}");
    let text = [text, b"\n", &FORMS[usize::from(*form) % FORMS.len()], b"\n"].concat();
    let (status, said) = scan(&text);
    assert!(status == 7 && said.contains(KEY.kid().as_str()), "{status} {said}");
});

fn scan(mut text: &[u8]) -> (u8, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut host = Host {
        program: Path::new("scout-auth"),
        variable: &|_| None,
        names: &Vec::new,
        stdin: &mut text,
        stdout: &mut stdout,
        stderr: &mut stderr,
        streams: Streams::default(),
    };
    let status = run(["scan", "--strict", "-"].map(OsString::from), &mut host);
    (status, String::from_utf8(stdout).unwrap())
}
