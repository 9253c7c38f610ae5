"""The programs of examples/, started as a user starts them, and the local Scout that they call."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scout_auth.testing import Credential, LocalScout

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
COMMAND = ROOT / "target/debug/scout-auth"
#: In seconds. A program that says nothing for so long has a fault.
PATIENCE = 60

os.environ.setdefault("SCOUT_AUTH_TOOLS", str(COMMAND))


class Running:
    """A program that runs, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        self._has_ended = False
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, text: str) -> str:
        """Wait until it has said that, and return the rest of the line."""
        with self._more:
            self._more.wait_for(lambda: self._rest(text) is not None or self._has_ended, PATIENCE)
            rest = self._rest(text)
            assert rest is not None, self.said
            return rest

    def say(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> int:
        """Wait until it has ended by itself, and return its exit status."""
        status = self.process.wait(PATIENCE)
        self._reader.join()
        return status

    def _rest(self, text: str) -> str | None:
        _, found, rest = self.said.partition(text)
        return rest.partition("\n")[0] if found else None

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._more:
                self.said += line
                self._more.notify_all()
        with self._more:
            self._has_ended = True
            self._more.notify_all()


@contextmanager
def running(*command: str | Path, folder: Path, **environment: str) -> Iterator[Running]:
    """Run a program until the block ends."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment_of(environment),
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        program = Running(process)
        try:
            yield program
        finally:
            process.kill()
            program.end()


def environment_of(given: dict[str, str]) -> dict[str, str]:
    """No credential and no proxy of whoever runs the tests."""
    foreign = ("SCOUT_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "GITHUB_", "AWS_")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(foreign)}
    return kept | given


def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    for _ in range(PATIENCE * 20):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it never happened")


def assert_no_secret(text: str, *credentials: Credential) -> None:
    """Assert that a text has no part of a private key, and no token."""
    assert "eyJ" not in text
    for credential in credentials:
        key = credential.private_key
        # The beginning is the same for all keys of one size.
        assert not [at for at in range(64, len(key) - 16) if key[at : at + 16] in text]


@pytest.fixture
def scout(local_scout: LocalScout) -> LocalScout:
    return local_scout


@pytest.fixture(scope="session")
def clock_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library for LD_PRELOAD: the clock that scout-auth reads is that of the file CLOCK_FILE."""
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = ROOT / "tests/drivers/clock.c"
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", library, source], check=True)
    return library
