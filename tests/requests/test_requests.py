"""The same behaviour of every client: against a local Scout, and against a server that verifies with PyJWT."""

from __future__ import annotations

import functools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from programs import COMMAND, COMMANDS, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scout_auth.testing import Credential, LocalScout
    from server import Server

WORKERS = ("/0", "/1", "/2", "/3")

each_client = pytest.mark.parametrize("program", COMMANDS, indirect=True, scope="session")


def each_client_but(without: str, because: str) -> pytest.MarkDecorator:
    skipped = pytest.param(without, marks=pytest.mark.skip(reason=f"{without}: {because}"))
    clients = [skipped if name == without else name for name in COMMANDS]
    return pytest.mark.parametrize("program", clients, indirect=True, scope="session")


each_client_but_the_command = functools.partial(each_client_but, COMMAND)
each_client_that_follows_redirects = each_client_but(
    "ureq", "it counts another port as the same origin, so it follows none"
)


@each_client
def test_the_server_accepts_a_request_and_gets_its_body(client: Program, server: Server) -> None:
    assert client.get(server.url) == "200"
    assert client.post(server.url, "hello") == "200"
    assert [(seen.method, seen.body) for seen in server.seen] == [("GET", b""), ("POST", b"hello")]


@each_client_but_the_command("it keeps no token that could be dropped, and sees no response")
def test_after_a_401_the_token_is_dropped_and_the_request_sent_once_more(client: Program, server: Server) -> None:
    assert client.get(server.url) == "200"
    until_the_next_second()
    server.refuse = 1
    assert client.get(server.url) == "200"
    first, refused, second = server.authorizations
    assert first == refused != second


@each_client_but_the_command("it sees no response, and so learns no clock")
@pytest.mark.parametrize("ahead", [3000, -3000], ids=["fifty minutes ahead", "fifty minutes behind"])
def test_the_clock_of_the_server_is_learnt_and_the_next_request_needs_no_retry(
    scouts_client: Program, local_scout: LocalScout, ahead: int
) -> None:
    local_scout.skew(ahead)
    assert scouts_client.get(local_scout.url) == "200"
    assert scouts_client.get(local_scout.url) == "200"
    assert [seen["status"] for seen in local_scout.requests()] == [401, 200, 200]


@each_client_but_the_command("it sees no response; curl returns the 401 to its caller")
def test_a_body_is_sent_again_with_the_retry(client: Program, server: Server) -> None:
    server.ahead = 3000
    assert client.post(server.url, "hello") == "200"
    assert [(seen.method, seen.body) for seen in server.seen] == [("POST", b"hello")] * 2


@each_client_that_follows_redirects
def test_a_redirect_within_the_origin_carries_the_header(client: Program, server: Server) -> None:
    server.redirects["/from"] = (302, "/to")
    assert client.get(server.url + "/from") == "200"
    first, second = server.authorizations
    assert first == second


@each_client_that_follows_redirects
def test_a_redirect_to_another_origin_carries_no_header(client: Program, server: Server, other_server: Server) -> None:
    server.redirects["/from"] = (302, other_server.url + "/to")
    assert client.get(server.url + "/from") == "401"
    assert None not in server.authorizations
    assert other_server.authorizations == [None]


@each_client
def test_plain_http_to_elsewhere_is_refused_before_anything_is_sent(
    client: Program, credential: Credential, server: Server
) -> None:
    # No loopback address, and yet it leads to this server: what is sent would be seen.
    elsewhere = server.url.replace("127.0.0.1", "0.0.0.0")
    client.follow(credential, elsewhere)
    assert client.get(elsewhere) == "ERR_URL_INSECURE"
    assert server.seen == []


@each_client
def test_a_rotation_in_the_middle_of_traffic_fails_no_request(scouts_client: Program, local_scout: LocalScout) -> None:
    old, new = local_scout.credential, local_scout.create_credential("new")
    with traffic(scouts_client, local_scout.url) as answers:
        wait_until(lambda: all_workers_sent(local_scout, old))
        scouts_client.follow(new, local_scout.url)
        wait_until(lambda: all_workers_sent(local_scout, new))
        old.disable()
        disabled = len(answers)
        wait_until(lambda: len(answers) >= disabled + 100)
    assert set(answers) == {"200"}
    assert {seen["status"] for seen in local_scout.requests()} == {200}, "a request was sent twice"
    assert {seen["credential_id"] for seen in local_scout.requests()[-100:]} == {new.id}
    scouts_client.follow(old, local_scout.url)
    assert scouts_client.get(local_scout.url) == "401"


@contextmanager
def traffic(client: Program, origin: str) -> Iterator[list[str]]:
    """Have several workers send one request after the other, and collect the answers."""
    answers: list[str] = []
    stop = threading.Event()

    def work(path: str) -> None:
        while not stop.is_set():
            answers.append(client.get(origin + path))

    with ThreadPoolExecutor() as pool:
        working = [pool.submit(work, path) for path in WORKERS]
        try:
            yield answers
        finally:
            stop.set()
    for worker in working:
        worker.result()


def all_workers_sent(scout: LocalScout, credential: Credential) -> bool:
    """Say whether each worker sent twenty requests with that credential."""
    paths = [seen["path"] for seen in scout.requests() if seen["credential_id"] == credential.id]
    return all(paths.count(path) >= 20 for path in WORKERS)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "the traffic has come to a halt"
        time.sleep(0.05)


def until_the_next_second() -> None:
    """Wait until a new token differs: one of the same second is the same, byte for byte."""
    time.sleep(1.1 - time.time() % 1)
