"""Scout's own SDK behind `scout-auth run`: a program that holds no private key, and knows nothing of scout-auth."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from programs import DEBUG, environment

if TYPE_CHECKING:
    from scout_auth.testing import Credential
    from server import Server

PROGRAM = """
import os
from scoutos import IncomingMessage, Scout

assert "SCOUT_CREDENTIAL_FILE" not in os.environ
scout = Scout(base_url=os.environ["SCOUT_BASE_URL"])
scout.workflows.list()
print(list(scout.agents.interact("agent_1", messages=[IncomingMessage(content="hello")])))
scout.drive.upload(files=[("a.txt", b"first file")])
"""


def test_scouts_sdk_lists_streams_and_uploads_behind_run(credential: Credential, server: Server) -> None:
    server.pages["/world/agent_1/_interact"] = ("text/event-stream", b'event: message\ndata: {"n": 1}\n\n')
    server.ahead = 3000
    command = [DEBUG / "scout-auth", "run", "--origin", server.url, "--", sys.executable, "-c", PROGRAM]
    given = environment() | credential.environment
    ran = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "[{'n': 1}]\n"), ran.stderr
    # The clock is learnt from the first answer, a 401.
    assert [seen.path for seen in server.seen[1:]] == ["/v2/workflows", "/world/agent_1/_interact", "/drive/upload"]
    assert b"first file" in server.seen[-1].body
