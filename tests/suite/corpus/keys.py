"""Keys: files in DER and PEM, and texts in JWK and base64url."""

import base64
import re
from collections.abc import Iterator

from suite import rsa
from suite.cases import Case, Members

from . import expectations
from .expectations import ACCEPTED, Expectations
from .folder import Corpus, case, checking, signing

FOLDERS = ("aws-lc", "derived_keys", "openssl", "pki-types", "pyca", "rfc", "rustcrypto")

# Only a sound structure shows these errors: before them it is not known of which kind the key is.
ARITHMETIC = {
    "ERR_KEY_TOO_SMALL",
    "ERR_KEY_TOO_LARGE",
    "ERR_KEY_EXPONENT",
    "ERR_KEY_INCONSISTENT",
    "ERR_KEY_UNBALANCED",
}
# Those of them that the public numbers alone show, to the function kid too.
OF_PUBLIC_NUMBERS = {"ERR_KEY_TOO_SMALL", "ERR_KEY_TOO_LARGE", "ERR_KEY_EXPONENT"}


def cases(corpus: Corpus) -> Iterator[Case]:
    yield from files(corpus)
    yield from texts(corpus)


def files(corpus: Corpus) -> Iterator[Case]:
    due = Expectations(expectations.KEYS, expectations.KEY_EXCEPTIONS)
    due_to_bytes = Expectations(expectations.BYTES)
    known: set[rsa.Key] = set()
    for folder in FOLDERS:
        for item in corpus.json(f"{folder}/manifest.json")["cases"]:
            name = f"{folder}/{item['file']}"
            content = corpus.bytes(name)
            labels = [item.get("reason"), *item.get("policy", [])]
            outcome = due.outcome(name, labels, accepted=item["expect"] == "accept")
            key = key_of(content, item, outcome, corpus.first)
            if item["form"] == "der":
                error = due_to_bytes.error(name)
                given = {"base64" if error else "base64_der": base64.b64encode(content).decode()}
                yield from readings(f"{name} in bytes", given, key, error or outcome)
            yield from readings(name, as_text(content, item["form"]), key, outcome)
            if outcome == ACCEPTED and key not in known:
                known.add(key)
                yield from uses(name, key, item)
    due.check()
    due_to_bytes.check()


def texts(corpus: Corpus) -> Iterator[Case]:
    due = Expectations(expectations.TEXTS, expectations.TEXT_EXCEPTIONS)
    for item in corpus.json("derived_jwk/manifest.json")["cases"]:
        name = f"derived_jwk/{item['id']}"
        text = corpus.bytes(f"derived_jwk/{item['file']}").decode() if "file" in item else item["jwk_text"]
        outcome = due.outcome(name, [item.get("policy")], accepted=item["expect"] == "accept")
        key = checked(rsa.read_jwk(text.lstrip("\ufeff")), item) if is_sound(outcome) else None
        yield from readings(name, {"text": text}, key, outcome)
    for item in corpus.json("derived_jwk/b64url_der.json")["cases"]:
        name = f"derived_jwk/b64url_der/{item['id']}"
        outcome = due.outcome(name, [item.get("policy")], accepted=item["expect"] == "accept")
        key = corpus.first.public() if item["id"].startswith("spki") else corpus.first
        yield from readings(name, {"text": item["text"]}, key if is_sound(outcome) else None, outcome)
    due.check()


def is_sound(outcome: str) -> bool:
    """Whether the structure is sound."""
    return outcome in {ACCEPTED, *ARITHMETIC}


def key_of(content: bytes, item: Members, outcome: str, mended: rsa.Key) -> rsa.Key | None:
    """The key of a file whose structure is sound."""
    if not is_sound(outcome):
        return None
    if outcome == ACCEPTED and "role" not in item:
        return mended
    return checked(rsa.read(content if item["form"] == "der" else unarmoured(content)), item)


def unarmoured(pem: bytes) -> bytes:
    body = re.search(rb"-----BEGIN [^-]*-----(.*?)-----END", pem, re.DOTALL)[1]
    return base64.b64decode(b"".join(body.split()))


def checked(key: rsa.Key, item: Members) -> rsa.Key:
    """The key, which must be the one that the manifest describes."""
    facts = key.forms() | {"role": key.role, "thumbprint_sha256": key.kid()}
    for name in ("role", "bits", "thumbprint_sha256"):
        if name in item and item[name] != facts[name]:
            message = f"another {name} than the manifest's: {item}"
            raise ValueError(message)
    return key


def as_text(content: bytes, form: str) -> Members:
    """DER in base64url, as Scout issues it; PEM as it is, as bytes if it is not UTF-8."""
    if form == "der":
        return {"text": rsa.base64url(content)}
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def readings(name: str, given: Members, key: rsa.Key | None, outcome: str) -> Iterator[Case]:
    """What the readers of both kinds and the plain functions return."""
    for role in ("private", "public"):
        yield case(f"{name}, read as a {role} key", f"{role}_key", given, read(key, role, outcome))
    yield case(f"{name}, converted", "convert", given, converted(key, outcome))


def read(key: rsa.Key | None, role: str, outcome: str) -> Members:
    if key and key.role != role:
        return {"error": f"ERR_KEY_IS_{key.role.upper()}"}
    return {"error": outcome} if outcome else key.forms()


def converted(key: rsa.Key | None, outcome: str) -> Members:
    """Conversions check the structure. The function kid also checks the public numbers."""
    if not key or outcome in OF_PUBLIC_NUMBERS or key.numbers[0] % 2 == 0:
        return {"error": outcome}
    forms = key.forms()
    return {form: forms[form] for form in ("pem", "base64url", "kid")}


def uses(name: str, key: rsa.Key, item: Members) -> Iterator[Case]:
    """A key can be read from its own JWK. A private key signs."""
    yield case(f"{name}, its JWK", f"{key.role}_key", {"text": key.to_jwk()}, key.forms())
    if key.role == "public":
        return
    text = rsa.base64url(key.to_der())
    given = {"key": text, "credential_id": "cred_123", "issued_at": 1700000000}
    if item.get("reason") == "rsa-composite-factor":
        yield case(f"{name}, its token", "mint", given, {"error": "ERR_KEY_CANNOT_SIGN"})
        return
    claims = b'{"iss":"scout","sub":"cred_123","iat":1700000000,"exp":1700000300}'
    yield case(f"{name}, its token", "mint", given, {"token": key.token(key.token_header(), claims)})
    message, signature = b"corpus-check", rsa.from_base64url(item["rs256_sig_of_corpus_check"])
    yield signing(name, text, message, signature)
    yield checking(name, key.public().to_jwk(), message, signature, valid=True)
