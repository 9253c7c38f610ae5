"""The auth of httpx, sync and async: `httpx.Client(auth=ScoutAuth(signer))`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator

    from . import ApiKey, Signer

__all__ = ["ScoutAuth"]

UNAUTHORIZED = 401


class ScoutAuth(httpx.Auth):
    """Puts the header on each request, and answers one 401 with a new token.

    The header goes over https and to loopback only, and stays off when a redirect leads to another
    origin. A request is sent again only where its body is at hand as bytes: not a stream, not
    multipart.

    Raises what Signer.authorization_for raises.
    """

    def __init__(self, credential: Signer | ApiKey) -> None:
        """Take a Signer or an ApiKey."""
        self._credential = credential

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Serve httpx, which calls this for each request."""
        sent = self._credential.authorization_for(str(request.url))
        request.headers["Authorization"] = sent
        response = yield request
        # After redirects this is the last request; httpx has dropped the header for another origin.
        request = response.request
        if response.status_code != UNAUTHORIZED or request.headers.get("Authorization") != sent:
            return
        worthwhile = self._credential.rejected(sent, response.headers.get("Date"))
        if worthwhile and isinstance(request.stream, httpx.ByteStream):
            request.headers["Authorization"] = self._credential.authorization_for(str(request.url))
            yield request
