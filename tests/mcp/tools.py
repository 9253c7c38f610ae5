"""The tools of the server."""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver import Context  # noqa: TC002 (the SDK reads the annotations)
from pydantic import BaseModel, Field

#: Set when a call of `wait` is cancelled.
CANCELLED = threading.Event()


class Name(BaseModel):
    """What `ask` asks for."""

    name: str


def add(a: int, b: int) -> int:
    return a + b


def who() -> str:
    token = get_access_token()
    return token.subject if token else ""


async def steps(ctx: Context, count: int) -> str:
    for step in range(count):
        await ctx.report_progress(step + 1, count)
        # The TypeScript SDK's client drops progress that arrives in one piece with the answer.
        await asyncio.sleep(0.1)
    return "done"


async def ask(ctx: Context) -> str:
    answer = await ctx.elicit("Your name?", Name)
    return answer.data.name if answer.action == "accept" else answer.action


async def announce(ctx: Context) -> str:
    await ctx.notify_tools_changed()
    if ctx.protocol_version < "2026":
        await ctx.session.send_tool_list_changed()
    return "announced"


async def wait(ctx: Context) -> str:
    await ctx.report_progress(1, 2)
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        CANCELLED.set()
        raise
    return "waited"


async def drop(ctx: Context) -> str:
    await ctx.close_sse_stream()
    await asyncio.sleep(0.1)
    await ctx.report_progress(1, 1)
    return "dropped and found again"


async def deafen(ctx: Context) -> str:
    await ctx.close_standalone_sse_stream()
    return "deaf"


async def flood(ctx: Context, count: int, size: int) -> str:
    for number in range(count):
        await ctx.report_progress(number, count, "x" * size)
    return "flooded"


def large(size: int) -> str:
    return "x" * size


def region(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
    return region


TOOLS = (add, who, steps, ask, announce, wait, drop, deafen, flood, large, region)
