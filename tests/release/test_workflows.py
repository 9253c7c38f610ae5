"""The workflows call what is in the tree, and the actions that they use are pinned."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob(".github/actions/*/action.yml")])


def steps(path: Path) -> Iterator[tuple[dict, list[str]]]:
    """Yield each step, and the values that TARGETS has in it."""
    content = yaml.safe_load(path.read_text())
    for job in content.get("jobs", {"action": content.get("runs")}).values():
        matrix = job.get("strategy", {}).get("matrix", {})
        targets = [*matrix.get("targets", []), *(entry["targets"] for entry in matrix.get("include", []))]
        for step in job["steps"]:
            yield step, targets


def commands(path: Path) -> Iterator[str]:
    for step, targets in steps(path):
        run = step.get("run", "")
        yield from [f"make {words}" for words in targets] if "$TARGETS" in run else [run]


def makefile() -> str:
    """Return what make knows: its status says only that `help` is to be made."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    question = ["make", "--print-data-base", "--question", "help"]
    return subprocess.run(question, cwd=ROOT, env=environment, text=True, capture_output=True, check=False).stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_target_and_script_that_a_job_calls_exists(path: Path) -> None:
    known = makefile()
    called = [
        word
        for command in commands(path)
        for words in re.findall(r"\bmake ([^|<\n]*)", command)
        for word in words.split()
        if re.fullmatch(r"[a-z-]+", word)
    ]
    for target in called:
        assert re.search(rf"^{target}:", known, re.MULTILINE), f"make {target}"
    for script in re.findall(r"\b(?:scripts|local)/[\w.-]+", "\n".join(commands(path))):
        assert os.access(ROOT / script, os.X_OK) or script.endswith(".py"), script
        assert (ROOT / script).is_file(), script
    assert called or path.name == "action.yml"


def test_make_dist_packs_each_crate_that_is_published() -> None:
    metadata = subprocess.check_output(["cargo", "metadata", "--no-deps", "--format-version=1"], cwd=ROOT, text=True)
    published = {crate["name"] for crate in json.loads(metadata)["packages"] if crate["publish"] is None}
    [crates] = re.findall(r"^CRATES := (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(crates.split()) == published


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_action_is_pinned_by_commit_and_one_action_by_one_commit(path: Path) -> None:
    used = [line for file in FILES for line in re.findall(r"uses: (.*)", file.read_text())]
    pins = {}
    for use in re.findall(r"uses: (.*)", path.read_text()):
        if not use.startswith("$/"):
            assert re.fullmatch(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v[\d.]+", use), use
            action, pin = use.split("@", 1)
            pins[action] = pin
    for action, pin in pins.items():
        assert {use for use in used if use.startswith(f"{action}@")} == {f"{action}@{pin}"}


def test_updates_are_looked_for_wherever_versions_are_pinned() -> None:
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    found = {entry["package-ecosystem"]: set(entry["directories"]) for entry in updates}
    for ecosystem, pattern in {
        "cargo": "*Cargo.lock",
        "npm": "*package-lock.json",
        "pip": "*requirements*.txt",
    }.items():
        files = subprocess.check_output(["git", "ls-files", pattern], cwd=ROOT, text=True).split()
        assert found[ecosystem] == {f"/{Path(file).parent}".removesuffix(".") for file in files}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_job_keeps_the_credentials_of_its_checkout(path: Path) -> None:
    for step, _ in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
