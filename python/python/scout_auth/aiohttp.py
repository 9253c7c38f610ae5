"""The middleware of aiohttp: `aiohttp.ClientSession(middlewares=[ScoutMiddleware(signer)])`."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from aiohttp import Payload, hdrs
from yarl import URL

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

    from . import ApiKey, Signer

__all__ = ["ScoutMiddleware"]

UNAUTHORIZED = 401
REDIRECTS = {301, 302, 303, 307, 308}


class ScoutMiddleware:
    """Puts the header on each request, and answers one 401 with a new token.

    The header goes over https and to loopback only, and stays off when a redirect leads to another
    origin, whether aiohttp follows it or the next request of the same task does. A request is sent
    again only where its body can be read again.

    Raises what Signer.authorization_for raises.
    """

    def __init__(self, credential: Signer | ApiKey) -> None:
        """Take a Signer or an ApiKey."""
        self._credential = credential

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Serve aiohttp, which calls this for each request and again for each redirect."""
        signed = redirected_to.get() != (self, request.url.origin())
        redirected_to.set(None)
        response = await (self._send(request, handler) if signed else handler(request))
        target = redirect_target(response)
        if target and not (signed and target == request.url.origin()):
            redirected_to.set((self, target))
        return response

    async def _send(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        sent = self._credential.authorization_for(str(request.url))
        request.headers[hdrs.AUTHORIZATION] = sent
        response = await handler(request)
        if response.status != UNAUTHORIZED:
            return response
        worthwhile = self._credential.rejected(sent, response.headers.get(hdrs.DATE))
        if not worthwhile or (isinstance(request.body, Payload) and request.body.consumed):
            return response
        response.release()
        request.headers[hdrs.AUTHORIZATION] = self._credential.authorization_for(str(request.url))
        return await handler(request)


# The origin to which the last response of this task redirects without the header. aiohttp runs the
# middleware anew for a redirect, in the same task, and does not say that it is one.
redirected_to: ContextVar[tuple[ScoutMiddleware, URL] | None] = ContextVar("redirected_to", default=None)


def redirect_target(response: ClientResponse) -> URL | None:
    """Give the origin that a redirect leads to."""
    location = response.headers.get(hdrs.LOCATION) or response.headers.get(hdrs.URI)
    if response.status not in REDIRECTS or not location:
        return None
    try:
        return response.url.join(URL(location)).origin()
    except ValueError:
        return None
