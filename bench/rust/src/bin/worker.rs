//! The worker of Rust: see `bench/worker.py`, which says what it reads and writes.

use std::hint::black_box;
use std::io::{self, BufRead as _, Write as _};

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use scout_auth::{PrivateKey, PublicKey, Signer, Verifier};
use scout_auth_bench::{CREDENTIAL_ID, Keys, URL, clocks, load, now, sign};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What is measured, by its task, its size and its name.
struct Subject {
    id: [String; 4],
    /// Runs the work that many times; a verifier takes the token.
    repeat: Box<dyn Fn(u64, &str)>,
    /// The result of one run; a verifier takes the token.
    once: Box<dyn Fn(&str) -> String>,
}

struct Subjects(Vec<Subject>);

impl Subjects {
    fn add<T>(
        &mut self,
        [task, kind, name]: [&str; 3],
        bits: &str,
        work: impl Fn() -> T + Clone + 'static,
        show: impl Fn(T) -> String + 'static,
    ) {
        let repeated = work.clone();
        self.0.push(Subject {
            id: [task, bits, kind, name].map(str::to_owned),
            repeat: Box::new(move |count, _| (0..count).for_each(|_| drop(black_box(repeated())))),
            once: Box::new(move |_| show(work())),
        });
    }

    fn verifier(&mut self, [kind, name]: [&str; 2], bits: &str, accepts: impl Fn(&str) -> bool + Clone + 'static) {
        let repeated = accepts.clone();
        self.0.push(Subject {
            id: ["verify", bits, kind, name].map(str::to_owned),
            repeat: Box::new(move |count, token| (0..count).for_each(|_| assert!(repeated(black_box(token))))),
            once: Box::new(move |token| accepts(token).to_string()),
        });
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    iat: u64,
    exp: u64,
}

fn claims() -> Claims {
    let now = now();
    Claims { iss: "scout".into(), sub: CREDENTIAL_ID.into(), iat: now, exp: now + 300 }
}

fn text(shown: impl AsRef<str>) -> String {
    shown.as_ref().to_owned()
}

fn main() {
    let keys = Keys::from_env();
    let mut subjects = Subjects(Vec::new());
    for bits in ["2048", "3072", "4096"] {
        signing(&mut subjects, &keys, bits);
        verifying(&mut subjects, &keys, bits);
    }
    reading(&mut subjects, &keys);
    let listed: Vec<_> = subjects.0.iter().map(|subject| &subject.id).collect();
    let versions = json!({ "engine of scout-auth": scout_auth::ENGINE });
    println!("{}", json!({ "subjects": listed, "versions": versions }));
    for line in io::stdin().lock().lines() {
        let line = line.expect("text");
        let [order, number, argument] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let subject = &subjects.0[number.parse::<usize>().expect("a number")];
        let answer = match order {
            "run" => {
                let count = argument.parse().expect("a number");
                let token = keys.read(&format!("{}.token", subject.id[1]));
                let before = clocks();
                (subject.repeat)(count, &token);
                let after = clocks();
                json!([after[0] - before[0], after[1] - before[1]])
            }
            _ => json!((subject.once)(argument)),
        };
        println!("{answer}");
        io::stdout().flush().expect("written");
    }
}

fn signing(subjects: &mut Subjects, keys: &Keys, bits: &str) {
    let [key_text, pem, kid] = ["key", "pem", "kid"].map(|form| keys.read(&format!("{bits}.{form}")));
    let message = keys.read("message");
    let raw = std::sync::Arc::new(load(&key_text));
    let signature = {
        let (raw, message) = (raw.clone(), message.clone());
        move || {
            let mut signature = vec![0; raw.public_modulus_len()];
            sign(&raw, message.as_bytes(), &mut signature);
            signature
        }
    };
    subjects
        .add(["mint", "floor", "aws-lc-rs: the signature alone"], bits, signature, |made| URL_SAFE_NO_PAD.encode(made));
    let signer = Signer::new(CREDENTIAL_ID, PrivateKey::parse(&key_text).expect("a key")).expect("a signer");
    let minting = signer.clone();
    subjects.add(
        ["mint", "ours", "scout-auth: mint"],
        bits,
        move || minting.mint().expect("a token"),
        |token| text(token.as_str()),
    );
    let header = Header { kid: Some(kid), ..Header::new(Algorithm::RS256) };
    let loaded = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
    let once = header.clone();
    let encode = move || jsonwebtoken::encode(&once, &claims(), &loaded).expect("a token");
    subjects.add(["mint", "peer", "jsonwebtoken (aws-lc-rs): loaded key"], bits, encode, text);
    let each = move || {
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
        jsonwebtoken::encode(&header, &claims(), &key).expect("a token")
    };
    subjects.add(["mint", "peer", "jsonwebtoken (aws-lc-rs): PEM each call"], bits, each, text);
    let ring = std::sync::Arc::new(
        ring::signature::RsaKeyPair::from_pkcs8(&URL_SAFE_NO_PAD.decode(&key_text).expect("base64url")).expect("a key"),
    );
    let by_ring = move || {
        let mut signature = vec![0; ring.public().modulus_len()];
        let random = ring::rand::SystemRandom::new();
        ring.sign(&ring::signature::RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).expect("signed");
        signature
    };
    subjects.add(["mint", "peer", "ring: the signature alone"], bits, by_ring, |made| URL_SAFE_NO_PAD.encode(made));
    if bits == "2048" {
        let authorized = signer.clone();
        subjects.add(
            ["header", "ours", "scout-auth: authorization"],
            bits,
            move || signer.authorization().expect("a header"),
            text,
        );
        let for_url = move || authorized.authorization_for(black_box(URL)).expect("a header");
        subjects.add(["header", "ours", "scout-auth: authorization_for"], bits, for_url, text);
    }
}

fn verifying(subjects: &mut Subjects, keys: &Keys, bits: &str) {
    let public = keys.read(&format!("{bits}.public.pem"));
    let key = PublicKey::parse(&public).expect("a key");
    let raw = std::sync::Arc::new(ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.to_der()).expect("a key"));
    let signature = move |token: &str| {
        let (message, signature) = token.rsplit_once('.').expect("a token");
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        raw.verify_sig(message.as_bytes(), &signature).is_ok()
    };
    subjects.verifier(["floor", "aws-lc-rs: the signature alone"], bits, signature);
    let verifier = Verifier::new([key]).expect("a verifier");
    subjects.verifier(["ours", "scout-auth: Verifier"], bits, move |token| verifier.verify(token).is_ok());
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&["scout"]);
    let loaded = DecodingKey::from_rsa_pem(public.as_bytes()).expect("a key");
    let decode = move |token: &str| jsonwebtoken::decode::<Claims>(token, &loaded, &validation).is_ok();
    subjects.verifier(["peer", "jsonwebtoken (aws-lc-rs): loaded key"], bits, decode);
}

fn reading(subjects: &mut Subjects, keys: &Keys) {
    let [key_text, pem] = ["2048.key", "2048.pem"].map(|name| keys.read(name));
    let bits = "2048";
    let ours = key_text.clone();
    subjects.add(
        ["parse", "ours", "scout-auth: PrivateKey::parse"],
        bits,
        move || PrivateKey::parse(&ours).expect("a key"),
        |key| key.kid().to_string(),
    );
    let kid = scout_auth::kid(&key_text).expect("a kid").to_string();
    let der = URL_SAFE_NO_PAD.decode(&key_text).expect("base64url");
    let engine = move || aws_lc_rs::rsa::KeyPair::from_pkcs8(&der).expect("a key");
    subjects.add(["parse", "floor", "aws-lc-rs: its own check, from DER"], bits, engine, move |_| kid.clone());
    let ours = key_text.clone();
    subjects.add(
        ["kid", "ours", "scout-auth: kid, from key text"],
        bits,
        move || scout_auth::kid(&ours).expect("a kid"),
        |kid| kid.to_string(),
    );
    let theirs = move || {
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
        Jwk::from_encoding_key(&key, Algorithm::RS256)
            .expect("a JWK")
            .thumbprint(ThumbprintHash::SHA256)
            .expect("a thumbprint")
    };
    subjects.add(["kid", "peer", "jsonwebtoken (aws-lc-rs): from PEM"], bits, theirs, text);
    let ours = key_text.clone();
    subjects.add(
        ["pem", "ours", "scout-auth: to_pem"],
        bits,
        move || scout_auth::to_pem(&ours).expect("PEM"),
        |pem| text(&*pem),
    );
    let by_hand = move || {
        let standard =
            base64::engine::general_purpose::STANDARD.encode(URL_SAFE_NO_PAD.decode(&key_text).expect("base64url"));
        let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
        for line in standard.as_bytes().chunks(64) {
            pem.push_str(std::str::from_utf8(line).expect("text"));
            pem.push('\n');
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        pem
    };
    subjects.add(["pem", "peer", "base64 by hand, nothing checked"], bits, by_hand, text);
}
