"""Tokens: what is minted, byte for byte, and what is accepted or refused."""

import base64
import hashlib
import hmac
import json

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc import jws

from . import der
from .group import Group
from .kept import kept
from .material import Key, base64url, compact, modulus, prime

# The moment of most cases: in the past of every reader, so that a token of it stays expired.
NOW = 1_700_000_000
# A moment that no reader lives to see.
FAR = 4_102_444_800
# A clock that shows less was never set.
EARLIEST = 1_577_836_800

MALFORMED, SIGNATURE, CLAIM = ("ERR_TOKEN_MALFORMED", "ERR_TOKEN_SIGNATURE", "ERR_TOKEN_CLAIM")
ALGORITHM, CRITICAL, ISSUER = ("ERR_TOKEN_ALGORITHM", "ERR_TOKEN_CRITICAL", "ERR_TOKEN_ISSUER")
KID_MISSING, KID_UNKNOWN, TOO_LONG = ("ERR_TOKEN_KID_MISSING", "ERR_TOKEN_KID_UNKNOWN", "ERR_TOKEN_TOO_LONG")
EXPIRED, FUTURE, NOT_YET = ("ERR_TOKEN_EXPIRED", "ERR_TOKEN_FROM_FUTURE", "ERR_TOKEN_NOT_YET_VALID")
LIFETIME, LEEWAY = "ERR_TOKEN_LIFETIME", "ERR_LEEWAY"


def minted(key: Key, credential_id: str, issued_at: int, lifetime: int = 300, **others: object) -> str:
    """The token as joserfc serialises it, which PyJWT must accept. The rest: `header_kid`, `roles`, `claims`."""
    header = {"alg": "RS256", "typ": "JWT", "kid": others.get("header_kid", key.kid)}
    claims = {"iss": "scout", "sub": credential_id, "iat": issued_at, "exp": issued_at + lifetime}
    claims |= {"roles": others["roles"]} if "roles" in others else {}
    claims |= others.get("claims", {})
    payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False)
    token = jws.serialize_compact(header, payload.encode(), key.jose)
    options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    assert jwt.decode(token, key.private.public_key(), algorithms=["RS256"], options=options) == claims
    return token


def signed(key: Key, header: str | bytes, payload: str | bytes) -> str:
    """A token of any header and payload."""
    segments = [base64url(part.encode() if isinstance(part, str) else part) for part in (header, payload)]
    message = ".".join(segments)
    return f"{message}.{base64url(signature(key, message))}"


def signature(key: Key, message: str) -> bytes:
    return key.private.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())


def mint_group(keys: dict[str, Key]) -> Group:
    cases = Group("(key, credential id, lifetime, time) to the exact bytes of the token, or to the name of the error")
    for key, credential_id, issued_at, lifetime in [
        ("first", "cred_123", NOW, None),
        ("first", "cred_123", NOW, 300),
        ("first", "cred_123", NOW, 1),
        ("first", "cred_123", NOW, 60),
        ("first", "cred_123", NOW, 299),
        ("first", "cred_123", NOW + 1, 300),
        ("first", "cred_123", FAR, 300),
        ("first", "cred_123", 0, 300),
        ("first", "cred_123", 4_294_967_296, 300),
        ("first", "cred_123", 9_007_199_254_740_000, 300),
        ("first", "x", NOW, 300),
        ("first", "0", NOW, 300),
        ("first", 'a"b\\c/d', NOW, 300),
        ("first", "!#$%&'()*+,-./:;<=>?@[]^_`{|}~", NOW, 300),
        ("first", "a" * 255, NOW, 300),
        ("first", "</script>", NOW, 300),
        ("second", "cred_123", NOW, 300),
        ("third", "cred_123", NOW, 300),
        ("fourth", "cred_123", NOW, 300),
    ]:
        seconds = 300 if lifetime is None else lifetime
        token = minted(keys[key], credential_id, issued_at, seconds)
        expect = {"token": token, "issued_at": issued_at, "expires_at": issued_at + seconds}
        shown = credential_id if len(credential_id) < 40 else f"{len(credential_id)} characters"
        words = "the usual lifetime" if lifetime is None else f"{seconds} s"
        name = f"a token of {key} for {shown} at {issued_at} of {words}"
        cases.add(name, "mint", mint(key, credential_id, lifetime, issued_at=issued_at), expect)
    first = keys["first"]
    expect = {"token": minted(first, "cred_123", NOW), "issued_at": NOW, "expires_at": NOW + 300}
    cases.add("a token of the key that the kid names", "mint", mint("first", kid=first.kid), expect)
    for clock in (NOW, EARLIEST):
        expect = {"token": minted(first, "cred_123", clock), "expires_at": clock + 300}
        cases.add(f"a token by a clock at {clock}", "mint", by_clock(clock), expect)
    for name, given, error in refused_mints(keys):
        cases.refuse(name, "mint", given, error)
    mint_roles(cases, first)
    mint_claims(cases, first)
    mint_header_kids(cases, first)
    return cases


def mint_roles(cases: Group, key: Key) -> None:
    for name, roles in {
        "one role": ["member"],
        "two roles": ["member", "admin"],
        "roles in another order": ["admin", "member"],
        "16 roles": [f"role_{at}" for at in range(16)],
        "a role of one character": ["x"],
        "a role of 64 characters": ["r" * 64],
        "a role of signs": ["!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"],
    }.items():
        token = minted(key, "cred_123", NOW, roles=roles)
        cases.add(f"a token with {name}", "mint", mint("first", roles=roles), {"token": token})
    for name, roles in {
        "no roles": [],
        "17 roles": ["r"] * 17,
        "an empty role": [""],
        "an empty role behind another": ["member", ""],
        "a role with a space inside": ["a b"],
        "a role with a space in front": [" member"],
        "a role with a line end": ["member\n"],
        "a role with a delete character": ["member\x7f"],
        "a role that is not ASCII": ["membré"],
        "a role of 65 characters": ["r" * 65],
    }.items():
        cases.refuse(f"minting with {name}", "mint", mint("first", roles=roles), "ERR_ROLES")


def mint_claims(cases: Group, key: Key) -> None:
    """A name, the text of the claims, and the claims as joserfc must write them."""
    for name, text in {
        "none": "{}",
        "text": '{"tenant":"acme"}',
        "an empty text": '{"tenant":""}',
        "numbers": '{"zero":0,"one":1,"less":-7,"large":9007199254740991}',
        "a fraction": '{"half":0.5,"more":2.25}',
        "the three words": '{"yes":true,"no":false,"nothing":null}',
        "lists and objects": '{"list":[1,"a",[],{}],"object":{"a":{"b":[null]}}}',
        "an order of its own": '{"z":1,"a":2,"m":3}',
        "an audience and an id": '{"aud":"https://api.scoutos.com","jti":"id-1"}',
        "names that look like ours": '{"ISS":"x","subject":"y","role":"z","iss ":1}',
        "white space": ' {\n "a" : [ 1 , 2 ] ,\t"b" : { } } ',
        "letters outside of ASCII": '{"name":"Zoë 漢字 \U0001f511"}',
        "letters as escapes": '{"n\\u0061me":"Zo\\u00eb \\ud83d\\udd11"}',
        "signs that need escapes": r'{"quote\"":"back\\slash","line":"a\nb\tc\rd\be\ff","control":"\u0001\u001f"}',
        "signs that need none": r'{"slash":"a\/b","tags":"<script>&amp;\u003c","delete":"\u007f","line":"\u2028"}',
        "a name of objects": '{"__proto__":1,"constructor":{"prototype":2}}',
        "an object of 4 KiB": compact({"a": "x" * (4096 - len('{"a":""}'))}),
        "an object of 100 levels": '{"a":' * 100 + "1" + "}" * 100,
    }.items():
        token = minted(key, "cred_123", NOW, claims=json.loads(text))
        cases.add(f"a token with claims: {name}", "mint", mint("first", claims=text), {"token": token})
    given = mint("first", roles=["member"], claims='{"a":1}')
    token = minted(key, "cred_123", NOW, roles=["member"], claims={"a": 1})
    cases.add("a token with roles and claims", "mint", given, {"token": token})
    for name, text in {
        **{f"the name {name}": f'{{"{name}":1}}' for name in ("iss", "sub", "iat", "exp", "nbf", "roles")},
        "the name roles behind another": '{"a":1,"roles":["admin"]}',
        "a name of ours with an escape": '{"\\u0069ss":"scout"}',
        "a name twice": '{"a":1,"a":2}',
        "a name twice, once with an escape": '{"a":1,"\\u0061":2}',
        "a name twice in depth": '{"a":{"b":1,"b":1}}',
        "no text": "",
        "a list": "[]",
        "text alone": '"claims"',
        "a number alone": "1",
        "null": "null",
        "an object that is cut short": '{"a":1',
        "text behind the object": '{"a":1}x',
        "a comma too many": '{"a":1,}',
        "a comment": '{"a":1/**/}',
        "a number that JSON does not have": '{"a":NaN}',
        "half a letter": '{"a":"\\ud83d"}',
        "an object of 200 levels": '{"a":' * 200 + "1" + "}" * 200,
        "an object of 5 KiB": compact({"a": "x" * 5000}),
    }.items():
        cases.refuse(f"minting with claims: {name}", "mint", mint("first", claims=text), "ERR_CLAIMS")


def mint_header_kids(cases: Group, key: Key) -> None:
    for name, kid in {"a name": "prod-1", "128 characters": "k" * 128, "signs": '"\\/{}', "the kid": key.kid}.items():
        token = minted(key, "cred_123", NOW, header_kid=kid)
        cases.add(f"a token with a kid for the header: {name}", "mint", mint("first", header_kid=kid), {"token": token})
    both = {"token": minted(key, "cred_123", NOW, header_kid="prod-1")}
    cases.add("a token with both kids", "mint", mint("first", kid=key.kid, header_kid="prod-1"), both)
    for name, kid in {
        "none": "",
        "129 characters": "k" * 129,
        "a space": "prod 1",
        "a line end": "prod-1\n",
        "a letter outside of ASCII": "clé",
    }.items():
        given = mint("first", header_kid=kid)
        cases.refuse(f"minting with a kid for the header: {name}", "mint", given, "ERR_HEADER_KID")


def mint(
    key: str,
    credential_id: str = "cred_123",
    lifetime: int | None = 300,
    kid: str | None = None,
    issued_at: int = NOW,
    **others: object,
) -> dict[str, object]:
    optional = {"lifetime": lifetime, "kid": kid} | others
    given = {"key": key, "credential_id": credential_id, "issued_at": issued_at}
    return given | {name: value for name, value in optional.items() if value is not None}


def by_clock(clock: int) -> dict[str, object]:
    return {"key": "first", "credential_id": "cred_123", "clock": clock}


def refused_mints(keys: dict[str, Key]) -> list[tuple[str, dict[str, object], str]]:
    kid = keys["first"].kid
    credential_ids = {
        "that is empty": "",
        "with a space in front": " cred_123",
        "with a space behind": "cred_123 ",
        "with a space inside": "cred 123",
        "with a line end": "cred_123\n",
        "with a tab": "cred\t123",
        "with a delete character": "cred\x7f",
        "that is not ASCII": "créd_123",
        "of 256 characters": "a" * 256,
    }
    kids = {
        "of 42 characters": kid[:-1],
        "of 44 characters": kid + "A",
        "with padding": kid + "=",
        "with unused bits set": kid[:-1] + {"A": "B"}.get(kid[-1], chr(ord(kid[-1]) + 1)),
        "that is empty": "",
        "in the standard alphabet": "+" + kid[1:],
        "with a space behind": kid + " ",
    }
    composite = kept("key with a composite factor", unsound)
    return [
        *(
            (f"minting for a credential id {n}", mint("first", c), "ERR_CREDENTIAL_ID")
            for n, c in credential_ids.items()
        ),
        *((f"minting for a kid {n}", mint("first", kid=k), "ERR_KID_MALFORMED") for n, k in kids.items()),
        ("minting for a credential id that is the kid", mint("first", kid), "ERR_CREDENTIAL_ID_IS_KID"),
        ("minting for the kid of another key", mint("first", kid=keys["second"].kid), "ERR_KID_MISMATCH"),
        *((f"minting for {s} s", mint("first", lifetime=s), "ERR_LIFETIME") for s in (0, 301, 3600, 4_294_967_296)),
        ("minting with a key of a composite factor", mint_with(composite), "ERR_KEY_CANNOT_SIGN"),
        *((f"minting by a clock at {clock}", by_clock(clock), "ERR_CLOCK") for clock in (EARLIEST - 1, 0)),
        *(
            (f"minting at {time}, too late to add the lifetime", mint("first", issued_at=time), "ERR_ARGUMENT")
            for time in (2**64 - 300, 2**64 - 2)
        ),
    ]


def mint_with(key: bytes) -> dict[str, object]:
    return {"key_text": base64url(key), "credential_id": "cred_123", "issued_at": NOW, "lifetime": 300}


def unsound() -> bytes:
    """A key whose numbers belong together, and one of whose factors is not a prime."""
    p, q = modulus(1024), prime(1024)
    while (p * q).bit_length() < 2048:
        p, q = modulus(1024), prime(1024)
    return der.pkcs8(der.pkcs1(*der.numbers(p, q, 65537)))


class Verify(Group):
    """Cases of one kind: a token, the keys, the time, the verdict."""

    def __init__(self, keys: dict[str, Key]) -> None:
        super().__init__("token, keys and time to the claims or to the name of the error")
        self.keys = keys
        self.key = keys["first"]

    def header(self, **changes: object) -> str:
        return without_nothing({"alg": "RS256", "typ": "JWT", "kid": self.key.kid} | changes)

    def claims(self, **changes: object) -> str:
        return without_nothing({"iss": "scout", "sub": "cred_123", "iat": NOW, "exp": NOW + 300} | changes)

    def accepted(
        self, name: str, token: str, *, key: str = "first", keys: list[str] | None = None, **given: object
    ) -> None:
        text = base64.urlsafe_b64decode(token.split(".")[1] + "==").decode()
        claims = json.loads(text)
        expect = {
            "credential_id": claims["sub"],
            "issued_at": claims["iat"],
            "expires_at": claims.get("exp", claims["iat"] + 300),
            "kid": self.keys[key].kid,
            "json": text,
        }
        if "roles" in claims:
            expect["roles"] = compact(claims["roles"])
        known = {} if "key_set" in given else {"keys": keys or [key]}
        self.add(name, "verify", {"token": token} | known | (given or {"now": NOW}), expect)

    def refused(self, name: str, token: str, error: str, *, keys: list[str] | None = None, **given: object) -> None:
        """Without `now` the verdict is the same at every time since 2024."""
        known = {} if "key_set" in given else {"keys": keys or ["first"]}
        self.refuse(name, "verify", {"token": token} | known | given, error)


NOTHING = object()


def without_nothing(members: dict[str, object]) -> str:
    return compact({name: value for name, value in members.items() if value is not NOTHING})


def verify_group(keys: dict[str, Key]) -> Group:
    cases = Verify(keys)
    accepted_tokens(cases)
    times(cases)
    clocks(cases)
    refused_claims(cases)
    refused_headers(cases)
    refused_signatures(cases)
    refused_texts(cases)
    verify_roles(cases)
    named_keys(cases)
    return cases


def verify_roles(cases: Verify) -> None:
    key, header, claims = cases.key, cases.header(), cases.claims()
    for name, roles in {
        "one role": ["member"],
        "two roles": ["member", "admin"],
        "no roles": [],
        "an empty role": [""],
        "a role of words": ["a b"],
        "a role twice": ["member", "member"],
        "20 roles": [f"role_{at}" for at in range(20)],
    }.items():
        cases.accepted(f"a token with {name}", signed(key, header, cases.claims(roles=roles)))
    escaped = signed(key, header, claims[:-1] + ',"r\\u006fles":["memb\\u0065r"]}')
    cases.accepted("a token with a role in escapes", escaped)
    cases.accepted("a token with roles and other claims", minted(key, "cred_123", NOW, roles=["a"], claims={"b": [1]}))
    for name, roles in {
        "text": "member",
        "null": None,
        "a number": 1,
        "true": True,
        "an object": {"member": True},
        "a list of numbers": [1],
        "a list with null": ["member", None],
        "a list of lists": [["member"]],
        "a list of objects": [{"name": "member"}],
    }.items():
        cases.refused(f"a token with {name} for roles", signed(key, header, cases.claims(roles=roles)), CLAIM)
    twice = signed(key, header, claims[:-1] + ',"roles":["member"],"roles":["admin"]}')
    cases.refused("a token with roles twice", twice, MALFORMED)


def named_keys(cases: Verify) -> None:
    """Keys of a JWK set by their kid, which may be something else than the thumbprint."""
    first, second = cases.keys["first"], cases.keys["second"]

    def key_set(**names: str) -> str:
        keys = [cases.keys[name].public_members() | {"kid": kid} for name, kid in names.items()]
        return compact({"keys": keys})

    def token(key: Key, kid: str) -> str:
        return minted(key, "cred_123", NOW, header_kid=kid)

    both = key_set(first="prod-1", second="prod-2")
    nameless = compact({"keys": [first.public_members()]})
    crossed = key_set(first=second.kid, second=first.kid)
    for name, text, known, key in [
        ("by the kid of its JWK", token(first, "prod-1"), both, "first"),
        ("by the kid of the second JWK", token(second, "prod-2"), both, "second"),
        ("by the thumbprint of a key of another kid", token(first, first.kid), both, "first"),
        ("by the thumbprint of a key without a kid", token(first, first.kid), nameless, "first"),
        ("by a kid of signs", token(first, 'a"b\\c/d é'), key_set(first='a"b\\c/d é'), "first"),
        ("by a thumbprint that is the kid of another key", token(first, first.kid), crossed, "first"),
    ]:
        cases.accepted(f"a token of a set, {name}", text, key=key, key_set=known, now=NOW)
    for name, text, known, error in [
        ("by the kid of another JWK", token(first, "prod-2"), both, SIGNATURE),
        ("by a kid that no JWK has", token(first, "prod-3"), both, KID_UNKNOWN),
        ("by a kid in capitals", token(first, "PROD-1"), both, KID_UNKNOWN),
        ("by a kid with a space", token(first, "prod-1 "), both, KID_UNKNOWN),
        ("by a kid where the JWK has none", token(first, "prod-1"), nameless, KID_UNKNOWN),
        ("by the thumbprint of a key that is not there", token(second, second.kid), nameless, KID_UNKNOWN),
        ("by the key of another, whose kid is its thumbprint", token(second, first.kid), crossed, SIGNATURE),
    ]:
        cases.refused(f"a token of a set, {name}", text, error, key_set=known, now=NOW)


def accepted_tokens(cases: Verify) -> None:
    key, keys = cases.key, cases.keys
    everyone = list(keys)
    for name in everyone:
        cases.accepted(f"a token of {name}", minted(keys[name], "cred_123", NOW), key=name)
        cases.accepted(
            f"a token of {name} among all keys", minted(keys[name], "cred_123", NOW), key=name, keys=everyone
        )
    claims, header = cases.claims(), cases.header()
    spaced = json.dumps(json.loads(claims), indent=1)
    for name, token in {
        "as PyJWT writes it": jwt.encode(json.loads(claims), key.pem, "RS256", headers={"kid": key.kid}),
        "without typ": signed(key, cases.header(typ=NOTHING), claims),
        "with another typ": signed(key, cases.header(typ="at+jwt"), claims),
        "with other members in its header": signed(key, cases.header(jku="https://example.com", x5c=["AA"]), claims),
        "with the public key in its header": signed(key, cases.header(jwk=key.public_members()), claims),
        "with white space in its header": signed(key, json.dumps(json.loads(header), indent=2), claims),
        "with white space in its claims": signed(key, header, spaced),
        "without exp": signed(key, header, cases.claims(exp=NOTHING)),
        "with an audience": signed(key, header, cases.claims(aud=["a", "b"])),
        "with other claims": signed(key, header, cases.claims(jti="x", admin=True, deep={"a": [1.5, None]})),
        "with letters outside of ASCII": signed(key, header, cases.claims(name="Zoë 漢字 \U0001f511")),
        "with escapes in its claims": signed(
            key, header, '{"\\u0069ss":"sc\\u006fut",' + claims[len('{"iss":"scout",') :]
        ),
        "of one second": signed(key, header, cases.claims(exp=NOW + 1)),
        "with a sub of 255 characters": signed(key, header, cases.claims(sub="a" * 255)),
        "with a sub of signs": signed(key, header, cases.claims(sub="!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")),
        "with an nbf in the past": signed(key, header, cases.claims(nbf=NOW - 10)),
        "with an nbf of now": signed(key, header, cases.claims(nbf=NOW)),
        "with an nbf of 0": signed(key, header, cases.claims(nbf=0)),
    }.items():
        cases.accepted(f"a token {name}", token)


def times(cases: Verify) -> None:
    key, header = cases.key, cases.header()
    token = minted(key, "cred_123", NOW)
    short = minted(key, "cred_123", NOW, 1)
    late = signed(key, header, cases.claims(nbf=NOW + 100))
    endless = signed(key, header, cases.claims(exp=NOTHING))
    for name, text, given in [
        ("in its last second", token, {"now": NOW + 299, "leeway": 0}),
        ("in the last second of the usual leeway", token, {"now": NOW + 304}),
        ("in the last second of the largest leeway", token, {"now": NOW + 599, "leeway": 300}),
        ("issued now without leeway", token, {"now": NOW, "leeway": 0}),
        ("issued within the usual leeway", token, {"now": NOW - 5}),
        ("issued within the largest leeway", token, {"now": NOW - 300, "leeway": 300}),
        ("of one second, in it", short, {"now": NOW, "leeway": 0}),
        ("whose nbf is within the leeway", late, {"now": NOW + 95}),
        ("whose nbf has come", late, {"now": NOW + 100, "leeway": 0}),
        ("without exp in its last second", endless, {"now": NOW + 299, "leeway": 0}),
    ]:
        cases.accepted(f"a token {name}", text, **given)
    for name, text, error, given in [
        ("at its exp without leeway", token, EXPIRED, {"now": NOW + 300, "leeway": 0}),
        ("at the end of the usual leeway", token, EXPIRED, {"now": NOW + 305}),
        ("at the end of the largest leeway", token, EXPIRED, {"now": NOW + 600, "leeway": 300}),
        ("of one second, after it", short, EXPIRED, {"now": NOW + 1, "leeway": 0}),
        ("long expired", token, EXPIRED, {}),
        ("of 1970", signed(key, header, cases.claims(iat=1, exp=301)), EXPIRED, {}),
        ("without exp at 300 s", endless, EXPIRED, {"now": NOW + 300, "leeway": 0}),
        ("without exp, long issued", endless, EXPIRED, {}),
        ("issued a second from now without leeway", token, FUTURE, {"now": NOW - 1, "leeway": 0}),
        ("issued beyond the usual leeway", token, FUTURE, {"now": NOW - 6}),
        ("issued beyond the largest leeway", token, FUTURE, {"now": NOW - 301, "leeway": 300}),
        ("of the far future", minted(key, "cred_123", FAR), FUTURE, {}),
        ("whose nbf is beyond the leeway", late, NOT_YET, {"now": NOW + 94}),
        ("whose nbf is a second away without leeway", late, NOT_YET, {"now": NOW + 99, "leeway": 0}),
        ("with a leeway of 301 s", token, LEEWAY, {"leeway": 301}),
    ]:
        cases.refused(f"a token {name}", text, error, **given)


def clocks(cases: Verify) -> None:
    """No `now`: the system's clock tells."""
    token = minted(cases.key, "cred_123", NOW)
    late = signed(cases.key, cases.header(), cases.claims(nbf=NOW + 100))
    for name, text, clock in [
        ("of the clock's second", token, NOW),
        ("in the last second of the usual leeway by the clock", token, NOW + 304),
        ("issued within the usual leeway by the clock", token, NOW - 5),
        ("whose nbf has come by the clock", late, NOW + 100),
    ]:
        cases.accepted(f"a token {name}", text, clock=clock)
    for name, text, error, clock in [
        ("at the end of the usual leeway by the clock", token, EXPIRED, NOW + 305),
        ("issued beyond the usual leeway by the clock", token, FUTURE, NOW - 6),
        ("whose nbf is beyond the leeway by the clock", late, NOT_YET, NOW + 94),
    ]:
        cases.refused(f"a token {name}", text, error, clock=clock)


def refused_claims(cases: Verify) -> None:
    for name, changes, error in [
        ("of 301 s", {"exp": NOW + 301}, LIFETIME),
        ("of an hour", {"exp": NOW + 3600}, LIFETIME),
        ("of no time", {"exp": NOW}, LIFETIME),
        ("that expired before it was issued", {"exp": NOW - 1}, LIFETIME),
        ("with the largest exp", {"exp": 2**64 - 1}, LIFETIME),
        ("of another issuer", {"iss": "scouts"}, ISSUER),
        ("of an issuer in capitals", {"iss": "Scout"}, ISSUER),
        ("of an empty issuer", {"iss": ""}, ISSUER),
        ("of an issuer with a space", {"iss": "scout "}, ISSUER),
        ("of an issuer with a NUL", {"iss": "scout\0"}, ISSUER),
        ("without iss", {"iss": NOTHING}, CLAIM),
        ("with iss null", {"iss": None}, CLAIM),
        ("with a list for iss", {"iss": ["scout"]}, CLAIM),
        ("without sub", {"sub": NOTHING}, CLAIM),
        ("with sub null", {"sub": None}, CLAIM),
        ("with a number for sub", {"sub": 123}, CLAIM),
        ("with an empty sub", {"sub": ""}, CLAIM),
        ("with a space in sub", {"sub": "cred 123"}, CLAIM),
        ("with a NUL in sub", {"sub": "admin\0x"}, CLAIM),
        ("with a line end in sub", {"sub": "cred_123\r\nX-Other: 1"}, CLAIM),
        ("with an escape character in sub", {"sub": "cred\x1b[2J"}, CLAIM),
        ("with a delete character in sub", {"sub": "cred\x7f"}, CLAIM),
        ("with a sub that is not ASCII", {"sub": "créd_123"}, CLAIM),
        ("with a sub of 256 characters", {"sub": "a" * 256}, CLAIM),
        ("with a sub of 4000 characters", {"sub": "a" * 4000}, CLAIM),
        ("without iat", {"iat": NOTHING}, CLAIM),
        ("with iat null", {"iat": None}, CLAIM),
        ("with text for iat", {"iat": str(NOW)}, CLAIM),
        ("with a fraction for iat", {"iat": NOW + 0.5}, CLAIM),
        ("with a float for iat", {"iat": float(NOW)}, CLAIM),
        ("with a negative iat", {"iat": -1}, CLAIM),
        ("with true for iat", {"iat": True}, CLAIM),
        ("with an iat beyond 64 bits", {"iat": 2**64}, CLAIM),
        ("with exp null", {"exp": None}, CLAIM),
        ("with text for exp", {"exp": str(NOW + 300)}, CLAIM),
        ("with a fraction for exp", {"exp": NOW + 299.5}, CLAIM),
        ("with a negative exp", {"exp": -1}, CLAIM),
        ("with an exp of 1e300", {"exp": 1e300}, CLAIM),
        ("with text for nbf", {"nbf": str(NOW)}, CLAIM),
        ("with nbf null", {"nbf": None}, CLAIM),
        ("without any claim", dict.fromkeys(("iss", "sub", "iat", "exp"), NOTHING), CLAIM),
    ]:
        cases.refused(f"a token {name}", signed(cases.key, cases.header(), cases.claims(**changes)), error)


def refused_headers(cases: Verify) -> None:
    key, claims, second = cases.key, cases.claims(), cases.keys["second"]
    for name, changes, error in [
        ("of alg none", {"alg": "none"}, ALGORITHM),
        ("of alg None", {"alg": "None"}, ALGORITHM),
        ("of alg RS512 with a signature of RS256", {"alg": "RS512"}, ALGORITHM),
        ("of alg PS256 with a signature of RS256", {"alg": "PS256"}, ALGORITHM),
        ("of alg ES256", {"alg": "ES256"}, ALGORITHM),
        ("of alg rs256", {"alg": "rs256"}, ALGORITHM),
        ("of alg RS256 with a space", {"alg": "RS256 "}, ALGORITHM),
        ("of an empty alg", {"alg": ""}, ALGORITHM),
        ("without alg", {"alg": NOTHING}, ALGORITHM),
        ("of alg null", {"alg": None}, ALGORITHM),
        ("of a list for alg", {"alg": ["RS256"]}, ALGORITHM),
        ("with crit", {"crit": ["exp"]}, CRITICAL),
        ("with an empty crit", {"crit": []}, CRITICAL),
        ("with b64 false", {"b64": False, "crit": ["b64"]}, CRITICAL),
        ("with b64 true", {"b64": True}, CRITICAL),
        ("without kid", {"kid": NOTHING}, KID_MISSING),
        ("with kid null", {"kid": None}, KID_MISSING),
        ("with a number for kid", {"kid": 1}, KID_MISSING),
        ("with an empty kid", {"kid": ""}, KID_UNKNOWN),
        ("with a kid of another name", {"kid": "first"}, KID_UNKNOWN),
        ("with a path for kid", {"kid": "../../dev/null"}, KID_UNKNOWN),
        ("with a padded kid", {"kid": key.kid + "="}, KID_UNKNOWN),
        ("with a kid in capitals", {"kid": key.kid.upper()}, KID_UNKNOWN),
    ]:
        cases.refused(f"a token {name}", signed(key, cases.header(**changes), claims), error)
    cases.refuse(
        "a token without any key to verify it",
        "verify",
        {"token": minted(key, "cred_123", NOW), "keys": []},
        "ERR_KEY_SET_EMPTY",
    )
    cases.refuse("no token without any key to verify it", "verify", {"token": "", "keys": []}, "ERR_KEY_SET_EMPTY")
    cases.refused("a token of a key that is not known", minted(second, "cred_123", NOW), KID_UNKNOWN)
    cases.refused("a token of alg HS256 with the public key as its secret", confused(cases), ALGORITHM)
    cases.refused("a token of alg none without a signature", f"{unsigned(cases)}.", MALFORMED)
    cases.refused("a token of RS384", jwt.encode(json.loads(claims), key.pem, "RS384", {"kid": key.kid}), ALGORITHM)
    ps256 = kept("token of PS256", lambda: jwt.encode(json.loads(claims), key.pem, "PS256", {"kid": key.kid}).encode())
    cases.refused("a token of PS256", ps256.decode(), ALGORITHM)


def unsigned(cases: Verify) -> str:
    return ".".join(base64url(part.encode()) for part in (cases.header(alg="none"), cases.claims()))


def confused(cases: Verify) -> str:
    message = ".".join(base64url(part.encode()) for part in (cases.header(alg="HS256"), cases.claims()))
    mac = hmac.new(cases.key.public_pem.encode(), message.encode(), hashlib.sha256).digest()
    return f"{message}.{base64url(mac)}"


def refused_signatures(cases: Verify) -> None:
    key, second, third = cases.key, cases.keys["second"], cases.keys["third"]
    token = minted(key, "cred_123", NOW)
    header, payload, _ = token.split(".")
    message = f"{header}.{payload}"
    good = signature(key, message)
    other_claims = base64url(cases.claims(sub="cred_999").encode())
    other_header = base64url(cases.header(typ="jwt").encode())
    pss = kept("signature of PSS", lambda: pss_signature(key, message))
    sha1 = key.private.sign(message.encode(), padding.PKCS1v15(), hashes.SHA1())
    sha512 = key.private.sign(message.encode(), padding.PKCS1v15(), hashes.SHA512())
    n = key.numbers.public_numbers.n
    as_number = int.from_bytes(good, "big")
    forgeries = {
        "of zeros": bytes(256),
        "of ones": b"\xff" * 256,
        "of one byte": b"\x01",
        "with its first bit turned": bytes([good[0] ^ 0x80]) + good[1:],
        "with its last bit turned": good[:-1] + bytes([good[-1] ^ 1]),
        "without its last byte": good[:-1],
        "without its first byte": good[1:],
        "with a zero byte behind": good + b"\0",
        "with a zero byte in front": b"\0" + good,
        "plus the modulus": (as_number + n).to_bytes(257, "big"),
        "of PSS": pss,
        "of SHA-1": sha1,
        "of SHA-512": sha512,
        "of other claims": signature(key, f"{header}.{other_claims}"),
        "of the payload alone": signature(key, payload),
        "that is the padded message itself": padded(message),
        "of another key": signature(second, message),
        "of a larger key": signature(third, message),
    }
    for name, forged in forgeries.items():
        text = f"{message}.{base64url(forged)}"
        cases.refused(f"a signature {name}", text, SIGNATURE, keys=["first", "second", "third"])
    _, _, good_text = token.split(".")
    cases.refused("a token whose claims were changed", f"{header}.{other_claims}.{good_text}", SIGNATURE)
    cases.refused("a token whose header was changed", f"{other_header}.{payload}.{good_text}", SIGNATURE)
    other_kid = base64url(cases.header(kid=second.kid).encode())
    swapped = f"{other_kid}.{payload}.{base64url(signature(key, f'{other_kid}.{payload}'))}"
    cases.refused("a token that names another known key", swapped, SIGNATURE, keys=["first", "second"])


def pss_signature(key: Key, message: str) -> bytes:
    return key.private.sign(message.encode(), padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def padded(message: str) -> bytes:
    """EMSA-PKCS1-v1_5 (RFC 8017 §9.2) without the private-key operation."""
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message.encode()).digest()
    return b"\0\1" + b"\xff" * (256 - 3 - len(info)) + b"\0" + info


def refused_texts(cases: Verify) -> None:
    key, header, claims = cases.key, cases.header(), cases.claims()
    token = minted(key, "cred_123", NOW)
    head, payload, signed_text = token.split(".")
    deep = "[" * 200 + "]" * 200
    texts = {
        "that is empty": "",
        "of words": "not a token",
        "of one segment": head,
        "of two segments": f"{head}.{payload}",
        "of four segments": f"{token}.AAAA",
        "of five segments, as encrypted ones have": f"{head}.{payload}.{payload}.{payload}.{signed_text}",
        "of dots": "..",
        "without a header": f".{payload}.{signed_text}",
        "without claims": f"{head}..{signed_text}",
        "without a signature": f"{head}.{payload}.",
        "with Bearer in front": f"Bearer {token}",
        "with a space in front": f" {token}",
        "with a line end behind": f"{token}\n",
        "with a space inside": f"{head}. {payload}.{signed_text}",
        "with a NUL behind": f"{token}\0",
        "with quotes": f'"{token}"',
        "with padding": f"{token}{'=' * (-len(signed_text) % 4)}",
        "with unused bits set": token[:-1] + chr(ord(token[-1]) + 1),
        "in the standard alphabet": f"{head}.{payload}.{'+' + signed_text[1:]}",
        "with a letter outside of ASCII": f"{head}.{payload}.é{signed_text[2:]}",
        "of JSON serialisation": compact({"payload": payload, "protected": head, "signature": signed_text}),
        "whose header is no JSON": signed(key, "header", claims),
        "whose header is a list": signed(key, "[" + header + "]", claims),
        "whose header is null": signed(key, "null", claims),
        "whose header is cut short": signed(key, header[:-1], claims),
        "whose header has text behind": signed(key, header + "x", claims),
        "whose header names alg twice": signed(key, header[:-1] + ',"alg":"RS256"}', claims),
        "whose header names kid twice": signed(key, header[:-1] + f',"kid":"{key.kid}"}}', claims),
        "whose header has a byte order mark": signed(key, "\ufeff" + header, claims),
        "whose header is no UTF-8": signed(key, header.encode()[:-1] + b',"x":"\xff"}', claims),
        "whose header is 200 levels deep": signed(key, header[:-1] + f',"x":{deep}}}', claims),
        "whose claims are no JSON": signed(key, header, "claims"),
        "whose claims are a list": signed(key, header, "[" + claims + "]"),
        "whose claims are text": signed(key, header, '"scout"'),
        "whose claims are null": signed(key, header, "null"),
        "whose claims are cut short": signed(key, header, claims[:-1]),
        "whose claims have text behind": signed(key, header, claims + "{}"),
        "whose claims name iss twice": signed(key, header, claims[:-1] + ',"iss":"scout"}'),
        "whose claims name exp twice": signed(key, header, claims[:-1] + f',"exp":{NOW + 200}}}'),
        "whose claims name sub twice, once with an escape": signed(
            key, header, claims[:-1] + ',"\\u0073ub":"cred_123"}'
        ),
        "whose claims have a duplicate name in depth": signed(key, header, claims[:-1] + ',"x":{"a":1,"a":2}}'),
        "whose claims are no UTF-8": signed(key, header, claims.encode()[:-1] + b',"x":"\xc3\x28"}'),
        "whose claims have a comma too many": signed(key, header, claims[:-1] + ",}"),
        "whose claims have a comment": signed(key, header, claims[:-1] + "/**/}"),
        "whose claims hold NaN": signed(key, header, claims[:-1] + ',"x":NaN}'),
        "whose claims are 200 levels deep": signed(key, header, claims[:-1] + f',"x":{deep}}}'),
    }
    for name, text in texts.items():
        cases.refused(f"a token {name}", text, MALFORMED)
    cases.refused("a token of more than 8 KiB", signed(key, header, cases.claims(x="x" * 6000)), TOO_LONG)
