"""Runs the vectors against the installed package scout_auth: see tests/README.md."""

import base64
import json
import os
import pathlib
import sys
import time

import scout_auth

sys.path.append(str(pathlib.Path(__file__).parents[1]))

from answers import Members, serve, set_clock

OF_A_TOKEN = ("kid", "header_kid", "lifetime", "roles", "claims")

# Seconds until the tokens are of another second.
PAUSE = 2


def run(call: str, given: Members) -> Members:
    if "clock" in given:
        set_clock(given["clock"])
    try:
        return CALLS[call](given)
    except scout_auth.ScoutAuthError as error:
        return {"error": error.code, "text": str(error)}


def key_text(given: Members) -> str | bytes:
    return given["text"] if "text" in given else base64.b64decode(given.get("base64_der") or given["base64"])


def options(given: Members, *names: str) -> Members:
    """Claims are JSON text in the vectors, and a mapping here."""
    found = {name: given[name] for name in names if name in given}
    return found | ({"claims": json.loads(found["claims"])} if "claims" in found else {})


def written(key: scout_auth.PrivateKey | scout_auth.PublicKey) -> Members:
    der = base64.urlsafe_b64encode(key.to_der()).rstrip(b"=").decode()
    forms = {"base64url": key.to_base64url(), "der": der, "pem": key.to_pem(), "jwk": key.to_jwk()}
    return forms | {"kid": key.kid, "bits": key.bits}


def convert(given: Members) -> Members:
    key = key_text(given)
    return {
        "pem": scout_auth.to_pem(key),
        "base64url": scout_auth.to_base64url(key),
        "kid": scout_auth.kid(key),
    }


def mint(given: Members) -> Members:
    token = scout_auth.mint_token(given["credential_id"], given["key"], **options(given, *OF_A_TOKEN, "issued_at"))
    return {"token": str(token), "issued_at": token.issued_at, "expires_at": token.expires_at}


def verify(given: Members) -> Members:
    keys = given["keys"] if "keys" in given else given["key_set"]
    verifier = scout_auth.Verifier(keys, **options(given, "leeway"))
    claims = verifier.verify(given["token"], **options(given, "now"))
    names = ("credential_id", "issued_at", "expires_at", "kid", "json")
    roles = None if claims.roles is None else list(claims.roles)
    return {name: getattr(claims, name) for name in names} | {"roles": json.dumps(roles, separators=(",", ":"))}


def settings(given: Members) -> Members:
    return options(given, *OF_A_TOKEN, "refresh_margin", "backdate", "allowed_origins", "refresh")


def signer_of(given: Members) -> scout_auth.Signer:
    return scout_auth.Signer(given["credential_id"], given["key"], **settings(given))


def signer_from_file(given: Members) -> Members:
    signer = scout_auth.Signer.from_file(given["path"], **settings(given))
    return shown(signer) | {"jwk": signer.public_key.to_jwk()}


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
    signer = signer_of(given)
    first = str(signer.token())
    time.sleep(PAUSE)
    kept = str(signer.token()) == first
    signer.invalidate()
    second = str(signer.token())
    time.sleep(PAUSE)
    retry = signer.rejected(second)
    facts = {"kept": kept, "invalidated": second != first, "retry": retry, "rejected": str(signer.token()) != second}
    return {name: yes(fact) for name, fact in facts.items()}


class Story:
    """A signer, and the tokens that it returned, in order."""

    def __init__(self, signer: scout_auth.Signer) -> None:
        self.signer = signer
        self.tokens: list[scout_auth.Token] = []

    def tell(self, step: Members) -> Members:
        if "now" in step:
            set_clock(step["now"], step["elapsed"])
        try:
            answer = getattr(self, step["call"])(step)
        except scout_auth.ScoutAuthError as error:
            answer = {"error": error.code}
        return answer | {"signatures": len(set(map(id, self.tokens)))}

    def token(self, _: Members) -> Members:
        return self.gave(self.signer.token())

    def mint(self, _: Members) -> Members:
        return self.gave(self.signer.mint())

    def gave(self, token: scout_auth.Token) -> Members:
        self.tokens.append(token)
        return {"token": str(token)}

    def invalidate(self, _: Members) -> Members:
        self.signer.invalidate()
        return {}

    def rejected(self, step: Members) -> Members:
        token = str(self.tokens[-1]) if step["token"] == "last" else step["token"]
        retry = self.signer.rejected(token, step.get("date"))
        return {"retry": retry, "clock_offset": self.signer.clock_offset}


def story(given: Members) -> Members:
    answers = map(Story(signer_of(given)).tell, given["steps"])
    return {f"steps.{at}.{name}": value for at, answer in enumerate(answers) for name, value in answer.items()}


def yes(fact: bool) -> str:
    return "yes" if fact else "no"


def set_environment(given: Members) -> None:
    for name in [name for name in os.environ if name.startswith("SCOUT_")]:
        del os.environ[name]
    os.environ.update(given["variables"])
    for name, value in given.get("base64_variables", {}).items():
        os.environb[name.encode()] = base64.b64decode(value)


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
    "story": story,
    "signer": lambda given: shown(signer_of(given)),
    "signer_from_file": signer_from_file,
    "signer_from_env": signer_from_env,
    "from_env": from_env,
    "api_key": lambda given: shown(scout_auth.ApiKey(given["text"])),
    "raw_key": lambda given: shown(scout_auth.ApiKey.from_private_key(given["text"])),
    "send": send,
}

serve(run)
