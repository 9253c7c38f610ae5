"""A local Scout, as a test starts it: the real command, one line of JSON, and the end of its standard input."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = Path(__file__).parents[2] / "target/debug/scout-auth"
CREDENTIALS = "/v2/organizations/credentials"
LEGACY_KEYS = "/v2/organizations/legacy-keys"


@dataclass(frozen=True)
class Local:
    """A running server, and its management."""

    url: str
    #: The line that it printed: a credential file.
    line: str
    manager: httpx2.Client

    @property
    def about(self) -> dict[str, Any]:
        return json.loads(self.line)

    def post(self, path: str, **body: object) -> Any:
        answer = self.manager.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def patch(self, path: str, **body: object) -> Any:
        answer = self.manager.patch(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
def local() -> Iterator[Local]:
    arguments = [COMMAND, "serve", "--port", "0", "--create", "first", "--until-eof"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        line = server.stdout.readline()
        about = json.loads(line)
        headers = {"Authorization": f"Bearer {about['admin_token']}"}
        with httpx2.Client(base_url=about["url"], headers=headers, trust_env=False) as manager:
            yield Local(about["url"], line, manager)
        server.stdin.close()
        assert server.wait(10) == 0
