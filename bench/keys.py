"""Throwaway keys and tokens for the programs, made by openssl alone."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SIZES = ("2048", "3072", "4096")
MANY = 16
CREDENTIAL_ID = "cred_bench"


def openssl(*arguments: str, given: bytes | None = None) -> bytes:
    return subprocess.run(("openssl", *arguments), input=given, capture_output=True, check=True).stdout


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def thumbprint(public: Path) -> str:
    """RFC 7638."""
    modulus = (
        openssl("rsa", "-pubin", "-in", str(public), "-noout", "-modulus").decode().strip().removeprefix("Modulus=")
    )
    jwk = {"e": "AQAB", "kty": "RSA", "n": base64url(bytes.fromhex(modulus))}
    return base64url(hashlib.sha256(json.dumps(jwk, separators=(",", ":")).encode()).digest())


def key_text(pem: bytes) -> str:
    """The form that Scout issues."""
    return base64url(openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", given=pem))


def generate(bits: str) -> bytes:
    return openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}")


def make(folder: Path) -> None:
    """Write what every program reads. Keys that exist are kept."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for bits in SIZES:
        pem, public = folder / f"{bits}.pem", folder / f"{bits}.public.pem"
        if not pem.exists():
            pem.write_bytes(generate(bits))
        public.write_bytes(openssl("pkey", "-in", str(pem), "-pubout"))
        (folder / f"{bits}.key").write_text(key_text(pem.read_bytes()))
        (folder / f"{bits}.kid").write_text(thumbprint(public))
    many = folder / "many"
    if not many.exists():
        many.write_text("\n".join(key_text(generate("2048")) for _ in range(MANY)))
    tokens(folder)
    (folder / "message").write_text((folder / "2048.token").read_text().rpartition(".")[0])


def tokens(folder: Path) -> None:
    """Write a token of each key, valid for five minutes."""
    for bits in SIZES:
        (folder / f"{bits}.token").write_text(token(folder, bits))


def token(folder: Path, bits: str, iss: str = "scout", age: int = 0) -> str:
    issued_at = int(time.time()) - age
    header = {"alg": "RS256", "typ": "JWT", "kid": (folder / f"{bits}.kid").read_text()}
    claims = {"iss": iss, "sub": CREDENTIAL_ID, "iat": issued_at, "exp": issued_at + 300}
    message = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    signature = openssl("dgst", "-sha256", "-sign", str(folder / f"{bits}.pem"), given=message.encode())
    return f"{message}.{base64url(signature)}"
