"""A local Scout for tests: credentials and their life, and a clock, without a network.

>>> with start_local_scout() as scout:
...     requests.get(scout.url + "/v2/workflows", auth=scout.signer())

pytest has the fixture local_scout. The server is the full command: pip install "scout-auth[testing]".
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import urlsplit

from ._native import TestClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from typing_extensions import Self

    from . import Signer

__all__ = ["Credential", "LocalScout", "LocalScoutError", "RecordedRequest", "TestClock", "start_local_scout"]

CREDENTIALS = "/v2/organizations/credentials"
#: In seconds. A server that does not answer in this time has a fault.
PATIENCE = 60
UNAUTHORIZED = 401
ERROR = 400


class LocalScoutError(Exception):
    """The local Scout did not start, or refused what was asked of it."""


class RecordedRequest(TypedDict):
    """A request as the local Scout received it, without its credential."""

    #: In Unix seconds, by the local Scout's clock.
    time: int
    method: str
    #: With the query.
    path: str
    headers: list[tuple[str, str]]
    #: In bytes.
    body_length: int
    status: int
    #: Why it was refused, or None.
    code: str | None
    credential_id: str | None


@dataclass(frozen=True)
class Credential:
    """A throwaway credential of a local Scout."""

    id: str
    kid: str
    name: str
    #: The credential file. A rotation replaces it, and Signer.from_file follows.
    file: Path
    _scout: LocalScout = field(repr=False, compare=False)

    @property
    def private_key(self) -> str:
        """The private key, as Scout issues it: that of the credential which is now in the file."""
        key: str = json.loads(self.file.read_text())["private_key"]
        return key

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to use this credential, and those that replace it."""
        return {"SCOUT_CREDENTIAL_FILE": str(self.file)}

    def rotate(self) -> Credential:
        """Replace it in its file by a new one, and return that. Both are accepted until disable."""
        return self._scout.issued(self._scout.manage("POST", f"{CREDENTIALS}/{self.id}/rotate"), self.file)

    def disable(self) -> None:
        """Have the local Scout refuse it with 401, from the next request on."""
        self._scout.manage("PATCH", f"{CREDENTIALS}/{self.id}", {"enabled": False})

    def enable(self) -> None:
        """Have the local Scout accept it again."""
        self._scout.manage("PATCH", f"{CREDENTIALS}/{self.id}", {"enabled": True})

    def delete(self) -> None:
        """Have the local Scout refuse it for ever."""
        self._scout.manage("DELETE", f"{CREDENTIALS}/{self.id}?force=true")


class LocalScout:
    """One organisation of a local Scout. Its credentials, clock, failures and requests are its own."""

    def __init__(self, process: _Process, organization: str) -> None:
        """Call start_local_scout instead."""
        self._process = process
        #: The base URL, to be used in place of https://api.scoutos.com.
        self.url = process.url
        #: Its id.
        self.organization_id = organization
        #: The clock of the signers. To move it alone, use clock.advance.
        self.clock = TestClock()
        self._passed = 0

    @cached_property
    def credential(self) -> Credential:
        """A credential with the role member, made at the first use."""
        return self.create_credential()

    def create_credential(self, name: str = "test", *, roles: Iterable[str] = ("member",)) -> Credential:
        """Create a credential."""
        answer = self.manage("POST", CREDENTIALS, {"name": name, "roles": list(roles)})
        return self.issued(answer, self._process.folder / f"{answer['credential']['id']}.json")

    def signer(self, credential: Credential | None = None, **settings: Any) -> Signer:
        """Return a signer of the credential's file, whose clock is the local Scout's.

        credential: self.credential by default
        settings: those of Signer.from_file. header_kid is the way to send a wrong kid.
        """
        return self.clock.signer((credential or self.credential).file, **settings)

    def advance(self, seconds: int) -> None:
        """Let time pass for the local Scout and for its signers."""
        self.manage("POST", "/_local/clock", {"advance": seconds})
        self.clock.advance(seconds)
        self._passed += seconds

    def skew(self, seconds: int) -> None:
        """Set how far the local Scout's clock is ahead of the signers'."""
        self.manage("POST", "/_local/clock", {"offset": self._passed + seconds})

    def fail(
        self,
        status: int | None = 401,
        *,
        times: int = 1,
        path: str = "/",
        delay: float | None = None,
        retry_after: int | None = None,
    ) -> None:
        """Have the next requests fail, whose path begins with path.

        status: that of the answer; with None, the answer is only delayed
        times: how many requests
        delay: how many seconds each of them waits first. By default 1 before a 401, and 0 otherwise: a token of the
            same second would be the same token, so a signer would not send the request again
        retry_after: the header Retry-After, in seconds
        """
        delay = delay if delay is not None else int(status == UNAUTHORIZED)
        fault = {"status": status, "next": times, "path": path, "delay": delay, "retry_after": retry_after}
        self.manage("POST", "/_local/fail", {name: value for name, value in fault.items() if value is not None})

    def cut(self, *, times: int = 1, path: str = "/") -> None:
        """Cut the connection of the next requests, whose path begins with path, before an answer."""
        self.manage("POST", "/_local/fail", {"close": True, "next": times, "path": path})

    def requests(self) -> list[RecordedRequest]:
        """Return the last 1000 requests with a credential of this organisation, the oldest first."""
        requests: list[RecordedRequest] = self.manage("GET", "/_local/requests")["requests"]
        return requests

    def organization(self) -> LocalScout:
        """Return one more organisation of this server."""
        return LocalScout(self._process, self.manage("POST", "/_local/organizations")["id"])

    def manage(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request with the admin token, for what has no method here, and return the answer's JSON."""
        return self._process.ask(method, path, body, self.organization_id)

    def issued(self, answer: Mapping[str, Any], file: Path) -> Credential:
        """Write an answer with a new private key to a credential file, all at once."""
        new = file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(answer))
        new.replace(file)
        view = answer["credential"]
        return Credential(view["id"], view["kid"], view["name"], file, self)

    def restart(self) -> None:
        """Kill the server and start it again at the same URL, as after a crash.

        Its clock is right then, nothing fails on demand, and no request is recorded. It forgets its credentials,
        unless it was started with "--state" and a file.
        """
        self._process.restart()

    def stop(self) -> None:
        """End the server, for all its organisations. Does nothing if it has ended."""
        self._process.stop()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the server."""
        self.stop()


def start_local_scout(*options: str) -> LocalScout:
    """Start a local Scout on a free port, and return it when it answers.

    options: further options of scout-auth serve, such as "--opaque"

    It runs the executable of $SCOUT_AUTH_TOOLS, or else that of the package scout-auth-tools. It ends with stop, with
    the block of `with`, and with this process. It raises LocalScoutError if it cannot start.
    """
    process = _Process(options)
    return LocalScout(process, process.organization)


class _Process:
    """A server that runs, and the folder with its credential files."""

    def __init__(self, options: Iterable[str]) -> None:
        self._options = tuple(options)
        self._directory = tempfile.TemporaryDirectory(prefix="scout-auth-")
        self.folder = Path(self._directory.name)
        try:
            ready = self._start("0")
        except LocalScoutError:
            self._directory.cleanup()
            raise
        self.url: str = ready["url"]
        self.organization: str = ready["organization"]
        self._admin_token = self._admin_token_file.read_text().strip()

    @property
    def _admin_token_file(self) -> Path:
        return self.folder / "admin-token"

    def _start(self, port: str) -> dict[str, Any]:
        own = os.environ.get("SCOUT_AUTH_TOOLS")
        command = [own] if own else [sys.executable, "-m", "scout_auth"]
        given = ["--port", port, "--until-eof", "--admin-token-file", str(self._admin_token_file)]
        # Without an activated environment, its scripts are not in PATH.
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
        with tempfile.TemporaryFile() as errors:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - the user chooses the command
                    [*command, "serve", *given, *self._options],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=os.environ | {"PATH": path},
                )
            except OSError as error:
                message = f"{command[0]} of SCOUT_AUTH_TOOLS cannot be started: {error.strerror}"
                raise LocalScoutError(message) from None
            with cast("IO[bytes]", self._process.stdout) as output:
                line = output.readline()
            if not line:
                self._end()
                errors.seek(0)
                raise LocalScoutError(explained(errors.read().decode(errors="replace").strip(), own))
        ready: dict[str, Any] = json.loads(line)
        return ready

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None, organization: str) -> Any:
        headers = {"Authorization": f"Bearer {self._admin_token}", "Scout-Organization": organization}
        if body is not None:
            headers["Content-Type"] = "application/json"
        # Through no proxy.
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            answer = json.loads(response.read() or b"null")
        finally:
            connection.close()
        if response.status >= ERROR:
            message = f"{method} {path}: {json.dumps(answer)}"
            raise LocalScoutError(message)
        return answer

    def restart(self) -> None:
        self._process.kill()
        self._end()
        self._start(str(urlsplit(self.url).port))

    def stop(self) -> None:
        self._end()
        self._directory.cleanup()

    def _end(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        # A child that the tests forked may hold the other end open.
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def explained(said: str, own: str | None) -> str:
    install = "" if own else '\npip install "scout-auth[testing]" installs what is missing'
    return f"the local Scout did not start: {said}{install}"
