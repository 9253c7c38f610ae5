#!/bin/sh
# sanitize.sh address|thread: builds the library with that sanitizer, Rust and C alike, and runs
# the tests against it. Needs clang.
set -eu
sanitizer=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}/sanitize-$sanitizer
# The sanitizers of Rust are unstable; RUSTC_BOOTSTRAP lets the toolchain of the release use them.
# Naming a target keeps them out of build scripts. The standard library comes without them, but
# what of it is generic, such as Arc and the atomics, is compiled here.
CARGO_TARGET_DIR=$target RUSTC_BOOTSTRAP=1 \
    RUSTFLAGS="-Zsanitizer=$sanitizer -Cunsafe-allow-abi-mismatch=sanitizer" \
    CC=clang CFLAGS="-fsanitize=$sanitizer" \
    cargo rustc --locked -p scout-auth-c --lib --crate-type staticlib --target x86_64-unknown-linux-gnu
# Rust's own runtime, since that of an older clang lacks what newer code calls.
runtime=$(rustc --print target-libdir)/librustc-stable_rt.$(echo "$sanitizer" | cut -c 1)san.a
cmake -S c/tests -B "$target/tests" -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
    -DSCOUT_AUTH_SANITIZER="$sanitizer" -DSCOUT_AUTH_SANITIZER_RUNTIME="$runtime" \
    -DSCOUT_AUTH_LIBRARY_DIR="$target/x86_64-unknown-linux-gnu/debug"
cmake --build "$target/tests"
TSAN_OPTIONS="suppressions=$root/c/tests/tsan.supp" ctest --test-dir "$target/tests" --output-on-failure
