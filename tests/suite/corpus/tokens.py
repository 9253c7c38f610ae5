"""Tokens that are signed with the key of RFC 7515 A.2.

Scout's tokens name their key, and these do not, so most are refused for that reason alone. Therefore each runs a second
time, changed into a token of Scout in everything except what the case is about.
"""

from collections.abc import Iterator

from suite import rsa
from suite.cases import Case, Members

from . import expectations
from .expectations import ACCEPTED, Expectations
from .folder import Corpus, case, checking

WITHOUT_KID = "ERR_TOKEN_KID_MISSING"


def cases(corpus: Corpus) -> Iterator[Case]:
    manifest = corpus.json("jwt_derived/manifest.json")
    due = Expectations(expectations.TOKENS, expectations.TOKEN_EXCEPTIONS)
    due_to_resigned = Expectations(expectations.RESIGNED, expectations.RESIGNED_EXCEPTIONS)
    public_key = corpus.first.public().to_jwk()
    for item in manifest["cases"]:
        name = f"jwt_derived/{item['id']}"
        judged = {"labels": [item.get("policy")], "accepted": item["expect"] == "accept"}
        token = text_of(item, corpus)
        outcome = due.outcome(name, **judged)
        yield case(name, "verify", {"token": token, "keys": [public_key]}, {"error": outcome})
        if outcome != WITHOUT_KID:
            continue
        message, _, signature = token.rpartition(".")
        valid = item["expect_jws"] == "accept"
        yield checking(name, public_key, message.encode(), rsa.from_base64url(signature), valid=valid)
        token = resigned(token, item, corpus, manifest["now"])
        given = {"token": token, "keys": [public_key], "now": manifest["now"], "leeway": manifest["leeway"]}
        outcome = due_to_resigned.outcome(name, **judged)
        expect = {"error": outcome} if outcome != ACCEPTED else {"kid": corpus.first.kid(), "json": claims_of(token)}
        yield case(f"{name}, made into Scout's", "verify", given, expect)
    due.check()
    due_to_resigned.check()


def text_of(item: Members, corpus: Corpus) -> str:
    return corpus.bytes(f"jwt_derived/{item['token_file']}").decode() if "token_file" in item else item["token"]


def claims_of(token: str) -> str:
    return rsa.from_base64url(token.split(".")[1]).decode()


def resigned(token: str, item: Members, corpus: Corpus, now: int) -> str:
    """The token names its key, its claims have Scout's values, and missing claims are added.

    The same key signs it again. Text that never was a signature stays.
    """
    header, claims, signature = map(rsa.from_base64url, token.split("."))
    header = with_members(header, {"kid": f'"{corpus.first.kid()}"'})
    issued_at, expires_at = f"{now - 100}", f"{now + 200}"
    claims = claims.replace(b'"corpus"', b'"scout"')
    claims = claims.replace(b"1700000000", issued_at.encode()).replace(b"4102444800", expires_at.encode())
    claims = with_members(claims, {"iss": '"scout"', "sub": '"user"', "iat": issued_at})
    if item["id"] in {"wrong-key", "embedded-jwk-attacker"}:
        return corpus.other.token(header, claims)
    if item["expect_jws"] == "accept":
        return corpus.first.token(header, claims)
    return ".".join(map(rsa.base64url, (header, claims, signature)))


def with_members(text: bytes, members: dict[str, str]) -> bytes:
    """Adds the members that the object does not have, in front. Text that is not an object stays as it is."""
    if not text.startswith(b"{"):
        return text
    missing = "".join(f'"{name}":{value},' for name, value in members.items() if f'"{name}"'.encode() not in text)
    return b"{" + missing.encode() + text[1:]
