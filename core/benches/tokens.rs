//! What things cost: `make bench`. Speed is told as ratios within one run, since machines differ
//! and are noisy; the absolute figures are criterion's.

use std::env;
use std::fs;
use std::hint::black_box;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

#[cfg(feature = "aws-lc-rs")]
use base64::Engine as _;
#[cfg(feature = "aws-lc-rs")]
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use criterion::{BenchmarkId, Criterion};
use scout_auth::{ENGINE, PrivateKey, PublicKey, Settings, Signer, Verifier, to_base64url, to_pem};
use tempfile::TempDir;

const SIZES: [u32; 3] = [2048, 3072, 4096];

/// Variables that hold a key, for a new process of this program to begin with.
const FIRST_TOKEN: &str = "SCOUT_AUTH_BENCH_FIRST_TOKEN";
#[cfg(feature = "aws-lc-rs")]
const FIRST_SIGNATURE: &str = "SCOUT_AUTH_BENCH_FIRST_SIGNATURE";

fn main() {
    // What a process does first it can do only once: this program starts itself.
    if let Ok(key) = env::var(FIRST_TOKEN) {
        return println!("{}", first_token(&key).as_nanos());
    }
    #[cfg(feature = "aws-lc-rs")]
    if let Ok(key) = env::var(FIRST_SIGNATURE) {
        return println!("{}", first_signature(&key).as_nanos());
    }
    let mut criterion = Criterion::default().configure_from_args();
    for bits in SIZES {
        keys(&mut criterion, bits);
        tokens(&mut criterion, bits);
    }
    sources(&mut criterion);
    first_tokens(&mut criterion);
    criterion.final_summary();
    a_look_beside_a_signature();
    #[cfg(feature = "aws-lc-rs")]
    against_the_raw_engine();
}

fn name(what: &str, bits: u32) -> BenchmarkId {
    BenchmarkId::new(format!("{what} ({ENGINE})"), bits)
}

fn keys(criterion: &mut Criterion, bits: u32) {
    let key = PrivateKey::generate(bits).unwrap();
    let [text, pem, public] = [key.to_base64url(), key.to_pem(), key.public_key().to_base64url().into()];
    let mut group = criterion.benchmark_group("key");
    group.bench_function(name("parse private", bits), |b| b.iter(|| PrivateKey::parse(&*text).unwrap()));
    group.bench_function(name("parse public", bits), |b| b.iter(|| PublicKey::parse(&*public).unwrap()));
    group.bench_function(name("kid", bits), |b| b.iter(|| scout_auth::kid(&*public).unwrap()));
    group.bench_function(name("to_pem", bits), |b| b.iter(|| to_pem(&*text).unwrap()));
    group.bench_function(name("to_base64url", bits), |b| b.iter(|| to_base64url(&*pem).unwrap()));
    group.finish();
}

fn tokens(criterion: &mut Criterion, bits: u32) {
    let signer = Signer::new("cred_0123456789", PrivateKey::generate(bits).unwrap()).unwrap();
    let verifier = Verifier::new([signer.public_key().clone()]).unwrap();
    let token = signer.token().unwrap();
    let mut group = criterion.benchmark_group("token");
    group.bench_function(name("mint", bits), |b| b.iter(|| signer.mint().unwrap()));
    group.bench_function(name("verify", bits), |b| {
        b.iter(|| verifier.verify_at(token.as_str(), token.issued_at()).unwrap());
    });
    group.bench_function(name("current token", bits), |b| b.iter(|| signer.token().unwrap()));
    group.bench_function(name("current authorization", bits), |b| b.iter(|| signer.authorization().unwrap()));
    group.finish();
}

/// Signers of one key: without a source, of a file, of a folder, and of one as Kubernetes mounts it.
fn of_each_source(folder: &Path) -> [(&'static str, Signer); 4] {
    let key = PrivateKey::generate(2048).unwrap();
    let (text, id) = (key.to_base64url(), "cred_0123456789");
    let fields = folder.join("fields");
    fs::create_dir(&fields).unwrap();
    fs::write(fields.join("private_key"), &*text).unwrap();
    fs::write(fields.join("credential_id"), id).unwrap();
    let volume = folder.join("volume");
    fs::create_dir(&volume).unwrap();
    symlink("../fields", volume.join("..data")).unwrap();
    let file = folder.join("credential.json");
    fs::write(&file, format!(r#"{{"private_key":"{}","credential_id":"{id}"}}"#, *text)).unwrap();
    let sourced = |path| Signer::from_file(path, Settings::default()).unwrap();
    [
        ("a key", Signer::new(id, key).unwrap()),
        ("a file", sourced(file)),
        ("a folder", sourced(fields)),
        ("a Kubernetes folder", sourced(volume)),
    ]
}

/// The path of a fresh token is the same for each source.
fn sources(criterion: &mut Criterion) {
    let folder = TempDir::new().unwrap();
    let mut group = criterion.benchmark_group("source");
    for (source, signer) in of_each_source(folder.path()) {
        group.bench_function(format!("current authorization, of {source}"), |b| {
            b.iter(|| signer.authorization().unwrap());
        });
        group.bench_function(format!("current authorization_for, of {source}"), |b| {
            b.iter(|| signer.authorization_for(black_box("https://api.scoutos.com/v2/workflows")).unwrap());
        });
        group.bench_function(format!("due token, of {source}"), |b| b.iter(|| due(&signer)));
    }
    group.finish();
}

/// Mints the next token, after a look at the source if there is one.
fn due(signer: &Signer) {
    signer.invalidate();
    black_box(signer.token().unwrap());
}

/// A due token with a source beside one without, one after the other, many times. One `stat` is the floor.
fn a_look_beside_a_signature() {
    let folder = TempDir::new().unwrap();
    let [(_, of_key), sourced @ ..] = of_each_source(folder.path());
    let file = folder.path().join("credential.json");
    let [with, without] = medians(4000, || timed(|| (due(&of_key), fs::metadata(&file)).0), || timed(|| due(&of_key)));
    println!("one stat: {:?}", with.saturating_sub(without));
    for (source, signer) in sourced {
        let [with, without] = medians(4000, || timed(|| due(&signer)), || timed(|| due(&of_key)));
        let look = with.saturating_sub(without);
        println!("a look at {source}: {look:?}, a due token is {:.4} × one without", ratio(with, without));
    }
}

fn first_tokens(criterion: &mut Criterion) {
    let key = PrivateKey::generate(2048).unwrap().to_base64url();
    let mut group = criterion.benchmark_group("process");
    group.sample_size(20).bench_function(name("first token: parse and mint", 2048), |b| {
        b.iter_custom(|count| (0..count).map(|_| first_of_a_new_process(FIRST_TOKEN, &key)).sum());
    });
    group.finish();
}

fn first_of_a_new_process(variable: &str, key: &str) -> Duration {
    let mut command = Command::new(env::current_exe().unwrap());
    let output = command.env(variable, key).output().unwrap();
    Duration::from_nanos(String::from_utf8(output.stdout).unwrap().trim().parse().unwrap())
}

fn first_token(key: &str) -> Duration {
    let start = Instant::now();
    black_box(Signer::new("cred_0123456789", PrivateKey::parse(key).unwrap()).unwrap().token().unwrap());
    start.elapsed()
}

/// The same work of the engine alone: it loads and checks the key and signs.
#[cfg(feature = "aws-lc-rs")]
fn first_signature(key: &str) -> Duration {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
    let der = URL_SAFE_NO_PAD.decode(key).unwrap();
    let mut signature = vec![0; 256];
    let start = Instant::now();
    let raw = RsaKeyPair::from_pkcs8(&der).unwrap();
    raw.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &der[..300], black_box(&mut signature)).unwrap();
    start.elapsed()
}

/// The engine's bare signature and verification beside ours, one after the other, many times.
#[cfg(feature = "aws-lc-rs")]
fn against_the_raw_engine() {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair};
    for bits in SIZES {
        let key = PrivateKey::generate(bits).unwrap();
        let raw = RsaKeyPair::from_pkcs8(&key.to_der()).unwrap();
        let raw_public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().to_der()).unwrap();
        let signer = Signer::new("cred_0123456789", key).unwrap();
        let verifier = Verifier::new([signer.public_key().clone()]).unwrap();
        let token = signer.mint().unwrap();
        let message = token.as_str().rsplit_once('.').unwrap().0.as_bytes();
        let mut signature = vec![0; bits as usize / 8];
        let [ours, theirs] = medians(
            1000,
            || timed(|| drop(black_box(signer.mint().unwrap()))),
            || timed(|| raw.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, black_box(&mut signature)).unwrap()),
        );
        println!("mint, {bits} bits: {:.3} × the raw signature ({ours:?} : {theirs:?})", ratio(ours, theirs));
        let [ours, theirs] = medians(
            1000,
            || timed(|| drop(black_box(verifier.verify_at(token.as_str(), token.issued_at()).unwrap()))),
            || timed(|| raw_public.verify_sig(message, black_box(&signature)).unwrap()),
        );
        println!("verify, {bits} bits: {:.3} × the raw verification ({ours:?} : {theirs:?})", ratio(ours, theirs));
    }
    let key = PrivateKey::generate(2048).unwrap().to_base64url();
    let [ours, theirs] =
        medians(100, || first_of_a_new_process(FIRST_TOKEN, &key), || first_of_a_new_process(FIRST_SIGNATURE, &key));
    println!("first token: {:.3} × the raw engine's first signature ({ours:?} : {theirs:?})", ratio(ours, theirs));
}

fn medians(rounds: usize, mut ours: impl FnMut() -> Duration, mut theirs: impl FnMut() -> Duration) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        times[0].push(ours());
        times[1].push(theirs());
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}

fn timed(operation: impl FnOnce()) -> Duration {
    let start = Instant::now();
    operation();
    start.elapsed()
}

fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64()
}
