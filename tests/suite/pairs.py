"""All pairs: each language verifies a token of each other one, both by the system's clock."""

from . import cases
from .cases import PAIRS, Case
from .languages import LANGUAGES, Verdict

KEY = "first"
CREDENTIAL_ID = "cred_pairs"


def run(commands: dict[str, list[str]]) -> dict[str, list[Verdict]]:
    table = cases.read("key-table")["keys"]
    minted = {name: LANGUAGES[name].run(command, [minting(table)]) for name, command in commands.items()}
    verifying = [verification(LANGUAGES[name].title, verdicts[0].token, table) for name, verdicts in minted.items()]
    return {name: minted[name] + LANGUAGES[name].run(command, verifying) for name, command in commands.items()}


def minting(table: cases.Members) -> Case:
    given = {"key": table[KEY]["private"]["base64url"], "credential_id": CREDENTIAL_ID}
    return Case(PAIRS, "pairs: minting a token", "signer", given, expected(table))


def verification(title: str, token: str, table: cases.Members) -> Case:
    given = {"token": token, "keys": [table[KEY]["public"]["jwk"]]}
    return Case(PAIRS, f"pairs: verifying a token of {title}", "verify", given, expected(table))


def expected(table: cases.Members) -> cases.Members:
    return {"credential_id": CREDENTIAL_ID, "kid": table[KEY]["public"]["kid"]}
