"""The programs of examples/python: the client sends its requests to the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scout_auth import Verifier, mint_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scout_auth import PrivateKey

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"


@pytest.fixture
def url(key: PrivateKey, tmp_path: Path) -> Iterator[str]:
    """The URL of the running server."""
    (tmp_path / "keys.json").write_text(Verifier(key.public_key).to_jwk_set())
    command = [sys.executable, str(EXAMPLES / "server.py"), str(tmp_path / "keys.json"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        yield server.stdout.readline().split()[-1]
        server.terminate()


def run_client(url: str, key: PrivateKey) -> subprocess.CompletedProcess[str]:
    credential = {"SCOUT_CREDENTIAL_ID": "cred_123", "SCOUT_PRIVATE_KEY": key.to_base64url(), "SCOUT_URL": url}
    command = [sys.executable, str(EXAMPLES / "workflows.py")]
    return subprocess.run(command, env=os.environ | credential, capture_output=True, text=True, check=False)


def test_the_client_is_served_by_the_server(url: str, key: PrivateKey) -> None:
    ran = run_client(url, key)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["credential_id"] == "cred_123"


def test_the_client_shows_why_the_server_refuses_it(url: str, other_key: PrivateKey) -> None:
    ran = run_client(url, other_key)
    assert ran.returncode == 1
    assert "ERR_TOKEN_KID_UNKNOWN" in ran.stderr


def test_the_client_names_the_fault_of_its_credential(key: PrivateKey) -> None:
    ran = run_client("http://scout.example", key)
    assert ran.returncode == 2
    assert "[ERR_ORIGIN]" in ran.stderr


def test_the_server_asks_for_a_token_and_says_what_is_wrong_with_one(url: str, key: PrivateKey) -> None:
    expired = mint_token("cred_123", key, issued_at=1_800_000_000).authorization
    for authorization, challenge in {"Basic eDp5": "Bearer", expired: 'Bearer error="invalid_token"'}.items():
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": authorization}))
        with caught.value as response:
            assert (response.code, response.headers["WWW-Authenticate"]) == (401, challenge)


def test_mypy_accepts_the_examples() -> None:
    command = [sys.executable, "-m", "mypy", "--strict", *map(str, EXAMPLES.parent.rglob("*.py"))]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
