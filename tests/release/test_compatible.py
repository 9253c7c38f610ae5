"""scripts/compatible.sh fails at a break of an API, unless the version says that it may break.

The C ABI is compared as it is. A program with the exit status of cargo-semver-checks stands in for it: 100 for a break,
101 for a failure.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import version

#: Of the last release. The name says nothing: what counts is the version in its files.
TAG = "v0.0.0"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a clone whose commit is the last release."""
    tree = tmp_path / "tree"
    subprocess.run(["git", "clone", "--quiet", "--shared", "--no-tags", ROOT, tree], check=True)
    for script in ("scripts/compatible.sh", "c/abi.sh"):
        shutil.copy(ROOT / script, tree / script)
    subprocess.run(["git", "tag", TAG], cwd=tree, check=True)
    return tree


def compatible(tree: Path, *, status: int = 0) -> tuple[int, str]:
    program = tree.parent / "bin/cargo-semver-checks"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexit {status}\n")
    program.chmod(0o700)
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "CARGO_HOME": str(tree.parent)}
    ran = subprocess.run(
        ["scripts/compatible.sh"], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout


def break_the_abi(tree: Path) -> None:
    header = tree / "c/include/scout_auth.h"
    text = header.read_text()
    assert "const char *scout_version(void);" in text
    header.write_text(text.replace("const char *scout_version(void);", "int32_t scout_version(void);"))


def test_without_a_break_it_passes_and_names_the_release(tree: Path) -> None:
    assert compatible(tree) == (0, f"compatible: {version.current(tree)} with {TAG}\n")


def test_a_break_of_the_c_abi_fails(tree: Path) -> None:
    break_the_abi(tree)
    assert compatible(tree)[0] == 1


def test_a_break_of_the_rust_api_fails(tree: Path) -> None:
    assert compatible(tree, status=100)[0] == 1


def test_a_new_series_may_break(tree: Path) -> None:
    break_the_abi(tree)
    subprocess.run(["python3", "scripts/version.py", "set", "99.0.0"], cwd=tree, check=True)
    status, output = compatible(tree, status=100)
    assert (status, f"compatible: 99.0.0 may break what {TAG} had" in output) == (0, True)


def test_a_comparison_that_failed_is_a_failure_also_for_a_new_series(tree: Path) -> None:
    subprocess.run(["python3", "scripts/version.py", "set", "99.0.0"], cwd=tree, check=True)
    assert compatible(tree, status=101)[0] == 101


def test_before_the_first_release_it_says_so(tree: Path) -> None:
    subprocess.run(["git", "tag", "--delete", TAG], cwd=tree, check=True, stdout=subprocess.DEVNULL)
    assert compatible(tree) == (0, "compatible: there is no release yet to compare with\n")
