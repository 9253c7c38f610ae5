"""A throwaway key, and the command of the wheel."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = ROOT / "target/venv-wheel/bin/scout-auth"


@pytest.fixture(scope="session")
def key() -> dict:
    """The members private_key, public_key and kid."""
    return json.loads(subprocess.run([COMMAND, "keygen", "--json"], check=True, capture_output=True).stdout)


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> dict[str, str]:
    """The environment of a user who has the packages of target/dist, and no configuration of git."""
    home = tmp_path / "home"
    home.mkdir()
    return os.environ | {
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_FIND_LINKS": str(ROOT / "target/dist"),
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
    }
