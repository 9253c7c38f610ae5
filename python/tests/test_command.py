"""The console script."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import joserfc.jwk
import joserfc.jwt
import jwt
import pytest
import scout_auth
from scout_auth import PrivateKey

SCRIPT = Path(sysconfig.get_path("scripts")) / "scout-auth"


def run(command: list[str], key: PrivateKey, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SCOUT_PRIVATE_KEY": key.to_base64url(), "SCOUT_CREDENTIAL_ID": "cred_123"}
    return subprocess.run(command, capture_output=True, text=True, env=environment | variables, check=False)


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


def test_pyjwt_and_joserfc_read_the_jwk_and_the_jwk_set_of_the_command(key: PrivateKey, tmp_path: Path) -> None:
    def command(*words: str) -> str:
        ran = run([sys.executable, "-m", "scout_auth", *words], key)
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    (tmp_path / "key.pem").write_text(key.to_pem())
    (tmp_path / "other.jwk").write_text(PrivateKey.generate().public_key.to_jwk())
    key_set = command("jwks", str(tmp_path / "key.pem"), str(tmp_path / "other.jwk"))
    token = command("token").strip()
    signing_key = jwt.PyJWKSet.from_json(key_set)[key.kid]
    assert jwt.decode(token, signing_key, algorithms=["RS256"], issuer="scout")["sub"] == "cred_123"
    jose_keys = joserfc.jwk.KeySet.import_key_set(json.loads(key_set))
    assert joserfc.jwt.decode(token, jose_keys, algorithms=["RS256"]).claims["sub"] == "cred_123"

    public, private = (jwt.PyJWK.from_json(command("jwk", *words)) for words in ([], ["--private"]))
    signed = jwt.encode({"sub": "theirs"}, private, algorithm="RS256")
    assert jwt.decode(signed, public, algorithms=["RS256"]) == {"sub": "theirs"}


def full_command(folder: Path, script: str) -> str:
    path = folder / "scout-auth-tools"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(folder)


@both
@pytest.mark.parametrize("words", ["mcp x", "proxy --listen y", "run -- z", "serve", "doctor --url", "help run"])
def test_the_full_command_of_path_does_what_the_package_leaves_out(
    command: list[str], words: str, key: PrivateKey, tmp_path: Path
) -> None:
    folder = full_command(tmp_path, 'echo "full: $*"; exit 9')
    ran = run([*command, *words.split()], key, PATH=f"{folder}:{os.environ['PATH']}")
    assert (ran.returncode, ran.stdout, ran.stderr) == (9, f"full: {words}\n", "")


@both
def test_a_signal_to_the_full_command_ends_the_command(command: list[str], key: PrivateKey, tmp_path: Path) -> None:
    folder = full_command(tmp_path, "kill -TERM $$")
    assert run([*command, "proxy"], key, PATH=f"{folder}:{os.environ['PATH']}").returncode == -signal.SIGTERM


def test_the_full_command_beside_the_script_comes_before_that_of_path(key: PrivateKey, tmp_path: Path) -> None:
    beside, other = tmp_path / "beside", tmp_path / "other"
    beside.mkdir()
    other.mkdir()
    full_command(beside, "echo beside")
    script = beside / "scout-auth"
    script.write_text(f"#!{sys.executable}\nimport sys\nfrom scout_auth.__main__ import main\nsys.exit(main())\n")
    script.chmod(0o755)
    path = f"{full_command(other, 'echo other')}:{os.environ['PATH']}"
    assert run([str(script), "proxy"], key, PATH=path).stdout == "beside\n"
    link = tmp_path / "link"
    link.symlink_to(script)
    assert run([str(link), "proxy"], key, PATH=path).stdout == "beside\n"


@pytest.mark.parametrize("path", ["", ".", "./", "relative"])
def test_a_full_command_in_the_current_directory_is_not_run(
    path: str, key: PrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "relative").mkdir()
    full_command(tmp_path, "echo here")
    full_command(tmp_path / "relative", "echo here")
    monkeypatch.chdir(tmp_path)
    ran = run([sys.executable, "-m", "scout_auth", "proxy"], key, PATH=path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "proxy is not in this build" in ran.stderr
    assert "\nhelp: install the package scout-auth-tools" in ran.stderr
