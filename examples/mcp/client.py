"""A client of Scout's MCP server, which starts the bridge that a file like mcp.json names.

    pip install mcp "scout-auth[tools]"
    python client.py mcp.json

It lists the tools. Then each line of standard input calls one: its name, and its arguments as JSON. The session may
last for days and through rotations: the bridge signs each message with a current token.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import anyio
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client


def bridge(file: str) -> StdioServerParameters:
    """Return the server "scout" of the file. Each ${NAME} in it is a variable, as in Claude Code."""
    server = json.loads(os.path.expandvars(Path(file).read_text()))["mcpServers"]["scout"]
    # The SDK passes few variables on by itself. PATH says where the command is.
    return StdioServerParameters(command=server["command"], args=server["args"], env=server.get("env"))


async def call(client: Client, line: str) -> str:
    """Call a tool, and return its text or what is wrong."""
    name, _, arguments = line.strip().partition(" ")
    try:
        result = await client.call_tool(name, json.loads(arguments or "{}"))
    except (MCPError, json.JSONDecodeError) as error:
        # The bridge says why Scout refused the message. Its text holds no token.
        return f"error: {error}"
    return "\n".join(item.text for item in result.content if item.type == "text")


async def main() -> None:
    """Serve standard input until it ends."""
    async with Client(stdio_client(bridge(sys.argv[1]))) as client:
        tools = await client.list_tools()
        print("tools:", *(tool.name for tool in tools.tools), flush=True)
        async for line in anyio.wrap_file(sys.stdin):
            print(await call(client, line), flush=True)


if __name__ == "__main__":
    anyio.run(main)
