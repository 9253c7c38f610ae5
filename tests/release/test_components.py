"""scripts/components.py names what is linked into a package, and scripts/archive.py packs it the same each time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGET = "x86_64-unknown-linux-gnu"


def write(package: str, directory: Path) -> dict[str, str]:
    subprocess.run([sys.executable, ROOT / "scripts/components.py", package, TARGET, directory], check=True)
    return {path.name: path.read_text() for path in directory.iterdir()}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what is written for the full command."""
    return write("scout-auth-tools", tmp_path_factory.mktemp("components"))


def test_an_sbom_names_what_is_linked_in_and_nothing_else(files: dict[str, str]) -> None:
    sbom = json.loads(files["sbom.cdx.json"])
    names = {component["name"] for component in sbom["components"]}
    assert {"scout-auth", "scout-auth-cli", "aws-lc-sys", "tokio", "webpki-roots", "rust-std"} <= names
    # Of other packages, of the build, a macro, of the tests, and of another system.
    assert not {"pyo3", "cc", "serde_derive", "criterion", "windows-sys"} & names
    assert sbom["metadata"]["component"]["name"] == "scout-auth-tools"
    assert all(component["licenses"][0]["expression"] for component in sbom["components"])


def test_an_sbom_has_the_checksum_of_each_crate_of_a_registry(files: dict[str, str]) -> None:
    components = json.loads(files["sbom.cdx.json"])["components"]
    without = {component["name"] for component in components if "hashes" not in component}
    assert without == {name for name in without if name.startswith("scout-auth")} | {"rust-std"}


def test_an_sbom_says_who_uses_whom(files: dict[str, str]) -> None:
    sbom = json.loads(files["sbom.cdx.json"])
    uses = {entry["ref"].split("@")[0]: entry["dependsOn"] for entry in sbom["dependencies"]}
    assert any(used.startswith("pkg:cargo/aws-lc-sys@") for used in uses["pkg:cargo/aws-lc-rs"])
    used = {name for names in uses.values() for name in names}
    known = {component["bom-ref"] for component in sbom["components"]}
    assert used <= known
    assert known - used == {name for name in known if name.startswith("pkg:generic/rust-std@")}


def test_the_licences_name_every_crate_of_others(files: dict[str, str]) -> None:
    text = files["LICENSE-THIRD-PARTY"]
    for component in json.loads(files["sbom.cdx.json"])["components"]:
        is_ours = component["name"].startswith("scout-auth")
        assert (f"{component['name']} {component['version']}" in text) != is_ours, component["name"]
    assert text.count("Copyright") > 20
    assert "OpenSSL" in text or "aws-lc" in text


def test_no_path_of_this_machine_is_in_them_and_they_are_the_same_again(files: dict[str, str], tmp_path: Path) -> None:
    assert write("scout-auth-tools", tmp_path) == files
    for text in files.values():
        assert str(ROOT) not in text
        assert str(Path.home()) + "/" not in text


def test_an_archive_is_the_same_whoever_packs_it_and_when(tmp_path: Path) -> None:
    archives = []
    for name, mode in (("first", 0o600), ("second", 0o664)):
        top = tmp_path / name / "top"
        top.mkdir(parents=True)
        for file in ("b", "a") if mode == 0o600 else ("a", "b"):
            (top / file).write_text("text")
            (top / file).chmod(mode)
            os.utime(top / file, (mode, mode))
        archives.append(tmp_path / f"{name}.tar.gz")
        subprocess.run([sys.executable, ROOT / "scripts/archive.py", top, archives[-1]], check=True)
    first, second = (path.read_bytes() for path in archives)
    assert first == second
    assert subprocess.check_output(["tar", "-tzf", archives[0]], text=True).split() == ["top/", "top/a", "top/b"]
