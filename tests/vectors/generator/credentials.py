"""Credential files: each form, what is mended, what is refused (docs/credentials.md)."""

import json
from collections.abc import Iterator

from . import der
from .group import Group, key_text
from .keys import of_primes
from .material import Key, Strangers, armour, base64std, base64url, compact, wrapped
from .tokens import NOW, minted

CALL = "signer_from_file"
FORMAT, INCOMPLETE, TOO_LONG, UNREADABLE = (
    "ERR_CREDENTIAL_FORMAT",
    "ERR_CREDENTIAL_INCOMPLETE",
    "ERR_CREDENTIAL_TOO_LONG",
    "ERR_CREDENTIAL_UNREADABLE",
)
CREDENTIAL_ID, ID_IS_KID = "ERR_CREDENTIAL_ID", "ERR_CREDENTIAL_ID_IS_KID"
KID_MALFORMED, KID_MISMATCH = "ERR_KID_MALFORMED", "ERR_KID_MISMATCH"
EMPTY = "ERR_KEY_EMPTY"
ID = "cred_123"
LEGACY = "scout_legacy_0123456789"
MAX = 64 * 1024

Members = dict[str, object]


class Files(Group):
    """Cases of one kind: a file or a folder, and the credential in it."""

    def __init__(self, keys: dict[str, Key]) -> None:
        super().__init__("credential file or folder to the signer's credential id, kid and key, or to the error's name")
        self.keys = keys
        self.key = keys["first"]
        self.text = base64url(self.key.der)
        self.pem = self.key.pem.decode()

    def read(self, name: str, given: Members, key: str = "first", credential_id: str = ID) -> None:
        self.add(name, CALL, given, signer(self.keys[key], credential_id))

    def refused(self, name: str, given: Members, error: str, mentions: str = "") -> None:
        self.refuse(name, CALL, given, error, mentions)

    def scout(self, **changes: object) -> Members:
        """The JSON of Scout's guides."""
        members = {"private_key": self.text, "credential_id": ID, "kid": self.key.kid} | changes
        return {name: value for name, value in members.items() if value is not None}

    def answer(self, key: Key | None = None, **changes: object) -> Members:
        """The answer of Scout's API, with the fields of its SDKs' types."""
        key = key or self.key
        credential = {
            "id": ID,
            "doc_type": "organization_credential",
            "kid": key.kid,
            "public_key": base64url(key.spki),
            "name": "prod-api-server",
            "status": "enabled",
            "roles": ["member"],
            "parent": "org_1",
            "is_seed": False,
        }
        return {"credential": credential | changes, "private_key": base64url(key.der)}


def signer(key: Key, credential_id: str = ID) -> Members:
    return {"credential_id": credential_id, "kid": key.kid, "jwk": key.public_jwk()}


def file(content: str | bytes | Members) -> Members:
    return key_text(compact(content) if isinstance(content, dict) else content)


def raw_json(members: Members) -> str:
    """JSON as programs write it that escape what they must."""
    return json.dumps(members, ensure_ascii=False)


def env(*lines: str, end: str = "\n") -> Members:
    return file("".join(line + end for line in lines))


def env_of(key: str, *others: str) -> Members:
    return env(f"SCOUT_PRIVATE_KEY={key}", f"SCOUT_CREDENTIAL_ID={ID}", *others)


def folder(**fields: str) -> Members:
    return {"folder": fields}


def credential_group(keys: dict[str, Key], strangers: Strangers) -> Group:
    cases = Files(keys)
    json_files(cases)
    variables(cases)
    answers(cases)
    env_files(cases)
    folders(cases)
    tokens(cases)
    settings(cases)
    bare_keys(cases)
    incomplete(cases)
    wrong_kids(cases)
    wrong_ids(cases)
    mistaken_keys(cases, strangers)
    broken_json(cases)
    broken_env(cases)
    broken_folders(cases)
    sizes(cases)
    return cases


def json_files(cases: Files) -> None:
    key, scout = cases.key, cases.scout()
    for name in cases.keys:
        of = cases.keys[name]
        cases.read(
            f"JSON of {name}",
            file({"private_key": base64url(of.der), "credential_id": "cred_9", "kid": of.kid}),
            name,
            "cred_9",
        )
    for name, content in {
        "without a kid": cases.scout(kid=None),
        "with an empty kid": cases.scout(kid=""),
        "in another order": dict(reversed(scout.items())),
        "with other members": {"name": "prod", "roles": ["member"], "deep": {"a": [1, None]}} | scout | {"x": True},
        "with other members of null": scout | {"name": None, "expires_at": None},
        "with letters outside of ASCII in other members": raw_json(scout | {"name": "Zoë 漢字 \U0001f511"}),
        "with escapes in other members": scout | {"name": "Zoë\n"},
        "with indentation": json.dumps(scout, indent=2),
        "with CRLF": json.dumps(scout, indent=2).replace("\n", "\r\n"),
        "with a line end behind": compact(scout) + "\n",
        "with a byte order mark": "\ufeff" + compact(scout),
        "with white space around": f"\n\t {compact(scout)} \r\n",
        "with a key in PEM": cases.scout(private_key=cases.pem),
        "with a key in PEM with CRLF": cases.scout(private_key=cases.pem.replace("\n", "\r\n")),
        "with a key in PEM, escaped twice": cases.scout(private_key=cases.pem.replace("\n", "\\n")),
        "with a key in PEM of PKCS#1": cases.scout(private_key=armour("RSA PRIVATE KEY", key.pkcs1)),
        "with a key in standard base64": cases.scout(private_key=base64std(key.der)),
        "with a key in standard base64 and escaped slashes": compact(
            cases.scout(private_key=base64std(key.der))
        ).replace("/", "\\/"),
        "with a key in standard base64 and escaped padding": compact(
            cases.scout(private_key=base64std(key.der))
        ).replace("=", "\\u003d"),
        "with a key in base64url in lines": cases.scout(private_key=wrapped(cases.text)),
        "with a line end behind the key": cases.scout(private_key=cases.text + "\n"),
        "with a JWK": with_jwk(json.loads(key.jwk())),
        "with a JWK and a kid": with_jwk(json.loads(key.jwk())) | {"kid": key.kid},
        "with a JWK of numbers alone": with_jwk(key.jwk_members()),
        "with a JWK of another kid": with_jwk(key.jwk_members() | {"kid": "prod-api-server"}),
        "with a JWK that is indented": json.dumps(with_jwk(json.loads(key.jwk())), indent=2),
    }.items():
        cases.read(f"JSON {name}", file(content))


def with_jwk(jwk: object) -> Members:
    return {"jwk": jwk, "credential_id": ID}


def variables(cases: Files) -> None:
    """JSON as secret managers print it: the variables of the program are its members."""
    text, kid = cases.text, cases.key.kid
    secrets: Members = {"SCOUT_PRIVATE_KEY": text, "SCOUT_CREDENTIAL_ID": ID, "SCOUT_KID": kid}
    doppler = {"DOPPLER_CONFIG": "prd", "DOPPLER_ENVIRONMENT": "prd", "DOPPLER_PROJECT": "app"}
    for name, content in {
        "as Doppler prints it": json.dumps(doppler | secrets | {"URL": "https://x.example/?a=b"}),
        "with indentation": json.dumps(dict(reversed(secrets.items())), indent=2),
        "without a kid": without(secrets, "SCOUT_KID"),
        "with an empty kid": secrets | {"SCOUT_KID": ""},
        "with a key in PEM": secrets | {"SCOUT_PRIVATE_KEY": cases.pem},
        "with a key in PEM, escaped twice": secrets | {"SCOUT_PRIVATE_KEY": cases.pem.replace("\n", "\\n")},
        "with the text of a JWK for the key": raw_json(secrets | {"SCOUT_PRIVATE_KEY": cases.key.jwk()}),
        "with a legacy key beside": secrets | {"SCOUT_API_KEY": LEGACY},
        "with the id as a member of Scout's": without(secrets, "SCOUT_CREDENTIAL_ID") | {"credential_id": ID},
        "with the key as a member of Scout's": without(secrets, "SCOUT_PRIVATE_KEY") | {"private_key": text},
        "with a JWK as a member of Scout's": without(secrets, "SCOUT_PRIVATE_KEY") | {"jwk": cases.key.jwk_members()},
    }.items():
        cases.read(f"JSON of variables {name}", file(content))
    for name, content in {
        "with the key under both names": secrets | {"private_key": text},
        "with the id under both names": secrets | {"credential_id": ID},
        "with the kid under both names": secrets | {"kid": kid},
        "with the key and a JWK": secrets | {"jwk": cases.key.jwk_members()},
        "with the id beside the API's answer": cases.answer() | {"SCOUT_CREDENTIAL_ID": ID},
        "with null for the id": secrets | {"SCOUT_CREDENTIAL_ID": None},
        "with a number for the kid": secrets | {"SCOUT_KID": 7},
        "with a name twice": compact(secrets).replace("{", f'{{"SCOUT_KID":"{kid}",'),
    }.items():
        cases.refused(f"JSON of variables {name}", file(content), FORMAT)
    cases.refused(
        "JSON of variables without a key", file(without(secrets, "SCOUT_PRIVATE_KEY")), INCOMPLETE, "private_key"
    )
    cases.refused(
        "JSON of variables without an id", file(without(secrets, "SCOUT_CREDENTIAL_ID")), INCOMPLETE, "credential_id"
    )
    other = cases.keys["second"].kid
    cases.refused("JSON of variables with the kid of another key", file(secrets | {"SCOUT_KID": other}), KID_MISMATCH)
    token = minted(cases.key, ID, NOW)
    cases.add(
        "a token of JSON of variables", CALL, file(secrets) | {"clock": NOW}, signer(cases.key) | {"token": token}
    )


def without(members: Members, name: str) -> Members:
    return {key: value for key, value in members.items() if key != name}


def answers(cases: Files) -> None:
    answer = cases.answer()
    cases.read("the API's answer", file(answer))
    cases.read("the API's answer for another key", file(cases.answer(cases.keys["third"])), "third")
    cases.read("the API's answer with indentation", file(json.dumps(answer, indent=2)))
    cases.read("the API's answer with the key first", file(dict(reversed(answer.items()))))
    cases.read(
        "the API's answer with id and kid alone", file(answer | {"credential": {"id": ID, "kid": cases.key.kid}})
    )
    cases.read("the API's answer without a kid", file(answer | {"credential": {"id": ID}}))
    cases.read("the API's answer with null for the name", file(cases.answer(name=None)))


def env_files(cases: Files) -> None:
    text, pem, kid = cases.text, cases.pem, cases.key.kid
    key, credential_id = f"SCOUT_PRIVATE_KEY={text}", f"SCOUT_CREDENTIAL_ID={ID}"
    certificate = f'CERTIFICATE="{armour("CERTIFICATE", b"no certificate")}"'
    for name, given in {
        "as keygen prints them": env(key, credential_id, f"SCOUT_KID={kid}"),
        "without a kid": env(key, credential_id),
        "with an empty kid": env("SCOUT_KID=", key, credential_id),
        "with an empty kid in quotes": env('SCOUT_KID=""', key, credential_id),
        "in another order": env(f"SCOUT_KID={kid}", credential_id, key),
        "without a line end behind the last": file(f"{key}\n{credential_id}"),
        "with CRLF": env(key, credential_id, f"SCOUT_KID={kid}", end="\r\n"),
        "with CRLF and quotes": env(f'SCOUT_PRIVATE_KEY="{text}"', f"SCOUT_CREDENTIAL_ID='{ID}'", end="\r\n"),
        "with a byte order mark": file(f"\ufeff{key}\n{credential_id}\n"),
        "with empty lines": env("", key, "", "  ", credential_id, ""),
        "with indentation": env(f"  {key}", f"\t{credential_id}"),
        "with spaces around the sign": env(f"SCOUT_PRIVATE_KEY = {text}", f"SCOUT_CREDENTIAL_ID\t=\t{ID} "),
        "in double quotes": env(f'SCOUT_PRIVATE_KEY="{text}"', f'SCOUT_CREDENTIAL_ID="{ID}"', f'SCOUT_KID="{kid}"'),
        "in single quotes": env(f"SCOUT_PRIVATE_KEY='{text}'", f"SCOUT_CREDENTIAL_ID='{ID}'", f"SCOUT_KID='{kid}'"),
        "with export": env(f"export {key}", f"export {credential_id}"),
        "with export and spaces": env(f"  export   {key}", f"export {credential_id}"),
        "with export and quotes": env(f'export SCOUT_PRIVATE_KEY="{text}"', f"export SCOUT_CREDENTIAL_ID='{ID}'"),
        "with comments": env("# prod-api-server", key, "  # its id", credential_id, "#"),
        "with comments that look like lines": env(
            "# SCOUT_PRIVATE_KEY=old", key, "#SCOUT_CREDENTIAL_ID=cred_9", credential_id
        ),
        "with comments behind values": env(f"{key} # prod", f"{credential_id}  # its id"),
        "with comments behind quotes": env(f'SCOUT_PRIVATE_KEY="{text}" # prod', f"SCOUT_CREDENTIAL_ID='{ID}' #"),
        "with other names": env("NODE_ENV=production", key, "DEBUG=", credential_id, "URL=https://x.example/?a=b"),
        "with another name twice": env("A=1", key, "A=2", credential_id),
        "with names that begin like ours": env("SCOUT_PRIVATE_KEYS=x", key, "SCOUT_CREDENTIAL_ID_OLD=y", credential_id),
        "with a legacy key beside": env(f"SCOUT_API_KEY={LEGACY}", key, credential_id),
        "with another value over several lines": env(certificate, key, credential_id),
        "with a PEM over several lines in double quotes": env_of(f'"{pem}"'),
        "with a PEM over several lines in single quotes": env_of(f"'{pem}'", f"SCOUT_KID={kid}"),
        "with a PEM over several lines with CRLF": file(
            f'SCOUT_PRIVATE_KEY="{pem}"\nSCOUT_CREDENTIAL_ID={ID}\n'.replace("\n", "\r\n")
        ),
        "with a PEM over several lines and export": env(f'export SCOUT_PRIVATE_KEY="{pem}"', credential_id),
        "with a PEM over several lines behind the id": env(credential_id, f'SCOUT_PRIVATE_KEY="{pem}"'),
        "with a PEM in one line": env_of(pem.replace("\n", "\\n")),
        "with a PEM in one line in quotes": env_of(f'"{pem}"'.replace("\n", "\\n")),
        "with a JWK": env_of(cases.key.jwk()),
        "with a JWK in single quotes": env_of(f"'{cases.key.jwk()}'"),
        "with a key in padded base64": env_of(base64std(cases.keys["first"].der)),
        "with a key in padded base64 in quotes": env_of(f'"{base64std(cases.key.der)}"'),
    }.items():
        cases.read(f".env lines {name}", given)
    cases.read(
        ".env lines with a number sign in the id", env(key, "SCOUT_CREDENTIAL_ID=cred#1"), credential_id="cred#1"
    )
    cases.read(
        ".env lines with an equals sign in the id", env(key, "SCOUT_CREDENTIAL_ID=cred=1"), credential_id="cred=1"
    )


def folders(cases: Files) -> None:
    text, pem, kid = cases.text, cases.pem, cases.key.kid
    fields = {"private_key": text, "credential_id": ID}
    for name, content in {
        "without a kid": fields,
        "with a kid": fields | {"kid": kid},
        "with an empty kid": fields | {"kid": "\n"},
        "with line ends": {"private_key": text + "\n", "credential_id": ID + "\n", "kid": kid + "\n"},
        "with CRLF": {"private_key": pem.replace("\n", "\r\n"), "credential_id": ID + "\r\n", "kid": kid + "\r\n"},
        "with byte order marks": {"private_key": "\ufeff" + text, "credential_id": "\ufeff" + ID},
        "with quotes": {"private_key": f'"{text}"', "credential_id": f"'{ID}'\n"},
        "with a key in PEM": fields | {"private_key": pem},
        "with a key in PEM of PKCS#1": fields | {"private_key": armour("RSA PRIVATE KEY", cases.key.pkcs1)},
        "with a JWK": fields | {"private_key": cases.key.jwk()},
        "named as variables": {"SCOUT_PRIVATE_KEY": text, "SCOUT_CREDENTIAL_ID": ID, "SCOUT_KID": kid},
        "named in both ways": {"SCOUT_PRIVATE_KEY": text, "credential_id": ID, "SCOUT_KID": kid},
        "with other files": fields | {"README": "prod", "ca.crt": "x", ".hidden": "y", "private_key.bak": "z"},
        "with a folder inside": fields | {"old/private_key": "x", "old/credential_id": "cred_9"},
    }.items():
        cases.read(f"a folder {name}", {"folder": content})
    volume = {f"..2026_11_25/{name}": content for name, content in fields.items()}
    links = {"..data": "..2026_11_25", "private_key": "..data/private_key", "credential_id": "..data/credential_id"}
    cases.read("a folder as Kubernetes mounts a secret", {"folder": volume, "links": links})
    older = {"..2026_11_24/private_key": base64url(cases.keys["second"].der), "..2026_11_24/credential_id": "cred_9"}
    cases.read("a folder with an older generation beside", {"folder": volume | older, "links": links})
    cases.read(
        "a link to a folder", {"folder": {f"x/{n}": c for n, c in fields.items()}, "links": {"y": "x"}, "path": "y"}
    )
    content = compact(cases.scout())
    cases.read(
        "a link to a file", {"folder": {"v1.json": content}, "links": {"now.json": "v1.json"}, "path": "now.json"}
    )
    cases.read(
        "a file as Kubernetes mounts a secret",
        {
            "folder": {"..2026_11_25/credential.json": content},
            "links": {"..data": "..2026_11_25", "credential.json": "..data/credential.json"},
            "path": "credential.json",
        },
    )


def tokens(cases: Files) -> None:
    """The very bytes of a token: the id, the kid and the key are of one credential."""
    key, text = cases.key, cases.text
    roles, claims = ["member"], {"tenant": "acme"}
    for name, given, changes in [
        ("JSON", file(cases.scout()), {}),
        ("a JWK", file(with_jwk(json.loads(key.jwk()))), {}),
        ("the API's answer", file(cases.answer()), {}),
        (".env lines", env_of(text), {}),
        (".env lines with a PEM", env_of(f'"{cases.pem}"'), {}),
        ("a folder", folder(private_key=text, credential_id=ID), {}),
        ("JSON with roles", file(cases.scout()), {"roles": roles}),
        ("JSON with claims", file(cases.scout()), {"claims": claims}),
        ("JSON with roles and claims", file(cases.scout()), {"roles": roles, "claims": claims}),
        ("JSON with a kid for the header", file(cases.scout()), {"header_kid": "prod-1"}),
        ("JSON with a lifetime", file(cases.scout()), {"lifetime": 60}),
    ]:
        token = minted(key, ID, NOW, **changes)
        options = changes | ({"claims": compact(claims)} if "claims" in changes else {})
        cases.add(f"a token of {name}", CALL, given | {"clock": NOW} | options, signer(key) | {"token": token})


def settings(cases: Files) -> None:
    given, kid, other = file(cases.scout()), cases.key.kid, cases.keys["second"].kid
    cases.read("with its kid", given | {"kid": kid})
    cases.read("with all times", given | {"lifetime": 60, "refresh_margin": 10, "backdate": 5, "refresh": 60})
    cases.read("with an allowed origin", given | {"allowed_origins": ["https://api.scoutos.com"]})
    named = file(cases.scout(kid="prod-1"))
    cases.read("with a kid for the header, which the file has", named | {"header_kid": "prod-1"})
    for name, options, error in [
        ("with the kid of another key", {"kid": other}, KID_MISMATCH),
        ("with a kid that is none", {"kid": "kid"}, KID_MALFORMED),
        ("with a lifetime of 301 s", {"lifetime": 301}, "ERR_LIFETIME"),
        ("with a refresh margin of the lifetime", {"refresh_margin": 300}, "ERR_REFRESH_MARGIN"),
        ("with a backdate of the lifetime", {"backdate": 300}, "ERR_BACKDATE"),
        ("with a refresh time of 0", {"refresh": 0}, "ERR_REFRESH"),
        ("with an origin without scheme", {"allowed_origins": ["api.scoutos.com"]}, "ERR_ORIGIN"),
        ("with no roles", {"roles": []}, "ERR_ROLES"),
        ("with a reserved claim", {"claims": '{"sub":"x"}'}, "ERR_CLAIMS"),
        ("with an empty kid for the header", {"header_kid": ""}, "ERR_HEADER_KID"),
    ]:
        cases.refused(name, given | options, error)


def bare_keys(cases: Files) -> None:
    """A key alone has no credential id."""
    key, text, pem = cases.key, cases.text, cases.pem
    for name, content in {
        "as Scout issues it": text,
        "with a line end": text + "\n",
        "in quotes": f'"{text}"',
        "behind a name": f"KEY={text}",
        "in standard base64": base64std(key.der),
        "in base64 in lines": wrapped(base64std(key.der)),
        "in PEM": pem,
        "in PEM with CRLF": pem.replace("\n", "\r\n"),
        "in PEM in one line": pem.replace("\n", "\\n"),
        "in PEM of PKCS#1": armour("RSA PRIVATE KEY", key.pkcs1),
        "in PEM with text before it": "prod-api-server\n" + pem,
        "as JWK": key.jwk(),
        "as JWK with indentation": json.dumps(json.loads(key.jwk()), indent=2),
        "as data: URI": f"data:;base64,{base64std(key.der)}",
        "in DER": key.der,
        "in DER of PKCS#1": key.pkcs1,
    }.items():
        cases.refused(f"a key alone {name}", file(content), INCOMPLETE, "credential_id")


def incomplete(cases: Files) -> None:
    scout, text, kid = cases.scout(), cases.text, cases.key.kid
    email = {"type": "service_account", "private_key": cases.pem, "client_email": "x@y.example"}
    for name, given in {
        "JSON without an id": file(cases.scout(credential_id=None)),
        "JSON with an empty id": file(cases.scout(credential_id="")),
        "JSON with a JWK without an id": file({"jwk": cases.key.jwk_members()}),
        "JSON with the id under another name": file(cases.scout(credential_id=None, credentialId=ID)),
        "JSON of Google's service accounts": file(email),
        "the API's answer without an id": file(cases.answer() | {"credential": {"kid": kid}}),
        ".env lines without an id": env(f"SCOUT_PRIVATE_KEY={text}", f"SCOUT_KID={kid}"),
        ".env lines with an empty id": env(f"SCOUT_PRIVATE_KEY={text}", "SCOUT_CREDENTIAL_ID="),
        ".env lines with the id under another name": env(f"SCOUT_PRIVATE_KEY={text}", f"CREDENTIAL_ID={ID}"),
        "a folder without an id": folder(private_key=text, kid=kid),
        "a folder with an empty id": folder(private_key=text, credential_id="\n"),
    }.items():
        cases.refused(name, given, INCOMPLETE, "credential_id")
    without_key = without(scout, "private_key")
    for name, given in {
        "JSON without a key": file(without_key),
        "JSON with null for the key": file(without_key | {"private_key": None}),
        "JSON without members": file("{}"),
        "JSON with the key under another name": file(without_key | {"privateKey": text}),
        "JSON of a secret manager around the credential": file({"SecretString": compact(scout)}),
        "a JWK set": file({"keys": [json.loads(cases.key.jwk())]}),
        "the API's answer without a key": file({"credential": cases.answer()["credential"]}),
        ".env lines without a key": env(f"SCOUT_CREDENTIAL_ID={ID}", f"SCOUT_KID={kid}"),
        ".env lines with the path of a key": env("SCOUT_PRIVATE_KEY_FILE=x.pem", f"SCOUT_CREDENTIAL_ID={ID}"),
        "a folder without a key": folder(credential_id=ID, kid=kid),
        "a folder without files": {"folder": {}},
        "a folder with a credential file": {"folder": {"credential.json": compact(scout)}},
    }.items():
        cases.refused(name, given, INCOMPLETE, "private_key")


def everywhere(cases: Files, field: str, value: str) -> Iterator[tuple[str, Members]]:
    """One field of that value, in each form."""
    scout = cases.scout(kid=None) | {field: value}
    yield "JSON", file(raw_json(scout))
    lines = {"private_key": "SCOUT_PRIVATE_KEY", "credential_id": "SCOUT_CREDENTIAL_ID", "kid": "SCOUT_KID"}
    yield (".env lines", env(*(f'{lines[name]}="{text}"' for name, text in scout.items())))
    yield "a folder", {"folder": scout}
    if field != "private_key":
        answer = cases.answer()
        changed = answer["credential"] | {"id" if field == "credential_id" else "kid": value}
        yield "the API's answer", file(raw_json(answer | {"credential": changed}))


def wrong_kids(cases: Files) -> None:
    kid, other = cases.key.kid, cases.keys["second"].kid
    for name, value, error in [
        ("with the kid of another key", other, KID_MISMATCH),
        ("with a kid that is none", "kid", KID_MALFORMED),
        ("with a padded kid", kid + "=", KID_MALFORMED),
        ("with half a kid", kid[:20], KID_MALFORMED),
    ]:
        for form, given in everywhere(cases, "kid", value):
            cases.refused(f"{form} {name}", given, error)
    cases.refused(
        "JSON with a JWK and another kid", file(with_jwk(cases.key.jwk_members()) | {"kid": other}), KID_MISMATCH
    )


def wrong_ids(cases: Files) -> None:
    for name, value, error in [
        ("with a space in the id", "cred 123", CREDENTIAL_ID),
        ("with an id that is not ASCII", "créd_123", CREDENTIAL_ID),
        ("with an id of 256 characters", "x" * 256, CREDENTIAL_ID),
        ("with the kid for an id", cases.key.kid, ID_IS_KID),
    ]:
        for form, given in everywhere(cases, "credential_id", value):
            cases.refused(f"{form} {name}", given, error)
    cases.refused(
        "a folder with two lines for an id", folder(private_key=cases.text, credential_id="a\nb\n"), CREDENTIAL_ID
    )


def mistaken_keys(cases: Files, strangers: Strangers) -> None:
    key, text = cases.key, cases.text
    wrong = {
        "with the public key": (base64url(key.spki), "ERR_KEY_IS_PUBLIC"),
        "with the public key in PEM": (key.public_pem, "ERR_KEY_IS_PUBLIC"),
        "with half a key": (text[:800], "ERR_KEY_TRUNCATED"),
        "with half a PEM": (cases.pem[:800], "ERR_KEY_TRUNCATED"),
        "with a key and text behind it": (base64url(key.der + b"\0\0\0"), "ERR_KEY_TRAILING_DATA"),
        "with a masked copy": ("••••••••", "ERR_KEY_IS_MASKED"),
        "with a shortened copy": (f"{text[:12]}...{text[-8:]}", "ERR_KEY_IS_MASKED"),
        "with a legacy key": (LEGACY, "ERR_KEY_IS_LEGACY"),
        "with a path for a key": ("/run/secrets/scout.pem", "ERR_KEY_IS_PATH"),
        "with a reference for a key": ("op://vault/scout/key", "ERR_KEY_IS_REFERENCE"),
        "with a placeholder for a key": ("<your key>", "ERR_KEY_IS_PLACEHOLDER"),
        "with a token for a key": (minted(key, ID, NOW), "ERR_KEY_IS_TOKEN"),
        "with base64 of base64": (base64url(text.encode()), "ERR_KEY_ENCODED_TWICE"),
        "with a certificate": (strangers.certificate.decode(), "ERR_KEY_IS_CERTIFICATE"),
        "with an encrypted key": (strangers.encrypted.decode(), "ERR_KEY_IS_ENCRYPTED"),
        "with an OpenSSH key": (strangers.openssh, "ERR_KEY_IS_OPENSSH"),
        "with an EC key": (strangers.ec.decode(), "ERR_KEY_ALGORITHM"),
        "with a key of 1024 bits": (base64url(der.pkcs8(of_primes(512, 512))), "ERR_KEY_TOO_SMALL"),
        "with an empty key": ("", EMPTY),
    }
    for name, (value, error) in wrong.items():
        for form, given in everywhere(cases, "private_key", value):
            cases.refused(f"{form} {name}", given, error)
        if value:
            cases.refused(f"a file {name} alone", file(value), error)
    public = {name: value for name, value in key.jwk_members().items() if name in {"kty", "n", "e"}}
    bare = {name: value for name, value in key.jwk_members().items() if name in {"kty", "n", "e", "d"}}
    cases.refused("JSON with a public JWK", file(with_jwk(public)), "ERR_KEY_IS_PUBLIC")
    cases.refused("JSON with a JWK without primes", file(with_jwk(bare)), "ERR_KEY_WITHOUT_PRIMES")
    cases.refused("JSON with a JWK of an EC key", file(with_jwk({"kty": "EC", "crv": "P-256"})), "ERR_KEY_ALGORITHM")
    cases.refused("a public JWK alone", file(key.public_jwk()), "ERR_KEY_IS_PUBLIC")
    other = with_jwk(key.jwk_members() | {"p": cases.keys["second"].jwk_members()["p"]})
    cases.refused("JSON with a JWK of two keys", file(other), "ERR_KEY_INCONSISTENT")


def broken_json(cases: Files) -> None:
    scout, text = compact(cases.scout()), cases.text
    twice = f'{{"private_key":"{text}",'
    deep = "[" * 200 + "]" * 200
    for name, content in {
        "cut short": scout[:-1],
        "cut short in the key": scout[:500],
        "with text behind": scout + "x",
        "with another object behind": scout + scout,
        "with a comma too many": scout[:-1] + ",}",
        "with a comment": scout[:-1] + "/* prod */}",
        "with single quotes": scout.replace('"', "'"),
        "with names without quotes": scout.replace('"kid"', "kid"),
        "with NaN": scout[:-1] + ',"x":NaN}',
        "of 200 levels": scout[:-1] + f',"x":{deep}}}',
        "with the key twice": twice + scout[1:],
        "with the id twice": scout[:-1] + ',"credential_id":"cred_9"}',
        "with the same id twice": scout[:-1] + f',"credential_id":"{ID}"}}',
        "with the id twice, once with an escape": scout[:-1] + ',"credential_\\u0069d":"cred_9"}',
        "with the kid twice": scout[:-1] + f',"kid":"{cases.key.kid}"}}',
        "with another member twice": scout[:-1] + ',"x":1,"x":2}',
        "with a member twice in depth": scout[:-1] + ',"x":{"a":1,"a":2}}',
        "with a key and a JWK": {"private_key": text} | with_jwk(cases.key.jwk_members()),
        "with an id in two places": cases.answer() | {"credential_id": ID},
        "with a number for an id": cases.scout(credential_id=123),
        "with null for an id": compact(cases.scout(credential_id="x")).replace('"x"', "null"),
        "with a list for an id": cases.scout(credential_id=[ID]),
        "with an object for an id": cases.scout(credential_id={"id": ID}),
        "with a number for a kid": cases.scout(kid=1),
        "with null for a kid": compact(cases.scout(kid="x")).replace('"x"', "null"),
        "with text for a credential": cases.answer() | {"credential": ID},
        "with a list for a credential": cases.answer() | {"credential": [ID]},
        "with bytes that are no UTF-8": scout.encode()[:-1] + b',"name":"Zo\xeb"}',
        "in UTF-16": ("\ufeff" + scout).encode("utf-16-le"),
    }.items():
        cases.refused(f"JSON {name}", file(content), FORMAT)
    jwk = compact(with_jwk(cases.key.jwk_members()))
    cases.refused("JSON with a JWK with a member twice", file(jwk.replace('"e":', '"e":"AQAB","e":')), FORMAT)


def broken_env(cases: Files) -> None:
    text, pem = cases.text, cases.pem
    key, credential_id = f"SCOUT_PRIVATE_KEY={text}", f"SCOUT_CREDENTIAL_ID={ID}"
    for name, given in {
        "with the key twice": env(key, credential_id, f"SCOUT_PRIVATE_KEY={base64url(cases.keys['second'].der)}"),
        "with the same key twice": env(key, key, credential_id),
        "with the id twice": env(key, credential_id, "SCOUT_CREDENTIAL_ID=cred_9"),
        "with the id twice, once with export": env(key, credential_id, "export SCOUT_CREDENTIAL_ID=cred_9"),
        "with the kid twice": env(key, credential_id, f"SCOUT_KID={cases.key.kid}", "SCOUT_KID="),
        "with a quote that does not end": env(f'SCOUT_PRIVATE_KEY="{text}', credential_id),
        "with a single quote that does not end": env(key, f"SCOUT_CREDENTIAL_ID='{ID}"),
        "with text behind a quote": env(f'SCOUT_PRIVATE_KEY="{text}" prod', credential_id),
        "with a PEM over several lines without quotes": env_of(pem),
        "with a line of words": env(key, credential_id, "and so on"),
        "with a line of words before the id": env(key, "and so on", credential_id),
        "in UTF-16": file(("\ufeff" + f"{key}\n{credential_id}\n").encode("utf-16-le")),
        "with bytes that are no UTF-8": file(f"{key}\n{credential_id}\n# Zo".encode() + b"\xeb\n"),
    }.items():
        cases.refused(f".env lines {name}", given, FORMAT)


def broken_folders(cases: Files) -> None:
    text, kid = cases.text, cases.key.kid
    fields = {"private_key": text, "credential_id": ID}
    for name, given in {
        "with the key under both names": {"folder": fields | {"SCOUT_PRIVATE_KEY": text}},
        "with the id under both names": {"folder": fields | {"SCOUT_CREDENTIAL_ID": ID}},
        "with the kid under both names": {"folder": fields | {"kid": kid, "SCOUT_KID": kid}},
        "with an id that is no UTF-8": {"folder": {"private_key": text}, "base64_folder": no_text("credential_id")},
        "with a kid that is no UTF-8": {"folder": fields, "base64_folder": no_text("kid")},
        "with a key in DER": {
            "folder": {"credential_id": ID},
            "base64_folder": {"private_key": base64std(cases.key.der)},
        },
    }.items():
        cases.refused(f"a folder {name}", given, FORMAT)
    for name, given, words in [
        ("a path where nothing is", {"folder": fields, "path": "none"}, "No such file or directory"),
        ("a path below a file", {"folder": fields, "path": "private_key/x"}, "Not a directory"),
        ("a link to nothing", {"folder": {}, "links": {"x": "none"}, "path": "x"}, "No such file or directory"),
        ("a link to itself", {"folder": {}, "links": {"x": "x"}, "path": "x"}, ""),
        (
            "a folder with a folder for a key",
            {"folder": {"private_key/x": text, "credential_id": ID}},
            "Is a directory",
        ),
    ]:
        cases.refused(name, given, UNREADABLE, words)


def no_text(name: str) -> dict[str, str]:
    return {name: base64std(b"no text: \xff")}


def sizes(cases: Files) -> None:
    scout, lines = (compact(cases.scout()), f"SCOUT_PRIVATE_KEY={cases.text}\nSCOUT_CREDENTIAL_ID={ID}\n")
    cases.read("JSON of 64 KiB", file(scout.ljust(MAX)))
    cases.read(".env lines of 64 KiB", file(lines.ljust(MAX - 1, "#") + "\n"))
    for name, content in {
        "JSON of more than 64 KiB": scout.ljust(MAX + 1),
        ".env lines of more than 64 KiB": lines.ljust(MAX + 1, "#"),
        "a key of more than 64 KiB": "A" * (MAX + 1),
        "words of more than 64 KiB": "word " * 20_000,
    }.items():
        cases.refused(name, file(content), TOO_LONG)
    too_long = folder(private_key="A" * (MAX + 1), credential_id=ID)
    cases.refused("a folder with a key of more than 64 KiB", too_long, "ERR_KEY_TEXT_TOO_LONG")
    for name, content in {
        "an empty file": "",
        "a file of white space": " \n\t\r\n",
        "a byte order mark": "\ufeff",
    }.items():
        cases.refused(name, file(content), EMPTY)
