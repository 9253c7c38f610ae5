"""Environments, API keys, settings of signers, and where a credential may be sent."""

import itertools

from .group import Group
from .material import Key, Strangers, base64std, base64url, compact
from .tokens import EARLIEST

API_KEY, URL, INSECURE, NOT_ALLOWED, ORIGIN = (
    "ERR_API_KEY",
    "ERR_URL",
    "ERR_URL_INSECURE",
    "ERR_ORIGIN_NOT_ALLOWED",
    "ERR_ORIGIN",
)
LEGACY = "scout_legacy_0123456789"


def files(keys: dict[str, Key], strangers: Strangers) -> dict[str, bytes]:
    """The key files that environments name, relative to the vectors."""
    text = base64url(keys["first"].der)
    return {
        "files/first.key": f"{text}\n".encode(),
        "files/first.pem": keys["first"].pem,
        "files/first.der": keys["first"].der,
        "files/public.pem": keys["first"].public_pem.encode(),
        "files/encrypted.pem": strangers.encrypted,
        "files/empty": b"",
        "files/credential.json": credential(keys["first"]),
        "files/credential-without-id.json": compact({"private_key": text}).encode(),
        "files/credential/private_key": keys["first"].pem,
        "files/credential/credential_id": b"cred_123\n",
        "files/secret.env": f"SCOUT_PRIVATE_KEY={text}\nSCOUT_CREDENTIAL_ID=cred_123\n".encode(),
    }


def credential(key: Key) -> bytes:
    return compact({"private_key": base64url(key.der), "credential_id": "cred_123", "kid": key.kid}).encode()


def environment_group(keys: dict[str, Key]) -> Group:
    cases = Group("environment to what from_env returns, or to the name of the error")
    first = keys["first"]
    text, pem, kid = base64url(first.der), first.pem.decode(), first.kid
    signer = {"credential_id": "cred_123", "kid": kid}
    org = {"SCOUT_PRIVATE_KEY": text, "SCOUT_CREDENTIAL_ID": "cred_123"}
    from_file = {"SCOUT_CREDENTIAL_ID": "cred_123", "SCOUT_PRIVATE_KEY_FILE": "files/first.key"}
    for name, variables in {
        "with a key and a credential id": org,
        "with the kid too": org | {"SCOUT_KID": kid},
        "with an empty kid": org | {"SCOUT_KID": ""},
        "with white space around the kid": org | {"SCOUT_KID": f" {kid}\n"},
        "with white space around the credential id": org | {"SCOUT_CREDENTIAL_ID": " cred_123\r\n"},
        "with quotes around the kid": org | {"SCOUT_KID": f"'{kid}'"},
        "with quotes around the credential id": org | {"SCOUT_CREDENTIAL_ID": '"cred_123" '},
        "with a PEM": org | {"SCOUT_PRIVATE_KEY": pem},
        "with a PEM with escaped line breaks": org | {"SCOUT_PRIVATE_KEY": pem.replace("\n", "\\n")},
        "with a JWK": org | {"SCOUT_PRIVATE_KEY": first.jwk()},
        "with a key in quotes": org | {"SCOUT_PRIVATE_KEY": f'"{text}"'},
        "with a line end behind the key": org | {"SCOUT_PRIVATE_KEY": text + "\n"},
        "with a key file": from_file,
        "with a key file of PEM": from_file | {"SCOUT_PRIVATE_KEY_FILE": "files/first.pem"},
        "with a key file of DER": from_file | {"SCOUT_PRIVATE_KEY_FILE": "files/first.der"},
        "with a key and an empty file variable": org | {"SCOUT_PRIVATE_KEY_FILE": ""},
        "with a key file and an empty key variable": from_file | {"SCOUT_PRIVATE_KEY": ""},
        "with an org credential and a legacy key": org | {"SCOUT_API_KEY": LEGACY},
        "with variables that are not ours": org | {"SCOUT_LIFETIME": "1", "SCOUT_PRIVATE_KEYS": "x"},
    }.items():
        both(cases, name, variables, signer)
    for name, variables, error, mentions in [
        ("with nothing", {}, "ERR_VARIABLE_MISSING", "SCOUT_PRIVATE_KEY"),
        ("with empty variables", dict.fromkeys(org, ""), "ERR_VARIABLE_MISSING", ""),
        ("with a credential id alone", without(org, "SCOUT_PRIVATE_KEY"), "ERR_VARIABLE_MISSING", "SCOUT_PRIVATE_KEY"),
        ("with a key alone", without(org, "SCOUT_CREDENTIAL_ID"), "ERR_VARIABLE_MISSING", "SCOUT_CREDENTIAL_ID"),
        (
            "with an empty credential id",
            org | {"SCOUT_CREDENTIAL_ID": ""},
            "ERR_VARIABLE_MISSING",
            "SCOUT_CREDENTIAL_ID",
        ),
        (
            "with a key file alone",
            without(from_file, "SCOUT_CREDENTIAL_ID"),
            "ERR_VARIABLE_MISSING",
            "SCOUT_CREDENTIAL_ID",
        ),
        ("with a key and a key file", org | from_file, "ERR_VARIABLE_CONFLICT", ""),
        ("with the kid of another key", org | {"SCOUT_KID": keys["second"].kid}, "ERR_KID_MISMATCH", ""),
        ("with a kid that is none", org | {"SCOUT_KID": "kid"}, "ERR_KID_MALFORMED", ""),
        ("with the kid for a credential id", org | {"SCOUT_CREDENTIAL_ID": kid}, "ERR_CREDENTIAL_ID_IS_KID", ""),
        (
            "with credential id and kid swapped",
            org | {"SCOUT_CREDENTIAL_ID": kid, "SCOUT_KID": "cred_123"},
            "ERR_CREDENTIAL_ID_IS_KID",
            "",
        ),
        ("with the path for a key", org | {"SCOUT_PRIVATE_KEY": "files/first.pem"}, "ERR_KEY_IS_PATH", ""),
        ("with a placeholder for a key", org | {"SCOUT_PRIVATE_KEY": "<your key>"}, "ERR_KEY_IS_PLACEHOLDER", ""),
        ("with a reference for a key", org | {"SCOUT_PRIVATE_KEY": "op://vault/scout/key"}, "ERR_KEY_IS_REFERENCE", ""),
        ("with a masked copy of the key", org | {"SCOUT_PRIVATE_KEY": "••••••••"}, "ERR_KEY_IS_MASKED", ""),
        ("with a key for the path", from_file | {"SCOUT_PRIVATE_KEY_FILE": text}, "ERR_KEY_FILE_IS_KEY", ""),
        ("with a PEM for the path", from_file | {"SCOUT_PRIVATE_KEY_FILE": pem}, "ERR_KEY_FILE_IS_KEY", ""),
        (
            "with a part of a key for the path",
            from_file | {"SCOUT_PRIVATE_KEY_FILE": text[:200]},
            "ERR_KEY_FILE_IS_KEY",
            "",
        ),
        ("with white space for a credential id", org | {"SCOUT_CREDENTIAL_ID": "  "}, "ERR_CREDENTIAL_ID", ""),
        ("with a space in the credential id", org | {"SCOUT_CREDENTIAL_ID": "cred 123"}, "ERR_CREDENTIAL_ID", ""),
        ("with the public key", org | {"SCOUT_PRIVATE_KEY": base64url(first.spki)}, "ERR_KEY_IS_PUBLIC", ""),
        ("with half a key", org | {"SCOUT_PRIVATE_KEY": text[:800]}, "ERR_KEY_TRUNCATED", ""),
        ("with a legacy key for the key", org | {"SCOUT_PRIVATE_KEY": LEGACY}, "ERR_KEY_IS_LEGACY", ""),
        (
            "with a file that is not there",
            from_file | {"SCOUT_PRIVATE_KEY_FILE": "files/none"},
            "ERR_KEY_FILE",
            "No such file or directory",
        ),
        ("with a folder for a file", from_file | {"SCOUT_PRIVATE_KEY_FILE": "files"}, "ERR_KEY_FILE", ""),
        ("with an empty file", from_file | {"SCOUT_PRIVATE_KEY_FILE": "files/empty"}, "ERR_KEY_EMPTY", ""),
        ("with a public key file", from_file | {"SCOUT_PRIVATE_KEY_FILE": "files/public.pem"}, "ERR_KEY_IS_PUBLIC", ""),
        (
            "with an encrypted key file",
            from_file | {"SCOUT_PRIVATE_KEY_FILE": "files/encrypted.pem"},
            "ERR_KEY_IS_ENCRYPTED",
            "",
        ),
        ("with a kid alone", {"SCOUT_KID": kid}, "ERR_VARIABLE_MISSING", "SCOUT_PRIVATE_KEY"),
    ]:
        both(cases, name, variables, {"error": error} | ({"mentions": mentions} if mentions else {}))
    sources(cases, keys)
    commands(cases, keys)
    conflicts(cases, keys)
    private_api_keys(cases, keys)
    no_text(cases, org, from_file)
    unused = {"variables": org, "base64_variables": {"SCOUT_API_KEY": base64std(b"no text: \xff")}}
    cases.add("a credential with an org credential and a legacy key that is no text", "from_env", unused, signer)
    api_key_environments(cases, org, base64url(first.spki))
    return cases


FILE, COMMAND = "SCOUT_CREDENTIAL_FILE", "SCOUT_CREDENTIAL_COMMAND"


def sources(cases: Group, keys: dict[str, Key]) -> None:
    kid = keys["first"].kid
    signer = {"credential_id": "cred_123", "kid": kid}
    without_id = {FILE: "files/credential-without-id.json"}
    for name, variables in {
        "with a credential file": {FILE: "files/credential.json"},
        "with a credential file of lines": {FILE: "files/secret.env"},
        "with a credential folder": {FILE: "files/credential"},
        "with a credential folder with a slash": {FILE: "files/credential/"},
        "with a credential file and the same id": {FILE: "files/credential.json", "SCOUT_CREDENTIAL_ID": "cred_123"},
        "with a credential file and the same kid": {FILE: "files/credential.json", "SCOUT_KID": kid},
        "with a credential file and empty variables": {FILE: "files/secret.env"}
        | dict.fromkeys(
            ("SCOUT_PRIVATE_KEY", "SCOUT_CREDENTIAL_ID", "SCOUT_KID", "SCOUT_PRIVATE_KEY_FILE", COMMAND), ""
        ),
        "with a credential file without an id and an id": without_id | {"SCOUT_CREDENTIAL_ID": "cred_123"},
        "with a bare key for a credential file and an id": {FILE: "files/first.pem", "SCOUT_CREDENTIAL_ID": "cred_123"},
        "with a credential file without a kid and a kid": without_id
        | {"SCOUT_CREDENTIAL_ID": "cred_123", "SCOUT_KID": kid},
        "with a credential file and a legacy key": {FILE: "files/credential.json", "SCOUT_API_KEY": LEGACY},
    }.items():
        both(cases, name, variables, signer)
    for name, variables, error, mentions in [
        ("with a credential file without an id", without_id, "ERR_CREDENTIAL_INCOMPLETE", "credential_id"),
        ("with a bare key for a credential file", {FILE: "files/first.pem"}, "ERR_CREDENTIAL_INCOMPLETE", ""),
        (
            "with a credential file that is not there",
            {FILE: "files/none"},
            "ERR_CREDENTIAL_UNREADABLE",
            "No such file or directory",
        ),
        ("with a folder without a key", {FILE: "files"}, "ERR_CREDENTIAL_INCOMPLETE", "private_key"),
        ("with an empty credential file", {FILE: "files/empty"}, "ERR_KEY_EMPTY", ""),
        ("with a public key for a credential file", {FILE: "files/public.pem"}, "ERR_KEY_IS_PUBLIC", ""),
        (
            "with a credential file without a kid and the kid of another key",
            without_id | {"SCOUT_CREDENTIAL_ID": "cred_123", "SCOUT_KID": keys["second"].kid},
            "ERR_KID_MISMATCH",
            "",
        ),
        (
            "with a credential file without an id and a wrong id",
            without_id | {"SCOUT_CREDENTIAL_ID": "cred 123"},
            "ERR_CREDENTIAL_ID",
            "",
        ),
    ]:
        both(cases, name, variables, {"error": error} | ({"mentions": mentions} if mentions else {}))


def commands(cases: Group, keys: dict[str, Key]) -> None:
    signer = {"credential_id": "cred_123", "kid": keys["first"].kid}
    for name, words in {
        "that prints JSON": ["cat", "files/credential.json"],
        "that prints lines": ["cat", "files/secret.env"],
        "that prints a file behind another": ["cat", "files/empty", "files/credential.json"],
        "by its path": ["/bin/cat", "files/credential.json"],
        "with an empty argument": ["sh", "-c", "cat files/credential.json", ""],
    }.items():
        both(cases, f"with a command {name}", {COMMAND: compact(words)}, signer)
    spaced = {COMMAND: ' [ "cat" ,\n "files/credential.json" ] '}
    both(cases, "with a command with white space", spaced, signer)
    bare = {COMMAND: '["cat","files/first.key"]', "SCOUT_CREDENTIAL_ID": "cred_123"}
    both(cases, "with a command that prints a key and an id", bare, signer)
    failed, arguments = "ERR_COMMAND_FAILED", "ERR_COMMAND_ARGUMENTS"
    for name, command, error, mentions in [
        ("that is not JSON", "cat files/credential.json", arguments, ""),
        ("that is text", '"cat"', arguments, ""),
        ("that is an object", '{"command":"cat"}', arguments, ""),
        ("with a number", '["cat",1]', arguments, ""),
        ("without words", "[]", arguments, ""),
        ("that is cut short", '["cat"', arguments, ""),
        ("that is not there", '["/no/such/program"]', "ERR_COMMAND_START", "No such file or directory"),
        ("that may not run", '["files/credential.json"]', "ERR_COMMAND_START", "Permission denied"),
        ("that fails", '["false"]', failed, "exit status 1"),
        ("that prints a credential and fails", '["sh","-c","cat files/credential.json; exit 3"]', failed, "3"),
        ("that a signal ends", '["sh","-c","kill -9 $$"]', failed, "signal"),
        ("that prints too much", '["yes"]', "ERR_COMMAND_OUTPUT", ""),
        ("that prints nothing", '["true"]', "ERR_KEY_EMPTY", ""),
        ("that waits for input", '["cat"]', "ERR_KEY_EMPTY", ""),
        ("that prints a key alone", '["cat","files/first.key"]', "ERR_CREDENTIAL_INCOMPLETE", "credential_id"),
        ("that prints a public key", '["cat","files/public.pem"]', "ERR_KEY_IS_PUBLIC", ""),
        ("whose shell is not there", '["cat files/credential.json"]', "ERR_COMMAND_START", ""),
    ]:
        both(
            cases,
            f"with a command {name}",
            {COMMAND: command},
            {"error": error} | ({"mentions": mentions} if mentions else {}),
        )
    # Once, because it takes ten seconds.
    hangs = {"variables": {COMMAND: '["sleep","60"]'}}
    cases.refuse("a signer with a command that does not end", "signer_from_env", hangs, "ERR_COMMAND_TIMEOUT")


def conflicts(cases: Group, keys: dict[str, Key]) -> None:
    """Two variables that say where the credential is, or that contradict what it holds."""
    places = {
        "SCOUT_PRIVATE_KEY": base64url(keys["first"].der),
        "SCOUT_PRIVATE_KEY_FILE": "files/first.key",
        FILE: "files/credential.json",
        COMMAND: '["cat","files/credential.json"]',
    }
    conflict = "ERR_VARIABLE_CONFLICT"
    for (first, one), (second, other) in itertools.combinations(places.items(), 2):
        variables = {first: one, second: other, "SCOUT_CREDENTIAL_ID": "cred_123"}
        for mentions in (first, second):
            expect = {"error": conflict, "mentions": mentions}
            both(cases, f"with {first} and {second}, and {mentions} in the text", variables, expect)
    for source in (FILE, COMMAND):
        for name, value, words in [
            ("SCOUT_CREDENTIAL_ID", "cred_9", "another id"),
            ("SCOUT_KID", keys["second"].kid, "another kid"),
        ]:
            variables = {source: places[source], name: value}
            both(cases, f"with {source} and {words}", variables, {"error": conflict, "mentions": name})


def private_api_keys(cases: Group, keys: dict[str, Key]) -> None:
    """Scout's guides put a private key into the variable of the SDKs."""
    first = keys["first"]
    text, signer = base64url(first.der), {"credential_id": "cred_123", "kid": first.kid}
    alone = {"SCOUT_API_KEY": text}
    with_id = alone | {"SCOUT_CREDENTIAL_ID": "cred_123"}
    missing, mentions = "ERR_VARIABLE_MISSING", "SCOUT_PRIVATE_KEY"
    for name, variables in {
        "a private key in SCOUT_API_KEY and an id": with_id,
        "a private key in SCOUT_API_KEY, an id and the kid": with_id | {"SCOUT_KID": first.kid},
        "a private key in PEM in SCOUT_API_KEY and an id": with_id | {"SCOUT_API_KEY": first.pem.decode()},
        "a private key in quotes in SCOUT_API_KEY and an id": with_id | {"SCOUT_API_KEY": f'"{text}"'},
    }.items():
        both(cases, f"with {name}", variables, signer)
    other = with_id | {"SCOUT_KID": keys["second"].kid}
    both(cases, "with a private key in SCOUT_API_KEY and another kid", other, {"error": "ERR_KID_MISMATCH"})
    half = with_id | {"SCOUT_API_KEY": text[:800]}
    both(cases, "with half a private key in SCOUT_API_KEY and an id", half, {"error": missing, "mentions": mentions})
    sent = {"authorization": f"Bearer {text}"}
    cases.add("a credential with a private key in SCOUT_API_KEY alone", "from_env", {"variables": alone}, sent)
    given = {"variables": alone}
    cases.refuse("a signer with a private key in SCOUT_API_KEY alone", "signer_from_env", given, missing, mentions)


def no_text(cases: Group, org: dict[str, str], from_file: dict[str, str]) -> None:
    """Variables of bytes that are no UTF-8: only a path may be of such."""
    not_text, signer, credential = ("ERR_VARIABLE_NOT_TEXT", ("signer", "signer_from_env"), ("credential", "from_env"))
    for name, others, error, mentions, calls in [
        ("SCOUT_PRIVATE_KEY", org, not_text, "SCOUT_PRIVATE_KEY", (signer, credential)),
        ("SCOUT_CREDENTIAL_ID", org, not_text, "SCOUT_CREDENTIAL_ID", (signer, credential)),
        ("SCOUT_KID", org, not_text, "SCOUT_KID", (signer, credential)),
        ("SCOUT_PRIVATE_KEY_FILE", from_file, "ERR_KEY_FILE", "", (signer, credential)),
        ("SCOUT_API_KEY", {}, not_text, "SCOUT_API_KEY", (credential,)),
    ]:
        given = {"variables": without(others, name), "base64_variables": {name: base64std(b"no text: \xff")}}
        for kind, call in calls:
            cases.refuse(f"a {kind} with bytes that are no text in {name}", call, given, error, mentions)


def without(variables: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in variables.items() if key != name}


def both(cases: Group, name: str, variables: dict[str, str], expect: dict[str, object]) -> None:
    """The same of the signer's from_env, and of the one that takes legacy keys too."""
    cases.add(f"a signer {name}", "signer_from_env", {"variables": variables}, expect)
    cases.add(f"a credential {name}", "from_env", {"variables": variables}, expect)


def stand_ins(public_key: str) -> dict[tuple[str, str], str]:
    """What can be no API key, with the name of the error. A JWT may be one: the form of legacy keys is not known."""
    return {
        ("a public key", "ERR_KEY_IS_PUBLIC"): public_key,
        ("asterisks", "ERR_KEY_IS_MASKED"): "************",
        ("bullets", "ERR_KEY_IS_MASKED"): "••••••••",
        ("a masked copy", "ERR_KEY_IS_MASKED"): "scout_abc...xyz",
        ("a placeholder", "ERR_KEY_IS_PLACEHOLDER"): "your-api-key-here",
        ("an enclosed placeholder", "ERR_KEY_IS_PLACEHOLDER"): "<YOUR_API_KEY>",
        ("a reference", "ERR_KEY_IS_REFERENCE"): "op://vault/scout/api-key",
        ("a URL", "ERR_KEY_IS_REFERENCE"): "https://secrets.example/scout",
    }


def api_key_environments(cases: Group, org: dict[str, str], public_key: str) -> None:
    legacy = {"SCOUT_API_KEY": LEGACY}
    for name, variables in {
        "a credential with a legacy key": legacy,
        "a credential with a line end behind the legacy key": {"SCOUT_API_KEY": LEGACY + "\n"},
        "a credential with quotes around the legacy key": {"SCOUT_API_KEY": f'"{LEGACY}"'},
        "a credential with a legacy key and empty variables": legacy | dict.fromkeys(org, ""),
    }.items():
        cases.add(name, "from_env", {"variables": variables}, {"authorization": f"Bearer {LEGACY}"})
    missing = "ERR_VARIABLE_MISSING"
    cases.refuse("a signer with a legacy key", "signer_from_env", {"variables": legacy}, missing, "SCOUT_PRIVATE_KEY")
    for (name, error), text in stand_ins(public_key).items():
        given = {"variables": {"SCOUT_API_KEY": text}}
        cases.refuse(f"a credential with {name} for a legacy key", "from_env", given, error)
    for name, variables, error in [
        ("a credential with a space in the legacy key", {"SCOUT_API_KEY": "two words"}, API_KEY),
        ("a credential with white space for a legacy key", {"SCOUT_API_KEY": "  "}, API_KEY),
        (
            "a credential with half an org credential and a legacy key",
            legacy | {"SCOUT_CREDENTIAL_ID": "cred_123"},
            missing,
        ),
    ]:
        cases.refuse(name, "from_env", {"variables": variables}, error)


def api_key_group(keys: dict[str, Key], strangers: Strangers) -> Group:
    cases = Group("API key or raw private key to the header's value, or to the name of the error")
    first = keys["first"]
    text = base64url(first.der)
    for name, key in {
        "of letters": LEGACY,
        "of one character": "x",
        "of signs": '~+/=!"\\{}',
        "that looks like a token": "eyJhbGciOiJub25lIn0.e30.",
    }.items():
        cases.add(f"an API key {name}", "api_key", {"text": key}, {"authorization": f"Bearer {key}"})
    for name, key in {
        "that is empty": "",
        "with a space inside": "two words",
        "with a space behind": LEGACY + " ",
        "with a line end": LEGACY + "\n",
        "with another header behind": LEGACY + "\r\nX-Other: 1",
        "that is not ASCII": "clé",
        "with a byte order mark": "\ufeff" + LEGACY,
        "of control characters": "\x01\x02",
        "with a delete character": LEGACY + "\x7f",
    }.items():
        cases.refuse(f"an API key {name}", "api_key", {"text": key}, API_KEY)
    for (name, error), key in stand_ins(base64url(first.spki)).items():
        cases.refuse(f"{name} for an API key", "api_key", {"text": key}, error)
    public = {"public key in PEM": first.public_pem, "public key as JWK": first.public_jwk()}
    for name, key in public.items():
        cases.refuse(f"a {name} for an API key", "api_key", {"text": key}, "ERR_KEY_IS_PUBLIC")
    cases.add("a private key for an API key", "api_key", {"text": text}, {"authorization": f"Bearer {text}"})
    for name, key in {
        "as Scout issues it": text,
        "with spaces around": f" {text}\n",
        "in PEM": first.pem.decode(),
        "in quotes": f'"{text}"',
        "as JWK": first.jwk(),
    }.items():
        cases.add(f"a raw private key {name}", "raw_key", {"text": key}, {"authorization": f"Bearer {text}"})
    for name, key, error in [
        ("that is public", base64url(first.spki), "ERR_KEY_IS_PUBLIC"),
        ("that is cut short", text[:-10], "ERR_KEY_TRUNCATED"),
        ("that is a legacy key", LEGACY, "ERR_KEY_IS_LEGACY"),
        ("that is empty", "", "ERR_KEY_EMPTY"),
        ("that is an EC key", strangers.ec.decode(), "ERR_KEY_ALGORITHM"),
    ]:
        cases.refuse(f"a raw private key {name}", "raw_key", {"text": key}, error)
    return cases


def signer_group(keys: dict[str, Key]) -> Group:
    cases = Group("settings of a signer to its credential id and kid, or to the name of the error")
    kid = keys["first"].kid
    base = {"key": "first", "credential_id": "cred_123"}
    signer = {"credential_id": "cred_123", "kid": kid}
    for name, settings in {
        "with nothing set": {},
        "with its kid": {"kid": kid},
        "with a lifetime of 1 s": {"lifetime": 1},
        "with a lifetime of 300 s": {"lifetime": 300},
        "with a refresh margin of 0": {"refresh_margin": 0},
        "with the largest refresh margin": {"refresh_margin": 299},
        "with the largest backdate": {"backdate": 299},
        "with a backdate and the margin that it leaves": {"backdate": 100, "refresh_margin": 199},
        "with all times set": {"lifetime": 60, "refresh_margin": 10, "backdate": 5},
        "with an allowed origin": {"allowed_origins": ["https://api.scoutos.com"]},
        "with allowed origins": {"allowed_origins": ["https://api.scoutos.com:8443", "http://localhost:8000"]},
        "with no origin allowed": {"allowed_origins": []},
    }.items():
        cases.add(f"a signer {name}", "signer", base | settings, signer)
    cases.add("a signer by a clock of the first second of 2020", "signer", base | {"clock": EARLIEST}, signer)
    for name, settings, error in [
        ("by a clock before 2020", {"clock": EARLIEST - 1}, "ERR_CLOCK"),
        ("by a clock that was never set", {"clock": 0}, "ERR_CLOCK"),
        ("for no credential id", {"credential_id": ""}, "ERR_CREDENTIAL_ID"),
        ("for a credential id with a line end", {"credential_id": "cred_123\n"}, "ERR_CREDENTIAL_ID"),
        ("for a credential id of 256 characters", {"credential_id": "x" * 256}, "ERR_CREDENTIAL_ID"),
        ("with the kid of another key", {"kid": keys["second"].kid}, "ERR_KID_MISMATCH"),
        ("with a kid that is none", {"kid": "kid"}, "ERR_KID_MALFORMED"),
        ("with a lifetime of 0", {"lifetime": 0}, "ERR_LIFETIME"),
        ("with a lifetime of 301 s", {"lifetime": 301}, "ERR_LIFETIME"),
        ("with a refresh margin of the lifetime", {"refresh_margin": 300}, "ERR_REFRESH_MARGIN"),
        ("with a refresh margin above a short lifetime", {"lifetime": 20, "refresh_margin": 20}, "ERR_REFRESH_MARGIN"),
        (
            "with a margin that the backdate does not leave",
            {"backdate": 100, "refresh_margin": 200},
            "ERR_REFRESH_MARGIN",
        ),
        ("with a backdate of the lifetime", {"backdate": 300}, "ERR_BACKDATE"),
        ("with a backdate above a short lifetime", {"lifetime": 10, "backdate": 11}, "ERR_BACKDATE"),
        ("with an origin without scheme", {"allowed_origins": ["api.scoutos.com"]}, ORIGIN),
        ("with an origin over http", {"allowed_origins": ["http://api.scoutos.com"]}, ORIGIN),
        ("with an origin with a path", {"allowed_origins": ["https://api.scoutos.com/v2"]}, ORIGIN),
        ("with an origin with a slash", {"allowed_origins": ["https://api.scoutos.com/"]}, ORIGIN),
        ("with an origin with a user name", {"allowed_origins": ["https://user@api.scoutos.com"]}, ORIGIN),
        ("with a star for an origin", {"allowed_origins": ["*"]}, ORIGIN),
        ("with a star in an origin", {"allowed_origins": ["https://*.scoutos.com"]}, ORIGIN),
        ("with a wrong origin behind a right one", {"allowed_origins": ["https://api.scoutos.com", ""]}, ORIGIN),
    ]:
        cases.refuse(f"a signer {name}", "signer", base | settings, error)
    return cases


def url_group() -> Group:
    cases = Group("URL and allowed origins to whether the credential may be sent there")
    only = ["https://api.scoutos.com", "https://Scout.example:8443"]
    for url in [
        "https://api.scoutos.com/v2/workflows",
        "https://api.scoutos.com",
        "HTTPS://API.scoutos.com/",
        "https://api.scoutos.com:8443/?x=@y",
        "https://api.scoutos.com?next=http://evil.example/",
        "https://api.scoutos.com#x",
        "https://192.0.2.1/",
        "https://[2001:db8::1]:443/",
        "https://api.scoutos.com/a@b",
        "http://localhost:8000/",
        "http://LocalHost",
        "http://127.0.0.1/",
        "http://127.9.9.9:80",
        "http://[::1]:3000/x",
    ]:
        allow(cases, url)
    for url in ["https://API.scoutos.com:443/v2", "https://scout.example:8443/", "http://localhost/", "https://[::1]/"]:
        allow(cases, url, only)
    allow(cases, "http://127.0.0.1:9/", [])
    for url in [
        "http://api.scoutos.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://128.0.0.1/",
        "http://[::2]/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://localhost.evil.example:80/",
    ]:
        refuse(cases, url, INSECURE)
    for url in [
        "",
        "api.scoutos.com",
        "//api.scoutos.com",
        "/v2/workflows",
        "ftp://api.scoutos.com",
        "file:///etc/passwd",
        "https:/api.scoutos.com",
        "https://",
        "https:///path",
        "https://user@api.scoutos.com/",
        "https://user:secret@api.scoutos.com/",
        "http://localhost@evil.example/",
        "https://evil.example\\@api.scoutos.com/",
        "https://api.scoutos.com\\.evil.example/",
        "https://api.scoutos.com%2eevil.example/",
        "https://api scoutos.com/",
        " https://api.scoutos.com/",
        "https://api.scoutos.com\n.evil.example/",
        "https://api.scoutos.com:/",
        "https://api.scoutos.com:99999/",
        "https://api.scoutos.com:4 3/",
        "https://api.scoutos.com:+443/",
        "https://bücher.example/",
        "https://[::1/",
        "http://[::1]evil.example:80/",
        "https://[::1]evil.example/",
        "http://[127.0.0.1]/",
        "javascript://localhost/",
    ]:
        refuse(cases, url, URL)
    for url in [
        "https://scout.example/",
        "https://api.scoutos.com.evil.example/",
        "https://api.scoutos.com:444/",
        "https://evil.example/?https://api.scoutos.com",
    ]:
        refuse(cases, url, NOT_ALLOWED, only)
    refuse(cases, "https://api.scoutos.com/", NOT_ALLOWED, [])
    refuse(cases, "http://api.scoutos.com/", INSECURE, only)
    return cases


def allow(cases: Group, url: str, only: list[str] | None = None) -> None:
    cases.add(f"the URL {url!r}{listed(only)}", "send", send(url, only), {"authorization": f"Bearer {LEGACY}"})


def refuse(cases: Group, url: str, error: str, only: list[str] | None = None) -> None:
    cases.refuse(f"the URL {url!r}{listed(only)}", "send", send(url, only), error)


def send(url: str, only: list[str] | None) -> dict[str, object]:
    given: dict[str, object] = {"text": LEGACY, "url": url}
    return given if only is None else given | {"allowed_origins": only}


def listed(only: list[str] | None) -> str:
    return "" if only is None else f" with {len(only)} origins allowed"
