"""Scout's own SDK, against a real server."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import scout_auth.scoutos
from scout_auth import PrivateKey, Signer, UrlInsecureError
from scout_auth.httpx import ScoutAuth
from scoutos import AsyncScout, IncomingMessage, Scout
from scoutos.core.api_error import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from server import Server

    Make = Callable[[Any, str], Scout | AsyncScout]

MESSAGES = [IncomingMessage(content="hello")]
#: max_retries of the SDK counts from 2: 3 is one retry.
ONE_RETRY: Any = {"max_retries": 3}


def by_client(credential: Any, url: str) -> Scout:
    return scout_auth.scoutos.client(credential, base_url=url)


def by_async_client(credential: Any, url: str) -> AsyncScout:
    return scout_auth.scoutos.async_client(credential, base_url=url)


def by_httpx_client(credential: Any, url: str) -> Scout:
    http = httpx.Client(auth=ScoutAuth(credential), timeout=60, follow_redirects=True)
    return Scout(api_key="scout-auth", base_url=url, httpx_client=http)


def by_bearer(credential: Any, url: str) -> Scout:
    return Scout(api_key=credential.bearer, base_url=url)


def by_async_bearer(credential: Any, url: str) -> AsyncScout:
    return AsyncScout(api_key=credential.bearer, base_url=url)


HTTPX = [by_client, by_async_client, by_httpx_client]
each_way = pytest.mark.parametrize("make", [*HTTPX, by_bearer, by_async_bearer], ids=lambda make: make.__name__)
each_way_with_our_auth = pytest.mark.parametrize("make", HTTPX, ids=lambda make: make.__name__)
each_way_without_our_auth = pytest.mark.parametrize(
    "make", [by_bearer, by_async_bearer], ids=lambda make: make.__name__
)


def usage(scout: Any, **options: Any) -> Any:
    return call(scout, lambda: scout.usage.get(**options))


def upload(scout: Any, *files: Any) -> Any:
    return call(scout, lambda: scout.drive.upload(files=list(files), metadata="[]"))


def chunks(scout: Any) -> Any:
    def interact() -> Any:
        return scout.agents.interact("agent_1", messages=MESSAGES)

    async def collect() -> list[Any]:
        return [chunk async for chunk in interact()]

    return call(scout, (lambda: list(interact())) if isinstance(scout, Scout) else collect)


def call(scout: Any, method: Callable[[], Any]) -> Any:
    """Call a method of the SDK, and close the connections afterwards: the SDK does not."""
    http = scout._client_wrapper.httpx_client.httpx_client

    async def run() -> Any:
        async with http:
            return await method()

    if isinstance(scout, AsyncScout):
        return asyncio.run(run())
    with http:
        return method()


@pytest.fixture
def agent(server: Server) -> None:
    """An agent that answers with a stream of events."""
    events = b'event: message\ndata: {"n": 1}\n\nevent: message\ndata: {"n": 2}\n\n'
    server.pages["/world/agent_1/_interact"] = ("text/event-stream", events)


@each_way
def test_a_request_of_the_sdk_carries_a_token_that_pyjwt_accepts(make: Make, signer: Signer, server: Server) -> None:
    usage(make(signer, server.url))
    assert server.authorizations == [signer.authorization()]


@each_way_with_our_auth
def test_a_401_is_answered_with_a_new_token(make: Make, signer: Signer, server: Server) -> None:
    server.ahead = 3000
    usage(make(signer, server.url))
    assert len(server.seen) == 2
    assert abs(signer.clock_offset - 3000) < 5


@each_way_without_our_auth
def test_the_sdk_alone_returns_a_401(make: Make, signer: Signer, server: Server) -> None:
    server.refuse = 1
    with pytest.raises(ApiError) as caught:
        usage(make(signer, server.url))
    assert caught.value.status_code == 401
    assert len(server.seen) == 1


@each_way
@pytest.mark.usefixtures("agent")
def test_a_stream_is_read_to_its_end(make: Make, signer: Signer, server: Server) -> None:
    assert chunks(make(signer, server.url)) == [{"n": 1}, {"n": 2}]
    assert server.authorizations == [signer.authorization()]


@each_way_with_our_auth
@pytest.mark.usefixtures("agent")
def test_a_401_to_a_stream_is_answered_with_a_new_token(make: Make, signer: Signer, server: Server) -> None:
    server.ahead = 3000
    assert chunks(make(signer, server.url)) == [{"n": 1}, {"n": 2}]
    assert [b"hello" in seen.body for seen in server.seen] == [True, True]


class Counting:
    """A credential that counts how often it is asked."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.asked = 0

    def authorization_for(self, url: str) -> str:
        self.asked += 1
        return self.signer.authorization_for(url)

    def bearer(self) -> str:
        self.asked += 1
        return self.signer.bearer()

    def rejected(self, token: str, date: str | None = None) -> bool:
        return self.signer.rejected(token, date)


@each_way
def test_a_retry_of_the_sdk_asks_for_the_current_token(make: Make, signer: Signer, server: Server) -> None:
    server.unavailable = 1
    credential = Counting(signer)
    usage(make(credential, server.url), request_options=ONE_RETRY)
    assert (len(server.seen), credential.asked) == (2, 2)


@each_way_with_our_auth
def test_an_upload_is_repeated_whole_after_a_401(make: Make, signer: Signer, server: Server) -> None:
    server.ahead = 3000
    upload(make(signer, server.url), ("a.txt", io.BytesIO(b"first file")), ("b.txt", b"second file"))
    first, second = (seen.body for seen in server.seen)
    assert first == second
    assert [text in first for text in (b"first file", b"second file", b"[]")] == [True] * 3


@each_way
def test_a_redirect_to_another_origin_does_not_get_the_header(
    make: Make, signer: Signer, server: Server, other_server: Server
) -> None:
    server.redirects["/v2/usage"] = (307, other_server.url + "/to")
    with pytest.raises(ApiError):
        usage(make(signer, server.url))
    assert other_server.authorizations == [None]


@each_way_with_our_auth
def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(make: Make, signer: Signer) -> None:
    with pytest.raises(UrlInsecureError):
        usage(make(signer, "http://api.scoutos.com"))


@pytest.mark.parametrize(
    ("make", "of_the_sdk"),
    [(scout_auth.scoutos.client, Scout), (scout_auth.scoutos.async_client, AsyncScout)],
)
def test_time_limit_redirects_and_address_are_those_of_the_sdk(make: Any, of_the_sdk: Any, signer: Signer) -> None:
    wrappers = [scout._client_wrapper for scout in (make(signer), of_the_sdk(api_key="any"))]
    clients = [wrapper.httpx_client.httpx_client for wrapper in wrappers]
    ours, theirs = [
        (wrapper.get_base_url(), wrapper.get_timeout(), http.timeout, http.follow_redirects)
        for wrapper, http in zip(wrappers, clients, strict=True)
    ]
    assert ours == theirs


def test_time_limit_and_headers_can_be_chosen(signer: Signer) -> None:
    scout = scout_auth.scoutos.client(signer, headers={"X-Name": "value"}, timeout=5)
    wrapper = scout._client_wrapper
    assert wrapper.get_timeout() == 5
    assert wrapper.get_headers()["X-Name"] == "value"


def test_the_client_holds_no_key(key: PrivateKey) -> None:
    scout = scout_auth.scoutos.client(Signer("cred_123", key))
    assert scout._client_wrapper.get_headers()["Authorization"] == "Bearer scout-auth"


def test_authorization_as_the_key_of_the_sdk_sends_bearer_twice(signer: Signer, server: Server) -> None:
    """The README warns of this. If the SDK one day refuses it, the warning can go."""
    with pytest.raises(ApiError):
        usage(Scout(api_key=signer.authorization, base_url=server.url))
    assert server.authorizations == ["Bearer " + signer.authorization()]


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
def test_an_async_function_as_the_key_of_the_sdk_sends_its_coroutine(signer: Signer, server: Server) -> None:
    """The README warns of this. If the SDK one day awaits it, the warning can go."""

    async def bearer() -> str:
        return signer.bearer()

    key: Any = bearer
    with pytest.raises(ApiError):
        usage(AsyncScout(api_key=key, base_url=server.url))
    assert [str(sent).startswith("Bearer <coroutine object") for sent in server.authorizations] == [True]
