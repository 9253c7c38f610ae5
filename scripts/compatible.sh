#!/usr/bin/env bash
# Compares the public APIs and the ABI with those of an earlier commit, by default the last release.
#
#   scripts/compatible.sh [COMMIT]
#
# A break of the Rust API or of the C ABI fails, unless the version says that it may break: until 1.0 by a new minor number,
# later by a new major one. What changed in the APIs of Python and Node is shown, for a reviewer to judge.
set -euo pipefail
cd "$(dirname "$0")/.."
base=${1:-$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || true)}
if [[ -z $base ]]; then
  echo 'compatible: there is no release yet to compare with'
  exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
broken=0

series() { python3 -c 'import sys; sys.path.insert(0, "scripts"); import version; print(version.parts(sys.argv[1])["series"])' "$1"; }
version_at() { git show "$1:Cargo.toml" | sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p'; }

# breaks COMMAND...: notes that it found a break, status 100. If it could not compare, that is no answer, for any version.
breaks() {
  local status=0
  "$@" || status=$?
  case $status in
  0) ;;
  100) broken=1 ;;
  *) echo "compatible: $1 failed ($status)" >&2 && exit "$status" ;;
  esac
}

now=$(python3 scripts/version.py)
echo "compatible: $now with $base"

git show "$base:c/include/scout_auth.h" >"$work/scout_auth.h"
breaks c/abi.sh "$work/scout_auth.h" c/include/scout_auth.h
breaks cargo semver-checks --package scout-auth --baseline-rev "$base" --release-type minor
git --no-pager diff --unified=0 "$base" -- docs/api node/lib/binding.d.ts

if ((broken)) && [[ $(series "$now") != $(series "$(version_at "$base")") ]]; then
  echo "compatible: $now may break what $base had; CHANGELOG.md says how to adapt"
  broken=0
fi
exit $broken
