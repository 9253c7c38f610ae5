"""Counts instructions under callgrind and compares them with `instructions.json`.

    bench/instructions.py PROGRAM [--write]

A count is the difference between two runs of PROGRAM, with few repetitions and with more, so that the start of the
process is not in it. `all` is everything, `own` is that without what aws-lc executes. Blinding is random, so `all`
varies a little. valgrind presents the same processor wherever it runs, with AVX2 if the machine has that; aws-lc, sha2
and libc choose their code by it.

A conversion of key text is in constant time: it executes the same instructions whatever the characters are. So keys of
one form must have the same count.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
KEPT = HERE / "instructions.json"
# A throwaway, and always the same one.
KEY = HERE.parent / "tests/vectors/files/first.key"
TOLERANCE = 1.03
# Repetitions: few of those that are slow under valgrind.
OPERATIONS = {
    "mint": 40,
    "token": 50_000,
    "authorization_for": 50_000,
    "verify": 100,
    "kid": 1000,
    "parse": 50,
    "der_to_pem": 1000,
}
# Functions of Rust have mangled names. From them, calls lead into aws-lc, whose public functions have this prefix.
RUST = re.compile(r"_R|_ZN")
ENGINE = "aws_lc_"


def run(program: str, operation: str, count: int, folder: Path) -> dict[str, int]:
    out = folder / "callgrind.out"
    valgrind = ["valgrind", "--tool=callgrind", "--demangle=no", "--compress-strings=no", "--compress-pos=no"]
    environment = {"PATH": os.environ["PATH"], "BENCH_KEYS": str(folder)}
    command = [*valgrind, f"--callgrind-out-file={out}", program, operation, str(count)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    total = engine = 0
    function = callee = ""
    called = False
    for line in out.read_text().splitlines():
        name, _, value = line.partition("=")
        if name == "fn":
            function = value
        elif name == "cfn":
            callee = value
        elif name == "calls":
            called = True
        elif line[:1].isdigit():
            cost = int(line.split()[1])
            if not called:
                total += cost
            elif RUST.match(function) and callee.startswith(ENGINE):
                engine += cost
            called = False
    return {"own": total - engine, "all": total}


def measure(program: str, operation: str, count: int, folder: Path) -> dict[str, int]:
    few = run(program, operation, 2, folder)
    more = run(program, operation, 2 + count, folder)
    return {part: round((more[part] - few[part]) / count) for part in more}


def keys_of_one_form(text: str) -> Iterator[str]:
    """Other keys with numbers of the same lengths. Their arithmetic is wrong, which a conversion does not look at."""
    random = Random(17)
    for _ in range(4):
        changed = "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", k=200))
        yield text[:500] + changed + text[700:]


class Verdicts:
    def __init__(self) -> None:
        self.passed = self.failed = 0

    def add(self, passes: bool, line: str) -> None:
        self.passed, self.failed = self.passed + passes, self.failed + (not passes)
        print(line if passes else f"{line}  FAILED", flush=True)


def main() -> None:
    program, *options = sys.argv[1:]
    verdicts, text = Verdicts(), KEY.read_text().strip()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "2048.key").write_text(text)
        (folder / "text").write_text(text)
        counts = {operation: measure(program, operation, count, folder) for operation, count in OPERATIONS.items()}
        constant = counts["der_to_pem"]["own"]
        others = []
        for other in keys_of_one_form(text):
            (folder / "text").write_text(other)
            others.append(measure(program, "der_to_pem", OPERATIONS["der_to_pem"], folder)["own"])
    if options == ["--write"]:
        KEPT.write_text(json.dumps(counts, indent=2) + "\n")
    kept = json.loads(KEPT.read_text())
    for operation, parts in counts.items():
        for part, count in parts.items():
            before = kept[operation][part]
            line = f"{operation:18} {part:4}{count:12,} of {before:10,}  {count / before - 1:+.1%}"
            verdicts.add(count <= before * TOLERANCE, line)
    # Each of the 200 characters that differ would count. A count varies by one or two, because blinding is random.
    same = all(abs(other - constant) < 10 for other in others)
    verdicts.add(same, f"der_to_pem of keys with other characters: {constant:,} and {others}")
    print(f"{verdicts.passed} passed, {verdicts.failed} failed")
    if verdicts.failed:
        sys.exit("if a count has a reason to grow: make instructions, and commit bench/instructions.json")


if __name__ == "__main__":
    main()
