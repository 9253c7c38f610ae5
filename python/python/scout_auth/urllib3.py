"""A pool manager of urllib3: `ScoutPoolManager(signer).request("GET", url)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import UnrewindableBodyError
from urllib3.util import parse_url
from urllib3.util.request import rewind_body, set_file_position

from ._clients import UNAUTHORIZED, server_date
from ._native import url_insecure

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse
    from urllib3.util.retry import RequestHistory

    from . import Credential

if not hasattr(urllib3, "HTTPHeaderDict"):
    raise ImportError("scout_auth.urllib3 needs urllib3 2.0.2 or later")  # noqa: EM101, TRY003

__all__ = ["ScoutPoolManager"]

#: Redirects after which many servers have already served the request itself.
SERVED = {301, 302, 303}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class ScoutPoolManager(urllib3.PoolManager):
    """A PoolManager whose request() puts the header on, and answers one 401 with a new token.

    The header goes only over https, or to loopback without a proxy, and does not follow a redirect to another origin.
    A request is sent again only if its body can be read again. The other arguments are those of urllib3.PoolManager.

    request() also raises what Signer.authorization_for raises.
    """

    def __init__(self, credential: Credential, **pool: Any) -> None:
        """Take a Signer, an ApiKey or another Credential, and what PoolManager takes."""
        super().__init__(**pool)
        self._credential = credential

    def request(  # noqa: PLR0913, PLR0917 - urllib3's own
        self,
        method: str,
        url: str,
        body: Any = None,
        fields: Any = None,
        headers: Any = None,
        json: Any = None,
        **urlopen: Any,
    ) -> BaseHTTPResponse:
        """Send a request, as urllib3.PoolManager.request does."""

        def send(authorization: str) -> BaseHTTPResponse:
            signed = urllib3.HTTPHeaderDict(self.headers if headers is None else headers)
            signed["Authorization"] = authorization
            return super(ScoutPoolManager, self).request(method, url, body, fields, signed, json, **urlopen)

        if self.proxy and parse_url(url).scheme != "https":
            raise url_insecure()
        position = set_file_position(body, None)
        sent = self._credential.authorization_for(url)
        response = send(sent)
        history = response.retries.history if response.retries else ()
        # urllib3 drops the header on a redirect to another origin: that 401 says nothing.
        if response.status != UNAUTHORIZED or leaves_origin(url, history):
            return response
        worthwhile = self._credential.rejected(sent, server_date(response.headers))
        # The request itself may have been served, and what was refused is the page behind it.
        served = method.upper() not in SAFE_METHODS and any(step.status in SERVED for step in history)
        if not worthwhile or served or not rewind(body, position):
            return response
        response.drain_conn()
        return send(self._credential.authorization_for(url))


def leaves_origin(url: str, history: tuple[RequestHistory, ...]) -> bool:
    """Return whether one of the redirects led to another origin."""
    origin = parse_url(url)[:4]
    steps = ((step.url or url, step.redirect_location) for step in history if step.redirect_location)
    return any(parse_url(urljoin(here, there))[:4] != origin for here, there in steps)


def rewind(body: Any, position: Any) -> bool:
    """Set the body back to where it was. Return whether that was possible."""
    if body is None or isinstance(body, str | bytes | bytearray | memoryview):
        return True
    try:
        rewind_body(body, position)
    except (UnrewindableBodyError, ValueError):
        return False
    return True
