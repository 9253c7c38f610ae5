"""What the auths of httpx and httpx2 share. The two packages have the same classes, each its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._clients import UNAUTHORIZED, refuse_proxy, server_date

if TYPE_CHECKING:
    from collections.abc import Generator

    from . import Credential


def auth_flow(credential: Credential, request: Any, byte_stream: type) -> Generator[Any, Any, None]:
    """Sign a request, and send it once more after a 401. byte_stream is the class of bodies that are bytes."""
    refuse_proxy(str(request.url))
    sent = credential.authorization_for(str(request.url))
    request.headers["Authorization"] = sent
    response = yield request
    # After redirects this is the last request; the client has dropped the header for another origin.
    request = response.request
    if response.status_code != UNAUTHORIZED or request.headers.get("Authorization") != sent:
        return
    worthwhile = credential.rejected(sent, server_date(response.headers))
    if worthwhile and (isinstance(request.stream, byte_stream) or is_repeatable_multipart(request.stream)):
        request.headers["Authorization"] = credential.authorization_for(str(request.url))
        yield request


def is_repeatable_multipart(stream: Any) -> bool:
    """Return whether a body is multipart whose files can all be read again: the client sets each back to its start."""
    fields = getattr(stream, "fields", None)
    return fields is not None and all(is_repeatable(getattr(field, "file", b"")) for field in fields)


def is_repeatable(file: Any) -> bool:
    return isinstance(file, str | bytes) or (hasattr(file, "seekable") and file.seekable())
