"""The client of MCP, the bridge that its file names, and an MCP server that asks the local Scout about each token."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import httpx2
import pytest
from conftest import COMMAND, EXAMPLES, Running, assert_no_secret, running
from mcp.server.auth.provider import AccessToken
from server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scout_auth.testing import LocalScout
    from server import Server


@pytest.fixture
def server(scout: LocalScout) -> Iterator[Server]:
    async def accepted(token: str) -> AccessToken | None:
        async with httpx2.AsyncClient(trust_env=False) as http:
            response = await http.get(scout.url, headers={"Authorization": f"Bearer {token}"})
        if response.status_code != 200:
            return None
        who = response.json()["credential_id"]
        return AccessToken(token=token, client_id=who, subject=who, scopes=[])

    with serving("-", "-") as server:
        server.verifier.verify_token = accepted
        yield server


@pytest.fixture
def client(scout: LocalScout, server: Server, tmp_path: Path) -> Iterator[Running]:
    """The client with the file, but with the MCP server of the test in place of Scout's."""
    file = json.loads((EXAMPLES / "mcp/mcp.json").read_text())
    file["mcpServers"]["scout"]["args"].append(server.url)
    (tmp_path / "mcp.json").write_text(json.dumps(file))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/scout-auth").symlink_to(COMMAND)
    credential = tmp_path / ".config/scoutos/credential.jwk.json"
    credential.parent.mkdir(parents=True)
    credential.symlink_to(scout.credential.file)
    command = [sys.executable, EXAMPLES / "mcp/client.py", "mcp.json"]
    path = f"{tmp_path}/bin:/usr/bin:/bin"
    with running(*command, folder=tmp_path, HOME=str(tmp_path), PATH=path) as client:
        yield client


def test_a_session_calls_tools_also_after_a_rotation(client: Running, scout: LocalScout) -> None:
    old = scout.credential
    assert "who" in client.wait_for("tools:").split()
    client.say('add {"a": 2, "b": 3}')
    client.wait_for("5")
    client.say("who")
    client.wait_for(old.id)

    new = old.rotate()
    old.disable()
    client.say("who")
    client.wait_for(new.id)
    client.process.stdin.close()
    assert client.end() == 0
    assert_no_secret(client.said, old, new)


def test_a_refused_credential_is_an_error_of_each_call_and_not_the_end(client: Running, scout: LocalScout) -> None:
    client.wait_for("tools:")
    scout.credential.disable()
    client.say("who")
    assert "401" in client.wait_for("error:")
    scout.credential.enable()
    client.say("who")
    client.wait_for(scout.credential.id)
    assert_no_secret(client.said, scout.credential)
