"""Threads, forks and event loops."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from scout_auth import PrivateKey, Signer, Token, Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Python warns about a fork while threads run. These tests do exactly that.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


class Busy:
    """Threads that do one thing again and again."""

    def __init__(self, work: Callable[[], object], threads: int = 4) -> None:
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(work,)) for _ in range(threads)]

    def run(self, work: Callable[[], object]) -> None:
        while not self.stop.is_set():
            work()

    def __enter__(self) -> None:
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()


def exit_status_of_child(work: Callable[[], bool]) -> int:
    """Fork, do the work in the child, and return its exit status: 0 if the work returns True."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 2)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    return status


@pytest.fixture
def verifies(signer: Signer) -> Callable[[object], bool]:
    verifier = Verifier(signer.public_key)
    return lambda token: verifier.verify(str(token)).credential_id == "cred_123"


def refresh(signer: Signer) -> None:
    signer.invalidate()
    signer.token()


@pytest.mark.parametrize("work", [Signer.mint, refresh, Signer.token], ids=["mint", "refresh", "token"])
def test_a_child_mints_whatever_the_threads_of_its_parent_were_doing(
    signer: Signer, verifies: Callable[[object], bool], work: Callable[[Signer], object]
) -> None:
    def child() -> bool:
        current = verifies(signer.token())
        signer.invalidate()
        return current and verifies(signer.token()) and verifies(signer.mint())

    with Busy(lambda: work(signer)):
        assert [exit_status_of_child(child) for _ in range(100)] == [0] * 100
    assert verifies(signer.mint())


def test_a_grandchild_mints(signer: Signer, verifies: Callable[[object], bool]) -> None:
    assert exit_status_of_child(lambda: exit_status_of_child(lambda: verifies(signer.mint())) == 0) == 0


def mint_in_worker(_: int) -> str:
    assert shared is not None
    return str(shared.mint())


shared: Signer | None = None


def test_a_multiprocessing_pool_inherits_the_signer(
    signer: Signer, verifies: Callable[[object], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "shared", signer)
    with Busy(signer.mint), multiprocessing.get_context("fork").Pool(4) as pool:
        assert all(verifies(token) for token in pool.map(mint_in_worker, range(20)))


APPLICATION = """
import os
import scout_auth
signer = scout_auth.Signer.from_env()
preloaded = signer.authorization()
def application(environ, start_response):
    signer.invalidate()
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Process", str(os.getpid()))])
    return [str(signer.token()).encode()]
"""


def test_a_preloaded_gunicorn_application_mints_in_its_workers(
    key: PrivateKey, verifies: Callable[[object], bool], tmp_path: Path
) -> None:
    (tmp_path / "application.py").write_text(APPLICATION)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers=2", f"--bind={address}", "application"]
    environment = {**os.environ, "SCOUT_PRIVATE_KEY": key.to_base64url(), "SCOUT_CREDENTIAL_ID": "cred_123"}
    server = subprocess.Popen([*command, "--log-level=error"], cwd=tmp_path, env=environment)
    try:
        for token in responses(f"http://{address}/", server):
            assert verifies(token)
    finally:
        server.terminate()
        assert server.wait(30) == 0


def responses(url: str, server: subprocess.Popen[bytes], count: int = 10) -> Iterator[str]:
    while count and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                yield response.read().decode()
        except OSError:
            time.sleep(0.05)
        else:
            count -= 1
    assert count == 0


def test_a_signature_lets_other_threads_run(key: PrivateKey) -> None:
    """For 1000 s no thread is made to release the GIL here: one that runs must release it itself."""
    signer = Signer("cred_123", key)
    stop = threading.Event()
    minted: list[Token] = []

    def mint_until_told() -> None:
        while not stop.is_set() and len(minted) < 1000:
            minted.append(signer.mint())

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        thread = threading.Thread(target=mint_until_told)
        thread.start()
        stop.set()
        thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert len(minted) < 1000


def test_all_threads_get_the_same_objects(signer: Signer) -> None:
    for _ in range(20):
        signer.invalidate()
        barrier = threading.Barrier(16)

        def current(barrier: threading.Barrier = barrier) -> tuple[object, object]:
            barrier.wait()
            return signer.token(), signer.authorization()

        with ThreadPoolExecutor(16) as pool:
            results = [future.result() for future in [pool.submit(current) for _ in range(16)]]
        assert len({id(token) for token, _ in results}) == 1
        assert len({id(authorization) for _, authorization in results}) == 1


def test_threads_that_invalidate_and_read_get_valid_tokens_only(
    signer: Signer, verifies: Callable[[object], bool]
) -> None:
    with Busy(signer.invalidate), ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: (signer.token(), signer.authorization()), range(400)))
    assert all(verifies(token) and verifies(header.removeprefix("Bearer ")) for token, header in tokens)


def test_tasks_of_an_event_loop_share_the_token(signer: Signer) -> None:
    async def current() -> str:
        await asyncio.sleep(0)
        return signer.authorization()

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(current() for _ in range(100)))

    assert len({id(header) for header in asyncio.run(all_of_them())}) == 1
