#!/usr/bin/env bash
# Runs the tests of Python, Node and C on the packages of a directory, which another machine may have built. The test kits run
# the full command that is in it. Compiled is only what no package contains: the tests in C, and functions that panic.
#
#   scripts/test-packages.sh DIST VENV
#
# VENV is an environment with what the tests of Python need.
set -euo pipefail
dist=$(realpath "$1") venv=$(realpath "$2")
cd "$(dirname "$0")/.."
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

mkdir "$place/command" "$place/c"
tar -xzf "$dist"/scout-auth-[0-9]*.tar.gz --strip-components 1 -C "$place/command"
export SCOUT_AUTH_TOOLS=$place/command/scout-auth

"$venv/bin/pip" install --quiet --force-reinstall --no-deps "$dist"/scout_auth-*.whl
(cd python && "$venv/bin/pytest" -q -p no:cacheprovider --ignore tests/test_panic.py)

mkdir -p node/npm && rm -f node/npm/*.tgz && cp "$dist"/scout-auth-[!t]*.tgz node/npm
(cd node && npm run --silent pretest && node scripts/install.mjs && npm test --silent --ignore-scripts)

tar -xzf "$dist"/libscout_auth-*.tar.gz --strip-components 1 -C "$place/c"
cmake -S c/tests -B "$place/build" -DSCOUT_AUTH_LIBRARY_DIR="$place/c/lib" >/dev/null
cmake --build "$place/build" >/dev/null
ctest --test-dir "$place/build" --output-on-failure
