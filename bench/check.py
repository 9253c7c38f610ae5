"""Before anything is timed: everybody makes the same, and everybody accepts it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import keys

if TYPE_CHECKING:
    from pathlib import Path

    from starts import Starts
    from workers import Subject


class Checks:
    """Counts what holds, and stops at the first that does not."""

    def __init__(self, folder: Path, subjects: list[Subject]) -> None:
        self.folder, self.subjects, self.passed = folder, subjects, 0
        self.verifiers = [subject for subject in subjects if subject.task == "verify"]

    def of(self, *tasks: str) -> list[Subject]:
        return [subject for subject in self.subjects if subject.task in tasks]

    def holds(self, condition: object, subject: Subject, what: str) -> None:
        if not condition:
            raise SystemExit(f"{subject.worker.language}, {subject.name}, {subject.bits} bits: {what}")
        self.passed += 1

    def everything(self) -> int:
        keys.tokens(self.folder)
        self.refusals()
        for subject in self.of("mint", "threads", "burst"):
            made = subject.once()
            if "signature alone" in subject.name:
                # RS256 is deterministic: all engines make the same signature.
                signature = openssl_signature(self.folder, subject.bits)
                self.holds(made == signature, subject, "it made another signature than openssl")
            else:
                self.token(subject, made)
        for subject in self.of("header"):
            scheme, _, token = subject.once().partition(" ")
            self.holds(scheme == "Bearer", subject, "its header does not begin with Bearer")
            self.token(subject, token)
        kid = (self.folder / "2048.kid").read_text()
        for subject in self.of("kid", "parse"):
            self.holds(subject.once() == kid, subject, "it computed another kid")
        pem = (self.folder / "2048.pem").read_text()
        for subject in self.of("pem"):
            self.holds(subject.once() == pem, subject, "it wrote another PEM than openssl")
        return self.passed

    def token(self, subject: Subject, token: str) -> None:
        """Every verifier of every language accepts it."""
        # What google-auth makes for a header has claims of its own, so only the signature counts.
        only_signature = subject.task == "header" and "google-auth" in subject.name
        for verifier in self.verifiers:
            if verifier.bits == subject.bits and ("signature alone" in verifier.name or not only_signature):
                accepted = verifier.once(token) == "true"
                self.holds(accepted, subject, f"refused by {verifier.worker.language}, {verifier.name}")

    def starts(self, starts: Starts) -> int:
        """What a process prints at its start is a token too, of those that make one."""
        before = self.passed
        for start in starts.all:
            printed = starts.output(start)
            if printed.count(".") == 2:
                for verifier in self.verifiers:
                    # scout-auth demands a kid, which these programs leave out.
                    if verifier.bits == "2048" and (verifier.kind != "ours" or start.kind == "ours"):
                        accepted = verifier.once(printed) == "true"
                        self.holds(accepted, verifier, f"it refused the token of {start.language}, {start.name}")
        return self.passed - before

    def refusals(self) -> None:
        """No verifier accepts whatever it gets."""
        for verifier in self.verifiers:
            good = keys.token(self.folder, verifier.bits)
            self.holds(verifier.once(good) == "true", verifier, "it refused a good token")
            head, claims, signature = good.split(".")
            changed = "A" if signature[100] != "A" else "B"
            bad = f"{head}.{claims}.{signature[:100]}{changed}{signature[101:]}"
            self.holds(verifier.once(bad) == "false", verifier, "it accepted a wrong signature")
            if "signature alone" not in verifier.name:
                expired = keys.token(self.folder, verifier.bits, age=4000)
                self.holds(verifier.once(expired) == "false", verifier, "it accepted an expired token")


def openssl_signature(folder: Path, bits: str) -> str:
    message = (folder / "message").read_bytes()
    signature = keys.openssl("dgst", "-sha256", "-sign", str(folder / f"{bits}.pem"), given=message)
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
