"""Bare signatures: Wycheproof's vectors for RSASSA-PKCS1-v1_5, and the examples of the RFCs."""

import itertools
import json
from collections.abc import Iterator

from suite import rsa
from suite.cases import Case, Members

from . import expectations, keys
from .expectations import ACCEPTED, Expectations
from .folder import Corpus, case, checking, signing

SIGNED = ("rfc7515_a2", "rfc7520_4_1")
KEYS = ("rfc7520_3_3_public", "rfc7520_3_4_private", "rfc7638_3_1")
SETS = ("rfc7517_a1_public_jwks", "rfc7517_a2_private_jwks")
OTHER_ALGORITHMS = ("rfc7520_neg_4_2", "rfc7520_neg_4_3", "rfc7520_neg_4_4")


def cases(corpus: Corpus) -> Iterator[Case]:
    yield from wycheproof(corpus)
    for names, check in ((SIGNED, signed), (KEYS, key), (SETS, key_set), (OTHER_ALGORITHMS, other_algorithm)):
        for name in names:
            yield from check(f"rfc/{name}", corpus.json(f"rfc/{name}.json"), corpus)


def wycheproof(corpus: Corpus) -> Iterator[Case]:
    due = Expectations(expectations.GROUPS, expectations.GROUP_EXCEPTIONS)
    items = corpus.json("wycheproof/signatures.json")["cases"]
    for (file, number), found in itertools.groupby(items, lambda item: (item["file"], item["group"])):
        group = corpus.json(f"wycheproof/{file}")["testGroups"][number]
        yield from wycheproof_group(f"wycheproof/{file}/{number}", group, list(found), due)
    due.check()


def wycheproof_group(name: str, group: Members, items: list[Members], due: Expectations) -> Iterator[Case]:
    labels = items[0]["why"].split("; ")
    public_text = group.get("keyPem") or group["publicKeyPem"]
    private_text = group.get("privateKeyPem")
    public_outcome = due.error(name, labels)
    private_outcome = due.outcome(name, labels, accepted=not public_outcome)
    yield from keys.readings(f"{name}, its public key", *pem(public_text), public_outcome)
    if private_text:
        yield from keys.readings(f"{name}, its private key", *pem(private_text), private_outcome)
    if public_outcome != ACCEPTED:
        return
    vectors = {vector["tcId"]: vector for vector in group["tests"]}
    for item in items:
        vector = vectors[item["tcId"]]
        message, signature = bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"])
        valid = item["expect_rs256"] == "accept"
        yield checking(f"{name}/{item['tcId']}", public_text, message, signature, valid=valid)
        if private_text and private_outcome == ACCEPTED and valid:
            yield signing(f"{name}/{item['tcId']}", private_text, message, signature)


def pem(text: str) -> tuple[Members, rsa.Key]:
    return {"text": text}, rsa.read(keys.unarmoured(text.encode()))


def key(name: str, example: Members, _: Corpus) -> Iterator[Case]:
    """A key and its thumbprint."""
    text = json.dumps(example["jwk"])
    yield from keys.readings(f"{name}, its key", {"text": text}, keys.checked(rsa.read_jwk(text), example), ACCEPTED)


def signed(name: str, example: Members, corpus: Corpus) -> Iterator[Case]:
    """A key and its signature. The token is not one of Scout's."""
    yield from key(name, example, corpus)
    text = json.dumps(example["jwk"])
    public_key = rsa.read_jwk(text).public().to_jwk()
    message, signature = example["signing_input"].encode(), rsa.from_base64url(example["signature_b64url"])
    yield signing(name, text, message, signature)
    yield checking(name, public_key, message, signature, valid=True)
    error = "ERR_TOKEN_KID_UNKNOWN" if "kid" in example.get("protected", {}) else "ERR_TOKEN_KID_MISSING"
    yield case(name, "verify", {"token": example["token"], "keys": [public_key]}, {"error": error})


def key_set(name: str, example: Members, _: Corpus) -> Iterator[Case]:
    """Keys are read one by one. A set contains public keys, and keys of other types are passed over."""
    text = json.dumps(example["jwks"])
    sound = []
    for jwk, expected in zip(example["jwks"]["keys"], example["expect"], strict=True):
        is_sound = expected["expect"] == "accept"
        found = keys.checked(rsa.read_jwk(json.dumps(jwk)), expected) if is_sound else None
        outcome = ACCEPTED if is_sound else "ERR_KEY_ALGORITHM"
        yield from keys.readings(f"{name}, the key {expected['kid']}", {"text": json.dumps(jwk)}, found, outcome)
        sound += [found] if found else []
    if any(found.role == "private" for found in sound):
        expect = {"error": "ERR_KEY_IS_PRIVATE"}
    else:
        expect = {"jwk_set": f'{{"keys":[{",".join(found.to_jwk() for found in sound)}]}}'}
    yield case(f"{name}, the set", "jwk_set", {"text": text}, expect)


def other_algorithm(name: str, example: Members, corpus: Corpus) -> Iterator[Case]:
    """A token of another algorithm, and its key if it is of another type."""
    text = json.dumps(example["key"])
    token = example["token"]
    if example["key"]["kty"] == "RSA":
        found = rsa.read_jwk(text)
        yield from keys.readings(f"{name}, its key", {"text": text}, found, ACCEPTED)
        message, _, signature = token.rpartition(".")
        signature = rsa.from_base64url(signature)
        yield checking(name, found.public().to_jwk(), message.encode(), signature, valid=False)
    else:
        found = corpus.first
        yield from keys.readings(f"{name}, its key", {"text": text}, None, "ERR_KEY_ALGORITHM")
    given = {"token": token, "keys": [found.public().to_jwk()]}
    yield case(name, "verify", given, {"error": "ERR_TOKEN_ALGORITHM"})
