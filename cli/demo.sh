#!/bin/sh
# A throwaway credential from key to verified token: make demo.
set -eu
scout_auth=${SCOUT_AUTH:-$PWD/target/debug/scout-auth}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() { "$scout_auth" "$@"; }
from_base64url() { tr -- '-_' '+/' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' | openssl base64 -d -A; }

say 'A throwaway credential, as Scout issues it (scout-auth keygen --out)'
run keygen --out "$folder/.env"
cut -c 1-72 "$folder/.env"
set -a
# shellcheck disable=SC1091
. "$folder/.env"
SCOUT_CREDENTIAL_ID=cred_demo
set +a

say 'The key as PEM, for other software (scout-auth pem)'
run pem >"$folder/private.pem"
sed -n '1,2p;$p' "$folder/private.pem"
run pem --public >"$folder/public.pem"
openssl pkey -in "$folder/private.pem" -check -noout

say 'Its kid (scout-auth kid)'
run kid

say 'A token (scout-auth token) and what it says (scout-auth inspect)'
token=$(run token)
printf '%s\n' "$token" | run inspect --keys "$folder/public.pem"

say 'openssl verifies the signature'
printf %s "${token%.*}" >"$folder/message"
printf %s "${token##*.}" | from_base64url >"$folder/signature"
openssl dgst -sha256 -verify "$folder/public.pem" -signature "$folder/signature" "$folder/message"

say 'The command verifies the token (scout-auth verify)'
printf '%s\n' "$token" | run verify --keys "$folder/public.pem"

say 'A token that was changed is refused'
if printf '%s\n' "${token%??????}AAAAAA" | run verify --keys "$folder/public.pem"; then exit 1; fi

say 'The header of a request (scout-auth authorization --header)'
run authorization --header | cut -c 1-72
