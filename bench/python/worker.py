"""The worker of Python. `bench/workers.py` says what it reads and writes."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import google.auth.crypt
import google.auth.jwt
import joserfc.jwk
import joserfc.jwt
import jwt
import scout_auth
from authlib.jose import JsonWebKey, JsonWebToken
from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from jose import jwt as python_jose
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jwt as jwcrypto_jwt

CREDENTIAL_ID = "cred_bench"
URL = "https://api.scoutos.com/v2/workflows"
KEYS = Path(os.environ["BENCH_KEYS"])
PEERS = ("Authlib", "PyJWT", "cryptography", "google-auth", "joserfc", "jwcrypto", "python-jose")

Subject = tuple[list[str], Callable[[int], None], Callable[[str], str]]
SUBJECTS: list[Subject] = []
# The tokens to verify. They expire, so they are read again for each batch.
TOKENS: dict[str, str] = {}


def read(name: str) -> str:
    return (KEYS / name).read_text()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims() -> dict[str, object]:
    now = int(time.time())
    return {"iss": "scout", "sub": CREDENTIAL_ID, "iat": now, "exp": now + 300}


def add(
    task: str, kind: str, name: str, work: Callable[..., object], bits: str = "2048", argument: str | None = None
) -> None:
    def repeat(count: int) -> None:
        if argument is None:
            for _ in range(count):
                work()
        else:
            for _ in range(count):
                work(argument)

    def once(_: str) -> str:
        made = work() if argument is None else work(argument)
        return base64url(made) if isinstance(made, bytes) else str(made)

    SUBJECTS.append(([task, bits, kind, name], repeat, once))


def add_verifier(kind: str, name: str, bits: str, accept: Callable[[str], object]) -> None:
    def repeat(count: int) -> None:
        token = TOKENS[bits]
        for _ in range(count):
            accept(token)

    def once(other: str) -> str:
        try:
            accept(other)
        except Exception:  # noqa: BLE001 - each library has its own
            return "false"
        return "true"

    SUBJECTS.append((["verify", bits, kind, name], repeat, once))


def mint(bits: str) -> None:
    key_text, pem, kid = (read(f"{bits}.{form}") for form in ("key", "pem", "kid"))
    message = read("message").encode()
    header = {"kid": kid}
    full_header = {"alg": "RS256", "typ": "JWT", "kid": kid}
    loaded = cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(pem.encode(), None))
    add(
        "mint",
        "floor",
        "cryptography: the signature alone",
        lambda: loaded.sign(message, padding.PKCS1v15(), SHA256()),
        bits,
    )
    signer = scout_auth.Signer(CREDENTIAL_ID, scout_auth.PrivateKey.parse(key_text))
    add("mint", "ours", "scout-auth: mint", signer.mint, bits)
    add(
        "mint",
        "ours",
        "scout-auth: mint_token, key text each call",
        lambda: scout_auth.mint_token(CREDENTIAL_ID, key_text),
        bits,
    )
    add("mint", "peer", "PyJWT: loaded key", lambda: jwt.encode(claims(), loaded, "RS256", header), bits)
    add("mint", "peer", "PyJWT: PEM each call", lambda: jwt.encode(claims(), pem, "RS256", header), bits)
    joserfc_key = joserfc.jwk.RSAKey.import_key(pem)
    add("mint", "peer", "joserfc: loaded key", lambda: joserfc.jwt.encode(full_header, claims(), joserfc_key), bits)
    authlib, authlib_key = JsonWebToken(["RS256"]), JsonWebKey.import_key(pem)
    add(
        "mint", "peer", "Authlib: loaded key", lambda: authlib.encode(full_header, claims(), authlib_key).decode(), bits
    )
    add("mint", "peer", "python-jose: loaded key", lambda: python_jose.encode(claims(), loaded, "RS256", header), bits)
    jwcrypto_key = jwcrypto_jwk.JWK.from_pem(pem.encode())

    def by_jwcrypto() -> str:
        token = jwcrypto_jwt.JWT(header=full_header, claims=claims())
        token.make_signed_token(jwcrypto_key)
        return token.serialize()

    add("mint", "peer", "jwcrypto: loaded key", by_jwcrypto, bits)
    google_key = google.auth.crypt.RSASigner.from_string(pem, kid)
    add("mint", "peer", "google-auth: loaded key", lambda: google.auth.jwt.encode(google_key, claims()).decode(), bits)
    if bits == "2048":
        current(signer)
        add("threads", "ours", "scout-auth: mint", signer.mint)
        add(
            "threads",
            "floor",
            "cryptography: the signature alone",
            lambda: loaded.sign(message, padding.PKCS1v15(), SHA256()),
        )
        add("threads", "peer", "PyJWT: loaded key", lambda: jwt.encode(claims(), loaded, "RS256", header))
        add("threads", "peer", "PyJWT: PEM each call", lambda: jwt.encode(claims(), pem, "RS256", header))


def verify(bits: str) -> None:
    pem = read(f"{bits}.public.pem")
    loaded = cast("rsa.RSAPublicKey", serialization.load_pem_public_key(pem.encode()))

    def signature(token: str) -> None:
        message, _, made = token.rpartition(".")
        loaded.verify(base64.urlsafe_b64decode(made + "=="), message.encode(), padding.PKCS1v15(), SHA256())

    add_verifier("floor", "cryptography: the signature alone", bits, signature)
    add_verifier("ours", "scout-auth: Verifier", bits, scout_auth.Verifier(pem).verify)
    add_verifier("peer", "PyJWT: loaded key", bits, lambda token: jwt.decode(token, loaded, ["RS256"], issuer="scout"))
    joserfc_key = joserfc.jwk.RSAKey.import_key(pem)
    rules = joserfc.jwt.JWTClaimsRegistry(iss={"essential": True, "value": "scout"})
    add_verifier(
        "peer",
        "joserfc: loaded key",
        bits,
        lambda token: rules.validate(joserfc.jwt.decode(token, joserfc_key, ["RS256"]).claims),
    )
    authlib, authlib_key = JsonWebToken(["RS256"]), JsonWebKey.import_key(pem)
    options = {"iss": {"essential": True, "value": "scout"}}
    add_verifier(
        "peer",
        "Authlib: loaded key",
        bits,
        lambda token: authlib.decode(token, authlib_key, claims_options=options).validate(),
    )
    add_verifier(
        "peer",
        "python-jose: loaded key",
        bits,
        lambda token: python_jose.decode(token, loaded, ["RS256"], issuer="scout"),
    )
    jwcrypto_key = jwcrypto_jwk.JWK.from_pem(pem.encode())
    add_verifier(
        "peer",
        "jwcrypto: loaded key",
        bits,
        lambda token: jwcrypto_jwt.JWT(
            jwt=token, key=jwcrypto_key, algs=["RS256"], check_claims={"iss": "scout", "exp": None}
        ),
    )
    add_verifier("peer", "google-auth: PEM each call", bits, lambda token: google.auth.jwt.decode(token, pem.encode()))


class ByHand:
    """A cache as programs have it around such a library; it checks no URL."""

    def __init__(self, mint: Callable[[], object]) -> None:
        self.mint, self.header, self.expires = mint, "", 0.0
        self.lock = threading.Lock()

    def authorization(self) -> str:
        if time.time() > self.expires - 30:
            self.header, self.expires = f"Bearer {self.mint()}", time.time() + 300
        return self.header

    def locked(self) -> str:
        with self.lock:
            return self.authorization()


def current(signer: scout_auth.Signer) -> None:
    add("header", "ours", "scout-auth: authorization", signer.authorization)
    add("header", "ours", "scout-auth: authorization_for", signer.authorization_for, argument=URL)
    by_hand = ByHand(signer.mint)
    add("header", "peer", "a cache by hand, no URL checked", by_hand.authorization)
    add("header", "peer", "a cache by hand, with a lock", by_hand.locked)
    google_signer = google.auth.crypt.RSASigner.from_string(read("2048.pem"), read("2048.kid"))
    credentials = google.auth.jwt.Credentials(google_signer, "scout", CREDENTIAL_ID, "")

    def before_request() -> str:
        headers: dict[str, str] = {}
        credentials.before_request(None, "GET", URL, headers)
        return headers["authorization"]

    add("header", "peer", "google-auth: before_request", before_request)


def keys() -> None:
    text, pem, public = read("2048.key"), read("2048.pem"), read("2048.public.pem")
    der = base64.urlsafe_b64decode(text + "==")
    add("kid", "ours", "scout-auth: kid, from key text", scout_auth.kid, argument=text)
    add("kid", "peer", "joserfc: from the public PEM", lambda: joserfc.jwk.RSAKey.import_key(public).thumbprint())
    add("kid", "peer", "jwcrypto: from the public PEM", lambda: jwcrypto_jwk.JWK.from_pem(public.encode()).thumbprint())
    add("pem", "ours", "scout-auth: to_pem", scout_auth.to_pem, argument=text)

    def replaced(text: str) -> str:
        standard = text.replace("-", "+").replace("_", "/")
        standard += "=" * (-len(standard) % 4)
        lines = "\n".join([standard[at : at + 64] for at in range(0, len(standard), 64)])
        return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n"

    add("pem", "peer", "four lines of Python, nothing checked", replaced, argument=text)
    add(
        "pem",
        "peer",
        "cryptography: load, without its check, and write",
        lambda: (
            serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
            .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            .decode()
        ),
    )
    add("parse", "ours", "scout-auth: PrivateKey.parse", lambda: scout_auth.PrivateKey.parse(text).kid)

    def loaded(**options: bool) -> str:
        key = cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(pem.encode(), None, **options))
        numbers = key.public_key().public_numbers()
        jwk = f'{{"e":"{base64url(numbers.e.to_bytes(3))}","kty":"RSA","n":"{base64url(numbers.n.to_bytes(256))}"}}'
        return base64url(hashlib.sha256(jwk.encode()).digest())

    add("parse", "peer", "cryptography: load, with its check", loaded)
    add("parse", "peer", "cryptography: load, without its check", lambda: loaded(unsafe_skip_rsa_key_validation=True))


def both_cores(repeat: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=repeat, args=(count // 2,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    for bits in ("2048", "3072", "4096"):
        mint(bits)
        verify(bits)
    keys()
    versions = {peer: importlib.metadata.version(peer) for peer in PEERS}
    versions |= {"Python": platform.python_version(), "cryptography's OpenSSL": backend.openssl_version_text()}
    print(json.dumps({"subjects": [subject[0] for subject in SUBJECTS], "versions": versions}), flush=True)
    for line in sys.stdin:
        order, number, argument = line.rstrip("\n").split("\t")
        (task, bits, *_), repeat, once = SUBJECTS[int(number)]
        if order == "once":
            answer: object = once(argument)
        else:
            TOKENS[bits] = read(f"{bits}.token")
            before = time.perf_counter_ns(), time.process_time_ns()
            if task == "threads":
                both_cores(repeat, int(argument))
            else:
                repeat(int(argument))
            answer = [time.perf_counter_ns() - before[0], time.process_time_ns() - before[1]]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
