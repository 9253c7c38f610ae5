#!/bin/sh
# rustflags.sh: prints RUSTFLAGS for what is published. No path of this machine is in it, and a build in another directory
# has the same bytes. Call it after cargo fetch: each directory of downloaded crates needs an option of its own.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
printf %s "${RUSTFLAGS:+$RUSTFLAGS }--remap-path-prefix=$root=scout-auth"
for crates in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    printf %s " --remap-path-prefix=$crates="
done
