"""Starts: whole processes up to the first token."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workers import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Start:
    language: str
    kind: str
    name: str
    command: list[str]
    rounds: list[list[float]] = field(default_factory=list)
    instructions: int | None = None

    def summary(self) -> dict[str, Any]:
        names = ("language", "kind", "name", "rounds", "instructions")
        return {name: getattr(self, name) for name in names}


class Starts:
    def __init__(self, root: Path, built: Path, keys: Path) -> None:
        self.spawn = str(built / "spawn")
        self.environment = {
            **ENVIRONMENT,
            "SCOUT_PRIVATE_KEY": (keys / "2048.key").read_text(),
            "SCOUT_CREDENTIAL_ID": "cred_bench",
            "BENCH_PEM": (keys / "2048.pem").read_text(),
            "BENCH_FLOOR": str(built / "floor.node"),
            "BENCH_PACKAGE": str(root / "node/test/node_modules/scout-auth"),
        }
        release = root / "target/release"
        native = [
            Start("native", "bare", "an empty program", [str(built / "bare")]),
            Start("native", "floor", "aws-lc-rs: the first signature", [str(release / "floor")]),
            Start("native", "ours", "the command: scout-auth token", [str(release / "scout-auth"), "token"]),
            Start("native", "ours", "scout-auth, from C", [str(built / "start-scout")]),
            Start("native", "peer", "OpenSSL EVP: the first signature", [str(built / "start-openssl")]),
            Start("native", "peer", "libjwt", [str(built / "start-libjwt")]),
        ]
        python = [str(built / "venv/bin/python"), str(root / "bench/python/start.py")]
        node = ["node", str(root / "bench/node/start.cjs")]
        self.all = [
            *native,
            *starts("Python", python, "cryptography", "PyJWT", "joserfc", "Authlib", "python-jose", "google-auth"),
            *starts("Node", node, "node:crypto", "jsonwebtoken", "fast-jwt", "@node-rs/jsonwebtoken", "jose"),
        ]

    def output(self, start: Start) -> str:
        run = subprocess.run(start.command, env=self.environment, capture_output=True, text=True, check=True)
        return run.stdout.strip()

    def round(self) -> None:
        # What is close to each other needs more starts to be told apart.
        close = [start for start in self.all if start.kind != "peer"]
        for start in [*self.all, *close * 5]:
            command = [self.spawn, *start.command]
            run = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
            start.rounds.append([float(number) for number in run.stdout.split()])

    def count_instructions(self) -> None:
        """Count those of ours and of what it is compared with. Peers would take minutes."""
        for start in self.all:
            if start.kind != "peer":
                # On one thread and without random seeds, two starts of Node have the same count.
                node = ["node", "--single-threaded", "--predictable", "--hash-seed=1", "--random-seed=1"]
                command = [part for word in start.command for part in (node if word == "node" else [word])]
                run = subprocess.run(
                    ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
                    env={**self.environment, "PYTHONHASHSEED": "0"},
                    capture_output=True,
                    text=True,
                    check=True,
                )
                start.instructions = int(re.findall(r"Collected : (\d+)", run.stderr)[0])


def starts(language: str, command: list[str], *peers: str) -> list[Start]:
    kinds = {"bare": "bare", "floor": "floor", "scout-auth": "ours"}
    names = {"bare": "an empty program", "floor": "an empty module, and aws-lc-rs's first signature"}
    return [
        Start(language, kinds.get(name, "peer"), names.get(name, name), [*command, name])
        for name in ("bare", "floor", "scout-auth", *peers)
    ]
