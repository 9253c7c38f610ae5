"""All pairs, by the system's clock: each language verifies a token of each other one and of other people's libraries,
the peers, and they verify a token of each language.
"""

import contextlib
import hashlib
import hmac
import json
import pathlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass

from . import cases, rsa
from .cases import PAIRS, Case
from .languages import LANGUAGES, Verdict
from .peers import Peer

TABLE = cases.read("key-table")["keys"]
KEY, OTHER_KEY = TABLE["first"], TABLE["second"]
CREDENTIAL_ID = "cred_pairs"
KID = KEY["public"]["kid"]
EXPECTED = {"credential_id": CREDENTIAL_ID, "kid": KID}
ACCEPTED = f"accepted {CREDENTIAL_ID} {KID}"

# The library of Scout's own page. Its token has the same bytes as ours.
OF_THE_PAGE = "jsonwebtoken"


def run(commands: dict[str, list[str]], peers: list[Peer]) -> dict[str, list[Verdict]]:
    results = {name: LANGUAGES[name].run(command, [minting()]) for name, command in commands.items()}
    tokens = {name: verdicts[0].token for name, verdicts in results.items()}
    with key_files() as keys:
        theirs = {peer.title: peer.mint(keys.private, KID, CREDENTIAL_ID) for peer in peers}
        for peer in peers:
            for name, verdicts in of_peer(peer, tokens, keys).items():
                results[name] += verdicts
    given = [verifying(LANGUAGES[name].title, token) for name, token in tokens.items()]
    given += [verifying(title, token) for title, token in theirs.items()]
    given.append(minting_again(theirs[OF_THE_PAGE]))
    return {name: results[name] + LANGUAGES[name].run(command, given) for name, command in commands.items()}


def minting() -> Case:
    given = {"key": KEY["private"]["base64url"], "credential_id": CREDENTIAL_ID}
    return Case(PAIRS, "pairs: minting a token", "signer", given, EXPECTED)


def verifying(title: str, token: str) -> Case:
    given = {"token": token, "keys": [KEY["public"]["jwk"]]}
    return Case(PAIRS, f"pairs: verifying a token of {title}", "verify", given, EXPECTED)


def minting_again(token: str) -> Case:
    claims = json.loads(rsa.from_base64url(token.split(".")[1]))
    given = {"key": KEY["private"]["base64url"], "credential_id": CREDENTIAL_ID, "issued_at": claims["iat"]}
    return Case(PAIRS, f"pairs: minting the token of {OF_THE_PAGE}, byte for byte", "mint", given, {"token": token})


@dataclass(frozen=True)
class KeyFiles:
    private: pathlib.Path
    public: pathlib.Path
    other: pathlib.Path


@contextlib.contextmanager
def key_files() -> Iterator[KeyFiles]:
    """The keys as PEM, which every peer reads."""
    with tempfile.TemporaryDirectory() as folder:
        files = KeyFiles(*(pathlib.Path(folder) / f"{name}.pem" for name in ("private", "public", "other")))
        files.private.write_text(KEY["private"]["pem"])
        files.public.write_text(KEY["public"]["pem"])
        files.other.write_text(OTHER_KEY["public"]["pem"])
        yield files


def of_peer(peer: Peer, tokens: dict[str, str], keys: KeyFiles) -> dict[str, list[Verdict]]:
    """What the peer says about the token of each language, with its key and with another."""
    answers = peer.verify(keys.public, list(tokens.values()))
    others = peer.verify(keys.other, list(tokens.values()))
    accepting = Case(PAIRS, f"pairs: {peer.title} accepts our token", "peer", {}, EXPECTED)
    refusing = Case(PAIRS, f"pairs: {peer.title} refuses our token by another key", "peer", {}, {"error": "refused"})
    return {
        name: [
            verdict(accepting, answer, met=answer == ACCEPTED),
            verdict(refusing, other, met=other.startswith("refused")),
        ]
        for name, answer, other in zip(tokens, answers, others, strict=True)
    }


def verdict(case: Case, answer: str, *, met: bool) -> Verdict:
    return Verdict(case, "passed", "") if met else Verdict(case, "failed", answer)


def misjudged(peer: Peer) -> list[str]:
    """The false tokens that the peer accepts, and the sound one if it refuses it."""
    key = rsa.read(rsa.from_base64url(KEY["private"]["base64url"]))
    now = int(time.time())
    sound = {"iss": "scout", "sub": CREDENTIAL_ID, "iat": now, "exp": now + 300}
    tokens = {
        "a sound token": token(key, sound),
        "an expired token": token(key, sound | {"iat": now - 900, "exp": now - 600}),
        "a token of another issuer": token(key, sound | {"iss": "scouts"}),
        "a token that the public key made by HS256": confused(sound),
    }
    with key_files() as keys:
        answers = peer.verify(keys.public, list(tokens.values()))
    return [
        what
        for what, answer in zip(tokens, answers, strict=True)
        if answer.startswith("accepted") != (what == "a sound token")
    ]


def token(key: rsa.Key, claims: cases.Members) -> str:
    return key.token(key.token_header(), json.dumps(claims).encode())


def confused(claims: cases.Members) -> str:
    header = json.dumps({"alg": "HS256", "typ": "JWT", "kid": KID}).encode()
    message = f"{rsa.base64url(header)}.{rsa.base64url(json.dumps(claims).encode())}"
    mac = hmac.digest(KEY["public"]["pem"].encode(), message.encode(), hashlib.sha256)
    return f"{message}.{rsa.base64url(mac)}"
