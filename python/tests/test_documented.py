"""The settings in docs/credentials.md for Kubernetes, Docker Compose and systemd.

Each test makes the files that the real program would make, below a folder that stands for the root.
"""

from __future__ import annotations

import configparser
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from scout_auth import PrivateKey, Signer

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = (Path(__file__).parents[2] / "docs" / "credentials.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.partition("\n## Examples\n")[2], re.MULTILINE | re.DOTALL)


def block(language: str, words: str) -> str:
    (found,) = (text for name, text in BLOCKS if name == language and words in text)
    return str(found)


def credential(credential_id: str, key: PrivateKey) -> str:
    return json.dumps({"credential_id": credential_id, "private_key": key.to_base64url(), "kid": key.kid})


def signer_below(root: Path, environment: Mapping[str, str]) -> Signer:
    """Make a signer of the documented environment, whose paths are below the root."""
    return Signer.from_env(env={name: str(root / path.lstrip("/")) for name, path in environment.items()})


def assert_follows(signer: Signer, credential_id: str, key: PrivateKey) -> None:
    """Assert that the signer finds that credential after a 401."""
    assert signer.rejected(signer.bearer())
    assert (signer.credential_id, signer.kid) == (credential_id, key.kid)
    assert signer.source_error is None


def secret_of(command: str, working: Path) -> dict[str, str]:
    """Return the data of the secret that `kubectl create secret generic` makes."""
    program, verb, kind, generic, _, *options = shlex.split(command)
    assert (program, verb, kind, generic) == ("kubectl", "create", "secret", "generic")
    data = {}
    for option in options:
        flag, _, pair = option.partition("=")
        if flag == "--from-literal":
            name, _, data[name] = pair.partition("=")
        else:
            assert flag == "--from-file"
            name, _, path = pair.rpartition("=")
            data[name or Path(path).name] = (working / path).read_text()
    return data


def mount(volume: Path, generation: str, data: dict[str, str], mode: int) -> None:
    """Write a generation of a volume as kubelet does, and make it the current one."""
    folder = volume / generation
    folder.mkdir(parents=True)
    for name, content in data.items():
        (folder / name).write_text(content)
        (folder / name).chmod(mode)
        if not (volume / name).is_symlink():
            (volume / name).symlink_to(f"..data/{name}")
    (volume / "..data_tmp").symlink_to(generation)
    (volume / "..data_tmp").rename(volume / "..data")


def test_a_pod_reads_the_mounted_secret_and_follows_its_update(
    tmp_path: Path, key: PrivateKey, other_key: PrivateKey
) -> None:
    pod = yaml.safe_load(block("yaml", "containers:"))
    (container,), (volume,) = pod["containers"], pod["volumes"]
    (mounted,) = container["volumeMounts"]
    command = block("sh", "kubectl create secret")
    assert mounted["name"] == volume["name"]
    assert "subPath" not in mounted
    assert f" generic {volume['secret']['secretName']} " in command
    where = tmp_path / mounted["mountPath"].lstrip("/")
    mode = volume["secret"]["defaultMode"]
    assert mode == 0o440

    (tmp_path / "scout.key").write_text(key.to_pem())
    mount(where, "..2026_11_25_10_00_00.1", secret_of(command, tmp_path), mode)
    environment = {variable["name"]: variable["value"] for variable in container["env"]}
    signer = signer_below(tmp_path, environment)
    assert (signer.credential_id, signer.kid) == ("cred_123", key.kid)

    (tmp_path / "scout.key").write_text(other_key.to_base64url())
    mount(where, "..2026_11_25_11_00_00.2", secret_of(command.replace("cred_123", "cred_124"), tmp_path), mode)
    assert_follows(signer, "cred_124", other_key)


def test_the_secret_that_kubectl_prints_is_the_credential_file(tmp_path: Path, key: PrivateKey) -> None:
    (command,) = re.findall(r"`(kubectl create secret generic[^`]*--from-file=credential\.json)`", PAGE)
    (tmp_path / "credential.json").write_text(credential("cred_123", key))
    assert list(secret_of(command, tmp_path)) == ["credential.json"]
    assert r"{{index .data \"credential.json\" \| base64decode}}" in PAGE


def test_a_compose_service_reads_its_secret_and_follows_its_file(
    tmp_path: Path, key: PrivateKey, other_key: PrivateKey
) -> None:
    compose: dict[str, Any] = yaml.safe_load(block("yaml", "services:"))
    (service,) = compose["services"].values()
    (name,) = service["secrets"]
    source = tmp_path / compose["secrets"][name]["file"]
    source.write_text(credential("cred_123", key))
    # Compose binds the file: writing it again changes what the container sees, a rename does not.
    secret = tmp_path / "run/secrets" / name
    secret.parent.mkdir(parents=True)
    secret.hardlink_to(source)
    signer = signer_below(tmp_path, service["environment"])
    assert (signer.credential_id, signer.kid) == ("cred_123", key.kid)
    source.write_text(credential("cred_124", other_key))
    assert_follows(signer, "cred_124", other_key)


def test_a_systemd_service_reads_its_credential(tmp_path: Path, key: PrivateKey) -> None:
    unit = configparser.RawConfigParser()
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(block("ini", "LoadCredential="))
    name, _, source = unit["Service"]["LoadCredential"].partition(":")
    etc = tmp_path / source.lstrip("/")
    etc.parent.mkdir(parents=True)
    etc.write_text(credential("cred_123", key))
    # `%d` is $CREDENTIALS_DIRECTORY.
    directory = tmp_path / "run/credentials/app.service"
    directory.mkdir(parents=True)
    (directory / name).write_bytes(etc.read_bytes())
    (directory / name).chmod(0o400)
    variable, _, value = unit["Service"]["Environment"].partition("=")
    signer = signer_below(tmp_path, {variable: value.replace("%d", "/run/credentials/app.service")})
    assert (signer.credential_id, signer.kid) == ("cred_123", key.kid)
