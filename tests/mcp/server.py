"""The official Python SDK's server over streamable HTTP, which verifies our tokens with PyJWT.

It runs on a thread of the tests, so that a test can make it refuse, forget or stop.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
import uvicorn
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from mcp.server.streamable_http import EventMessage, EventStore
from tools import CANCELLED, TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mcp.server.streamable_http import EventCallback
    from mcp_types import JSONRPCMessage


@dataclass
class Request:
    """A request as it arrived."""

    method: str
    headers: Mapping[str, str]
    body: bytes = b""


class Verifier:
    """Accepts the tokens of one credential."""

    def __init__(self, kid: str, public_key: str) -> None:
        self.kid, self.public_key = kid, public_key
        self.tokens: list[str] = []

    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            if jwt.get_unverified_header(token)["kid"] != self.kid:
                return None
            required = {"require": ["iss", "sub", "iat", "exp"]}
            claims = jwt.decode(token, self.public_key, algorithms=["RS256"], issuer="scout", options=required)
        except (jwt.InvalidTokenError, KeyError):
            return None
        self.tokens.append(token)
        sub = claims["sub"]
        return AccessToken(token=token, client_id=sub, subject=sub, scopes=[], expires_at=claims["exp"], claims=claims)


class Events(EventStore):
    """Keeps the events of all streams, as the SDK's example does."""

    def __init__(self) -> None:
        self.events: list[tuple[str, JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        self.events.append((stream_id, message))
        return str(len(self.events))

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        stream_id = self.events[int(last_event_id) - 1][0]
        for at, (stream, message) in enumerate(self.events[int(last_event_id) :], int(last_event_id) + 1):
            if stream == stream_id and message is not None:
                await send_callback(EventMessage(message, str(at)))
        return stream_id


class Server:
    """The server, its tools, and what a test may do to it."""

    def __init__(self, kid: str = "", public_key: str = "", certificate: str | None = None, **options: Any) -> None:
        #: Without a key, the server asks for no token.
        self.verifier = Verifier(kid, public_key) if public_key else None
        #: The answers to the next messages, in place of the server's own: status and body.
        self.refuse: deque[tuple[int, bytes]] = deque()
        #: Whether it has streams of what it sends unasked. Some servers answer 404 if not.
        self.has_streams = True
        self.seen: list[Request] = []
        CANCELLED.clear()
        self.certificate, self.options = certificate, options
        #: How many answers of 401 were its own.
        self.refused = 0
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}/mcp"

    def methods(self) -> list[str]:
        return [request.method for request in self.seen]

    def initialized(self) -> int:
        return sum(b'"initialize"' in request.body for request in self.seen)

    def start(self) -> None:
        """Start it: again at the same port, and with no memory of its sessions."""
        self.mcp = self.tools()
        self.events = Events()
        app = self.mcp.streamable_http_app(event_store=self.events, retry_interval=100, **self.options)
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        listening.listen()
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self.watched(app),
            log_level="error",
            timeout_graceful_shutdown=0,
            ws="none",
            ssl_certfile=self.certificate,
        )
        self.uvicorn = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.uvicorn.run, kwargs={"sockets": [listening]})
        self.thread.start()

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        self.thread.join()

    def forget_sessions(self) -> None:
        """End every session, as a restart or a time limit does."""
        self.mcp.session_manager._server_instances.clear()

    def watched(self, app: Any) -> Any:
        """The application, behind the faults that a test wants."""

        async def asgi(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
            request = Request(scope["method"], headers)
            self.seen.append(request)

            async def noted() -> Any:
                message = await receive()
                request.body += message.get("body", b"")
                return message

            if self.refuse and scope["method"] == "POST":
                status, body = self.refuse.popleft()
                headers = [(b"content-type", b"application/json"), (b"location", b"https://elsewhere.example/mcp")]
                await send({"type": "http.response.start", "status": status, "headers": headers})
                return await send({"type": "http.response.body", "body": body})

            if scope["method"] == "GET" and not self.has_streams:
                await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
                return await send({"type": "http.response.body"})

            async def counted(message: Any) -> None:
                self.refused += message.get("status") == 401
                await send(message)

            return await app(scope, noted, counted)

        return asgi

    def tools(self) -> MCPServer:
        auth = AuthSettings(issuer_url="http://127.0.0.1", resource_server_url=None) if self.verifier else None
        mcp = MCPServer("scout", token_verifier=self.verifier, auth=auth, log_level="ERROR")
        for tool in TOOLS:
            mcp.add_tool(tool)
        return mcp


@contextmanager
def serving(kid: str, public_key: str, **options: Any) -> Iterator[Server]:
    server = Server(kid, public_key, **options)
    try:
        yield server
    finally:
        server.stop()
