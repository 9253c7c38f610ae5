"""The rules for other scanners find Scout's own form, and all have one pattern."""

import json
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "docs/rules"
BIN = pathlib.Path(sys.executable).parent


def pattern() -> str:
    [found] = re.findall(r"regex = '''(.*)'''", (RULES / "gitleaks.toml").read_text())
    return found


def test_all_scanners_get_the_same_pattern() -> None:
    assert f"pattern: {pattern()}\n" in (RULES / "kingfisher.yml").read_text()
    in_docs = (ROOT / "docs/scan.md").read_text()
    assert pattern().removeprefix(r"\b(").removesuffix(")") in in_docs


def betterleaks(folder: pathlib.Path) -> set[str]:
    command = [
        BIN / "betterleaks",
        "fs",
        "--config",
        RULES / "gitleaks.toml",
        "--jsonl",
        "--no-banner",
        "--redact",
        folder,
    ]
    lines = subprocess.run(command, check=False, capture_output=True, text=True).stdout.splitlines()
    findings = [json.loads(line) for line in lines if line.startswith("{")]
    found = [
        json.dumps(finding) for finding in findings if finding.get("finding", {}).get("rule_id") == "scout-private-key"
    ]
    return {path.name for path in folder.iterdir() if any(path.name in finding for finding in found)}


def kingfisher(folder: pathlib.Path) -> set[str]:
    command = [BIN / "kingfisher", "scan", "--rules-path", RULES / "kingfisher.yml", "--rule", "scout", "--no-validate"]
    options = ["--no-dedup", "--redact", "--no-update-check", "--format", "json"]
    done = subprocess.run([*command, *options, folder], check=False, capture_output=True, text=True)
    findings = json.loads(done.stdout.splitlines()[0])["findings"]
    return {pathlib.Path(finding["finding"]["path"]).name for finding in findings}


@pytest.mark.parametrize("scanner", [betterleaks, kingfisher])
def test_a_key_in_one_piece_is_found(
    scanner: Callable[[pathlib.Path], set[str]], key: dict, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "files"
    folder.mkdir()
    private, public = key["private_key"], key["public_key"]
    leaks = {
        "raw.txt": private,
        "deploy.env": f"SCOUT_PRIVATE_KEY={private}\n",
        "credential.json": json.dumps({"private_key": private, "credential_id": "cred_123"}),
        "main.js": f"const key = '{private}';\n",
        "job.log": f"2026-11-25 INFO loaded {private} in 3 ms\n",
        "study.ipynb": json.dumps({"cells": [{"source": [f'key = "{private}"\n']}]}),
    }
    harmless = {"public.txt": public, "public.env": f"KEY={public}\n", "cut.txt": private[:800]}
    for name, text in (leaks | harmless).items():
        (folder / name).write_text(text)
    assert all(re.search(pattern(), text) for text in leaks.values())
    assert scanner(folder) == set(leaks)
