"""Libraries of other projects, each used as a server would use it. The programs are in interop/."""

import pathlib
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    title: str
    command: list[str]

    def mint(self, private_key: pathlib.Path, kid: str, credential_id: str) -> str:
        return self.run("mint", str(private_key), kid, credential_id).rstrip("\n")

    def verify(self, public_key: pathlib.Path, tokens: list[str]) -> list[str]:
        """What the peer says of each token: `accepted CREDENTIAL_ID KID`, or `refused` and why."""
        return self.run("verify", str(public_key), given="".join(f"{token}\n" for token in tokens)).splitlines()

    def run(self, *words: str, given: str = "") -> str:
        done = subprocess.run(
            [*self.command, *words], input=given, stdout=subprocess.PIPE, encoding="utf-8", check=True
        )
        return done.stdout
