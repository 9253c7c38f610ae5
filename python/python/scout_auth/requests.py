"""The auth of requests: `requests.get(url, auth=signer)`, or `auth=ScoutAuth(credential)` for any Credential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.auth import AuthBase
from requests.exceptions import UnrewindableBodyError
from requests.utils import rewind_body

from ._clients import UNAUTHORIZED, refuse_proxy, server_date

if TYPE_CHECKING:
    from . import Credential

__all__ = ["ScoutAuth"]


class ScoutAuth(AuthBase):
    """Puts the header on each request, and answers one 401 with a new token.

    A Signer and an ApiKey do the same when they are called: they need no ScoutAuth.

    The header goes only over https, or to loopback without a proxy, and does not follow a redirect to another origin.
    A request is sent again only if its body can be read again.

    requests does not show its proxies to an auth. The proxies of the environment are looked at; for `proxies` of a
    Session or of a request, keep plain http to loopback out of the proxy.

    A request raises what Signer.authorization_for raises.
    """

    def __init__(self, credential: Credential) -> None:
        """Take a Signer, an ApiKey or another Credential."""
        self._credential = credential

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Serve requests, which calls this for each request."""
        url = str(request.url)
        refuse_proxy(url)
        sent = self._credential.authorization_for(url)
        request.headers["Authorization"] = sent
        request.register_hook("response", Retry(self._credential, sent))
        request.__class__ = SignedRequest
        return request


class SignedRequest(PreparedRequest):
    """A request whose Authorization no .netrc entry replaces, and whose pickle holds no Authorization.

    On each redirect requests asks .netrc again, even within the same origin. If the origin is another one, requests
    has already dropped the header, and .netrc applies.
    """

    def prepare_auth(self, auth: Any, url: str | bytes = "") -> None:
        if "Authorization" not in self.headers:
            super().prepare_auth(auth, url)

    def copy(self) -> PreparedRequest:
        copy = super().copy()
        copy.__class__ = SignedRequest
        return copy

    def __copy__(self) -> PreparedRequest:
        return self.copy()

    def __deepcopy__(self, _memo: object) -> PreparedRequest:
        return self.copy()

    def __reduce__(self) -> tuple[type[PreparedRequest], tuple[()], dict[str, Any]]:
        """Pickle the request of a response without the credential: a pickle is a file or a message."""
        headers = self.headers.copy()
        headers.pop("Authorization", None)
        hooks = {event: [hook for hook in hooks if not isinstance(hook, Retry)] for event, hooks in self.hooks.items()}
        return PreparedRequest, (), vars(self) | {"headers": headers, "hooks": hooks}


class Retry:
    """Answers a 401 to the header that was sent: once, since requests calls no hook for the answer."""

    def __init__(self, credential: Credential, sent: str) -> None:
        self._credential = credential
        self._sent = sent

    def __call__(self, response: Response, **kwargs: Any) -> Response:
        request = response.request
        # On a redirect to another origin requests has dropped the header: that 401 says nothing.
        if response.status_code != UNAUTHORIZED or request.headers.get("Authorization") != self._sent:
            return response
        worthwhile = self._credential.rejected(self._sent, server_date(response.headers))
        if not (worthwhile and rewind(request)):
            return response
        # The same request object, so that requests follows redirects with the new header.
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
    """Set the body back to its start. Return whether that was possible."""
    if request.body is None or isinstance(request.body, str | bytes):
        return True
    try:
        rewind_body(request)
    except UnrewindableBodyError:
        return False
    return True
