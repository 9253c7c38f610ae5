#!/bin/sh
# sanitize.sh address|thread: builds the library with that sanitizer, Rust and C alike, and runs
# the tests against it. Needs clang.
set -eu
sanitizer=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}/sanitize-$sanitizer
# The sanitizers of Rust are unstable; RUSTC_BOOTSTRAP lets the toolchain of the release use them.
# Naming a target keeps them out of build scripts.
CARGO_TARGET_DIR=$target RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=$sanitizer" \
    CC=clang CFLAGS="-fsanitize=$sanitizer" \
    cargo rustc --locked -p scout-auth-c --lib --crate-type staticlib --target x86_64-unknown-linux-gnu
cmake -S c/tests -B "$target/tests" -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
    -DSCOUT_AUTH_SANITIZER="$sanitizer" -DSCOUT_AUTH_LIBRARY_DIR="$target/x86_64-unknown-linux-gnu/debug"
cmake --build "$target/tests"
ctest --test-dir "$target/tests" --output-on-failure
