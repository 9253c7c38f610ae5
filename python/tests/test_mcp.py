"""The official MCP client with our auth, against the official MCP server, which verifies tokens with PyJWT."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
import jwt
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import Context, MCPServer
from scout_auth import PrivateKey, Signer
from scout_auth.httpx2 import ScoutAuth

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The handshake of the protocols until 2025, and the one without sessions of 2026.
each_protocol = pytest.mark.parametrize("mode", ["legacy", "auto"])


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


@pytest.fixture
def mcp_server(key: PrivateKey) -> Iterator[McpServer]:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    state = McpServer(url + "/mcp", key.public_key.to_pem())
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


@asynccontextmanager
async def connected(signer: Signer, server: McpServer, mode: str) -> AsyncIterator[Client]:
    async with httpx2.AsyncClient(auth=ScoutAuth(signer), timeout=30) as http:
        transport = streamable_http_client(server.url, http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


async def count(client: Client, to: int = 3) -> None:
    """Call the tool, and see its stream arrive."""
    reports: list[Any] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        reports.append((progress, total, message))

    result = await client.call_tool("count", {"to": to}, progress_callback=note)
    assert result.structured_content == {"result": to}
    assert reports == [(number, to, None) for number in range(to)]


async def next_second() -> None:
    """Wait until a new token differs: one of the same second is the same, byte for byte."""
    await asyncio.sleep(1.1 - time.time() % 1)


def run(session: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(session, 60))


@each_protocol
def test_every_request_of_a_session_carries_a_token_that_pyjwt_accepts(
    mode: str, signer: Signer, mcp_server: McpServer
) -> None:
    async def session() -> None:
        async with connected(signer, mcp_server, mode) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == ["count"]
            await count(client)

    run(session())
    assert {request.authorization for request in mcp_server.answered} == {signer.authorization()}
    methods = {request.method for request in mcp_server.answered if request.status < 400}
    assert methods == ({"POST", "GET", "DELETE"} if mode == "legacy" else {"POST"})


@each_protocol
def test_a_token_that_is_renewed_half_way_keeps_the_session(mode: str, key: PrivateKey, mcp_server: McpServer) -> None:
    # Renewed after two seconds, and valid for eight more.
    signer = Signer("cred_123", key, lifetime=10, refresh_margin=9)

    async def session() -> None:
        async with connected(signer, mcp_server, mode) as client:
            for _ in range(3):
                await count(client)
                await next_second()

    run(session())
    assert len({request.authorization for request in mcp_server.answered}) > 1
    assert {request.status for request in mcp_server.answered} <= {200, 202}
    assert len({request.session for request in mcp_server.answered if request.session}) == (mode == "legacy")


@each_protocol
def test_a_401_in_a_session_is_answered_with_a_new_token(mode: str, signer: Signer, mcp_server: McpServer) -> None:
    async def session() -> None:
        async with connected(signer, mcp_server, mode) as client:
            await count(client)
            await next_second()
            mcp_server.refuse = 1
            await count(client)
            await count(client)

    run(session())
    assert [request.status for request in mcp_server.answered].count(401) == 1
    assert len({request.authorization for request in mcp_server.answered}) == 2
