"""A real HTTP server on loopback. It verifies tokens with PyJWT."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import jwt

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from jwt.types import Options

UNAVAILABLE = 503


@dataclass
class Seen:
    """One request as the server received it."""

    method: str
    path: str
    authorization: str | None
    body: bytes


@dataclass
class Server:
    """Answers 200 to a bearer string that it accepts, 401 to anything else."""

    #: kid -> PEM of the public keys whose tokens are accepted.
    public_keys: dict[str, str]
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    #: The seconds by which this server's clock is ahead.
    ahead: int = 0
    #: How many of the next requests get a 401, even with a good token.
    refuse: int = 0
    #: How many of the next requests with a good token get a 503.
    unavailable: int = 0
    #: The header Age, as a cache in between adds it.
    age: str = ""
    #: Path -> status and Location.
    redirects: dict[str, tuple[int, str]] = field(default_factory=dict)
    #: Path -> content type and body, instead of an empty JSON object.
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    #: A legacy key that is accepted too.
    legacy_key: str = ""

    @property
    def authorizations(self) -> list[str | None]:
        return [seen.authorization for seen in self.seen]

    def now(self) -> float:
        return time.time() + self.ahead

    def status(self, authorization: str | None) -> int:
        if not self.accepts(authorization):
            return 401
        if self.unavailable:
            self.unavailable -= 1
            return UNAVAILABLE
        return 200

    def accepts(self, authorization: str | None) -> bool:
        if self.refuse:
            self.refuse -= 1
            return False
        scheme, _, token = (authorization or "").partition(" ")
        if scheme != "Bearer":
            return False
        if token == self.legacy_key:
            return True
        # PyJWT cannot be told this server's time, so these claims are checked below.
        options: Options = {"verify_exp": False, "verify_iat": False, "require": ["iss", "sub", "iat", "exp"]}
        try:
            public_key = self.public_keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(token, public_key, ["RS256"], issuer="scout", options=options)
        except (KeyError, jwt.InvalidTokenError):
            return False
        return bool(claims["iat"] - 5 <= self.now() < claims["exp"])


class Handler(BaseHTTPRequestHandler):
    """Keeps connections open, as real servers do."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes: with Nagle's algorithm, the second waits 40 ms for the first.
    disable_nagle_algorithm = True
    state: Server

    def answer(self) -> None:
        seen = Seen(self.command, self.path, self.headers["Authorization"], self.read_body())
        self.state.seen.append(seen)
        status, location = self.state.redirects.get(self.path, (self.state.status(seen.authorization), ""))
        content_type, page = self.state.pages.get(self.path, ("application/json", b"{}"))
        self.send_response_only(status)
        self.send_header("Date", formatdate(self.state.now(), usegmt=True))
        if self.state.age:
            self.send_header("Age", self.state.age)
        if location:
            self.send_header("Location", location)
        if status == UNAVAILABLE:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def read_body(self) -> bytes:
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"] or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    do_GET = do_POST = answer

    def log_message(self, *_: object) -> None:
        """Write no log."""


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignore clients that hang up."""


@contextmanager
def serving(public_keys: dict[str, str], tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server until the block ends."""
    state = Server(public_keys)
    http = QuietServer(("127.0.0.1", 0), type("StatefulHandler", (Handler,), {"state": state}))
    if tls:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    state.url = f"{'https' if tls else 'http'}://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
