"""The client programs: how each is started and spoken to. See tests/README.md."""

from __future__ import annotations

import itertools
import os
import pathlib
import shlex
import subprocess
import sys
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Credential

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
DEBUG = ROOT / "target/debug"
COMPILED = ROOT / "target/requests/client"

COMMANDS = {
    "requests": [sys.executable, HERE / "client.py", "requests"],
    "httpx": [sys.executable, HERE / "client.py", "httpx"],
    "async httpx": [sys.executable, HERE / "client.py", "async-httpx"],
    "httpx2": [sys.executable, HERE / "client.py", "httpx2"],
    "async httpx2": [sys.executable, HERE / "client.py", "async-httpx2"],
    "aiohttp": [sys.executable, HERE / "client.py", "aiohttp"],
    "urllib3": [sys.executable, HERE / "client.py", "urllib3"],
    "fetch": ["node", HERE / "client.mjs", "fetch"],
    "undici": ["node", HERE / "client.mjs", "undici"],
    "axios": ["node", HERE / "client.mjs", "axios"],
    "got": ["node", HERE / "client.mjs", "got"],
    "libcurl": [COMPILED],
    "curl with the command": ["sh", HERE / "client.sh"],
}


class Program:
    """A client program that runs. Any number of threads may ask it at once."""

    def __init__(self, name: str) -> None:
        if name == "libcurl":
            compile_client()
        self._process = subprocess.Popen(
            COMMANDS[name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
        )
        self._numbers = itertools.count(1)
        self._unanswered: dict[str, Future[str]] = {}
        threading.Thread(target=self._read_answers, daemon=True).start()

    def use(self, credential: Credential, origin: str) -> None:
        """Have a new signer take over."""
        assert self._ask("use", credential.id, str(credential.key_file), origin) == "ok"

    def get(self, url: str) -> str:
        """Give the status, or the code of the error."""
        return self._ask("GET", url)

    def post(self, url: str, body: str) -> str:
        return self._ask("POST", url, body)

    def close(self) -> int:
        self._process.stdin.close()
        return self._process.wait(30)

    def _ask(self, *words: str) -> str:
        number = str(next(self._numbers))
        self._unanswered[number] = answer = Future()
        self._process.stdin.write(f"{number} {' '.join(words)}\n".encode())
        self._process.stdin.flush()
        return answer.result(timeout=30)

    def _read_answers(self) -> None:
        for line in self._process.stdout:
            number, _, answer = line.decode().strip().partition(" ")
            self._unanswered.pop(number).set_result(answer)
        self._process.stdout.close()
        for answer in self._unanswered.values():
            answer.set_exception(EOFError("the client program has ended"))


def environment() -> dict[str, str]:
    """No credential of whoever runs the tests; the command on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")}
    return kept | {"PATH": f"{DEBUG}{os.pathsep}{kept['PATH']}"}


def compile_client() -> None:
    COMPILED.parent.mkdir(exist_ok=True)
    curl = subprocess.run(["curl-config", "--cflags", "--libs"], check=True, capture_output=True, text=True)
    flags = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread"]
    library = [f"-I{ROOT / 'c/include'}", f"-L{DEBUG}", "-lscout_auth", f"-Wl,-rpath,{DEBUG}"]
    compiler = os.environ.get("CC", "cc")
    subprocess.run(
        [compiler, *flags, HERE / "client.c", "-o", COMPILED, *library, *shlex.split(curl.stdout)], check=True
    )
