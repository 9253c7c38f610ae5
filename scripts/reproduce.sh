#!/usr/bin/env bash
# Builds everything that is published a second time, in another directory and with another home of cargo, and compares each
# byte with what `make dist` built before.
#
#   scripts/reproduce.sh DIST
#
# If KEEP is set and something differs, the second build is copied there.
set -euo pipefail
dist=$(realpath "$1")
root=$(realpath "$(dirname "$0")/..")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

git clone --quiet "$root" "$place/source"
cd "$place/source"
CARGO_HOME=$place/cargo make --silent artifacts NEEDS=dist >"$place/log" 2>&1 || { tail -n 50 "$place/log" >&2 && exit 1; }

different=0
for file in "$dist"/*; do
  name=$(basename "$file")
  if [[ $name == SHA256SUMS ]]; then continue; fi
  if ! cmp --silent "$file" "target/dist/$name"; then
    echo "reproduce: $name differs" >&2
    different=1
  fi
done
if ((different)); then
  [[ -z ${KEEP-} ]] || cp -R target/dist "$KEEP"
  exit 1
fi
echo "reproduce: $(find "$dist" -type f ! -name SHA256SUMS | wc -l) files are the same"
