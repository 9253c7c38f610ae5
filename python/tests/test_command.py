"""The console script."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import scout_auth
from scout_auth import PrivateKey

SCRIPT = Path(sysconfig.get_path("scripts")) / "scout-auth"


def run(command: list[str], key: PrivateKey) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SCOUT_PRIVATE_KEY": key.to_base64url(), "SCOUT_CREDENTIAL_ID": "cred_123"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


both = pytest.mark.parametrize(
    "command", [[str(SCRIPT)], [sys.executable, "-m", "scout_auth"]], ids=["script", "module"]
)


@both
def test_the_command_prints_an_authorization_that_verifies(command: list[str], key: PrivateKey) -> None:
    ran = run([*command, "authorization"], key)
    assert (ran.returncode, ran.stderr) == (0, "")
    token = ran.stdout.removeprefix("Bearer ").strip()
    assert scout_auth.verify_token(token, key.public_key).credential_id == "cred_123"


def test_the_command_prints_its_version(key: PrivateKey) -> None:
    assert scout_auth.__version__ in run([str(SCRIPT), "--version"], key).stdout


def test_a_wrong_command_has_the_exit_status_of_its_kind(key: PrivateKey) -> None:
    ran = run([str(SCRIPT), "nothing"], key)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: ")


@both
def test_ctrl_c_ends_the_command_while_it_waits_for_standard_input(command: list[str]) -> None:
    terminal, standard_input = pty.openpty()
    try:
        # A shell's background job ignores the signal, and its children inherit that.
        child = subprocess.Popen(
            ["env", "--default-signal=INT", *command, "kid"],
            stdin=standard_input,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert child.stderr
        with child.stderr:
            assert child.stderr.read(5) == b"Paste"
            child.send_signal(signal.SIGINT)
            assert child.wait(30) == -signal.SIGINT
    finally:
        child.kill()
        os.close(terminal)
        os.close(standard_input)
