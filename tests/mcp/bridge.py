"""The command, as the official client starts it and as lines."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Credential

ROOT = Path(__file__).parents[2]
COMMAND = os.environ.get("SCOUT_AUTH_COMMAND", str(ROOT / "target/debug/scout-auth"))


def client(
    credential: Credential, url: str, *options: str, mode: str = "legacy", errors: Any = None, **rest: Any
) -> Client:
    """The official client, which starts the command."""
    parameters = StdioServerParameters(
        command=COMMAND, args=["mcp", url, *options], env={**credential.environment, "PATH": os.environ["PATH"]}
    )
    transport = stdio_client(parameters, errlog=errors) if errors else stdio_client(parameters)
    return Client(transport, mode=mode, **rest)


class Lines:
    """The command, with a line for each message."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def send(self, *messages: Any) -> None:
        for message in messages:
            text = message if isinstance(message, bytes) else json.dumps(message).encode()
            self.process.stdin.write(text + b"\n")
        self.process.stdin.flush()

    def receive(self) -> Any:
        return json.loads(self.process.stdout.readline())

    def call(self, method: str, number: int = 1, **params: Any) -> Any:
        """Send a request, and return the message with its id."""
        self.send(request(method, number, **params))
        while (message := self.receive()).get("id") != number:
            pass
        return message

    def initialize(self, version: str = "2025-11-25") -> Any:
        answer = self.call(
            "initialize", 0, protocolVersion=version, capabilities={}, clientInfo={"name": "t", "version": "1"}
        )
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer

    def end(self) -> tuple[int, str]:
        """Close its input; return its exit status and what it said on standard error."""
        _, errors = self.process.communicate()
        return self.process.returncode, errors.decode()


def request(method: str, number: int, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


@contextmanager
def lines(credential: Credential, url: str, *options: str, **environment: str) -> Iterator[Lines]:
    pipe = subprocess.PIPE
    arguments = [COMMAND, "mcp", url, *options]
    with subprocess.Popen(
        arguments, env={**credential.environment, **environment}, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        try:
            yield Lines(process)
        finally:
            process.kill()


async def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds, for half a minute at most."""
    for _ in range(600):
        if condition():
            return
        await anyio.sleep(0.05)
    pytest.fail("it never happened")
