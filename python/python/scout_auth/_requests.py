"""The auth of requests: what `requests.get(url, auth=signer)` calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.exceptions import UnrewindableBodyError
from requests.utils import rewind_body

if TYPE_CHECKING:
    from . import ApiKey, Signer

UNAUTHORIZED = 401


class SignedRequest(PreparedRequest):
    """A request whose Authorization no .netrc entry replaces.

    On each redirect requests asks .netrc anew, for the same origin too. It drops the header first
    where the origin is another: then .netrc may speak.
    """

    def prepare_auth(self, auth: Any, url: str | bytes = "") -> None:
        if "Authorization" not in self.headers:
            super().prepare_auth(auth, url)

    def copy(self) -> PreparedRequest:
        copy = super().copy()
        copy.__class__ = SignedRequest
        return copy


def authorize(credential: Signer | ApiKey, request: object) -> PreparedRequest:
    """Put the header on, and a hook that answers one 401."""
    if not isinstance(request, PreparedRequest):
        message = f"{type(credential).__name__} is the auth of requests; for httpx use scout_auth.httpx.ScoutAuth"
        raise TypeError(message)
    sent = credential.authorization_for(str(request.url))
    request.headers["Authorization"] = sent
    request.register_hook("response", Retry(credential, sent))
    request.__class__ = SignedRequest
    return request


class Retry:
    """Answers a 401 to the header that was sent: once, since requests calls no hook for the answer."""

    def __init__(self, credential: Signer | ApiKey, sent: str) -> None:
        self._credential = credential
        self._sent = sent

    def __call__(self, response: Response, **kwargs: Any) -> Response:
        request = response.request
        # On a redirect to another origin requests has dropped the header: that 401 says nothing.
        if response.status_code != UNAUTHORIZED or request.headers.get("Authorization") != self._sent:
            return response
        worthwhile = self._credential.rejected(self._sent, response.headers.get("Date"))
        if not (worthwhile and rewind(request)):
            return response
        # The very request, so that requests follows redirects with the new header.
        self._sent = self._credential.authorization_for(str(request.url))
        request.headers["Authorization"] = self._sent
        # Read to the end, so that the connection can be used again.
        response.content  # noqa: B018
        response.close()
        second: Response = response.connection.send(request, **kwargs)
        second.history.append(response)
        second.request = request
        return second


def rewind(request: PreparedRequest) -> bool:
    """Set the body back to its beginning, and say whether that was possible."""
    if request.body is None or isinstance(request.body, str | bytes):
        return True
    try:
        rewind_body(request)
    except UnrewindableBodyError:
        return False
    return True
