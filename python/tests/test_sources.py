"""Credentials of files, folders, commands and mappings, and their rotation."""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import jwt
import pytest
import scout_auth
from pydantic import SecretStr
from scout_auth import ApiKey, PrivateKey, Signer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A source that failed, and a command, are looked at once a second at most.
PAUSE = 1.1


def credential(credential_id: str, key: PrivateKey) -> str:
    return json.dumps({"credential_id": credential_id, "private_key": key.to_base64url(), "kid": key.kid})


def replace(path: Path, text: str) -> None:
    """Write as careful programs do: beside the file, then renamed."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def assert_signs_with(signer: Signer, credential_id: str, key: PrivateKey) -> None:
    """All that a signer shows is of one credential, and PyJWT verifies its token."""
    token = signer.bearer()
    assert jwt.decode(token, key.public_key.to_pem(), algorithms=["RS256"])["sub"] == credential_id
    assert jwt.get_unverified_header(token)["kid"] == key.kid
    assert (signer.credential_id, signer.kid, signer.public_key) == (credential_id, key.kid, key.public_key)


@pytest.fixture
def path(key: PrivateKey, tmp_path: Path) -> Path:
    path = tmp_path / "credential.json"
    path.write_text(credential("cred_1", key))
    return path


@pytest.mark.parametrize(
    "make",
    [
        Signer.from_file,
        lambda path: Signer.from_file(str(path)),
        lambda path: Signer.from_env(env={"SCOUT_CREDENTIAL_FILE": str(path)}),
    ],
)
def test_a_rotation_replaces_id_kid_and_key_together(
    make: Callable[[Path], Signer], path: Path, key: PrivateKey, other_key: PrivateKey
) -> None:
    signer = make(path)
    assert_signs_with(signer, "cred_1", key)
    before = signer.bearer()
    replace(path, credential("cred_2", other_key))
    assert signer.bearer() is before
    assert signer.rejected(before)
    assert_signs_with(signer, "cred_2", other_key)
    assert signer.source_error is None


def test_a_broken_file_keeps_the_last_good_credential_and_says_why(
    path: Path, key: PrivateKey, other_key: PrivateKey
) -> None:
    signer = Signer.from_file(path)
    assert signer.source_error is None
    replace(path, "{")
    signer.rejected(signer.bearer())
    assert_signs_with(signer, "cred_1", key)
    assert isinstance(signer.source_error, scout_auth.ConfigError)
    assert signer.source_error.code == "ERR_CREDENTIAL_FORMAT"
    replace(path, credential("cred_2", other_key))
    time.sleep(PAUSE)
    signer.invalidate()
    assert_signs_with(signer, "cred_2", other_key)
    assert signer.source_error is None


def test_a_folder_is_followed_as_kubernetes_replaces_it(tmp_path: Path, key: PrivateKey, other_key: PrivateKey) -> None:
    folder = tmp_path / "secret"
    folder.mkdir()

    def mount(version: str, credential_id: str, key: PrivateKey) -> None:
        data = folder / version
        data.mkdir()
        (data / "credential_id").write_text(credential_id)
        (data / "private_key").write_text(key.to_pem())
        (folder / "..new").symlink_to(version)
        (folder / "..new").rename(folder / "..data")

    mount("..1", "cred_1", key)
    for name in ("credential_id", "private_key"):
        (folder / name).symlink_to(f"..data/{name}")
    signer = Signer.from_file(folder)
    assert_signs_with(signer, "cred_1", key)
    mount("..2", "cred_2", other_key)
    assert signer.rejected(signer.bearer())
    assert_signs_with(signer, "cred_2", other_key)


def test_a_command_is_run_again_after_a_401_while_other_threads_run(
    tmp_path: Path, key: PrivateKey, other_key: PrivateKey
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = (sys.executable, "-c", "import sys; print(open(sys.argv[1]).read())", str(pipe))
    # The command ends only if this thread can write while the other one waits for it.
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(Signer.from_command, command)
        pipe.write_text(credential("cred_1", key))
        signer = made.result()
        assert_signs_with(signer, "cred_1", key)
        time.sleep(PAUSE)
        rejected = pool.submit(signer.rejected, signer.bearer())
        pipe.write_text(credential("cred_2", other_key))
        assert rejected.result()
    assert_signs_with(signer, "cred_2", other_key)


def test_a_source_that_holds_no_credential_makes_no_signer(path: Path) -> None:
    python = sys.executable
    with pytest.raises(scout_auth.ConfigError, match=r".+") as caught:
        Signer.from_file(path.parent / "missing")
    assert caught.value.code == "ERR_CREDENTIAL_UNREADABLE"
    with pytest.raises(scout_auth.ConfigError) as caught:
        Signer.from_command([python, "-c", "raise SystemExit(1)"])
    assert caught.value.code == "ERR_COMMAND_FAILED"
    with pytest.raises(scout_auth.ConfigError) as caught:
        Signer.from_command([python, "-c", ""], refresh=0)
    assert caught.value.code == "ERR_REFRESH"
    with pytest.raises(TypeError, match="expected an iterable of str, not str"):
        Signer.from_command(python)
    with pytest.raises(TypeError, match="unexpected keyword argument 'refreshes'"):
        Signer.from_file(path, refreshes=1)  # type: ignore[call-arg]


def test_a_file_takes_the_settings_of_a_signer(path: Path, key: PrivateKey) -> None:
    signer = Signer.from_file(path, kid=key.kid, header_kid="key-7", lifetime=60, roles=["reader"], claims={"x": 1})
    decoded = jwt.decode(signer.bearer(), key.public_key.to_pem(), algorithms=["RS256"])
    assert decoded["exp"] - decoded["iat"] == 60
    assert (decoded["roles"], decoded["x"]) == (["reader"], 1)
    assert jwt.get_unverified_header(signer.bearer())["kid"] == "key-7"


def test_two_credentials_of_one_environment_are_told_apart_by_a_prefix(
    key: PrivateKey, other_key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    for prefix, credential_id, private_key in (("A_", "cred_a", key), ("B_", "cred_b", other_key)):
        monkeypatch.setenv(f"{prefix}SCOUT_CREDENTIAL_ID", credential_id)
        monkeypatch.setenv(f"{prefix}SCOUT_PRIVATE_KEY", private_key.to_base64url())
    for from_env in (Signer.from_env, scout_auth.from_env):
        for prefix, credential_id, private_key in (("A_", "cred_a", key), ("B_", "cred_b", other_key)):
            for env in (None, os.environ, dict(os.environ)):
                signer = from_env(env=env, prefix=prefix, lifetime=60)
                assert isinstance(signer, Signer)
                assert_signs_with(signer, credential_id, private_key)
        with pytest.raises(scout_auth.VariableMissingError):
            from_env()


def test_a_mapping_replaces_the_environment(key: PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOUT_CREDENTIAL_ID", "cred_env")
    monkeypatch.setenv("SCOUT_PRIVATE_KEY", key.to_base64url())
    api_key = scout_auth.from_env(env={"SCOUT_API_KEY": SecretStr("legacy"), "SCOUT_PRIVATE_KEY": None})
    assert isinstance(api_key, ApiKey)
    assert api_key.bearer() == "legacy"
    secret = {"SCOUT_CREDENTIAL_ID": "cred_2", "SCOUT_PRIVATE_KEY": SecretStr(key.to_base64url())}
    assert_signs_with(Signer.from_env(env=secret), "cred_2", key)
    with pytest.raises(scout_auth.VariableMissingError):
        Signer.from_env(env={})
    for wrong, message in (
        ("text", "expected a mapping, not str"),
        ({"SCOUT_KID": 5}, "expected str or bytes, not int"),
    ):
        with pytest.raises(TypeError, match=message):
            Signer.from_env(env=wrong)  # type: ignore[arg-type]
