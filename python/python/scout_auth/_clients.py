"""What the HTTP clients share."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from ._native import url_insecure

if TYPE_CHECKING:
    from collections.abc import Mapping

UNAUTHORIZED = 401


def server_date(headers: Mapping[str, str]) -> str | None:
    """Return the response's Date, unless a cache answered: its Date says nothing about the clock."""
    return None if "Age" in headers else headers.get("Date")


def refuse_proxy(url: str) -> None:
    """Raise UrlInsecureError if the environment names a proxy for a plain http URL.

    requests and httpx read NO_PROXY in different ways. Both know "*" and the exact host; nothing else counts here.
    """
    parts = urlsplit(url)
    if parts.scheme == "https":
        return
    proxies = getproxies()
    exempt = {host.strip().lower() for host in proxies.get("no", "").split(",")}
    if ("http" in proxies or "all" in proxies) and exempt != {"*"} and parts.hostname not in exempt:
        raise url_insecure()
