"""Long MCP sessions with tokens of 20 seconds, through the bridge and through the proxy: every call
answered, no reconnection.

    python tests/mcp/soak.py [SECONDS]
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import httpx2
from bridge import COMMAND, client
from conftest import Credential, issue
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitResult
from server import Server, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIFETIME = ("--lifetime", "20")
#: The tools, and what they answer.
CALLS = (
    ("who", {}, "cred_soak"),
    ("add", {"a": 1, "b": 2}, "3"),
    ("steps", {"count": 2}, "done"),
    ("ask", {}, "Ada"),
    ("drop", {}, "dropped and found again"),
)


async def answer(*_: object) -> ElicitResult:
    return ElicitResult(action="accept", content={"name": "Ada"})


@asynccontextmanager
async def bridge(credential: Credential, server: Server) -> AsyncIterator[Client]:
    async with client(credential, server.url, *LIFETIME, elicitation_callback=answer) as mcp:
        yield mcp


@asynccontextmanager
async def proxy(credential: Credential, server: Server) -> AsyncIterator[Client]:
    command = [COMMAND, "proxy", "--json", "--quiet", *LIFETIME, server.url.removesuffix("/mcp")]
    async with await anyio.open_process(command, env=credential.environment, stderr=None) as process:
        try:
            started = json.loads(await process.stdout.receive())
            timeout = httpx2.Timeout(30, read=300)
            headers = {"Authorization": f"Bearer {started['api_key']}"}
            async with (
                httpx2.AsyncClient(headers=headers, timeout=timeout) as http,
                Client(
                    streamable_http_client(f"{started['base_url']}/mcp", http_client=http),
                    mode="legacy",
                    elicitation_callback=answer,
                ) as mcp,
            ):
                yield mcp
        finally:
            process.terminate()


async def session(way: object, credential: Credential, seconds: float) -> None:
    """Call tools for so long, and print what was seen."""
    count, end = 0, time.monotonic() + seconds
    with serving(credential.kid, credential.public_key) as server:
        async with way(credential, server) as mcp:
            while time.monotonic() < end:
                for name, arguments, expected in CALLS:
                    result = await mcp.call_tool(name, arguments)
                    if result.is_error or result.content[0].text != expected:
                        sys.exit(f"call {count} of {name} failed: {result}")
                    count += 1
                    await anyio.sleep(0.1)
        tokens, sessions = len(set(server.verifier.tokens)), server.initialized()
        print(
            f"{way.__name__}, {seconds:.0f} s: {count} calls answered, {tokens} tokens, "
            f"{sessions} session, {server.refused} answers of 401"
        )
        if sessions != 1 or server.refused:
            sys.exit("the session was not one, or a token was refused")


async def main(seconds: float) -> None:
    credential = issue("cred_soak")
    async with anyio.create_task_group() as tasks:
        for way in (bridge, proxy):
            tasks.start_soon(session, way, credential, seconds)


if __name__ == "__main__":
    anyio.run(main, float(sys.argv[1]) if len(sys.argv) > 1 else 600.0)
