"""The HTTP clients, each the real library against a real server."""

from __future__ import annotations

import asyncio
import base64
import copy
import io
import pickle
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
import urllib3
from scout_auth import ApiKey, PrivateKey, ScoutAuthError, Signer, UrlInsecureError
from scout_auth.aiohttp import ScoutMiddleware
from scout_auth.httpx import ScoutAuth
from scout_auth.httpx2 import ScoutAuth as Httpx2Auth
from scout_auth.requests import ScoutAuth as RequestsAuth
from scout_auth.urllib3 import ScoutPoolManager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from scout_auth import Credential
    from server import Server

    Send = Callable[..., int]

BODY = b"body " * 1000


def by_requests(credential: Any, url: str, body: Any = None) -> int:
    return requests.request("POST" if body else "GET", url, auth=credential, data=body, timeout=10).status_code


def by_requests_session(credential: Any, url: str, body: Any = None) -> int:
    with requests.Session() as session:
        session.auth = credential
        return session.request("POST" if body else "GET", url, data=body, timeout=10).status_code


def by_httpx(credential: Any, url: str, body: Any = None) -> int:
    with httpx.Client(auth=ScoutAuth(credential), follow_redirects=True) as client:
        return client.request("POST" if body else "GET", url, content=body).status_code


def by_httpx_async(credential: Any, url: str, body: Any = None) -> int:
    async def send() -> int:
        async with httpx.AsyncClient(auth=ScoutAuth(credential), follow_redirects=True) as client:
            content = body if body is None or isinstance(body, bytes) else chunks_async(body)
            return (await client.request("POST" if body else "GET", url, content=content)).status_code

    return asyncio.run(send())


def by_httpx2(credential: Any, url: str, body: Any = None) -> int:
    with httpx2.Client(auth=Httpx2Auth(credential), follow_redirects=True) as client:
        return client.request("POST" if body else "GET", url, content=body).status_code


def by_httpx2_async(credential: Any, url: str, body: Any = None) -> int:
    async def send() -> int:
        async with httpx2.AsyncClient(auth=Httpx2Auth(credential), follow_redirects=True) as client:
            content = body if body is None or isinstance(body, bytes) else chunks_async(body)
            return (await client.request("POST" if body else "GET", url, content=content)).status_code

    return asyncio.run(send())


def by_aiohttp(credential: Any, url: str, body: Any = None) -> int:
    async def send() -> int:
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())
        middlewares = [ScoutMiddleware(credential, url)]
        async with aiohttp.ClientSession(connector=connector, middlewares=middlewares, trust_env=True) as client:
            streamed = body is None or isinstance(body, bytes | io.IOBase)
            data = body if streamed else chunks_async(body)
            async with client.request("POST" if body else "GET", url, data=data) as response:
                await response.read()
                return response.status

    return asyncio.run(send())


def by_urllib3(credential: Any, url: str, body: Any = None) -> int:
    with ScoutPoolManager(credential, ssl_context=ssl.create_default_context()) as pool:
        return pool.request("POST" if body else "GET", url, body=body).status


async def chunks_async(body: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in body:
        yield chunk


def chunks() -> Iterator[bytes]:
    yield from (b"one", b"two")


CLIENTS = [
    by_requests,
    by_requests_session,
    by_httpx,
    by_httpx_async,
    by_httpx2,
    by_httpx2_async,
    by_aiohttp,
    by_urllib3,
]
each_client = pytest.mark.parametrize("send", CLIENTS, ids=lambda send: send.__name__)
each_client_with_proxies_of_the_environment = pytest.mark.parametrize(
    "send", [client for client in CLIENTS if client is not by_urllib3], ids=lambda send: send.__name__
)
each_client_that_knows_a_redirect = pytest.mark.parametrize(
    "send", [client for client in CLIENTS if client is not by_aiohttp], ids=lambda send: send.__name__
)
each_client_that_reads_files_again = pytest.mark.parametrize(
    "send", [by_requests, by_requests_session, by_aiohttp, by_urllib3], ids=lambda send: send.__name__
)


@each_client
def test_a_request_carries_a_token_that_pyjwt_accepts(send: Send, signer: Signer, server: Server) -> None:
    assert send(signer, server.url + "/x?y=z") == 200
    assert server.authorizations == [signer.authorization()]


@each_client
def test_https_works(send: Send, signer: Signer, tls_server: Server) -> None:
    assert send(signer, tls_server.url) == 200


@each_client
def test_a_legacy_key_is_sent_as_it_is(send: Send, server: Server) -> None:
    server.legacy_key = "legacy"
    assert send(ApiKey("legacy"), server.url) == 200
    assert server.authorizations == ["Bearer legacy"]


@each_client
def test_a_refused_legacy_key_is_not_sent_again(send: Send, server: Server) -> None:
    assert send(ApiKey("wrong"), server.url) == 401
    assert len(server.seen) == 1


@each_client
@pytest.mark.parametrize("ahead", [3000, -3000])
def test_the_clock_of_the_server_is_learnt_from_a_401(send: Send, signer: Signer, server: Server, ahead: int) -> None:
    server.ahead = ahead
    assert send(signer, server.url) == 200
    first, second = server.authorizations
    assert first != second == signer.authorization()
    assert abs(signer.clock_offset - ahead) < 5
    assert send(signer, server.url) == 200
    assert len(server.seen) == 3


@each_client
def test_a_second_401_is_returned_to_the_caller(send: Send, signer: Signer, server: Server) -> None:
    server.ahead, server.refuse = 3000, 9
    assert send(signer, server.url) == 401
    assert len(server.seen) == 2


@each_client
def test_a_clock_that_is_off_by_more_than_a_day_is_not_believed(send: Send, signer: Signer, server: Server) -> None:
    server.ahead = 2 * 86400
    assert send(signer, server.url) == 401
    assert signer.clock_offset == 0


@each_client
def test_a_body_of_bytes_is_sent_again_whole(send: Send, signer: Signer, server: Server) -> None:
    server.ahead = 3000
    assert send(signer, server.url, BODY) == 200
    assert [seen.body for seen in server.seen] == [BODY, BODY]


@each_client_that_reads_files_again
def test_a_file_is_sent_again_from_where_it_stood(send: Send, signer: Signer, server: Server) -> None:
    server.ahead = 3000
    file = io.BytesIO(b"head" + BODY)
    file.seek(4)
    assert send(signer, server.url, file) == 200
    assert [seen.body for seen in server.seen] == [BODY, BODY]


def upload(client: str, credential: Credential, url: str, file: Any) -> int:
    parts: Any = {"files": [("file", ("file.txt", file)), ("file", ("bytes.txt", b"bytes"))], "data": {"name": "value"}}

    async def send(package: Any, auth: Any) -> int:
        async with package.AsyncClient(auth=auth) as http:
            return int((await http.post(url, **parts)).status_code)

    package, auth = (httpx2, Httpx2Auth) if "httpx2" in client else (httpx, ScoutAuth)
    if "async" in client:
        return asyncio.run(send(package, auth(credential)))
    with package.Client(auth=auth(credential)) as http:
        return int(http.post(url, **parts).status_code)


each_multipart_client = pytest.mark.parametrize("client", ["httpx", "async httpx", "httpx2", "async httpx2"])


@each_multipart_client
def test_a_multipart_body_is_sent_again_whole(client: str, signer: Signer, server: Server) -> None:
    server.ahead = 3000
    assert upload(client, signer, server.url, io.BytesIO(BODY)) == 200
    first, second = (seen.body for seen in server.seen)
    assert first == second
    assert [part in first for part in (BODY, b"bytes", b"value")] == [True] * 3


class OnlyReads:
    """A file that can only be read once, such as the body of another response."""

    def __init__(self, content: bytes) -> None:
        self.read = io.BytesIO(content).read


@each_multipart_client
def test_a_multipart_body_that_can_be_read_once_is_not_sent_again(client: str, signer: Signer, server: Server) -> None:
    server.ahead = 3000
    assert upload(client, signer, server.url, OnlyReads(BODY)) == 401
    assert [BODY in seen.body for seen in server.seen] == [True]
    assert abs(signer.clock_offset - 3000) < 5


@each_client
def test_a_stream_is_not_sent_again_and_the_clock_is_learnt(send: Send, signer: Signer, server: Server) -> None:
    server.ahead = 3000
    assert send(signer, server.url, chunks()) == 401
    assert [seen.body for seen in server.seen] == [b"onetwo"]
    assert send(signer, server.url, chunks()) == 200


@each_client
def test_a_redirect_within_the_origin_keeps_the_header(send: Send, signer: Signer, server: Server) -> None:
    server.redirects["/from"] = (302, "/to")
    assert send(signer, server.url + "/from") == 200
    assert server.authorizations == [signer.authorization()] * 2


@each_client
def test_a_401_behind_a_redirect_within_the_origin_is_answered(send: Send, signer: Signer, server: Server) -> None:
    server.redirects["/from"] = (307, "/to")
    server.ahead = 3000
    assert send(signer, server.url + "/from") == 200
    assert abs(signer.clock_offset - 3000) < 5


@each_client
def test_a_redirect_after_a_retry_carries_the_new_token(send: Send, signer: Signer, server: Server) -> None:
    server.ahead = 3000
    old = signer.authorization()
    server.redirects["/to"] = (302, "/end")
    assert send(signer, server.url + "/from") == 200
    del server.seen[:]
    server.redirects["/from"] = (302, "/to")
    assert send(signer, server.url + "/from") == 200
    assert old not in server.authorizations


@each_client
@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_served_post_is_not_repeated_for_the_page_behind_it(
    send: Send, signer: Signer, server: Server, status: int
) -> None:
    server.redirects["/from"] = (status, "/to")
    server.ahead = 3000
    send(signer, server.url + "/from", BODY)
    assert [seen.path for seen in server.seen].count("/from") == 1
    assert abs(signer.clock_offset - 3000) < 5


@each_client
def test_the_date_of_a_cache_teaches_no_clock(send: Send, signer: Signer, server: Server) -> None:
    server.ahead, server.refuse, server.age = -3000, 9, "3000"
    send(signer, server.url)
    assert signer.clock_offset == 0


@each_client_with_proxies_of_the_environment
def test_plain_http_to_loopback_through_a_proxy_is_refused_before_anything_is_sent(
    send: Send, signer: Signer, server: Server, other_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", other_server.url)
    with pytest.raises(UrlInsecureError):
        send(signer, server.url)
    assert server.seen == other_server.seen == []


@pytest.mark.parametrize("send", [by_requests, by_httpx, by_httpx_async, by_httpx2, by_httpx2_async])
def test_a_proxy_for_every_scheme_is_a_proxy_for_plain_http(
    send: Send, signer: Signer, server: Server, other_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", other_server.url)
    with pytest.raises(UrlInsecureError):
        send(signer, server.url)
    assert other_server.seen == []


@each_client_with_proxies_of_the_environment
def test_plain_http_to_loopback_that_no_proxy_exempts_is_sent(
    send: Send, signer: Signer, server: Server, other_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", other_server.url)
    for exempt in ("127.0.0.1", "scout.example, 127.0.0.1", "*"):
        monkeypatch.setenv("no_proxy", exempt)
        assert send(signer, server.url) == 200
    assert other_server.seen == []


@each_client_with_proxies_of_the_environment
def test_a_proxy_for_plain_http_does_not_affect_https(
    send: Send, signer: Signer, tls_server: Server, other_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", other_server.url)
    assert send(signer, tls_server.url) == 200


def test_urllib3_refuses_plain_http_through_a_proxy_manager(
    signer: Signer, server: Server, other_server: Server
) -> None:
    class ScoutProxyManager(ScoutPoolManager, urllib3.ProxyManager):
        """A class of the user's own: ours takes no proxy."""

    with ScoutProxyManager(signer, proxy_url=other_server.url) as pool, pytest.raises(UrlInsecureError):
        pool.request("GET", server.url)
    assert other_server.seen == []


def test_aiohttp_refuses_plain_http_through_a_proxy_of_the_request(
    signer: Signer, server: Server, other_server: Server
) -> None:
    async def send() -> None:
        async with aiohttp.ClientSession(middlewares=[ScoutMiddleware(signer, server.url)]) as client:
            await client.get(server.url, proxy=other_server.url)

    with pytest.raises(UrlInsecureError):
        asyncio.run(send())
    assert other_server.seen == []


@each_client
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_origin_does_not_get_the_header(
    send: Send, signer: Signer, server: Server, other_server: Server, status: int
) -> None:
    server.redirects["/from"] = (status, other_server.url + "/to")
    other_server.redirects["/to"] = (status, other_server.url + "/end")
    other_server.ahead = 3000
    before = signer.token()
    assert send(signer, server.url + "/from") == 401
    assert server.authorizations == [signer.authorization()]
    assert other_server.authorizations == [None, None]
    # The 401 of another origin says nothing about the token or about Scout's clock.
    assert signer.token() is before
    assert signer.clock_offset == 0


@each_client_that_knows_a_redirect
def test_a_redirect_back_from_another_origin_does_not_get_the_header(
    send: Send, signer: Signer, server: Server, other_server: Server
) -> None:
    server.redirects["/from"] = (302, other_server.url + "/to")
    other_server.redirects["/to"] = (302, server.url + "/end")
    assert send(signer, server.url + "/from") == 401
    assert server.authorizations == [signer.authorization(), None]
    assert send(signer, server.url) == 200


@each_client
def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(send: Send, signer: Signer) -> None:
    with pytest.raises(UrlInsecureError):
        send(signer, "http://api.scoutos.com/")


@each_client
def test_an_origin_that_was_not_allowed_is_refused(send: Send, key: PrivateKey) -> None:
    limited = Signer("cred_123", key, allowed_origins=["https://api.scoutos.com"])
    with pytest.raises(ScoutAuthError) as caught:
        send(limited, "https://scout.example/")
    assert caught.value.code == "ERR_ORIGIN_NOT_ALLOWED"


@each_client
def test_a_netrc_entry_does_not_replace_the_header(
    send: Send, signer: Signer, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.redirects["/from"] = (302, "/to")
    assert send(signer, server.url + "/from") == 200
    assert server.authorizations == [signer.authorization()] * 2


def test_a_netrc_entry_applies_to_another_origin(
    signer: Signer, server: Server, other_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.redirects["/from"] = (302, other_server.url)
    by_requests(signer, server.url + "/from")
    assert other_server.authorizations == ["Basic " + base64.b64encode(b"someone:secret").decode()]


def test_requests_shows_the_first_response_in_the_history(signer: Signer, server: Server) -> None:
    server.ahead = 3000
    response = requests.get(server.url, auth=signer, timeout=10)
    assert [first.status_code for first in response.history] == [401]


def get_by_aiohttp(middlewares: list[Any], *urls: str, **session: Any) -> list[int]:
    async def send() -> list[int]:
        statuses = []
        async with aiohttp.ClientSession(middlewares=middlewares, **session) as client:
            for url in urls:
                async with client.get(url) as response:
                    statuses.append(response.status)
        return statuses

    return asyncio.run(send())


async def in_wait_for(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    return await asyncio.wait_for(handler(request), 10)


async def in_a_task(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    return await asyncio.create_task(asyncio.wait_for(handler(request), 10))


async def in_a_shield(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    return await asyncio.shield(handler(request))


@pytest.mark.parametrize("outer", [in_wait_for, in_a_task, in_a_shield])
@pytest.mark.parametrize("inside", [False, True], ids=["around ours", "inside of ours"])
def test_aiohttp_signs_for_no_other_origin_with_any_other_middleware(
    signer: Signer, server: Server, other_server: Server, outer: Any, inside: bool
) -> None:
    server.redirects["/from"] = (302, other_server.url + "/to")
    ours = ScoutMiddleware(signer, server.url)
    assert get_by_aiohttp([ours, outer] if inside else [outer, ours], server.url + "/from") == [401]
    assert server.authorizations == [signer.authorization()]
    assert other_server.authorizations == [None]


@pytest.mark.parametrize("spelling", ["http://LOCALHOST:{}/", "HTTP://localhost:{}/", "http://u:p@LocalHost:0{}/"])
def test_aiohttp_signs_for_no_other_origin_in_any_spelling(
    signer: Signer, server: Server, other_server: Server, spelling: str
) -> None:
    port = other_server.url.rpartition(":")[2]
    server.redirects["/from"] = (302, spelling.format(port))
    get_by_aiohttp([ScoutMiddleware(signer, server.url)], server.url + "/from", requote_redirect_url=False)
    assert signer.authorization() not in other_server.authorizations
    assert len(other_server.seen) == 1


def test_aiohttp_signs_each_request_to_its_origin_and_no_other(
    signer: Signer, server: Server, other_server: Server
) -> None:
    server.redirects["/from"] = (302, other_server.url)
    urls = (server.url + "/from", server.url, other_server.url)
    assert get_by_aiohttp([ScoutMiddleware(signer, server.url + "/v2/")], *urls) == [401, 200, 401]
    assert server.authorizations == [signer.authorization()] * 2
    assert other_server.authorizations == [None, None]


def test_aiohttp_signs_for_two_origins_with_two_middlewares(
    signer: Signer, server: Server, other_server: Server
) -> None:
    both = [ScoutMiddleware(signer, server.url), ScoutMiddleware(ApiKey("legacy"), other_server.url)]
    other_server.legacy_key = "legacy"
    assert get_by_aiohttp(both, server.url, other_server.url) == [200, 200]
    assert (server.authorizations, other_server.authorizations) == ([signer.authorization()], ["Bearer legacy"])


def test_an_aiohttp_middleware_without_an_origin_says_what_is_missing(signer: Signer) -> None:
    with pytest.raises(TypeError, match="'origin'"):
        ScoutMiddleware(signer)  # type: ignore[call-arg]


def test_a_response_of_requests_pickles_without_the_credential(signer: Signer, server: Server) -> None:
    server.ahead = 3000
    response = requests.post(server.url, BODY, auth=signer, timeout=10)
    pickled = pickle.dumps(response)
    assert b"Bearer" not in pickled
    again = pickle.loads(pickled)
    assert (again.status_code, again.request.body, again.history[0].status_code) == (200, BODY, 401)
    assert "Authorization" in copy.deepcopy(response.request).headers


class Wrapped:
    """A credential of the user's own."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.refused: list[str] = []

    def authorization_for(self, url: str) -> str:
        return self.signer.authorization_for(url)

    def rejected(self, token: str, date: str | None = None) -> bool:
        self.refused.append(token)
        return self.signer.rejected(token, date)


@each_client
def test_a_credential_of_the_users_own_serves_each_client(send: Send, signer: Signer, server: Server) -> None:
    typed: Credential = (credential := Wrapped(signer))
    server.ahead = 3000
    if send in {by_requests, by_requests_session}:
        assert requests.get(server.url, auth=RequestsAuth(typed), timeout=10).status_code == 200
    else:
        assert send(credential, server.url) == 200
    assert credential.refused == server.authorizations[:1]


def test_a_signer_given_to_httpx_needs_no_requests_to_say_what_to_use() -> None:
    script = """
import sys
sys.modules["requests"] = None
import httpx, scout_auth
signer = scout_auth.Signer("cred_123", scout_auth.PrivateKey.generate())
try:
    httpx.get("http://localhost", auth=signer)
except TypeError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "scout_auth.httpx.ScoutAuth" in ran.stdout


@pytest.mark.parametrize(
    ("client", "lacks", "needs"),
    [("urllib3", "HTTPHeaderDict", "urllib3 2.0.2"), ("aiohttp", "Payload.consumed", "aiohttp 3.12.8")],
)
def test_a_client_that_is_too_old_is_named_when_the_module_is_imported(client: str, lacks: str, needs: str) -> None:
    script = f"import {client}; del {client}.{lacks}; import scout_auth.{client}"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert f"ImportError: scout_auth.{client} needs {needs} or later" in ran.stderr


@pytest.mark.parametrize("client", [httpx, httpx2])
def test_a_signer_given_to_httpx_itself_says_what_to_use(client: Any, signer: Signer, server: Server) -> None:
    with pytest.raises(TypeError, match=rf"scout_auth\.{client.__name__}\.ScoutAuth"):
        client.get(server.url, auth=signer)
    assert server.seen == []


@pytest.mark.parametrize(("client", "other"), [("httpx", "httpx2"), ("httpx2", "httpx")])
def test_the_auth_of_one_httpx_works_where_the_other_is_not_installed(client: str, other: str) -> None:
    script = f"import sys; sys.modules[{other!r}] = None; import scout_auth.{client}"
    subprocess.run([sys.executable, "-c", script], check=True)
