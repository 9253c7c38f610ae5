"""What grows: signers, keys of a verifier, the inputs of `scan` and `proxy`, and the credentials of the local Scout."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import local_scout
from workers import ENVIRONMENT

# The exit status of a scan that found nothing, or something: here the test keys of this project.
SCANNED = (0, 7)


class Scale:
    def __init__(self, root: Path, built: Path, keys: Path, *, quick: bool) -> None:
        self.root, self.built, self.quick = root, built, quick
        self.environment = {
            **ENVIRONMENT,
            "BENCH_KEYS": str(keys),
            "BENCH_PACKAGE": str(root / "node/test/node_modules/scout-auth"),
        }
        self.release = root / "target/release"
        self.rounds = 1 if quick else 3
        self.counts = [1, 10, 100, 1000] if quick else [1, 10, 100, 1000, 10_000]

    def everything(self) -> dict[str, Any]:
        scale = str(self.release / "scale")
        python = [str(self.built / "venv/bin/python"), str(self.root / "bench/python/signers.py")]
        node = ["node", "--expose-gc", str(self.root / "bench/node/signers.cjs")]
        return {
            "signers": [self.median([scale, "signers", str(count)]) for count in self.counts],
            "verifier": [self.median([scale, "verifier", str(count)]) for count in self.counts],
            "Python": self.median([*python, str(self.counts[-1])]),
            "Node": self.median([*node, str(self.counts[-1])]),
            "scan": [self.scan(size) for size in ([1, 10] if self.quick else [1, 10, 100])],
            "proxy": self.proxy(),
            "local": local_scout.grown(self.release / "scout-auth", self.counts),
        }

    def run(self, command: list[str]) -> Any:
        run = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return json.loads(run.stdout)

    def median(self, command: list[str]) -> Any:
        return middle([self.run(command) for _ in range(self.rounds)])

    def scan(self, size: int) -> dict[str, float]:
        """Read as many MB of this project's own sources, in files of their sizes."""
        # Not in target/, which git ignores, and so does the scan.
        with tempfile.TemporaryDirectory() as folder:
            written = fill(self.root, Path(folder), size * 1_000_000)
            wall, cpu, memory = middle(self.scans(folder))
        return {"bytes": written, "wall": wall, "cpu": cpu, "KiB": memory}

    def scans(self, folder: str) -> list[list[float]]:
        command = [str(self.built / "spawn"), str(self.release / "scout-auth"), "scan", folder]
        rounds = []
        for _ in range(self.rounds + 2):
            run = subprocess.run(
                command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
            )
            if run.returncode not in SCANNED:
                raise SystemExit(f"scan ended with {run.returncode}")
            rounds.append([float(number) for number in run.stdout.split()])
        return rounds

    def proxy(self) -> Any:
        counts = ["1", "10", "100"] if self.quick else ["1", "10", "100", "1000"]
        return self.run([str(self.release / "proxy"), str(self.release / "scout-auth"), *counts])


def fill(root: Path, folder: Path, size: int) -> int:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout
    # Without the tests, which have thousands of keys: each takes as long as a megabyte of text.
    sources = [root / os.fsdecode(name) for name in listed.split(b"\0") if name and not name.startswith(b"tests/")]
    written = copy = 0
    while written < size:
        for source in sources:
            target = folder / str(copy) / source.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            written += target.stat().st_size
            if written >= size:
                break
        copy += 1
    return written


def middle(results: list[Any]) -> Any:
    """The medians of results that have the same form."""
    first = results[0]
    if isinstance(first, dict):
        return {name: middle([result[name] for result in results]) for name in first}
    if isinstance(first, list):
        return [middle([result[at] for result in results]) for at in range(len(first))]
    return statistics.median(results)
