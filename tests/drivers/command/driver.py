"""Runs the vectors against the command scout-auth: see tests/README.md.

    python driver.py COMMAND < cases

The command says in words what went wrong: the names are looked up in core's table of errors.
"""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[3]
sys.path.append(str(ROOT / "tests/drivers"))

from answers import Members, serve, set_clock

COMMAND = sys.argv[1]
TABLE = (ROOT / "core/src/error.rs").read_text()
NAMES = {words: name for name, words in re.findall(r'= \d+ "(ERR_\w+)"\s+"([^"]+)"', TABLE)}
STATUSES = {"KEY": 4, "KID": 4, "TOKEN": 5}

# Its clock is the driver's.
INHERITED = {name: os.environ[name] for name in ("PATH", "LD_PRELOAD", "CLOCK_FILE") if name in os.environ}

# The command takes no other time than its clock's.
TIMES = ("clock", "issued_at", "now")


Variables = dict[str, str | bytes]


class Refused(Exception):  # noqa: N818
    """The command ended with an error."""


def command(*args: str, given: str | bytes = b"", variables: Variables | None = None) -> str:
    text = given.encode() if isinstance(given, str) else given
    environment = INHERITED | (variables or {})
    done = subprocess.run([COMMAND, *args], input=text, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise Refused(done.stderr.decode(), done.returncode)
    return done.stdout.decode()


def run(call: str, given: Members) -> Members:
    for time in [given[name] for name in TIMES if name in given]:
        set_clock(time)
    try:
        return CALLS[call](given)
    except Refused as refused:
        text, status = refused.args
        return {"error": name_of(text, status), "text": text}


def name_of(text: str, status: int) -> str:
    words = text.removeprefix("error: ")
    found = [known for known in NAMES if words.startswith(known)]
    if not found:
        return f"status {status}"
    return with_status(NAMES[max(found, key=len)], status)


def with_status(name: str, status: int) -> str:
    """The name alone if the status is right."""
    return name if status == status_of(name) else f"{name} with status {status}"


def status_of(name: str) -> int:
    """The exit status of the error's family; a key size and a key file are settings."""
    if name in {"ERR_KEY_SIZE", "ERR_KEY_FILE", "ERR_KEY_FILE_IS_KEY"}:
        return 3
    return STATUSES.get(name.split("_")[1], 3)


def key_text(given: Members) -> str | bytes:
    return given["text"] if "text" in given else base64.b64decode(given.get("base64_der") or given["base64"])


def options(given: Members, **names: str) -> list[str]:
    """Each value in one word with its option, because it may begin with a dash."""
    return [f"--{option}={given[name]}" for name, option in names.items() if name in given]


def convert(key: str | bytes) -> Members:
    source = ("--key-file", "-")
    return {
        "pem": command("pem", *source, given=key),
        "base64url": command("pem", "--base64url", *source, given=key).rstrip("\n"),
        "kid": command("kid", *source, given=key).rstrip("\n"),
    }


def private_key(given: Members) -> Members:
    """Minting needs a private key."""
    key = key_text(given)
    command("token", "--credential-id", "cred_123", "--key-file", "-", given=key)
    return convert(key)


def public_key(given: Members) -> Members:
    """Verifying needs a public key."""
    key = key_text(given)
    try_keys(key)
    return convert(key)


def jwk_set(given: Members) -> Members:
    try_keys(given["text"])
    return {}


def try_keys(keys: str | bytes) -> None:
    """The command reads the keys before the token."""
    try:
        verify_with(keys, "no token")
    except Refused as refused:
        if name_of(*refused.args) != "ERR_TOKEN_MALFORMED":
            raise


def verify_with(keys: str | bytes, token: str, *args: str) -> Members:
    with tempfile.NamedTemporaryFile() as file:
        file.write(keys.encode() if isinstance(keys, str) else keys)
        file.flush()
        return json.loads(command("verify", "--json", "--keys", file.name, *args, given=token))


def signer_options(given: Members) -> list[str]:
    words = options(given, credential_id="credential-id", kid="kid", header_kid="header-kid", lifetime="lifetime")
    words += [f"--role={role}" for role in given.get("roles", [])]
    claims = json.loads(given.get("claims", "{}"))
    return words + [f"--claim={name}={json.dumps(value)}" for name, value in claims.items()]


def mint(given: Members) -> Members:
    words = signer_options(given)
    return json.loads(command("token", "--json", "--key-file", "-", *words, given=given["key"]))


def verify(given: Members) -> Members:
    keys = given.get("key_set") or '{"keys":[' + ",".join(given["keys"]) + "]}"
    answer = verify_with(keys, given["token"], *options(given, leeway="leeway"))
    return answer | {"roles": json.dumps(answer["claims"].get("roles"), separators=(",", ":"))}


def signer(given: Members) -> Members:
    return shown(command("token", "--key-file", "-", *signer_options(given), given=given["key"]))


def signer_from_file(given: Members) -> Members:
    return shown(command("token", f"--credential-file={given['path']}", *signer_options(given)))


def shown(token: str) -> Members:
    header, claims, _ = (segment + "==" for segment in token.split("."))
    kid = json.loads(base64.urlsafe_b64decode(header))["kid"]
    credential_id = json.loads(base64.urlsafe_b64decode(claims))["sub"]
    return {"credential_id": credential_id, "kid": kid, "token": token.rstrip("\n")}


def variables_of(given: Members) -> Variables:
    others = given.get("base64_variables", {})
    return given["variables"] | {name: base64.b64decode(value) for name, value in others.items()}


def from_env(given: Members) -> Members:
    authorization = command("authorization", variables=variables_of(given)).rstrip("\n")
    token = authorization.removeprefix("Bearer ")
    return {"authorization": authorization} | (shown(token) if token.count(".") == 2 else {})


def send(given: Members) -> Members:
    """`doctor` reports what must not be sent before it calls a server."""
    words = [COMMAND, "doctor", "--json", f"--url={given['url']}"]
    environment = INHERITED | {"SCOUT_API_KEY": given["text"]}
    done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, check=False)
    check = json.loads(done.stdout)["checks"][-1]
    return {"error": with_status(check["code"], done.returncode), "text": check["text"]}


CALLS = {
    "private_key": private_key,
    "public_key": public_key,
    "generate": lambda given: json.loads(command("keygen", "--json", f"--bits={given['bits']}")),
    "convert": lambda given: convert(key_text(given)),
    "jwk_set": jwk_set,
    "mint": mint,
    "verify": verify,
    "signer": signer,
    "signer_from_file": signer_from_file,
    "signer_from_env": lambda given: shown(command("token", variables=variables_of(given))),
    "from_env": from_env,
    "send": send,
}

serve(run)
