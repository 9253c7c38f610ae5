"""The examples of the README, unchanged except for the server, which is local."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scoutos.environment import ScoutEnvironment

if TYPE_CHECKING:
    from mcp_server import McpServer
    from scout_auth import PrivateKey
    from server import Server

README = Path(__file__).parents[1] / "README.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_works(
    number: int, key: PrivateKey, server: Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("SCOUT_CREDENTIAL_ID", "cred_123")
    monkeypatch.setenv("SCOUT_PRIVATE_KEY", key.to_base64url())
    monkeypatch.setenv("SCOUT_KID", key.kid)
    monkeypatch.setattr(ScoutEnvironment.PROD, "_value_", server.url)
    example = EXAMPLES[number]
    local = example.replace("https://api.scoutos.com", server.url)
    mcp_server: McpServer | None = request.getfixturevalue("mcp_server") if "/mcp" in example else None
    if mcp_server:
        local = local.replace("https://mcp.scoutos.com/mcp", mcp_server.url)
    assert "scoutos.com" not in local
    exec(local, {})
    gc.collect()  # Scout's SDK does not close its connections
    assert len(server.seen) == example.count("/v2/workflows")
    assert mcp_server is None or mcp_server.answered


def test_mypy_accepts_the_examples(tmp_path: Path) -> None:
    files = [tmp_path / f"example_{number}.py" for number in range(len(EXAMPLES))]
    for file, example in zip(files, EXAMPLES, strict=True):
        file.write_text(example)
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *files], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_there_is_an_example_for_each_client() -> None:
    for client in ("requests", "httpx", "httpx2", "aiohttp", "urllib3", "scoutos", "mcp"):
        imports = re.compile(rf"^(import|from) (scout_auth\.)?{client}\b", re.MULTILINE)
        assert any(imports.search(example) for example in EXAMPLES), client
