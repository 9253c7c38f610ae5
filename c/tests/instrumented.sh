#!/bin/sh
# instrumented.sh STATIC_LIBRARY: the object files that sign, the Rust one and the C one, call a
# sanitizer's runtime.
set -eu
symbols=$(nm -A "$1" 2>/dev/null)
for function in scout_signer_mint aws_lc_[0-9_]*_RSA_sign; do
    object=$(printf '%s\n' "$symbols" | sed -n "s/^[^:]*:\([^:]*\):.* T $function\$/\1/p")
    printf '%s\n' "$symbols" | grep -F ":$object:" | grep -q ' U __[at]san_'
    echo "$object is instrumented"
done
