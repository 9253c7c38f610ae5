"""An AWS Lambda function behind an HTTP API that calls Scout.

The package is this file, lambda_secret.py, and what `pip install --target . "scout-auth[urllib3]"` installs. The
handler is `lambda_function.handler`. The credential is a secret of AWS Secrets Manager, one JSON object as in
docs/credentials.md, and the function needs the layer "AWS Parameters and Secrets Lambda Extension" and these variables:

    SCOUT_SECRET_ID=scout
    SCOUT_CREDENTIAL_COMMAND=["python3", "lambda_secret.py"]

Without the layer, set SCOUT_PRIVATE_KEY and SCOUT_CREDENTIAL_ID; a rotation is then an update of the function.
SCOUT_URL is another address of the API, for tests.
"""

from __future__ import annotations

import json
import logging
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import urllib3
from scout_auth import ScoutAuthError, Signer
from scout_auth.urllib3 import ScoutPoolManager

if TYPE_CHECKING:
    from collections.abc import Mapping

API = os.environ.get("SCOUT_URL", "https://api.scoutos.com")

# Lambda's runtime has a handler for the log. INFO also shows each rotation; no record holds a key or a token.
logging.getLogger().setLevel(logging.INFO)
log = logging.getLogger(__name__)


@cache
def scout() -> ScoutPoolManager:
    """Return the client of this process, which keeps its connections and its token for the next invocations.

    The first invocation makes it, because the extension may not answer while the module is imported. If that fails,
    the next one tries again. The secret is read again after a 401 and every five minutes, so a rotation is followed.
    """
    signer = Signer.from_env(allowed_origins=[API], refresh=300)
    return ScoutPoolManager(signer, timeout=10, retries=urllib3.Retry(2, redirect=0, raise_on_redirect=False))


def handler(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Return the workflows of the organisation, or 502 or 503 and nothing of the reason, which the log has."""
    # The process may have been frozen for hours. Each request looks at the clock, so it never sends a token that has
    # expired meanwhile, and urllib3 opens a connection again that was closed.
    try:
        response = scout().request("GET", f"{API}/v2/workflows")
    except ScoutAuthError as error:
        log.error("%s [%s]", error, error.code)  # noqa: TRY400 - the text is made for people; a traceback adds nothing
        return answer(503, {"detail": "Scout is not available"})
    except urllib3.exceptions.HTTPError as error:
        log.error("Scout did not answer: %s", type(error).__name__)  # noqa: TRY400
        return answer(502, {"detail": "Scout is not available"})
    if response.status != 200:
        # A 401 was already answered once with a new token.
        log.error("Scout answered %s", response.status)
        return answer(502, {"detail": "Scout is not available"})
    return answer(200, response.json())


def answer(status: int, body: object) -> dict[str, Any]:
    """Return what Lambda makes an HTTP answer of."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
