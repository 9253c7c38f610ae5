"""Runs the vectors against the installed package scout_auth: see tests/README.md."""

import base64
import os
import pathlib
import sys
import time

import scout_auth

sys.path.append(str(pathlib.Path(__file__).parents[1]))

from answers import Members, serve

VARIABLES = ("SCOUT_PRIVATE_KEY", "SCOUT_PRIVATE_KEY_FILE", "SCOUT_CREDENTIAL_ID", "SCOUT_KID", "SCOUT_API_KEY")

# Seconds until the tokens are of another second.
PAUSE = 2


def run(call: str, given: Members) -> Members:
    try:
        return CALLS[call](given)
    except scout_auth.ScoutAuthError as error:
        return {"error": error.code, "text": str(error)}


def key_text(given: Members) -> str | bytes:
    return given["text"] if "text" in given else base64.b64decode(given.get("base64_der") or given["base64"])


def options(given: Members, *names: str) -> Members:
    return {name: given[name] for name in names if name in given}


def written(key: scout_auth.PrivateKey | scout_auth.PublicKey) -> Members:
    der = base64.urlsafe_b64encode(key.to_der()).rstrip(b"=").decode()
    forms = {"base64url": key.to_base64url(), "der": der, "pem": key.to_pem(), "jwk": key.to_jwk()}
    return forms | {"kid": key.kid, "bits": key.bits}


def convert(given: Members) -> Members:
    key = key_text(given)
    return {
        "pem": scout_auth.der_to_pem(key),
        "base64url": scout_auth.pem_to_der(key),
        "kid": scout_auth.kid(key),
    }


def mint(given: Members) -> Members:
    token = scout_auth.mint_token(
        given["credential_id"], given["key"], **options(given, "kid", "lifetime", "issued_at")
    )
    return {"token": str(token), "issued_at": token.issued_at, "expires_at": token.expires_at}


def verify(given: Members) -> Members:
    verifier = scout_auth.Verifier(given["keys"], **options(given, "leeway"))
    claims = verifier.verify(given["token"], **options(given, "now"))
    names = ("credential_id", "issued_at", "expires_at", "kid", "json")
    return {name: getattr(claims, name) for name in names}


def signer(given: Members) -> Members:
    settings = options(given, "kid", "lifetime", "refresh_margin", "backdate", "allowed_origins")
    return shown(scout_auth.Signer(given["credential_id"], given["key"], **settings))


def shown(credential: scout_auth.Signer | scout_auth.ApiKey) -> Members:
    if isinstance(credential, scout_auth.ApiKey):
        return {"authorization": credential.authorization()}
    return {"credential_id": credential.credential_id, "kid": credential.kid, "token": str(credential.token())}


def sign(given: Members) -> Members:
    signature = scout_auth.PrivateKey.parse(given["key"]).sign(base64.b64decode(given["message"]))
    return {"signature": base64.urlsafe_b64encode(signature).rstrip(b"=").decode()}


def check(given: Members) -> Members:
    message, signature = (base64.b64decode(given[name]) for name in ("message", "signature"))
    return {"valid": yes(scout_auth.PublicKey.parse(given["key"]).verify(message, signature))}


def live(given: Members) -> Members:
    signer = scout_auth.Signer(given["credential_id"], given["key"])
    first = str(signer.token())
    time.sleep(PAUSE)
    kept = str(signer.token()) == first
    signer.invalidate()
    second = str(signer.token())
    time.sleep(PAUSE)
    retry = signer.rejected(second)
    facts = {"kept": kept, "invalidated": second != first, "retry": retry, "rejected": str(signer.token()) != second}
    return {name: yes(fact) for name, fact in facts.items()}


def yes(fact: bool) -> str:
    return "yes" if fact else "no"


def set_environment(given: Members) -> None:
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ.update(given["variables"])


def signer_from_env(given: Members) -> Members:
    set_environment(given)
    return shown(scout_auth.Signer.from_env())


def from_env(given: Members) -> Members:
    set_environment(given)
    return shown(scout_auth.from_env())


def send(given: Members) -> Members:
    key = scout_auth.ApiKey(given["text"], **options(given, "allowed_origins"))
    return {"authorization": key.authorization_for(given["url"])}


CALLS = {
    "private_key": lambda given: written(scout_auth.PrivateKey.parse(key_text(given))),
    "public_key": lambda given: written(scout_auth.PublicKey.parse(key_text(given))),
    "generate": lambda given: written(scout_auth.PrivateKey.generate(given["bits"])),
    "convert": convert,
    "jwk_set": lambda given: {"jwk_set": scout_auth.Verifier(given["text"]).to_jwk_set()},
    "mint": mint,
    "verify": verify,
    "sign": sign,
    "check": check,
    "live": live,
    "signer": signer,
    "signer_from_env": signer_from_env,
    "from_env": from_env,
    "api_key": lambda given: shown(scout_auth.ApiKey(given["text"])),
    "raw_key": lambda given: shown(scout_auth.ApiKey.from_private_key(given["text"])),
    "send": send,
}

serve(run)
