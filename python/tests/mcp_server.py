"""The official MCP server on loopback. It verifies tokens with PyJWT."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt
import uvicorn
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import Context, MCPServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Answered:
    """One request as the server received it, and the status of its answer."""

    method: str
    authorization: str
    session: str
    status: int


@dataclass
class McpServer:
    """What the server at that URL has seen."""

    url: str
    public_key: str
    answered: list[Answered] = field(default_factory=list)
    #: How many of the next requests get a 401, even with a good token.
    refuse: int = 0

    async def verify_token(self, token: str) -> AccessToken | None:
        """Serve the MCP server, which asks this for each request."""
        if self.refuse:
            self.refuse -= 1
            return None
        try:
            claims = jwt.decode(token, self.public_key, ["RS256"], issuer="scout")
        except jwt.InvalidTokenError:
            return None
        return AccessToken(token=token, client_id=claims["sub"], scopes=[], expires_at=claims["exp"])

    def recording(self, app: ASGIApp) -> ASGIApp:
        async def record(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    given = headers.get("authorization", ""), headers.get("mcp-session-id", "")
                    self.answered.append(Answered(scope["method"], *given, message["status"]))
                await send(message)

            await app(scope, receive, noting)

        return record


@contextmanager
def serving_mcp(public_key: str) -> Iterator[McpServer]:
    """Run a server until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    state = McpServer(url + "/mcp", public_key)
    auth: Any = {"issuer_url": url, "resource_server_url": url, "validate_token_resource": False}
    server = MCPServer("scout", token_verifier=state, auth=AuthSettings(**auth))

    @server.tool()
    async def count(to: int, context: Context[Any]) -> int:
        """Report each number on the way, which streams."""
        for number in range(to):
            await context.report_progress(number, to)
        return to

    app = state.recording(server.streamable_http_app())
    http = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=http.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not http.started:
            time.sleep(0.01)
        yield state
    finally:
        http.should_exit = True
        thread.join()
