"""Lists the workflows of your Scout organization.

    pip install "scout-auth[requests]"
    export SCOUT_CREDENTIAL_ID=… SCOUT_PRIVATE_KEY=…
    python workflows.py

SCOUT_URL is another address of the API, for tests.
"""

from __future__ import annotations

import os
import sys

import requests
import scout_auth

API = os.environ.get("SCOUT_URL", "https://api.scoutos.com")


def main() -> int:
    """Return the exit status: 0, 1 if Scout refuses the request, 2 if the credential cannot be used."""
    try:
        # The token goes to this origin and to no other, whatever the program does later.
        signer = scout_auth.Signer.from_env(allowed_origins=[API])
        with requests.Session() as scout:
            scout.auth = signer
            # A 401 was already answered once with a new token: a second one is for us.
            response = scout.get(f"{API}/v2/workflows", timeout=60)
    except scout_auth.ScoutAuthError as error:
        print(f"error: {error} [{error.code}]", file=sys.stderr)
        return 2
    if not response.ok:
        print(f"error: Scout answered {response.status_code}: {response.text[:200]}", file=sys.stderr)
        return 1
    print(response.text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
