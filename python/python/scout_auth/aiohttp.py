"""The middleware of aiohttp: `ScoutMiddleware(signer, "https://api.scoutos.com")`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import Payload, hdrs
from yarl import URL

from ._clients import UNAUTHORIZED, server_date
from ._native import url_insecure

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

    from . import Credential

if not hasattr(Payload, "consumed"):
    raise ImportError("scout_auth.aiohttp needs aiohttp 3.12.8 or later")  # noqa: EM101, TRY003

__all__ = ["ScoutMiddleware"]


class ScoutMiddleware:
    """Puts the header on each request to one origin, and answers one 401 with a new token.

    Requests to other origins pass unchanged. A middleware cannot tell a redirect from a request of the user, so the
    origin is what keeps the header from following a redirect. For a second origin, add a second middleware.

    The header goes only over https, or to loopback without a proxy. A request is sent again only if its body can be
    read again.

    A request raises what Signer.authorization_for raises.
    """

    def __init__(self, credential: Credential, origin: str) -> None:
        """Take a Signer, an ApiKey or another Credential, and the origin, such as "https://api.scoutos.com"."""
        self._credential = credential
        self._origin = URL(origin).origin()

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Serve aiohttp, which calls this for each request and for each redirect."""
        if request.url.origin() != self._origin:
            return await handler(request)
        if request.proxy and request.url.scheme != "https":
            raise url_insecure()
        sent = self._credential.authorization_for(str(request.url))
        request.headers[hdrs.AUTHORIZATION] = sent
        response = await handler(request)
        if response.status != UNAUTHORIZED:
            return response
        worthwhile = self._credential.rejected(sent, server_date(response.headers))
        if not worthwhile or (isinstance(request.body, Payload) and request.body.consumed):
            return response
        response.release()
        request.headers[hdrs.AUTHORIZATION] = self._credential.authorization_for(str(request.url))
        return await handler(request)
