"""The examples of the README, unchanged except for the server, which is local."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from scout_auth import PrivateKey
    from server import Server

README = Path(__file__).parents[1] / "README.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_works(number: int, key: PrivateKey, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOUT_CREDENTIAL_ID", "cred_123")
    monkeypatch.setenv("SCOUT_PRIVATE_KEY", key.to_base64url())
    monkeypatch.setenv("SCOUT_KID", key.kid)
    example = EXAMPLES[number]
    exec(example.replace("https://api.scoutos.com", server.url), {})
    assert len(server.seen) == example.count("/v2/workflows")


def test_mypy_accepts_the_examples(tmp_path: Path) -> None:
    files = [tmp_path / f"example_{number}.py" for number in range(len(EXAMPLES))]
    for file, example in zip(files, EXAMPLES, strict=True):
        file.write_text(example)
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *files], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_there_is_an_example_for_each_client() -> None:
    for client in ("requests", "httpx", "aiohttp", "urllib3"):
        assert any(f"import {client}\n" in example or f"scout_auth.{client}" in example for example in EXAMPLES), client
