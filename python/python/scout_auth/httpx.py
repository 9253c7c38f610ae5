"""The auth of httpx, sync and async: `httpx.Client(auth=ScoutAuth(signer))`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from ._httpx import auth_flow

if TYPE_CHECKING:
    from collections.abc import Generator

    from . import Credential

__all__ = ["ScoutAuth"]


class ScoutAuth(httpx.Auth):
    """Puts the header on each request, and answers one 401 with a new token.

    The header goes only over https, or to loopback without a proxy. It does not follow a redirect to another origin
    that httpx follows. `client.send(response.next_request)` is a new request: it is signed for its own URL, whatever
    the origin. If you follow redirects by hand, give the signer allowed_origins.

    httpx does not show its proxies to an auth. The proxies of the environment are looked at; for a Client with a
    `proxy` or `mounts` of its own, keep plain http to loopback out of the proxy.

    A request is sent again only if its body can be read again: bytes, or multipart of bytes and files that can seek.

    A request raises what Signer.authorization_for raises.
    """

    def __init__(self, credential: Credential) -> None:
        """Take a Signer, an ApiKey or another Credential."""
        self._credential = credential

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Serve httpx, which calls this for each request."""
        return auth_flow(self._credential, request, httpx.ByteStream)
