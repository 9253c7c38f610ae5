#!/usr/bin/env bash
# Installs what `make dist` built in an empty place, without a registry, and runs the full command there.
#
#   python/tools/try.sh DIRECTORY
set -euo pipefail
dist=$(realpath "$1")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
export HOME=$place UV_PYTHON_DOWNLOADS=never

uvx --quiet --offline --no-index --find-links "$dist" --from scout-auth-tools scout-auth-tools keygen --out key.env
python3 -m venv venv
venv/bin/pip install --quiet --no-index --only-binary :all: --find-links "$dist" 'scout-auth[tools,testing]'

set -a
# shellcheck source=/dev/null
. ./key.env
SCOUT_CREDENTIAL_ID=cred_123
set +a
venv/bin/scout-auth-tools pem --public >public.pem
venv/bin/scout-auth-tools token | venv/bin/scout-auth verify --keys public.pem >/dev/null
# What the small command does not have: it runs the full one.
venv/bin/scout-auth completions bash >/dev/null
# shellcheck disable=SC2016 # the program's own variables
venv/bin/scout-auth run -- sh -c '[ -z "${SCOUT_PRIVATE_KEY-}" ] && case $SCOUT_BASE_URL in http://127.0.0.1:*) ;; *) exit 1 ;; esac'
# The test kit finds it without an activated environment.
env -u SCOUT_AUTH_TOOLS venv/bin/python -c 'from scout_auth.testing import start_local_scout
with start_local_scout() as scout: assert scout.signer().kid == scout.credential.kid'
uvx --quiet --offline --no-index --find-links "$dist" scout-auth-tools mcp </dev/null
echo "tools: uvx and pip install it, and it works"
