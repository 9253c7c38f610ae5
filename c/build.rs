//! How the shared library is linked.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_set = |name: &str, value: &str| env::var(name).is_ok_and(|set| set == value);
    if is_set("CARGO_CFG_TARGET_FAMILY", "unix") && !is_set("CARGO_CFG_TARGET_VENDOR", "apple") {
        // dlclose must not unload the library: aws-lc registers a destructor that is called when a
        // thread ends, and that would then be unmapped code. Each load would also use up one of the
        // 1024 pthread keys of a process.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
