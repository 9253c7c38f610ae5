"""Writes docs/coverage.md: the lines of core that its own tests and the cases run. Needs cargo-tarpaulin.

python tests/coverage.py
"""

import collections
import json
import pathlib
import subprocess
import sys
import time

from suite import corpus
from suite.cases import Case, load
from suite.languages import LANGUAGES, ROOT

TARGET = ROOT / "target/coverage"
CORE = ROOT / "core/src"
LEAST = 95

PAGE = """\
<!-- Written by tests/coverage.py: change it there. -->
# Coverage of core

The lines of `core/src` that ran under core's own tests and under the Rust driver of the [cases](matrix.md), by
cargo-tarpaulin, on {date}: {percent:.1f} %. What only the other languages run, such as reading the environment of the
process, is not counted.

| file | lines | run |
| --- | --- | --- |
{rows}
"""

# File -> line -> whether it ran.
Lines = dict[str, dict[int, bool]]


def main() -> int:
    cases = [case for case in [*load(), *corpus.load()] if not LANGUAGES["rust"].sets_clock(case)]
    tests = tarpaulin("tests", ["--package", "scout-auth", "--features", "rust-crypto"])
    text = "".join(map(Case.line, cases))
    driver = tarpaulin("driver", ["--package", "scout-auth-vectors", "--command", "build", "--", "aws-lc-rs"], text)
    lines = merged(tests, driver)
    percent = 100 * sum(map(count, lines.values())) / sum(map(len, lines.values()))
    for file in sorted(lines):
        print(f"{file}: not run: {not_run(lines[file]) or 'nothing'}")
    rows = "\n".join(row(file, lines[file]) for file in sorted(lines))
    (ROOT / "docs/coverage.md").write_text(PAGE.format(date=time.strftime("%Y-%m-%d"), percent=percent, rows=rows))
    print(f"{percent:.1f} % of core's lines, of {LEAST} % at least")
    return 0 if percent >= LEAST else 1


def tarpaulin(name: str, options: list[str], stdin: str = "") -> Lines:
    """Runs one build with counters."""
    out = TARGET / name
    fixed = ["--engine", "llvm", "--skip-clean", "--target-dir", str(TARGET), "--out", "Json", "--output-dir", str(out)]
    subprocess.run(
        ["cargo", "tarpaulin", *fixed, "--timeout", "600", *options],
        input=stdin,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    report = json.loads((out / "tarpaulin-report.json").read_text())
    files = {pathlib.Path(*file["path"]): file["traces"] for file in report["files"]}
    return {
        str(file.relative_to(CORE)): {trace["line"]: trace["stats"]["Line"] > 0 for trace in traces}
        for file, traces in files.items()
        if file.is_relative_to(CORE)
    }


def merged(*runs: Lines) -> Lines:
    lines: Lines = collections.defaultdict(dict)
    for run in runs:
        for file, states in run.items():
            for line, ran in states.items():
                lines[file][line] = lines[file].get(line, False) or ran
    return lines


def count(states: dict[int, bool]) -> int:
    return sum(states.values())


def row(file: str, states: dict[int, bool]) -> str:
    return f"| {file} | {len(states)} | {count(states)} |"


def not_run(states: dict[int, bool]) -> str:
    return ", ".join(str(line) for line, ran in sorted(states.items()) if not ran)


if __name__ == "__main__":
    sys.exit(main())
