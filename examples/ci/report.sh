#!/usr/bin/env bash
# Writes the workflows of the organisation to workflows.json.
#
# It needs SCOUT_API_KEY, which `scout-auth run` and `scout-auth token --github` set, and no private key. `run` also sets
# SCOUT_BASE_URL.
set -euo pipefail

url=${SCOUT_BASE_URL:-https://api.scoutos.com}

# The header comes from standard input, because other users see arguments.
printf 'Authorization: Bearer %s\n' "$SCOUT_API_KEY" |
  curl --header @- --silent --show-error --fail --retry 3 --max-time 60 --output workflows.json "$url/v2/workflows"
echo "workflows.json: $(wc -c <workflows.json) bytes"
