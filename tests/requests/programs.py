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
    from scout_auth.testing import Credential

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
DEBUG = ROOT / "target/debug"
#: The local Scout that scout_auth.testing starts.
os.environ.setdefault("SCOUT_AUTH_TOOLS", str(DEBUG / "scout-auth"))
COMPILED = ROOT / "target/requests"
COMMAND = "curl with the command"

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
    "libcurl": [COMPILED / "client.c.out"],
    "libcurl in C++": [COMPILED / "client.cpp.out"],
    "ureq": [DEBUG / "scout-auth-requests"],
    COMMAND: ["sh", HERE / "client.sh"],
}
SOURCES = {"libcurl": "client.c", "libcurl in C++": "client.cpp"}


class Program:
    """A client program that runs. Any number of threads may ask it at once."""

    def __init__(self, name: str) -> None:
        if name in SOURCES:
            compile_client(SOURCES[name])
        self._process = subprocess.Popen(
            COMMANDS[name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
        )
        self._numbers = itertools.count(1)
        self._unanswered: dict[str, Future[str]] = {}
        threading.Thread(target=self._read_answers, daemon=True).start()

    def follow(self, credential: Credential, origin: str) -> None:
        """Have a new signer take over."""
        assert self.ask("follow", origin, str(credential.file), "300", "30").result(30) == "ok"

    def get(self, url: str) -> str:
        """Give the status, or the code of the error."""
        return self.ask("GET", url).result(30)

    def post(self, url: str, body: str) -> str:
        return self.ask("POST", url, body).result(30)

    def ask(self, *words: str) -> Future[str]:
        number = str(next(self._numbers))
        self._unanswered[number] = answer = Future()
        self._process.stdin.write(f"{number} {' '.join(words)}\n".encode())
        self._process.stdin.flush()
        return answer

    def close(self) -> int:
        self._process.stdin.close()
        return self._process.wait(30)

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


def compile_client(source: str) -> None:
    COMPILED.mkdir(exist_ok=True)
    curl = subprocess.run(["curl-config", "--cflags", "--libs"], check=True, capture_output=True, text=True)
    in_c = [os.environ.get("CC", "cc"), "-std=c11", "-D_POSIX_C_SOURCE=200809L"]
    in_cpp = [os.environ.get("CXX", "c++"), "-std=c++17"]
    flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread"]
    library = [f"-I{ROOT / 'c/include'}", f"-L{DEBUG}", "-lscout_auth", f"-Wl,-rpath,{DEBUG}"]
    compiler = in_c if source.endswith(".c") else in_cpp
    output = COMPILED / f"{source}.out"
    subprocess.run([*compiler, *flags, HERE / source, "-o", output, *library, *shlex.split(curl.stdout)], check=True)
