//! Wherever a credential is sent: the URL is one that a browser's rules (WHATWG) read in the same
//! way, and its host has https or is this machine.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scout_auth::ApiKey;
use url::{Host, Url};

static ANYWHERE: LazyLock<ApiKey> = LazyLock::new(|| ApiKey::new("key").unwrap());
static ALLOWED: LazyLock<ApiKey> =
    LazyLock::new(|| ApiKey::new("key").unwrap().with_allowed_origins(["https://api.scoutos.com"]).unwrap());

fuzz_target!(|given: &str| {
    if ANYWHERE.authorization_for(given).is_ok() {
        match Url::parse(given) {
            Ok(url) => {
                assert!(url.username().is_empty() && url.password().is_none());
                assert!(url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url));
            }
            // A name such as `a.0` is refused there, and nobody sends to another host instead.
            Err(_) => assert!(given[..6].eq_ignore_ascii_case("https:")),
        }
    }
    if ALLOWED.authorization_for(given).is_ok() {
        let url = Url::parse(given).unwrap();
        assert!(url.origin().ascii_serialization() == "https://api.scoutos.com" || is_loopback(&url));
    }
});

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
