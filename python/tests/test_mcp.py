"""The official MCP client with our auth, against the official MCP server."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from scout_auth import PrivateKey, Signer
from scout_auth.httpx2 import ScoutAuth

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from mcp_server import McpServer

#: The handshake of the protocols until 2025, and the one without sessions of 2026.
each_protocol = pytest.mark.parametrize("mode", ["legacy", "auto"])


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
