"""RSA keys by their numbers: the forms and signatures of a key, computed without the library under test."""

import base64
import hashlib
import json
from dataclasses import dataclass

from vectors.generator import der

# RFC 8017 §9.2, note 1: what stands before a SHA-256 hash.
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")

PRIVATE_MEMBERS = ("n", "e", "d", "p", "q", "dp", "dq", "qi")


@dataclass(frozen=True)
class Key:
    """The numbers in the order of PKCS#1: n, e, and of a private key d, p, q, dP, dQ, qInv."""

    numbers: tuple[int, ...]

    @property
    def role(self) -> str:
        return "private" if len(self.numbers) > 2 else "public"

    def public(self) -> "Key":
        return Key(self.numbers[:2])

    def kid(self) -> str:
        """RFC 7638."""
        text = json.dumps({"e": self.jwk_number(1), "kty": "RSA", "n": self.jwk_number(0)}, separators=(",", ":"))
        return base64url(hashlib.sha256(text.encode()).digest())

    def to_der(self) -> bytes:
        if self.role == "private":
            return der.pkcs8(der.pkcs1(*self.numbers))
        return der.spki(der.pkcs1_public(*self.numbers))

    def to_pem(self) -> str:
        label = f"{self.role.upper()} KEY"
        body = base64.b64encode(self.to_der()).decode()
        lines = [body[at : at + 64] for at in range(0, len(body), 64)]
        return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])

    def to_jwk(self) -> str:
        numbers = {name: self.jwk_number(at) for at, name in enumerate(PRIVATE_MEMBERS[: len(self.numbers)])}
        members = {"kty": "RSA"} | numbers | {"alg": "RS256", "use": "sig", "kid": self.kid()}
        return json.dumps(members, separators=(",", ":"))

    def jwk_number(self, at: int) -> str:
        number = self.numbers[at]
        return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))

    def forms(self) -> dict[str, object]:
        """Each form in which a language writes a key. DER is bytes, so it is in base64url."""
        text = base64url(self.to_der())
        return {
            "base64url": text,
            "der": text,
            "pem": self.to_pem(),
            "jwk": self.to_jwk(),
            "kid": self.kid(),
            "bits": self.numbers[0].bit_length(),
        }

    def sign(self, message: bytes) -> bytes:
        """RS256 (RFC 8017 §8.2.1, §5.1.2)."""
        n, _, _, p, q, dp, dq, qi = self.numbers
        size = (n.bit_length() + 7) // 8
        hashed = SHA256 + hashlib.sha256(message).digest()
        padded = b"\0\1" + b"\xff" * (size - len(hashed) - 3) + b"\0" + hashed
        number = int.from_bytes(padded, "big")
        by_p, by_q = pow(number, dp, p), pow(number, dq, q)
        return (by_q + (by_p - by_q) * qi % p * q).to_bytes(size, "big")

    def token_header(self) -> bytes:
        return json.dumps({"alg": "RS256", "typ": "JWT", "kid": self.kid()}, separators=(",", ":")).encode()

    def token(self, header: bytes, claims: bytes) -> str:
        message = f"{base64url(header)}.{base64url(claims)}"
        return f"{message}.{base64url(self.sign(message.encode()))}"


def read(key: bytes) -> Key:
    """The key in DER of one of the four containers. Its structure must be sound, its numbers may be wrong."""
    (_, whole), *_ = elements(key)
    items = elements(whole)
    match [tag for tag, _ in items]:
        case [0x02, 0x30, 0x04, *_]:
            return read(items[2][1])
        case [0x30, 0x03]:
            return read(items[1][1][1:])
    numbers = [int.from_bytes(content, "big", signed=True) for tag, content in items if tag == 0x02]
    # PKCS#1 begins with a version, and only a private key has more than n and e.
    return Key(tuple(numbers[1:] if len(numbers) > 2 else numbers))


def read_jwk(text: str) -> Key:
    members = json.loads(text)
    return Key(
        tuple(int.from_bytes(from_base64url(members[name]), "big") for name in PRIVATE_MEMBERS if name in members)
    )


def elements(text: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents of DER."""
    found = []
    at = 0
    while at < len(text):
        tag, length = text[at], text[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(text[at : at + size], "big")
            at += size
        found.append((tag, text[at : at + length]))
        at += length
    return found


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")
