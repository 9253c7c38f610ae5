#!/bin/sh
# verify.sh PUBLIC_KEY_PEM < TOKEN: openssl verifies the token's signature, by a key of 2048 bits.
set -eu
directory=$(mktemp -d)
trap 'rm -r "$directory"' EXIT
read -r token
# base64url without padding, as base64 wants it: 342 characters of a key of 2048 bits, and two.
printf '%s===' "${token##*.}" | tr -- '-_' '+/' | head -c 344 | base64 -d > "$directory/signature"
printf '%s' "${token%.*}" | openssl dgst -sha256 -verify "$1" -signature "$directory/signature"
