"""The bridge with the official TypeScript SDK: its client, its server, and both."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from bridge import COMMAND, client, lines, request
from joserfc.jwk import RSAKey
from mcp_types import ElicitResult
from test_bridge import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Credential
    from server import Server

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
#: What the client sees of a server that can do everything.
SEEN = {"who": "cred_mcp", "add": "3", "steps": "done", "progress": [1, 2, 3], "drop": "dropped and found again"}


@pytest.fixture
def typescript(credential: Credential, tmp_path: Path) -> Iterator[str]:
    """The URL of the SDK's server."""
    key = tmp_path / "key.json"
    key.write_text(json.dumps({**RSAKey.import_key(credential.public_key).as_dict(), "kid": credential.kid}))
    with running("server.mjs", credential.id, str(key)) as process:
        yield process.stdout.readline().strip()


@contextmanager
def running(program: str, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    command = ["node", str(HERE / program), *arguments]
    pipe = subprocess.PIPE
    environment = {**environment, "PATH": os.environ["PATH"]}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        yield process
        process.stdin.close()


def scenario(credential: Credential, url: str, **environment: str) -> dict[str, Any]:
    """What the SDK's client sees through the command."""
    with running("client.mjs", COMMAND, "mcp", url, **credential.environment, **environment) as process:
        return json.loads(process.stdout.read())


def test_the_client_and_the_server_of_the_typescript_sdk(credential: Credential, typescript: str) -> None:
    seen = scenario(credential, typescript)
    assert {name: seen[name] for name in SEEN} == SEEN
    assert (seen["ask"], seen["failures"]) == ("Ada", [])
    assert "no more" in seen["wait"]


def test_the_client_of_the_typescript_sdk_with_the_server_of_the_python_sdk(
    credential: Credential, server: Server
) -> None:
    seen = scenario(credential, server.url, ONCE="1")
    assert {name: seen[name] for name in SEEN} == SEEN
    assert (seen["ask"], seen["failures"]) == ("Ada", [])


async def test_the_client_of_the_python_sdk_with_the_server_of_the_typescript_sdk(
    credential: Credential, typescript: str
) -> None:
    async def answer(*_: Any) -> ElicitResult:
        return ElicitResult(action="accept", content={"name": "Grace"})

    # It asks for the protocol without sessions first, which this server does not know.
    async with client(credential, typescript, mode="auto", elicitation_callback=answer) as mcp:
        assert mcp.protocol_version == "2025-11-25"
        assert text(await mcp.call_tool("who")) == credential.id
        assert text(await mcp.call_tool("ask")) == "Grace"
        assert text(await mcp.call_tool("drop")) == SEEN["drop"]


async def test_a_session_that_a_server_answers_with_400_begins_again(credential: Credential, typescript: str) -> None:
    async with client(credential, typescript, "--lifetime", "1") as mcp:
        await mcp.call_tool("forget")
        for _ in range(4):
            assert text(await mcp.call_tool("add", {"a": 1, "b": 2})) == "3"
            await anyio.sleep(0.5)
        counts = json.loads(text(await mcp.call_tool("counts")))
    assert counts["initialized"] == 2
    assert counts["tokens"] >= 2


def test_the_messages_of_a_batch_are_answered(credential: Credential, typescript: str) -> None:
    with lines(credential, typescript) as bridge:
        bridge.initialize("2025-03-26")
        call = request("tools/call", 2, name="add", arguments={"a": 1, "b": 2})
        bridge.send([request("ping", 1), {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"}, call])
        answers = [bridge.receive(), bridge.receive()]
        assert {answer["id"] for answer in answers} == {1, 2}
        assert bridge.end() == (0, "")
