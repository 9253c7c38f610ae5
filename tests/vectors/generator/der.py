"""DER written by hand, for keys that no tool makes."""


def element(tag: int, *contents: bytes) -> bytes:
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def sequence(*contents: bytes) -> bytes:
    return element(0x30, *contents)


def integer(number: int) -> bytes:
    return element(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


RSA = bytes.fromhex("06092a864886f70d010101")
OAEP = bytes.fromhex("06092a864886f70d010107")
NULL = b"\x05\x00"


def pkcs1(*numbers: int, version: int = 0, rest: bytes = b"") -> bytes:
    """n, e, d, p, q, dP, dQ, qInv."""
    return sequence(integer(version), *map(integer, numbers), rest)


def pkcs8(key: bytes, *, version: int = 0, oid: bytes = RSA, parameters: bytes = NULL, rest: bytes = b"") -> bytes:
    return sequence(integer(version), sequence(oid, parameters), element(0x04, key), rest)


def pkcs1_public(n: int, e: int) -> bytes:
    return sequence(integer(n), integer(e))


def spki(key: bytes, *, oid: bytes = RSA, parameters: bytes = NULL) -> bytes:
    return sequence(sequence(oid, parameters), element(0x03, b"\0", key))


def numbers(p: int, q: int, e: int, d: int | None = None) -> tuple[int, ...]:
    """The numbers of a private key of these factors, in the order of PKCS#1."""
    d = pow(e, -1, (p - 1) * (q - 1)) if d is None else d
    return p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)
