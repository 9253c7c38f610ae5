#!/usr/bin/env bash
# Publishes crates, in the order of the arguments: each after those that it needs. A crate that is published already is left
# alone, so the script can run again after a failure. `cargo publish --workspace` cannot.
#
#   scripts/publish-crates.sh CRATE...
#
# They are not compiled again: the build of the tag has done that.
set -euo pipefail
empty=$(mktemp -d)
trap 'rmdir "$empty"' EXIT

for crate; do
  id=$(cargo pkgid --package "$crate")
  # In a workspace, cargo would answer for its own crate.
  if (cd "$empty" && cargo info --quiet "$crate@${id##*[@#]}" >/dev/null 2>&1); then
    echo "$crate ${id##*[@#]} is published already"
    continue
  fi
  cargo publish --package "$crate" --no-verify --locked
done
