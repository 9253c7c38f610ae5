//! The floor of a start: the engine's first signature, in a program that does nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

fn main() {
    println!("{}", URL_SAFE_NO_PAD.encode(scout_auth_bench::first_signature()));
}
