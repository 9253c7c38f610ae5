//! One operation, repeated, for callgrind: `instructions OPERATION COUNT`. See `bench/instructions.py`.

use std::env;
use std::hint::black_box;

use scout_auth::{PrivateKey, Signer, Verifier};
use scout_auth_bench::{CREDENTIAL_ID, Keys, URL};

fn main() {
    let [operation, count] = &env::args().skip(1).collect::<Vec<_>>()[..] else { panic!("OPERATION COUNT") };
    let keys = Keys::from_env();
    let [key, text] = ["2048.key", "text"].map(|name| keys.read(name));
    let signer = Signer::new(CREDENTIAL_ID, PrivateKey::parse(&key).expect("a key")).expect("a signer");
    let verifier = Verifier::new([signer.public_key()]).expect("a verifier");
    let token = signer.token().expect("a token");
    for _ in 0..count.parse::<u32>().expect("a number") {
        match &**operation {
            "mint" => drop(black_box(signer.mint())),
            "token" => drop(black_box(signer.token())),
            "authorization_for" => drop(black_box(signer.authorization_for(black_box(URL)))),
            "verify" => drop(black_box(verifier.verify_at(black_box(token.as_str()), token.issued_at()))),
            "kid" => drop(black_box(scout_auth::kid(black_box(&text)))),
            "parse" => drop(black_box(PrivateKey::parse(black_box(&key)))),
            "der_to_pem" => drop(black_box(scout_auth::to_pem(black_box(&text)))),
            _ => panic!("unknown operation"),
        }
    }
}
