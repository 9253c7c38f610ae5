#!/bin/sh
# run.sh: builds the released library and measures it. Needs libssl-dev and libjwt-dev.
set -eu
cd "$(dirname "$0")/.."
cargo build --locked --release -p scout-auth-c --lib --example raw_aws_lc
release=${CARGO_TARGET_DIR:-../target}/release
release=$(cd "$release" && pwd)
# The libraries are listed before those of the system, so that nothing stands between.
cc -O2 -Wall -Wextra -Iinclude -o "$release/c_bench" bench/bench.c \
    -L"$release" -L"$release/examples" -Wl,-rpath,"$release:$release/examples" \
    -lscout_auth -lraw_aws_lc -ljwt -lcrypto
"$release/c_bench"
printf 'libscout_auth.so: %s bytes, of 3200000\n' "$(stat -c %s "$release/libscout_auth.so")"
