"""Keys: what is read, what is mended, what is refused (docs/keys.md)."""

import base64
import json
import math
import os

from . import der
from .group import Group, key_text
from .kept import kept
from .material import (
    Key,
    Strangers,
    armour,
    base64std,
    base64url,
    compact,
    kept_modulus,
    new_key,
    openssl,
    prime,
    uint,
    wrapped,
)

ENCODING, TRUNCATED, TRAILING = "ERR_KEY_ENCODING", "ERR_KEY_TRUNCATED", "ERR_KEY_TRAILING_DATA"
STRUCTURE, PEM, LABEL, BLOCKS = "ERR_KEY_STRUCTURE", "ERR_KEY_PEM", "ERR_KEY_PEM_LABEL", "ERR_KEY_PEM_BLOCKS"
JWK, ALGORITHM, FORMAT, EMPTY = "ERR_KEY_JWK", "ERR_KEY_ALGORITHM", "ERR_KEY_FORMAT", "ERR_KEY_EMPTY"
TWICE, TOO_LONG = "ERR_KEY_ENCODED_TWICE", "ERR_KEY_TEXT_TOO_LONG"
IS_PUBLIC, IS_PRIVATE, CERTIFICATE = "ERR_KEY_IS_PUBLIC", "ERR_KEY_IS_PRIVATE", "ERR_KEY_IS_CERTIFICATE"
OPENSSH, ENCRYPTED, LEGACY, TOKEN = (
    "ERR_KEY_IS_OPENSSH",
    "ERR_KEY_IS_ENCRYPTED",
    "ERR_KEY_IS_LEGACY",
    "ERR_KEY_IS_TOKEN",
)
MASKED, PATH = "ERR_KEY_IS_MASKED", "ERR_KEY_IS_PATH"
REFERENCE, PLACEHOLDER = "ERR_KEY_IS_REFERENCE", "ERR_KEY_IS_PLACEHOLDER"
INCONSISTENT, EXPONENT, UNBALANCED = "ERR_KEY_INCONSISTENT", "ERR_KEY_EXPONENT", "ERR_KEY_UNBALANCED"
TOO_SMALL, TOO_LARGE = "ERR_KEY_TOO_SMALL", "ERR_KEY_TOO_LARGE"
MULTI_PRIME, WITHOUT_PRIMES, SET_EMPTY = "ERR_KEY_MULTI_PRIME", "ERR_KEY_WITHOUT_PRIMES", "ERR_KEY_SET_EMPTY"

E = 65537


def group(keys: dict[str, Key], strangers: Strangers, token: str) -> Group:
    cases = Group("Key text in any form, to its DER, PEM, JWK and kid, or to the name of the error")
    first = keys["first"]
    for name, key in keys.items():
        cases.add(
            f"the private key {name} as Scout issues it", "private_key", key_text(base64url(key.der)), private(name)
        )
        cases.add(f"the public key {name} as Scout shows it", "public_key", key_text(base64url(key.spki)), public(name))
    for name, text in (read(first) | mended(first)).items():
        cases.add(f"private: {name}", "private_key", key_text(text), private("first"))
    for name, text in read_public(first).items():
        cases.add(f"public: {name}", "public_key", key_text(text), public("first"))
    for name, (text, written) in exotic(first).items():
        cases.add(f"private: {name}", "private_key", key_text(text), written)
    for name, (text, error) in refused(first, keys["second"], strangers, token).items():
        cases.refuse(f"private: {name}", "private_key", key_text(text), error)
    for name, (text, error) in refused_numbers(first).items():
        cases.refuse(f"private: {name}", "private_key", key_text(text), error)
    for name, (text, error) in refused_public(first, strangers).items():
        cases.refuse(f"public: {name}", "public_key", key_text(text), error)
    conversions(cases, first, strangers)
    sets(cases, keys)
    for bits in (0, 1024, 2047, 2049, 16384):
        cases.refuse(f"generating a key of {bits} bits", "generate", {"bits": bits}, "ERR_KEY_SIZE")
    return cases


def private(name: str) -> dict[str, object]:
    return {"private_key": name}


def public(name: str) -> dict[str, object]:
    return {"public_key": name}


def read(key: Key) -> dict[str, str | bytes]:
    """The forms that are read as they are."""
    text, std, pem = base64url(key.der), base64std(key.der), key.pem.decode()
    members = key.jwk_members()
    return {
        "base64url with padding": base64.urlsafe_b64encode(key.der).decode(),
        "standard base64": std,
        "standard base64 without padding": std.rstrip("="),
        "standard base64 in lines of 64": wrapped(std),
        "standard base64 in lines of 76 with CRLF": wrapped(std, 76, "\r\n"),
        "base64url in lines": wrapped(text),
        "base64url of PKCS#1": base64url(key.pkcs1),
        "PEM": pem,
        "PEM with text before the block": f"Bag Attributes\n    friendlyName: throwaway\n{pem}",
        "PEM of PKCS#1": armour("RSA PRIVATE KEY", key.pkcs1),
        "DER": key.der,
        "DER of PKCS#1": key.pkcs1,
        "DER of PKCS#8 version 2 with its public key": der.pkcs8(
            key.pkcs1, version=1, rest=der.element(0x81, b"\0", key.pkcs1_public)
        ),
        "DER with attributes": der.pkcs8(
            key.pkcs1, rest=der.element(0xA0, der.sequence(bytes.fromhex("0603550403"), der.element(0x31, der.NULL)))
        ),
        "DER without NULL parameters": der.pkcs8(key.pkcs1, parameters=b""),
        "JWK without anything optional": compact(members),
        "JWK in lines": json.dumps(members, indent=2),
        "JWK with its purpose": key.jwk(),
        "JWK with key_ops sign": compact(members | {"key_ops": ["sign"]}),
        "JWK with key_ops sign and verify": compact(members | {"key_ops": ["verify", "sign"]}),
        "JWK with a kid that is not the thumbprint": compact(members | {"kid": "my key"}),
        "JWK with other members": compact(members | {"x5t": "AAAA", "ext": True, "nested": {"n": [1, None]}}),
        "JWK with its members in another order": compact(dict(sorted(members.items(), reverse=True))),
        "data URI of DER": f"data:application/pkcs8;base64,{std}",
        "data URI of DER without a type": f"data:;base64,{std}",
        "data URI of PEM": f"data:application/x-pem-file;base64,{base64std(pem.encode())}",
        "data URI of a JWK": f"data:application/json;base64,{base64std(compact(members).encode())}",
        "plain data URI": f"data:,{text}",
        "plain data URI of PEM": f"data:application/x-pem-file,{pem}",
        "plain data URI of a JWK": f"data:application/json,{compact(members)}",
        "data URI in capitals": f"DATA:application/pkcs8;BASE64,{std}",
    }


def mended(key: Key) -> dict[str, str | bytes]:
    """What shells, .env files, YAML, CI settings and chat windows do."""
    text, std, pem = base64url(key.der), base64std(key.der), key.pem.decode()
    pkcs1 = armour("RSA PRIVATE KEY", key.pkcs1)
    escaped = pem.replace("\n", "\\n")
    one_line = pem.rstrip().replace("\n", " ")
    return {
        "a line end behind": text + "\n",
        "CRLF behind": text + "\r\n",
        "spaces around": f"  {text}   ",
        "tabs and line ends around": f"\n\t{text}\t\n\n",
        "a no-break space behind": text + "\u00a0",
        "a byte order mark": "\ufeff" + text,
        "double quotes": f'"{text}"',
        "single quotes": f"'{text}'",
        "backticks": f"`{text}`",
        "quotes in quotes": f"'\"{text}\"'",
        "quotes with spaces inside": f'" {text} "',
        "quotes and a line end": f'"{text}"\n',
        "a name in front": f"SCOUT_PRIVATE_KEY={text}",
        "a name and quotes in front": f'SCOUT_PRIVATE_KEY="{text}"',
        "export and a name in front": f"export SCOUT_PRIVATE_KEY={text}",
        "export, a name, quotes and a line end": f"export SCOUT_PRIVATE_KEY='{text}'\n",
        "a name with spaces around its sign": f"SCOUT_PRIVATE_KEY = {text}",
        "a name in quotes": f'"SCOUT_PRIVATE_KEY={text}"',
        "a name in front of padded base64": f"KEY={base64.urlsafe_b64encode(key.der).decode()}",
        "a byte order mark, a name and quotes": f'\ufeffKEY="{text}"',
        "base64url broken by spaces": wrapped(text, 80, " "),
        "base64 with escaped line breaks": wrapped(std, 64, "\\n"),
        "base64 with a backslash at each line end": wrapped(std, 64, "\\\n"),
        "an escaped line end behind": text + "\\n",
        "a backslash behind": text + "\\",
        "PEM without its last line end": pem.rstrip(),
        "PEM with CRLF": pem.replace("\n", "\r\n"),
        "PEM with CR": pem.replace("\n", "\r"),
        "PEM with escaped line breaks": escaped,
        "PEM with line breaks escaped twice": escaped.replace("\\", "\\\\"),
        "PEM with escaped CRLF": pem.replace("\n", "\\r\\n"),
        "PEM with escaped line breaks in quotes": f'"{escaped}"',
        "PEM with escaped line breaks, quotes and a name": f'SCOUT_PRIVATE_KEY="{escaped}"\n',
        "PEM with spaces for line breaks": one_line,
        "PEM with spaces for line breaks in quotes": f"'{one_line}'",
        "PEM without line breaks": pem.replace("\n", ""),
        "PEM with indented lines": "".join(f"    {line}\n" for line in pem.splitlines()),
        "PEM with trailing spaces": pem.replace("\n", "  \n"),
        "PEM with empty lines around": f"\n\n{pem}\n\n",
        "PEM with a byte order mark": "\ufeff" + pem,
        "PEM with a backslash at each line end": pem.replace("\n", "\\\n"),
        "PEM behind a name": f"export SCOUT_PRIVATE_KEY='{pem}'",
        "PEM with one long line": f"-----BEGIN PRIVATE KEY-----\n{std}\n-----END PRIVATE KEY-----\n",
        "PEM armour around base64url": f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n",
        "PEM armour around base64url in lines": pem.replace(wrapped(std), wrapped(text)),
        "PEM of PKCS#1 with CRLF": pkcs1.replace("\n", "\r\n"),
        "PEM of PKCS#1 with escaped line breaks": pkcs1.replace("\n", "\\n"),
        "PEM of PKCS#1 without line breaks": pkcs1.replace("\n", ""),
        "PEM as bytes": key.pem,
        "a NUL behind, as sizeof counts it in C": text + "\0",
        "PEM with a NUL behind": pem + "\0",
        "JWK with a NUL behind": key.jwk() + "\0",
        "JWK in single quotes": f"'{key.jwk()}'",
        "JWK behind a name": f"SCOUT_PRIVATE_KEY='{key.jwk()}'",
    }


def read_public(key: Key) -> dict[str, str | bytes]:
    text, pem, members = base64url(key.spki), key.public_pem, key.public_members()
    return {
        "standard base64": base64std(key.spki),
        "base64url of PKCS#1": base64url(key.pkcs1_public),
        "PEM": pem,
        "PEM of PKCS#1": armour("RSA PUBLIC KEY", key.pkcs1_public),
        "DER": key.spki,
        "DER of PKCS#1": key.pkcs1_public,
        "DER without NULL parameters": der.spki(key.pkcs1_public, parameters=b""),
        "JWK without anything optional": compact(members),
        "JWK with its purpose": key.public_jwk(),
        "JWK with key_ops verify": compact(members | {"key_ops": ["verify"]}),
        "JWK with a kid that has an escape": compact(members)[:-1] + ',"kid":"my\\/key"}',
        "JWK with a kid outside of ASCII": compact(members | {"kid": "clé"}),
        "a NUL behind, as sizeof counts it in C": text + "\0",
        "data URI of DER": f"data:application/octet-stream;base64,{base64std(key.spki)}",
        "a line end behind": text + "\n",
        "quotes and a name": f'export SCOUT_PUBLIC_KEY="{text}"',
        "a byte order mark": "\ufeff" + text,
        "PEM with CRLF": pem.replace("\n", "\r\n"),
        "PEM with escaped line breaks": pem.replace("\n", "\\n"),
        "PEM with spaces for line breaks": pem.rstrip().replace("\n", " "),
        "PEM without line breaks": pem.replace("\n", ""),
        "PEM armour around base64url": f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n",
    }


def exotic(key: Key) -> dict[str, tuple[bytes, dict[str, object]]]:
    """Sound keys with unusual numbers: they are read and written as they are."""
    n = key.numbers
    shared = (n.public_numbers.n, E)
    lcm = math.lcm(n.p - 1, n.q - 1)
    larger_d = n.d % lcm + lcm
    assert larger_d < n.public_numbers.n
    swapped = der.pkcs1(*shared, n.d, n.q, n.p, n.dmq1, n.dmp1, pow(n.p, -1, n.q))
    with_larger_d = der.pkcs1(*shared, larger_d, n.p, n.q, n.dmp1, n.dmq1, n.iqmp)
    cases = {
        "a d beyond lcm(p-1, q-1), as OpenSSL makes it": (with_larger_d, key.kid),
        "p below q, with the coefficient that belongs to them": (swapped, key.kid),
    }
    for exponent in (3, 4294967311):
        pem = kept(f"key of exponent {exponent}", lambda e=exponent: new_key(2048, rsa_keygen_pubexp=e))
        unusual = Key(pem)
        cases[f"the public exponent {exponent}"] = unusual.pkcs1, unusual.kid
    return {name: (der.pkcs8(pkcs1), _as_given(der.pkcs8(pkcs1), kid)) for name, (pkcs1, kid) in cases.items()}


def _as_given(key: bytes, kid: str) -> dict[str, object]:
    return {"base64url": base64url(key), "pem": armour("PRIVATE KEY", key), "kid": kid, "bits": 2048}


def refused(key: Key, other: Key, strangers: Strangers, token: str) -> dict[str, tuple[str | bytes, str]]:
    return (
        refused_text(key)
        | refused_der(key)
        | refused_pem(key, other, strangers)
        | refused_jwk(key)
        | refused_kinds(key, strangers, token)
        | refused_stand_ins(key)
    )


def refused_text(key: Key) -> dict[str, tuple[str | bytes, str]]:
    text, std, pem = base64url(key.der), base64std(key.der), key.pem.decode()
    mixed = text.replace("-", "+", 1)
    assert "_" in mixed
    return {
        "nothing": ("", EMPTY),
        "spaces": ("   ", EMPTY),
        "line ends": ("\n\r\n\t", EMPTY),
        "quotes around nothing": ('""', EMPTY),
        "a byte order mark alone": ("\ufeff", EMPTY),
        "no bytes": (b"", EMPTY),
        "more than 64 KiB": ("A" * 65537, TOO_LONG),
        "words": ("this is not a key at all", ENCODING),
        "bytes that are no UTF-8": (b"\xff\xfe\xfd\xfc" * 8, ENCODING),
        "both alphabets mixed": (mixed, ENCODING),
        "unused bits set": (text[:-1] + _next(text[-1]), ENCODING),
        "unused bits set in standard base64": (std.rstrip("=")[:-1] + _next(std.rstrip("=")[-1]), ENCODING),
        "a character of no alphabet inside": (text[:800] + "*" + text[801:], ENCODING),
        "a letter outside of ASCII inside": (text[:800] + "é" + text[801:], ENCODING),
        "padding in the middle": (text[:800] + "==" + text[802:], ENCODING),
        "one padding character where two belong": (text + "=", ENCODING),
        "three padding characters": (text + "===", ENCODING),
        "base64 of the text": (base64std(text.encode()), TWICE),
        "base64url of the text": (base64url(text.encode()), TWICE),
        "base64 of the PEM": (base64std(pem.encode()), TWICE),
        "base64 of the PEM in lines": (wrapped(base64std(pem.encode()), 76), TWICE),
        "base64 of the JWK": (base64std(key.jwk().encode()), TWICE),
        "base64 of base64": (base64std(std.encode()), TWICE),
        "without its first four characters": (text[4:], STRUCTURE),
        "without its last character": (text[:-1], TRUNCATED),
        "without its last two characters": (text[:-2], TRUNCATED),
        "without its last four characters": (text[:-4], TRUNCATED),
        "its first half": (text[: len(text) // 2], TRUNCATED),
        "its first 255 characters, as a field may cut it": (text[:255], TRUNCATED),
        "its first 64 characters": (text[:64], TRUNCATED),
        "its first line, quoted": (f'"{std[:64]}"', TRUNCATED),
        "standard base64 without its last line": (std[: len(std) // 64 * 64], TRUNCATED),
        "PEM without its last line": ("\n".join(pem.splitlines()[:-1]), TRUNCATED),
        "PEM cut in the middle of its last line": (pem[:-12], TRUNCATED),
        "the first line of a PEM": (pem.splitlines()[0], TRUNCATED),
        "PEM that lost a line": (_without_line(pem, 5), TRUNCATED),
        "DER without its last byte": (key.der[:-1], TRUNCATED),
        "the first bytes of the DER": (key.der[:40], TRUNCATED),
        "the DER twice": (base64url(key.der + key.der), TRAILING),
        "a zero byte behind the DER": (key.der + b"\0", TRAILING),
        "a line end behind the DER, encoded": (base64url(key.der + b"\n"), TRAILING),
        "PEM with a zero byte in its DER": (armour("PRIVATE KEY", key.der + b"\0"), TRAILING),
        "PEM with text behind": (pem + "and a note\n", TRAILING),
        "PEM with base64 behind": (pem + std[:64], TRAILING),
    }


def _next(character: str) -> str:
    """The character that differs in its lowest bit."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return alphabet[alphabet.index(character) + 1]


def _without_line(text: str, at: int) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[:at] + lines[at + 1 :])


def refused_der(key: Key) -> dict[str, tuple[str | bytes, str]]:
    body, numbers = key.der[4:], key.pkcs1
    padded_length = b"\x30\x83\x00" + key.der[2:4] + body
    return {
        "random bytes in base64": (base64std(kept("random bytes", lambda: os.urandom(600))), STRUCTURE),
        "an empty SEQUENCE": (base64std(bytes.fromhex("3000")), STRUCTURE),
        "a length with a leading zero": (base64url(padded_length), STRUCTURE),
        "an indefinite length": (base64url(b"\x30\x80" + body + b"\0\0"), STRUCTURE),
        "a SET for the SEQUENCE": (base64url(b"\x31" + key.der[1:]), STRUCTURE),
        "PKCS#8 version 3": (der.pkcs8(numbers, version=2), STRUCTURE),
        "PKCS#8 version 1 with a public key": (
            der.pkcs8(numbers, rest=der.element(0x81, b"\0", key.pkcs1_public)),
            STRUCTURE,
        ),
        "parameters that are not NULL": (der.pkcs8(numbers, parameters=der.integer(1)), STRUCTURE),
        "an octet string that is no key": (der.pkcs8(b"\x02\x01\x00"), STRUCTURE),
        "an octet string with something behind the key": (der.pkcs8(numbers + b"\0"), TRAILING),
        "an octet string with half of the key": (der.pkcs8(numbers[:300]), TRUNCATED),
        "a negative modulus": (der.pkcs8(_changed(key, n=-1, sign=True)), STRUCTURE),
        "an integer with a leading zero": (_leading_zero(key), STRUCTURE),
        "eight numbers for nine": (der.pkcs8(der.pkcs1(*_numbers(key)[:-1])), STRUCTURE),
        "ten numbers for nine": (der.pkcs8(der.pkcs1(*_numbers(key), 1)), STRUCTURE),
        "PKCS#1 version 3": (der.pkcs1(*_numbers(key), version=2), STRUCTURE),
    }


def _numbers(key: Key) -> tuple[int, ...]:
    n = key.numbers
    return n.public_numbers.n, E, n.d, n.p, n.q, n.dmp1, n.dmq1, n.iqmp


def _changed(key: Key, *, sign: bool = False, **changes: int) -> bytes:
    """PKCS#1 with that much added to one number, or with its sign turned."""
    names = ("n", "e", "d", "p", "q", "dp", "dq", "qinv")
    numbers = [
        -value if sign and name in changes else value + changes.get(name, 0)
        for name, value in zip(names, _numbers(key), strict=True)
    ]
    return der.pkcs1(*numbers)


def _leading_zero(key: Key) -> bytes:
    n, e, *rest = _numbers(key)
    exponent = der.element(0x02, b"\0", e.to_bytes(3, "big"))
    return der.pkcs8(der.sequence(der.integer(0), der.integer(n), exponent, *map(der.integer, rest)))


def refused_pem(key: Key, other: Key, strangers: Strangers) -> dict[str, tuple[str | bytes, str]]:
    pem, pkcs1 = key.pem.decode(), armour("RSA PRIVATE KEY", key.pkcs1)
    certificate = strangers.certificate.decode()
    return {
        "PEM with another END than BEGIN": (pem.replace("END PRIVATE", "END RSA PRIVATE"), PEM),
        "PEM without its first line": (_without_line(pem, 0), PEM),
        "PEM with text before BEGIN on its line": ("key: " + pem, PEM),
        "PEM with a sixth dash behind": (pem.rstrip() + "-\n", PEM),
        "PEM with a header": (pem.replace("-----\n", "-----\nComment: a key\n\n", 1), PEM),
        "two private keys": (pem + other.pem.decode(), BLOCKS),
        "the same key twice": (pem + pem, BLOCKS),
        "the key and its public key": (pem + key.public_pem, BLOCKS),
        "the key and its certificate": (pem + certificate, BLOCKS),
        "the certificate and its key": (certificate + pem, BLOCKS),
        "PKCS#1 labelled as PKCS#8": (armour("PRIVATE KEY", key.pkcs1), LABEL),
        "PKCS#8 labelled as PKCS#1": (armour("RSA PRIVATE KEY", key.der), LABEL),
        "a private key labelled PUBLIC KEY": (armour("PUBLIC KEY", key.der), LABEL),
        "a public key labelled PRIVATE KEY": (armour("PRIVATE KEY", key.spki), LABEL),
        "PEM with a character of no alphabet": (pem[:200] + "*" + pem[201:], ENCODING),
        "PKCS#1 PEM without its last line": (pkcs1[: pkcs1.index("-----END")], TRUNCATED),
    }


def refused_jwk(key: Key) -> dict[str, tuple[str | bytes, str]]:
    members = key.jwk_members()
    jwk = compact(members)
    without = {name: {k: v for k, v in members.items() if k != name} for name in members}
    rfc7518_zero = base64url(b"\0" + bytes.fromhex("010001"))
    cases = {
        "JWK cut short": jwk[:-20],
        "JWK with text behind": jwk + " x",
        "JWK with a comma too many": jwk[:-1] + ",}",
        "JWK with a number for kid": compact(members | {"kid": 7}),
        "JWK with null for kid": compact(members | {"kid": None}),
        "JWK with an escape in d": jwk.replace(f'"d":"{members["d"][0]}', f'"d":"\\u{ord(members["d"][0]):04x}'),
        "JWK with an escape in the name of d": jwk.replace('"d":', '"\\u0064":'),
        "JWK with an escape in its kid": jwk[:-1] + ',"kid":"my\\/key"}',
        "JWK with a duplicate n": jwk[:-1] + f',"n":"{members["n"]}"}}',
        "JWK with a duplicate kty": '{"kty":"RSA",' + jwk[1:],
        "JWK with a duplicate name in depth": jwk[:-1] + ',"x":{"y":{"a":1,"a":1}}}',
        "JWK with padding": compact(members | {"n": members["n"] + "=="}),
        "JWK with a leading zero": compact(members | {"e": rfc7518_zero}),
        "JWK in the standard alphabet": compact(members | {"n": _standard(members["n"])}),
        "JWK with unused bits set": compact(members | {"n": members["n"][:-1] + _next(members["n"][-1])}),
        "JWK with an empty n": compact(members | {"n": ""}),
        "JWK with a number for n": compact(members | {"n": 5}),
        "JWK with null for n": compact(members | {"n": None}),
        "JWK without n": compact(without["n"]),
        "JWK without e": compact(without["e"]),
        "JWK without kty": compact(without["kty"]),
        "JWK of an unknown kty": compact(members | {"kty": "XYZ"}),
        "JWK of kty rsa": compact(members | {"kty": "rsa"}),
        "JWK for RS512": compact(members | {"alg": "RS512"}),
        "JWK for PS256": compact(members | {"alg": "PS256"}),
        "JWK for RSA-OAEP": compact(members | {"alg": "RSA-OAEP"}),
        "JWK for encryption": compact(members | {"use": "enc"}),
        "JWK with key_ops verify alone": compact(members | {"key_ops": ["verify"]}),
        "JWK with key_ops decrypt": compact(members | {"key_ops": ["decrypt"]}),
        "JWK with no key_ops": compact(members | {"key_ops": []}),
        "JWK set": compact({"keys": [members]}),
        "an empty JSON object": "{}",
    }
    others = {
        "JWK of an EC key": (compact({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA"}), ALGORITHM),
        "JWK of an Ed25519 key": (compact({"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}), ALGORITHM),
        "JWK of a symmetric key": (compact({"kty": "oct", "k": "AAAA"}), ALGORITHM),
        "JWK with further primes": (compact(members | {"oth": [{"r": "AQ", "d": "AQ", "t": "AQ"}]}), MULTI_PRIME),
        "JWK with null for further primes": (compact(members | {"oth": None}), MULTI_PRIME),
        "JWK with n, e and d alone": (compact({k: members[k] for k in ("kty", "n", "e", "d")}), WITHOUT_PRIMES),
        "JWK without d": (compact(without["d"]), WITHOUT_PRIMES),
        "JWK without qi": (compact(without["qi"]), WITHOUT_PRIMES),
        "JWK with another dp": (compact(members | {"dp": members["dq"]}), INCONSISTENT),
        "JWK of the public key": (key.public_jwk(), IS_PUBLIC),
    }
    return {name: (text, JWK) for name, text in cases.items()} | others


def _standard(text: str) -> str:
    assert "-" in text or "_" in text
    return text.replace("-", "+").replace("_", "/")


def refused_kinds(key: Key, strangers: Strangers, token: str) -> dict[str, tuple[str | bytes, str]]:
    """What is no RSA private key at all, each by its own name."""
    certificate = _der_of(strangers.certificate)
    request = _der_of(strangers.request)
    ec_traditional = openssl("ec", given=strangers.ec)
    return {
        "the public key": (base64url(key.spki), IS_PUBLIC),
        "the public key in PEM": (key.public_pem, IS_PUBLIC),
        "the public key in DER": (key.spki, IS_PUBLIC),
        "the public key in PEM of PKCS#1": (armour("RSA PUBLIC KEY", key.pkcs1_public), IS_PUBLIC),
        "the public key in quotes behind a name": (f'KEY="{base64url(key.spki)}"', IS_PUBLIC),
        "a certificate": (strangers.certificate.decode(), CERTIFICATE),
        "a certificate in base64": (base64std(certificate), CERTIFICATE),
        "a certificate in DER": (certificate, CERTIFICATE),
        "a certificate labelled X509": (armour("X509 CERTIFICATE", certificate), CERTIFICATE),
        "a certificate labelled TRUSTED": (armour("TRUSTED CERTIFICATE", certificate), CERTIFICATE),
        "an OpenSSH private key": (strangers.openssh, OPENSSH),
        "an OpenSSH private key with escaped line breaks": (strangers.openssh.replace("\n", "\\n"), OPENSSH),
        "an OpenSSH public key": (strangers.openssh_public, OPENSSH),
        "an OpenSSH public key of ECDSA": ("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= me@host", OPENSSH),
        "an encrypted key": (strangers.encrypted.decode(), ENCRYPTED),
        "an encrypted key in base64": (base64std(strangers.encrypted_der), ENCRYPTED),
        "an encrypted key in DER": (strangers.encrypted_der, ENCRYPTED),
        "an encrypted key of OpenSSL's old form": (strangers.encrypted_traditional.decode(), ENCRYPTED),
        "a legacy API key": ("scout_legacy_0123456789abcdef", LEGACY),
        "a legacy API key in quotes": ('"scout_legacy_0123456789abcdef"', LEGACY),
        "a legacy API key behind its name": ("SCOUT_API_KEY=0123456789abcdef0123456789abcdef", LEGACY),
        "a legacy API key of digits": ("01234567-89ab-cdef-0123-456789abcdef", LEGACY),
        "a token": (token, TOKEN),
        "a token with a line end": (token + "\n", TOKEN),
        "a certificate request": (strangers.request.decode(), FORMAT),
        "a certificate request in DER": (request, FORMAT),
        "a certificate request of the old label": (armour("NEW CERTIFICATE REQUEST", request), FORMAT),
        "a PKCS#12 archive": (strangers.pkcs12, FORMAT),
        "a PKCS#12 archive in base64": (base64std(strangers.pkcs12), FORMAT),
        "a PuTTY key file": ("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: throwaway\n", FORMAT),
        "a variable that was not expanded": ("${SCOUT_PRIVATE_KEY}", FORMAT),
        "the name of a variable": ("SCOUT_PRIVATE_KEY", FORMAT),
        "the name of a variable with nothing behind it": ("SCOUT_PRIVATE_KEY=", FORMAT),
        "an OpenPGP private key": (
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBGV\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n",
            FORMAT,
        ),
        "a PEM block of PKCS#7": (armour("PKCS7", certificate), FORMAT),
        "Diffie-Hellman parameters": (strangers.dh_parameters.decode(), FORMAT),
        "an EC key": (strangers.ec.decode(), ALGORITHM),
        "an EC key as Scout would issue it": (base64url(_der_of(strangers.ec)), ALGORITHM),
        "an EC key of the form of SEC 1": (ec_traditional.decode(), ALGORITHM),
        "an EC key of the form of SEC 1 in DER": (_der_of(ec_traditional), ALGORITHM),
        "an Ed25519 key": (strangers.ed25519.decode(), ALGORITHM),
        "an Ed25519 key in base64url": (base64url(_der_of(strangers.ed25519)), ALGORITHM),
        "an Ed448 key": (strangers.ed448.decode(), ALGORITHM),
        "an X25519 key": (strangers.x25519.decode(), ALGORITHM),
        "a DSA key": (strangers.dsa.decode(), ALGORITHM),
        "a DSA key of the old form": (strangers.dsa_traditional.decode(), ALGORITHM),
        "a DSA key of the old form in DER": (_der_of(strangers.dsa_traditional), ALGORITHM),
        "a Diffie-Hellman key": (strangers.dh.decode(), ALGORITHM),
        "an RSA-PSS key": (strangers.pss.decode(), ALGORITHM),
        "an RSA-PSS key in base64url": (base64url(_der_of(strangers.pss)), ALGORITHM),
        "an RSA-OAEP key": (armour("PRIVATE KEY", der.pkcs8(key.pkcs1, oid=der.OAEP)), ALGORITHM),
    }


def refused_stand_ins(key: Key) -> dict[str, tuple[str | bytes, str]]:
    """What people paste in the place of the key's text: where it lies, and what hides it."""
    text, pem = base64url(key.der), key.pem.decode()
    paths = [
        "/run/secrets/key.pem",
        "/run/secrets/scout_key",
        "/etc/scout/keys/production",
        "./key.pem",
        "../secrets/key",
        "~/.config/scout/key",
        "C:\\secrets\\new\\key.pem",
        "C:/secrets/key",
        "\\\\server\\share\\key",
        "key.pem",
        "secrets/scout.KEY",
        "scout private.pem",
        "credential.jwk.json",
        "file:///run/secrets/key.pem",
    ]
    references = [
        "https://secrets.example/scout/key",
        "http://localhost/key.pem",
        "s3://bucket/key.pem",
        "op://vault/scout/key",
        "vault:secret/data/scout#private_key",
        "vault://secret/scout",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:scout",
        "projects/example/secrets/scout/versions/latest",
        "@Microsoft.KeyVault(SecretUri=https://example.vault.azure.net/secrets/scout/)",
        "ref+vault://secret/scout#/key",
        "gcp-secret-manager://example/scout",
    ]
    placeholders = [
        "your-private-key-here",
        "your_private_key",
        "YOUR_PRIVATE_KEY",
        "your private key",
        "<YOUR_PRIVATE_KEY>",
        "<private key>",
        "[private key]",
        "{{ scout_private_key }}",
        "{{SCOUT_PRIVATE_KEY}}",
        "%SCOUT_PRIVATE_KEY%",
        "changeme",
        "change-me-please-0123456789",
        "REPLACE_ME",
        "paste-your-key-here",
        "insert-private-key-here",
        "private-key-placeholder",
        "xxxxxxxxxxxxxxxxxxxxxxxx",
        "XXXX",
    ]
    masked = [
        "••••",
        "•••• ••••",
        "●●●●●●●●●●●●",
        "MIIEvQ••••••••••••Xk9",
        "****",
        "********************************",
        "MIIE****************xyz",
        "MIIE...xyz",
        "MIIEvQIBADANBgkqhkiG...",
        "MIIEvQIBADANBgkqhkiG…",
        f"{text[:24]}…{text[-8:]}",
        f"{text[:400]}...{text[-400:]}",
    ]
    cases = {f"the path {path}": (path, PATH) for path in paths}
    cases |= {f"the reference {reference}": (reference, REFERENCE) for reference in references}
    cases |= {f"the placeholder {placeholder}": (placeholder, PLACEHOLDER) for placeholder in placeholders}
    cases |= {f"the masked copy {ascii(copy)[1:50]}": (copy, MASKED) for copy in masked}
    lines = pem.splitlines()
    return cases | {
        "a path in quotes behind a name": ('SCOUT_PRIVATE_KEY="/run/secrets/key.pem"', PATH),
        "a path with a line end": ("/run/secrets/key.pem\n", PATH),
        "a placeholder behind a name": ("export SCOUT_PRIVATE_KEY=<your key>", PLACEHOLDER),
        "a masked copy in quotes": ('"••••••••"', MASKED),
        "PEM with three dots for its lines": ("\n".join([lines[0], lines[1][:12] + "...", lines[-1]]), MASKED),
        "PEM with an ellipsis for its lines": ("\n".join([lines[0], "…", lines[-1]]), MASKED),
        "PEM with asterisks for its lines": ("\n".join([lines[0], "*" * 64, lines[-1]]), MASKED),
        "a sentence with three dots": ("I cannot find it ... sorry", ENCODING),
        "two NULs behind": (text + "\0\0", ENCODING),
        "a NUL inside": (text[:400] + "\0" + text[400:], ENCODING),
    }


def _der_of(pem: bytes) -> bytes:
    lines = pem.decode().strip().splitlines()
    return base64.b64decode("".join(lines[1:-1]))


def refused_numbers(key: Key) -> dict[str, tuple[bytes, str]]:
    """Structures that are right, of numbers that are not."""
    n, e, d, p, q, dp, dq, qinv = _numbers(key)
    exponent_34 = (1 << 34) - 1 | 1
    large = (1 << 8192) + 1
    three_primes = _der_of(kept("key of three primes", lambda: new_key(2048, rsa_keygen_primes=3)))
    raw = {
        "512 bits": (of_primes(256, 256), TOO_SMALL),
        "1024 bits": (of_primes(512, 512), TOO_SMALL),
        "2040 bits": (of_primes(1020, 1020), TOO_SMALL),
        "8193 bits": (der.pkcs1(large, E, 3, 3, 3, 3, 3, 3), TOO_LARGE),
        "e = 1": (der.pkcs1(n, 1, 1, p, q, 1, 1, qinv), EXPONENT),
        "e = 2": (der.pkcs1(n, 2, d, p, q, dp, dq, qinv), EXPONENT),
        "e = 65536": (der.pkcs1(n, 65536, d, p, q, dp, dq, qinv), EXPONENT),
        "e of 34 bits": (der.pkcs1(n, exponent_34, d, p, q, dp, dq, qinv), EXPONENT),
        "another n": (_changed(key, n=2), INCONSISTENT),
        "another e": (_changed(key, e=2), INCONSISTENT),
        "another d": (_changed(key, d=2), INCONSISTENT),
        "another p": (_changed(key, p=2), INCONSISTENT),
        "another q": (_changed(key, q=2), INCONSISTENT),
        "another dP": (_changed(key, dp=2), INCONSISTENT),
        "another dQ": (_changed(key, dq=2), INCONSISTENT),
        "another qInv": (_changed(key, qinv=1), INCONSISTENT),
        "p and q swapped without the rest": (der.pkcs1(n, e, d, q, p, dp, dq, qinv), INCONSISTENT),
        "a d above n": (_changed(key, d=(p - 1) * (q - 1) * 8), INCONSISTENT),
        "primes of 900 and 1148 bits": (of_primes(900, 1148), UNBALANCED),
        "n, e and d with zeros for the rest": (der.pkcs1(n, e, d, 0, 0, 0, 0, 0), WITHOUT_PRIMES),
        "zeros for the CRT values": (der.pkcs1(n, e, d, p, q, 0, 0, 0), WITHOUT_PRIMES),
    }
    whole = {name: (der.pkcs8(pkcs1), error) for name, (pkcs1, error) in raw.items()}
    other_public = der.element(0x81, b"\0", der.pkcs1_public(n, 3))
    mixed = der.pkcs8(key.pkcs1, version=1, rest=other_public)
    return whole | {
        "three primes": (three_primes, MULTI_PRIME),
        "PKCS#8 version 2 with another public key": (mixed, INCONSISTENT),
    }


def of_primes(p: int, q: int) -> bytes:
    """PKCS#1 of a key whose primes have these sizes."""
    return kept(f"PKCS#1 of primes of {p} and {q} bits", lambda: der.pkcs1(*der.numbers(prime(p), prime(q), E)))


def refused_public(key: Key, strangers: Strangers) -> dict[str, tuple[str | bytes, str]]:
    text, members, n = base64url(key.spki), key.public_members(), key.numbers.public_numbers.n
    modulus_1024 = kept_modulus("modulus of 1024 bits", 1024)
    return {
        "nothing": ("", EMPTY),
        "words": ("no key at all", ENCODING),
        "the private key": (base64url(key.der), IS_PRIVATE),
        "the private key in PEM": (key.pem.decode(), IS_PRIVATE),
        "the private key in PEM of PKCS#1": (armour("RSA PRIVATE KEY", key.pkcs1), IS_PRIVATE),
        "the private key as JWK": (key.jwk(), IS_PRIVATE),
        "the private key in DER": (key.der, IS_PRIVATE),
        "without its last character": (text[:-1], TRUNCATED),
        "its first half": (text[: len(text) // 2], TRUNCATED),
        "PEM without its last line": ("\n".join(key.public_pem.splitlines()[:-1]), TRUNCATED),
        "a zero byte behind": (key.spki + b"\0", TRAILING),
        "base64 of the text": (base64std(text.encode()), TWICE),
        "two PEM blocks": (key.public_pem * 2, BLOCKS),
        "SPKI labelled as PKCS#1": (armour("RSA PUBLIC KEY", key.spki), LABEL),
        "PKCS#1 labelled as SPKI": (armour("PUBLIC KEY", key.pkcs1_public), LABEL),
        "a bit string with unused bits": (
            der.sequence(der.sequence(der.RSA, der.NULL), der.element(0x03, b"\x01", key.pkcs1_public[:-1] + b"\0")),
            STRUCTURE,
        ),
        "a negative modulus": (der.spki(der.pkcs1_public(-n, E)), STRUCTURE),
        "a certificate": (strangers.certificate.decode(), CERTIFICATE),
        "an OpenSSH public key": (strangers.openssh_public, OPENSSH),
        "an EC key": (_public_pem(strangers.ec), ALGORITHM),
        "an Ed25519 key": (_public_pem(strangers.ed25519), ALGORITHM),
        "an RSA-PSS key": (_public_pem(strangers.pss), ALGORITHM),
        "a DSA key": (_public_pem(strangers.dsa), ALGORITHM),
        "1024 bits": (der.spki(der.pkcs1_public(modulus_1024, E)), TOO_SMALL),
        "8193 bits": (der.spki(der.pkcs1_public((1 << 8192) + 1, E)), TOO_LARGE),
        "16384 bits as JWK": (compact(members | {"n": uint((1 << 16383) + 1)}), TOO_LARGE),
        "e = 1": (der.spki(der.pkcs1_public(n, 1)), EXPONENT),
        "e = 65536": (der.spki(der.pkcs1_public(n, 65536)), EXPONENT),
        "e of 34 bits": (compact(members | {"e": uint((1 << 33) + 1)}), EXPONENT),
        "JWK for encryption": (compact(members | {"use": "enc"}), JWK),
        "JWK for RS384": (compact(members | {"alg": "RS384"}), JWK),
        "JWK with key_ops sign alone": (compact(members | {"key_ops": ["sign"]}), JWK),
        "JWK with a duplicate n": (compact(members)[:-1] + f',"n":"{members["n"]}"}}', JWK),
        "JWK set": (compact({"keys": [members]}), JWK),
        "JWK with a number for kid": (compact(members | {"kid": 7}), JWK),
        "JWK with null for kid": (compact(members | {"kid": None}), JWK),
        "JWK with a list for kid": (compact(members | {"kid": ["a"]}), JWK),
        "the path of a file": ("/etc/scout/public.pem", PATH),
        "a placeholder": ("<YOUR_PUBLIC_KEY>", PLACEHOLDER),
        "a masked copy": ("MIIB...DAQAB", MASKED),
        "a reference": ("op://vault/scout/public", REFERENCE),
    }


def _public_pem(pem: bytes) -> str:
    return openssl("pkey", "-pubout", given=pem).decode()


def conversions(cases: Group, key: Key, strangers: Strangers) -> None:
    """The plain functions: key text to PEM, to base64url, to its kid."""
    text, pem = base64url(key.der), key.pem.decode()
    for name, given, expected in [
        ("a private key in base64url", text, private("first")),
        ("a private key in PEM", pem, private("first")),
        ("a private key in DER", key.der, private("first")),
        ("a private key as JWK", key.jwk(), private("first")),
        ("a private key of PKCS#1", armour("RSA PRIVATE KEY", key.pkcs1), private("first")),
        ("a private key with escaped line breaks", pem.replace("\n", "\\n"), private("first")),
        ("a public key in base64url", base64url(key.spki), public("first")),
        ("a public key in PEM", key.public_pem, public("first")),
        ("a public key as JWK", key.public_jwk(), public("first")),
        ("a public key of PKCS#1", armour("RSA PUBLIC KEY", key.pkcs1_public), public("first")),
    ]:
        cases.add(f"converting {name}", "convert", key_text(given), expected)
    unsound = der.pkcs8(_changed(key, d=2))
    written = {"base64url": base64url(unsound), "pem": armour("PRIVATE KEY", unsound), "kid": key.kid}
    cases.add("converting does not check the arithmetic", "convert", key_text(unsound), written)
    for name, given, error in [
        ("nothing", "", EMPTY),
        ("words", "no key at all", ENCODING),
        ("half a key", text[:800], TRUNCATED),
        ("a certificate", strangers.certificate.decode(), CERTIFICATE),
        ("an encrypted key", strangers.encrypted.decode(), ENCRYPTED),
        ("an EC key", strangers.ec.decode(), ALGORITHM),
        ("a legacy API key", "scout_legacy_0123456789abcdef", LEGACY),
        ("the path of a key file", "/run/secrets/key.pem", PATH),
        ("a placeholder", "<YOUR_PRIVATE_KEY>", PLACEHOLDER),
        ("a masked copy", "••••", MASKED),
        ("a reference", "op://vault/scout/key", REFERENCE),
        ("two keys", pem + pem, BLOCKS),
        ("a JWK set", compact({"keys": [key.public_members()]}), JWK),
    ]:
        cases.refuse(f"converting {name}", "convert", key_text(given), error)


def sets(cases: Group, keys: dict[str, Key]) -> None:
    """JWK sets, as a verifier takes them. RFC 7517 §5: what is not understood is passed over."""
    first, second = keys["first"], keys["second"]
    members, ec = first.public_members(), {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}
    foreign = foreign_keys(second, ec)
    for name, items, names in [
        ("of one key", [members], ["first"]),
        ("of two keys", [second.public_members(), members], ["first", "second"]),
        ("with a key twice", [members, members], ["first"]),
        ("with every foreign key in front", [*foreign.values(), members], ["first"]),
        (
            "with kids of its own",
            [members | {"kid": "2026-11"}, second.public_members() | {"kid": "old"}],
            ["first", "second"],
        ),
        ("with a kid that is no text in a foreign key", [ec | {"kid": 7}, members], ["first"]),
        *((f"with {name} too", [item, members], ["first"]) for name, item in foreign.items()),
    ]:
        ordered = sorted((keys[name] for name in names), key=lambda key: key.kid)
        written = '{"keys":[' + ",".join(key.public_jwk() for key in ordered) + "]}"
        cases.add(f"a JWK set {name}", "jwk_set", {"text": compact({"keys": items})}, {"jwk_set": written})
    for name, items, error in [
        ("without a key", [], SET_EMPTY),
        *((f"of {name} alone", [item], SET_EMPTY) for name, item in foreign.items()),
        ("of foreign keys alone", list(foreign.values()), SET_EMPTY),
        ("with a private key", [members, second.jwk_members()], IS_PRIVATE),
        ("of a private key alone", [first.jwk_members()], IS_PRIVATE),
        ("with a private key for encryption", [members, second.jwk_members() | {"use": "enc"}], IS_PRIVATE),
        ("with a private EC key", [members, ec | {"d": "AA"}], IS_PRIVATE),
        ("with a private key of an unknown type", [members, {"kty": "AKP", "alg": "ML-DSA-44", "d": "AA"}], IS_PRIVATE),
        ("with a number for kid", [members | {"kid": 7}], JWK),
        ("with a number for n", [members | {"n": 7}], JWK),
        ("with a list for use", [members | {"use": ["sig"]}], JWK),
        ("with padding in n", [members | {"n": members["n"] + "="}], JWK),
        ("with a text for a key", [members, "key"], JWK),
        ("with null for a key", [members, None], JWK),
    ]:
        cases.refuse(f"a JWK set {name}", "jwk_set", {"text": compact({"keys": items})}, error)
    set_text = compact({"keys": [members, ec]})
    written = '{"keys":[' + first.public_jwk() + "]}"
    cases.add("a JWK set with a NUL behind", "jwk_set", {"text": set_text + "\0"}, {"jwk_set": written})
    for name, text in [
        ("with a duplicate member", '{"keys":[],"keys":[]}'),
        ("with a duplicate member in a key", set_text.replace('"kty":"RSA"', '"kty":"RSA","kty":"RSA"')),
        ("with a duplicate member in a foreign key", set_text.replace('"crv"', '"x":"AA","crv"')),
        ("whose keys are no list", '{"keys":{}}'),
        ("whose keys are lists", '{"keys":[["RSA","AQAB","AQAB"]]}'),
        ("that is cut short", set_text[:-10]),
        ("with two NULs behind", set_text + "\0\0"),
    ]:
        cases.refuse(f"a JWK set {name}", "jwk_set", {"text": text}, JWK)


def foreign_keys(key: Key, ec: dict[str, str]) -> dict[str, dict[str, object]]:
    """Public keys that sets of others hold, and that are not for RS256."""
    members = key.public_members()
    small = kept_modulus("modulus of a small key in a set", 1024)
    without = {name: {k: v for k, v in members.items() if k != name} for name in members}
    return {
        "an EC key": ec,
        "an Ed25519 key": {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        "a symmetric key": {"kty": "oct", "k": "AAAA"},
        "a key of an unknown type": {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},
        "a key of an unknown type with other members": {"kty": "AKP", "n": 5, "e": {"a": None}, "use": ["sig"]},
        "a key of no type": without["kty"],
        "a key whose type is in small letters": members | {"kty": "rsa"},
        "a key for encryption": members | {"use": "enc"},
        "a key for a use of its own": members | {"use": "mine"},
        "a key for RS512": members | {"alg": "RS512"},
        "a key for PS256": members | {"alg": "PS256"},
        "a key for RSA-OAEP": members | {"alg": "RSA-OAEP"},
        "a key that encrypts": members | {"key_ops": ["encrypt"]},
        "a key without n": without["n"],
        "a key without e": without["e"],
        "a small key": members | {"n": uint(small)},
        "a large key": members | {"n": uint((1 << 16383) + 1)},
        "a key with e = 1": members | {"e": "AQ"},
    }
