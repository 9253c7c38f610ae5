"""Measures scout-auth beside its peers and writes docs/benchmarks.md: `make bench`.

    bench/run.py [--quick]

With --quick there are few rounds, and nothing in docs/ changes. All that is measured takes turns in rounds, so that a
busy machine is busy for everybody. A figure is the median of the rounds.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import check
import keys
import local_scout
import page
import scale
import starts
from workers import Subject, Worker

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "target/bench"
TASKS = ("mint", "verify", "header", "kid", "pem", "parse", "threads")
BURST = 1000


def workers(folder: Path) -> list[Worker]:
    return [
        Worker("Rust", [str(ROOT / "target/release/worker")], folder),
        Worker("Python", [str(BUILT / "venv/bin/python"), "-Wignore", str(ROOT / "bench/python/worker.py")], folder),
        Worker("Node", ["node", str(ROOT / "bench/node/worker.mjs")], folder),
        Worker("C", [str(BUILT / "worker")], folder),
    ]


def measure(subjects: list[Subject], rounds: int, batch: float, folder: Path) -> None:
    keys.tokens(folder)
    for subject in subjects:
        subject.calibrate(batch)
        # V8 compiles what runs often.
        subject.run(subject.count * 5 if subject.count > 1 else 1)
    for _ in range(rounds):
        keys.tokens(folder)
        for subject in subjects:
            subject.rounds.append(subject.run(subject.count))


def bursts(subjects: list[Subject], rounds: int) -> None:
    for number in range(rounds + 1):
        for subject in subjects:
            times = subject.worker.ask("run", subject.number, str(BURST))
            # The first round warms up.
            if number:
                subject.rounds.append(times)


def machine() -> dict[str, str]:
    processor = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return {
        "processor": f"{processor.partition(':')[2].strip()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}, glibc {platform.libc_ver()[1]}",
        "rustc": command("rustc", "--version"),
    }


def locked(language: str) -> dict[str, str]:
    """The versions of crates, which a program does not know."""
    if language != "Rust":
        return {}
    lock = (ROOT / "bench/rust/Cargo.lock").read_text()
    return dict(re.findall(r'name = "(aws-lc-rs|jsonwebtoken|ring)"\nversion = "(.*)"', lock))


def command(*line: str) -> str:
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def step(text: str, began: float) -> None:
    load = os.getloadavg()[0]
    print(f"bench: {time.monotonic() - began:5.0f} s, load {load:.1f}: {text}", flush=True)


def main() -> None:
    quick = sys.argv[1:] == ["--quick"]
    rounds, batch = (5, 2e6) if quick else (15, 10e6)
    began, loads = time.monotonic(), [os.getloadavg()[0]]
    folder = BUILT / "keys"
    keys.make(folder)
    everybody = workers(folder)
    subjects = [subject for worker in everybody for subject in worker.subjects]
    step("each token is verified by every verifier", began)
    checks = check.Checks(folder, subjects)
    passed = checks.everything()
    all_starts = starts.Starts(ROOT, BUILT, folder)
    passed += checks.starts(all_starts)
    for task in TASKS:
        step(task, began)
        # Large keys are slow and interesting for their ratios alone.
        chosen = [subject for subject in checks.of(task) if subject.bits == "2048" or not quick]
        measure(chosen, rounds, batch, folder)
        loads.append(os.getloadavg()[0])
    step("bursts", began)
    bursts(checks.of("burst"), rounds)
    for worker in everybody:
        worker.stop()
    step("starts", began)
    for _ in range(rounds):
        all_starts.round()
    all_starts.count_instructions()
    loads.append(os.getloadavg()[0])
    step("what grows", began)
    grown = scale.Scale(ROOT, BUILT, folder, quick=quick).everything()
    step("the local Scout", began)
    beside = local_scout.Comparison(ROOT, BUILT, quick=quick).everything()
    results: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "version": re.findall(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[0],
        "machine": machine(),
        "versions": {worker.language: worker.versions | locked(worker.language) for worker in everybody},
        "loads": loads,
        "seconds": time.monotonic() - began,
        "checks": passed,
        "rounds": rounds,
        "subjects": [subject.summary() for subject in subjects],
        "starts": [start.summary() for start in all_starts.all],
        "scale": grown,
        "local": beside,
    }
    (BUILT / "results.json").write_text(json.dumps(results))
    page.write(results, BUILT / "page" if quick else ROOT / "docs")
    step(f"done; {passed} checks passed, 0 failed", began)


if __name__ == "__main__":
    main()
