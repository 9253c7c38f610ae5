"""The directory of the corpus. Its INDEX.md says what it contains."""

import base64
import json
import os
import pathlib

from suite import rsa
from suite.cases import CORPUS, Case, Members

BESIDE = pathlib.Path(__file__).parents[4] / "shared/corpus"


class Corpus:
    """It is beside the checkout, or where SCOUT_AUTH_CORPUS says. It is never copied into the project."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        # The key that most of the corpus is derived from, and one that is an attacker's there.
        self.first = rsa.read(self.bytes("rfc/keys/rfc7515_a2.pkcs8.der"))
        self.other = rsa.read(self.bytes("rfc/keys/rfc7520_3_4.pkcs8.der"))

    @staticmethod
    def locate() -> "Corpus | None":
        """None if there is no corpus beside the checkout. A corpus that SCOUT_AUTH_CORPUS names must exist."""
        if named := os.environ.get("SCOUT_AUTH_CORPUS"):
            return Corpus(pathlib.Path(named))
        return Corpus(BESIDE) if BESIDE.is_dir() else None

    def bytes(self, file: str) -> bytes:
        return (self.folder / file).read_bytes()

    def json(self, file: str) -> Members:
        return json.loads(self.bytes(file))


def case(name: str, call: str, given: Members, expect: Members) -> Case:
    return Case(CORPUS, f"{CORPUS}: {name}", call, given, expect)


def signing(name: str, private_key: str, message: bytes, signature: bytes) -> Case:
    """The key must make this signature."""
    given = {"key": private_key, "message": base64.b64encode(message).decode()}
    return case(f"{name}, signed", "sign", given, {"signature": rsa.base64url(signature)})


def checking(name: str, public_key: str, message: bytes, signature: bytes, *, valid: bool) -> Case:
    given = {
        "key": public_key,
        "message": base64.b64encode(message).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    return case(f"{name}, its signature", "check", given, {"valid": "yes" if valid else "no"})
