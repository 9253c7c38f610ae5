"""A program that PyInstaller has frozen, as it runs where no Python is installed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from scout_auth import PrivateKey
    from server import Server

PROGRAM = """
import sys

import requests
import scout_auth

print(requests.get(sys.argv[1], auth=scout_auth.from_env()).status_code)
"""


def test_a_frozen_program_sends_the_header_with_requests(key: PrivateKey, server: Server, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    freeze = [sys.executable, "-m", "PyInstaller", "--onedir", "--log-level=ERROR", "program.py"]
    subprocess.run(freeze, cwd=tmp_path, check=True)
    environment = {"SCOUT_CREDENTIAL_ID": "cred_123", "SCOUT_PRIVATE_KEY": key.to_base64url()}
    program = tmp_path / "dist/program/program"
    ran = subprocess.run([program, server.url], env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "200\n"), ran.stderr
    assert len(server.seen) == 1
