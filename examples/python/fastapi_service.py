"""A web service that calls Scout for its own users.

    pip install "scout-auth[httpx]" fastapi uvicorn
    export SCOUT_CREDENTIAL_FILE=/etc/scout/credential.json
    uvicorn fastapi_service:app --port 8000

Its users hold no credential of Scout, so put your own authentication in front of it. A rotation that replaces the file
needs no restart. If Scout is at fault, or our credential, users get 502 or 503 and the reason is in the log alone.

SCOUT_URL is another address of the API, for tests.
"""

from __future__ import annotations

import logging
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from scout_auth import ScoutAuthError, Signer
from scout_auth.httpx import ScoutAuth

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

API = os.environ.get("SCOUT_URL", "https://api.scoutos.com")

# Also shows each rotation, which the logger scout_auth reports. No record holds a key or a token.
logging.basicConfig(level=logging.INFO)
log = logging.getLogger("service")


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Make what all requests share. A credential that cannot be used ends the service at its start."""
    # A token costs less than a millisecond, so nothing here needs a thread. (A SCOUT_CREDENTIAL_COMMAND would block.)
    signer = Signer.from_env(allowed_origins=[API])
    async with httpx.AsyncClient(base_url=API, auth=ScoutAuth(signer), timeout=30) as scout:
        yield {"signer": signer, "scout": scout}


app = FastAPI(lifespan=lifespan)


@app.get("/workflows")
async def workflows(request: Request) -> Any:
    """Return the workflows of the organisation."""
    # The headers of our user, above all Authorization and Cookie, do not go to Scout.
    response = await request.state.scout.get("/v2/workflows")
    return response.raise_for_status().json()


@app.get("/healthz")
async def healthz(request: Request) -> Any:
    """Return 200 if there is a credential to sign with. Scout is not asked, so its failures restart nothing here."""
    signer: Signer = request.state.signer
    signer.bearer()
    # The last good credential stays in use if a rotation has left a file that cannot be read.
    return {"kid": signer.kid, "source_error": signer.source_error and signer.source_error.code}


@app.exception_handler(httpx.HTTPStatusError)
async def scout_refused(_: Request, error: httpx.HTTPStatusError) -> JSONResponse:
    """Hide Scout's answer: our users can do nothing about it, and a 401 is not theirs."""
    # A 401 was already answered once with a new token.
    log.error("Scout answered %s to %s", error.response.status_code, error.request.url.path)
    if error.response.status_code == 429:
        return unavailable(503, retry_after=error.response.headers.get("Retry-After", "30"))
    return unavailable(502)


@app.exception_handler(httpx.TransportError)
async def no_answer(_: Request, error: httpx.TransportError) -> JSONResponse:
    """Report that Scout was not reached, or was too slow."""
    log.error("Scout did not answer: %s", type(error).__name__)
    return unavailable(504 if isinstance(error, httpx.TimeoutException) else 502)


@app.exception_handler(ScoutAuthError)
async def no_credential(_: Request, error: ScoutAuthError) -> JSONResponse:
    """Report that there is no token. The text says what to do, and holds no part of the key."""
    log.error("%s [%s]", error, error.code)
    return unavailable(503)


def unavailable(status: int, *, retry_after: str | None = None) -> JSONResponse:
    """Return the same text for all of these."""
    headers = {"Retry-After": retry_after} if retry_after else None
    return JSONResponse({"detail": "Scout is not available"}, status, headers)
