"""The programs that do the work, one for each language.

At its start a worker prints one line of JSON: `subjects`, each as [task, bits, kind, name], and `versions`. The kind is
`ours`, `peer` or `floor`. Then it reads lines of three words, with tabs between them, and answers each with JSON:

    run NUMBER COUNT       does the work of that subject COUNT times: [nanoseconds of wall-clock time, of CPU time]
    once NUMBER ARGUMENT   does it once, and returns what it makes, as text; for `verify`, ARGUMENT is the token and
                           the answer is "true" or "false"

`burst` is measured by Node alone: COUNT tokens at once. Its answer has two more times: how long the calls themselves
held the event loop, and the longest that a timer waited.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}


@dataclass
class Subject:
    """What is measured, and what was measured: a list of times for each round."""

    worker: Worker
    number: int
    task: str
    bits: str
    kind: str
    name: str
    count: int = 1
    rounds: list[list[float]] = field(default_factory=list)

    def once(self, argument: str = "") -> str:
        return self.worker.ask("once", self.number, argument)

    def run(self, count: int) -> list[float]:
        """Return nanoseconds of one piece of work."""
        return [time / count for time in self.worker.ask("run", self.number, str(count))]

    def calibrate(self, batch: float) -> None:
        """Find how often to do the work so that it takes that many nanoseconds."""
        while (cost := self.run(self.count)[1] * self.count) < batch / 2:
            self.count = min(self.count * 10, max(self.count + 1, int(self.count * batch / max(cost, 1))))

    def summary(self) -> dict[str, Any]:
        names = ("task", "bits", "kind", "name", "count", "rounds")
        return {"language": self.worker.language, **{name: getattr(self, name) for name in names}}


class Worker:
    def __init__(self, language: str, command: list[str], keys: Path) -> None:
        self.language = language
        environment = {**ENVIRONMENT, "BENCH_KEYS": str(keys)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)
        hello = json.loads(self.line())
        self.versions: dict[str, str] = hello["versions"]
        self.subjects = [Subject(self, number, *names) for number, names in enumerate(hello["subjects"])]

    def line(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the worker of {self.language} ended with {self.process.wait()}")
        return line

    def ask(self, order: str, number: int, argument: str) -> Any:
        self.process.stdin.write(f"{order}\t{number}\t{argument}\n")
        self.process.stdin.flush()
        return json.loads(self.line())

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()
