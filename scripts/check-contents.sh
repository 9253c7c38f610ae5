#!/usr/bin/env bash
# Checks what is in each file of a directory that `make dist` filled.
#
#   scripts/check-contents.sh DIST
#
# No path of this machine is in any of them. What contains compiled code also contains an SBOM and the licences of all that
# is linked into it.
set -euo pipefail
dist=$(realpath "$1")
root=$(realpath "$(dirname "$0")/..")
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
# The last is in paths of zig, which keeps what it compiled in another directory earlier.
paths=("$root" "${CARGO_HOME:-$HOME/.cargo}" "$HOME/" "$(dirname "$unpacked")/tmp." /site-packages/)

fail() {
  echo "check-contents: $1" >&2
  exit 1
}

for package in "$dist"/*; do
  name=$(basename "$package")
  directory=$unpacked/$name
  mkdir "$directory"
  case $name in
  SHA256SUMS) continue ;;
  *.whl) python3 -m zipfile -e "$package" "$directory" ;;
  *.deb) dpkg-deb -x "$package" "$directory" && find "$directory" -name '*.gz' -exec gunzip {} + ;;
  *) tar -xzf "$package" -C "$directory" ;;
  esac
  for path in "${paths[@]}"; do
    if grep -rlF -- "$path" "$directory"; then fail "$name contains $path"; fi
  done
  case $name in
  *.crate | scout_auth*.tar.gz | scout-auth-[0-9]*.tgz | scout-auth-tools-[0-9]*.tgz) continue ;;
  *.deb) licences=copyright ;;
  *) licences=LICENSE-THIRD-PARTY ;;
  esac
  sbom=$(find "$directory" -name sbom.cdx.json)
  [[ -f $sbom ]] || fail "$name has no SBOM"
  python3 - "$sbom" <<'PYTHON' || fail "$name has an SBOM that is not valid CycloneDX"
import sys
from pathlib import Path
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
sys.exit(JsonStrictValidator(SchemaVersion.V1_6).validate_str(Path(sys.argv[1]).read_text()))
PYTHON
  [[ -n $(find "$directory" -name "$licences" -exec grep -l 'aws-lc-sys' {} +) ]] || fail "$name has no licences of others"
done
