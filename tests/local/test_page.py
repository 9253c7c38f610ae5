"""The commands of docs/local.md, one after the other, with the server that the first of them starts."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from conftest import COMMAND
from ledger import elsewhere
from pages import blocks_of

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "http://127.0.0.1:8412"


def test_every_command_of_the_page_does_what_it_says(tmp_path: Path) -> None:
    blocks = [block for block in blocks_of("docs/local.md") if elsewhere(block)]
    start, *rest = [block.text for block in blocks]
    environment = {"PATH": f"{COMMAND.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    arguments = [*shlex.split(start), "--port", "0", "--until-eof"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": tmp_path, "env": environment}
    with subprocess.Popen(arguments, **pipes) as server:
        assert server.stdout
        about = json.loads(server.stdout.readline())
        environment["SCOUT_LOCAL_URL"] = about["url"]
        script = "\n".join(rest).replace(ADDRESS, about["url"])
        ran = subprocess.run(
            ["bash", "-eux", "-o", "pipefail", "-c", script],
            cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        server.communicate(timeout=10)
    output = ran.stdout + ran.stderr
    assert ran.returncode == 0, output
    assert "ERR_" not in output, output
    assert '"name":"prod-api-server-v2"' in ran.stdout
    assert '"name":"my-service"' in ran.stdout
    assert "each of which follows from the one before" in ran.stdout
