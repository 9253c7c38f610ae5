"""A long MCP session with tokens of 20 seconds: every call answered, and no reconnection.

python tests/mcp/soak.py [SECONDS]
"""

from __future__ import annotations

import base64
import sys
import time

import anyio
from bridge import client
from conftest import Credential
from joserfc.jwk import RSAKey
from mcp_types import ElicitResult
from server import Server, serving

LIFETIME = "20"


async def session(credential: Credential, server: Server, seconds: float) -> int:
    """Call all kinds of tools for so long; return the number of calls."""

    async def answer(*_: object) -> ElicitResult:
        return ElicitResult(action="accept", content={"name": "Ada"})

    calls = {
        "who": ({}, credential.id),
        "add": ({"a": 1, "b": 2}, "3"),
        "steps": ({"count": 2}, "done"),
        "ask": ({}, "Ada"),
        "drop": ({}, "dropped and found again"),
    }
    count, end = 0, time.monotonic() + seconds
    async with client(credential, server.url, "--lifetime", LIFETIME, elicitation_callback=answer) as mcp:
        while time.monotonic() < end:
            for name, (arguments, expected) in calls.items():
                result = await mcp.call_tool(name, arguments)
                if result.is_error or result.content[0].text != expected:
                    sys.exit(f"call {count} of {name} failed: {result}")
                count += 1
                await anyio.sleep(0.1)
    return count


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    key = RSAKey.generate_key(2048)
    text = base64.urlsafe_b64encode(key.as_der(private=True)).decode().rstrip("=")
    credential = Credential("cred_soak", key.thumbprint(), key.as_pem(private=False).decode(), text)
    with serving(credential.kid, credential.public_key) as server:
        count = anyio.run(session, credential, server, seconds)
        tokens, sessions = len(set(server.verifier.tokens)), server.initialized()
        refused = server.refused
    print(f"{seconds:.0f} s: {count} calls answered, {tokens} tokens, {sessions} session, {refused} answers of 401")
    if sessions != 1 or refused:
        sys.exit("the session was not one, or a token was refused")


if __name__ == "__main__":
    main()
