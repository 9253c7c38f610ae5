"""Clients of Scout's own SDK: `client(signer)` is a scoutos.Scout, `async_client(signer)` a scoutos.AsyncScout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from scoutos import AsyncScout, Scout

from .httpx import ScoutAuth

if TYPE_CHECKING:
    from . import Credential

__all__ = ["async_client", "client"]

#: The SDK refuses to start without a key. ScoutAuth replaces the header that the SDK makes of it.
UNUSED_KEY = "scout-auth"

#: The SDK's own, which an httpx client of ours would otherwise replace by 5 seconds.
TIMEOUT = 60.0


def client(
    credential: Credential,
    *,
    base_url: str | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Scout:
    """Return a client of the SDK that authenticates with a Signer, an ApiKey or another Credential.

    It does what scout_auth.httpx.ScoutAuth does: it answers one 401 with a new token. Timeout (in seconds), redirects,
    retries and streams are those of the SDK. base_url replaces https://api.scoutos.com.

    A request raises what Signer.authorization_for raises.
    """
    http = httpx.Client(auth=ScoutAuth(credential), timeout=timeout, follow_redirects=True)
    return Scout(api_key=UNUSED_KEY, base_url=base_url, headers=headers, httpx_client=http)


def async_client(
    credential: Credential,
    *,
    base_url: str | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> AsyncScout:
    """Return what client() returns, for asyncio."""
    http = httpx.AsyncClient(auth=ScoutAuth(credential), timeout=timeout, follow_redirects=True)
    return AsyncScout(api_key=UNUSED_KEY, base_url=base_url, headers=headers, httpx_client=http)
