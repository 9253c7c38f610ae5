#!/usr/bin/env bash
# Builds the image of the local Scout from the archive of the command, starts it, asks it something, and saves it.
#
#   local/image.sh DIST
#
# It needs docker, or a program that takes the same arguments (CONTAINERS=podman).
set -euo pipefail
dist=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
docker=${CONTAINERS:-docker}
version=$(python3 "$here/../scripts/version.py")
image=scout-auth-local:$version
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

tar -xzf "$dist"/scout-auth-"$version"-x86_64-unknown-linux-gnu.tar.gz --strip-components 1 -C "$context"
"$docker" build --quiet --tag "$image" --file "$here/Containerfile" "$context"

container=$("$docker" run --detach --rm --network host "$image" --port 0)
trap '"$docker" stop "$container" >/dev/null; rm -rf "$context"' EXIT
for _ in {1..100}; do
  url=$("$docker" logs "$container" | sed -n 's/.*"url":"\([^"]*\)".*/\1/p')
  [[ -z $url ]] || break
  sleep 0.1
done
curl --fail --silent --show-error "$url/.well-known/jwks.json" >/dev/null
"$docker" save "$image" | gzip -9n >"$dist/scout-auth-local-$version-image.tar.gz"
echo "image: $image answers"
