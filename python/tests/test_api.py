"""The public API. PyJWT and cryptography must agree with it."""

from __future__ import annotations

import copy
import dataclasses
import doctest
import inspect
import json
import pickle
import subprocess
import sys
import time
import weakref
from email.utils import formatdate
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

import jwt
import pytest
import scout_auth
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretBytes, SecretStr
from scout_auth import ApiKey, PrivateKey, PublicKey, ScoutAuthError, Signer, Verifier

if TYPE_CHECKING:
    from collections.abc import Iterable

SETTINGS = (
    "kid=None, header_kid=None, lifetime=300, refresh_margin=None, backdate=0, allowed_origins=None, "
    "roles=None, claims=None, refresh=None"
)
SHARED_KEY = PrivateKey.generate()
visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=255)


def code(caught: pytest.ExceptionInfo[ScoutAuthError]) -> str:
    return caught.value.code


def test_pyjwt_verifies_what_we_mint(signer: Signer) -> None:
    token = signer.mint()
    claims = jwt.decode(str(token), signer.public_key.to_pem(), ["RS256"], issuer="scout", options={"require": ["exp"]})
    assert claims == {"iss": "scout", "sub": "cred_123", "iat": token.issued_at, "exp": token.expires_at}
    assert jwt.get_unverified_header(str(token)) == {"alg": "RS256", "typ": "JWT", "kid": signer.kid}
    assert token.expires_at - token.issued_at == 300
    assert abs(token.issued_at - time.time()) < 60


def test_we_verify_what_pyjwt_mints(key: PrivateKey) -> None:
    now = int(time.time())
    claims = {"iss": "scout", "sub": "cred_123", "iat": now, "exp": now + 60, "more": [1]}
    token = jwt.encode(claims, key.to_pem(), "RS256", headers={"kid": key.kid})
    verified = Verifier(key.public_key).verify(token)
    assert (verified.credential_id, verified.issued_at, verified.expires_at) == ("cred_123", now, now + 60)
    assert verified.kid == key.kid
    assert json.loads(verified.json) == claims


@given(visible, st.integers(1, 300), st.integers(1_577_836_800, 4_000_000_000))
def test_every_minted_token_verifies_at_its_time(credential_id: str, lifetime: int, issued_at: int) -> None:
    token = scout_auth.mint_token(credential_id, SHARED_KEY, lifetime=lifetime, issued_at=issued_at)
    assert (token.issued_at, token.expires_at) == (issued_at, issued_at + lifetime)
    claims = scout_auth.verify_token(token, SHARED_KEY.public_key, now=issued_at, leeway=0)
    assert (claims.credential_id, claims.expires_at) == (credential_id, token.expires_at)
    with pytest.raises(scout_auth.TokenExpiredError):
        scout_auth.verify_token(token, SHARED_KEY.public_key, now=token.expires_at, leeway=0)


@given(st.binary(max_size=2000))
def test_every_signature_is_what_cryptography_makes(message: bytes) -> None:
    theirs = serialization.load_der_private_key(SHARED_KEY.to_der(), None)
    assert isinstance(theirs, rsa.RSAPrivateKey)
    signature = SHARED_KEY.sign(message)
    assert signature == theirs.sign(message, padding.PKCS1v15(), SHA256())
    assert SHARED_KEY.public_key.verify(message, signature)
    assert not SHARED_KEY.public_key.verify(message + b"x", signature)


@given(st.text() | st.binary())
def test_what_is_not_a_key_is_an_invalid_key_error(text: str | bytes) -> None:
    for read in (PrivateKey.parse, PublicKey.parse, scout_auth.kid, scout_auth.to_pem, Verifier):
        with pytest.raises(scout_auth.InvalidKeyError):
            read(text)


@given(st.text())
def test_what_is_not_a_token_is_a_token_error(text: str) -> None:
    with pytest.raises(scout_auth.TokenError):
        scout_auth.verify_token(text, SHARED_KEY.public_key)


def test_a_key_goes_through_every_form_and_back(key: PrivateKey) -> None:
    forms: list[str | bytes] = [key.to_pem(), key.to_der(), key.to_base64url(), key.to_jwk(), key.to_pem().encode()]
    for form in forms:
        again = PrivateKey.parse(form)
        assert (again.kid, again.bits, again.to_der()) == (key.kid, 2048, key.to_der())
        assert scout_auth.kid(form) == key.kid
        assert scout_auth.to_pem(form) == scout_auth.der_to_pem(form) == key.to_pem()
        assert scout_auth.to_base64url(form) == scout_auth.pem_to_der(form) == key.to_base64url()
    public = key.public_key
    for form in (public.to_pem(), public.to_der(), public.to_base64url(), public.to_jwk()):
        assert PublicKey.parse(form) == public
        assert scout_auth.kid(form) == scout_auth.kid(public) == scout_auth.kid(key) == key.kid


def test_cryptography_writes_the_same_pem(key: PrivateKey) -> None:
    theirs = serialization.load_pem_private_key(key.to_pem().encode(), None)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    assert theirs.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode() == key.to_pem()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    assert theirs.public_key().public_bytes(pem, spki).decode() == key.public_key.to_pem()


def test_pyjwt_reads_the_jwks(key: PrivateKey, signer: Signer) -> None:
    jwks = jwt.PyJWKSet.from_json(Verifier(key.public_key).to_jwk_set())
    assert jwt.decode(str(signer.token()), jwks[key.kid], ["RS256"])["sub"] == "cred_123"
    assert jwt.PyJWK.from_json(key.to_jwk()).key.private_numbers().public_numbers.n.bit_length() == key.bits


def test_a_signer_takes_a_key_as_text_as_bytes_and_parsed(key: PrivateKey) -> None:
    for form in (key.to_base64url(), key.to_der(), key):
        assert Signer("cred_123", form, kid=key.kid).kid == key.kid


def test_public_keys_are_equal_by_value(key: PrivateKey, other_key: PrivateKey) -> None:
    assert {key.public_key, PublicKey.parse(key.public_key.to_pem())} == {key.public_key}
    assert key.public_key != other_key.public_key


def test_a_verifier_takes_keys_in_every_form(key: PrivateKey, other_key: PrivateKey, signer: Signer) -> None:
    token = str(signer.token())
    public, other = key.public_key, other_key.public_key
    jwks = Verifier([public, other]).to_jwk_set()
    one: list[str | bytes | PublicKey] = [public, public.to_pem(), public.to_der()]
    several: list[Iterable[str | bytes | PublicKey]] = [one, [other, public.to_jwk()], iter([public])]
    for keys in (*one, jwks, jwks.encode(), *several):
        verifier = Verifier(keys)
        assert verifier.verify(token).credential_id == "cred_123"
        assert public in verifier.keys
    assert PublicKey.parse_set(jwks) == Verifier(jwks).keys
    with pytest.raises(scout_auth.TokenError) as caught:
        Verifier(other).verify(token)
    assert code(caught) == "ERR_TOKEN_KID_UNKNOWN"


def test_the_leeway_is_5_seconds_by_default(key: PrivateKey) -> None:
    token = str(scout_auth.mint_token("cred_123", key, issued_at=1_800_000_000))
    assert Verifier(key.public_key).verify(token, now=1_800_000_304)
    with pytest.raises(scout_auth.TokenExpiredError):
        Verifier(key.public_key).verify(token, now=1_800_000_305)
    assert Verifier(key.public_key, leeway=60).verify(token, now=1_800_000_359)


def test_the_same_objects_are_returned_until_the_token_changes(signer: Signer) -> None:
    token, authorization = signer.token(), signer.authorization()
    assert signer.token() is token
    assert signer.authorization() is authorization
    assert (
        authorization == f"Bearer {token}" == token.authorization == signer.authorization_for("https://scout.example/")
    )
    signer.invalidate()
    assert signer.token() is not token


def test_a_token_is_replaced_when_it_is_due(key: PrivateKey) -> None:
    signer = Signer("cred_123", key, lifetime=3, refresh_margin=2)
    first = signer.token()
    deadline = time.monotonic() + 10
    while signer.token() is first and time.monotonic() < deadline:
        time.sleep(0.05)
    assert signer.token().issued_at > first.issued_at


def test_mint_always_makes_a_new_token_and_keeps_the_current_one(signer: Signer) -> None:
    current = signer.token()
    assert signer.mint() is not signer.mint()
    assert signer.token() is current


def test_backdate_puts_iat_in_the_past(key: PrivateKey) -> None:
    token = Signer("cred_123", key, lifetime=100, backdate=60).mint()
    assert token.expires_at - token.issued_at == 100
    assert 55 < time.time() - token.issued_at < 120


def test_a_rejected_token_is_dropped_and_the_clock_is_learnt(signer: Signer) -> None:
    first = signer.token()
    assert signer.rejected(first.authorization, formatdate(time.time() + 3000, usegmt=True))
    assert 2990 < signer.clock_offset < 3010
    assert 2990 < signer.token().issued_at - first.issued_at < 3010
    second = signer.token()
    assert signer.rejected(first)
    assert signer.token() is second
    assert signer.rejected(str(second), "no date") in (True, False)
    assert signer.token() is not second


def test_from_env_makes_a_signer_or_an_api_key(
    key: PrivateKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SCOUT_API_KEY", "legacy")
    legacy = scout_auth.from_env()
    assert isinstance(legacy, ApiKey)
    assert legacy.authorization() == "Bearer legacy"
    monkeypatch.setenv("SCOUT_CREDENTIAL_ID", "cred_env")
    monkeypatch.setenv("SCOUT_PRIVATE_KEY", key.to_base64url())
    signer = scout_auth.from_env()
    assert isinstance(signer, Signer)
    assert (signer.credential_id, signer.kid) == ("cred_env", key.kid)
    monkeypatch.delenv("SCOUT_PRIVATE_KEY")
    (tmp_path / "key").write_text(key.to_pem())
    monkeypatch.setenv("SCOUT_PRIVATE_KEY_FILE", str(tmp_path / "key"))
    assert Signer.from_env().kid == PrivateKey.read_file(tmp_path / "key").kid == key.kid


def test_from_env_takes_the_settings_of_a_signer(key: PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOUT_CREDENTIAL_ID", '"cred_env"')
    monkeypatch.setenv("SCOUT_PRIVATE_KEY", key.to_base64url())
    settings: dict[str, Any] = {"lifetime": 60, "refresh_margin": 10, "backdate": 5}
    token = Signer.from_env(**settings, allowed_origins=["https://scout.example"]).token()
    assert token.expires_at - token.issued_at == 60
    with pytest.raises(ScoutAuthError) as caught:
        Signer.from_env(allowed_origins=["https://scout.example"]).authorization_for("https://other.example")
    assert code(caught) == "ERR_ORIGIN_NOT_ALLOWED"
    with pytest.raises(ScoutAuthError) as caught:
        Signer.from_env(refresh_margin=60, lifetime=60)
    assert code(caught) == "ERR_REFRESH_MARGIN"
    with pytest.raises(ScoutAuthError) as caught:
        Signer.from_env(kid=PrivateKey.generate().kid)
    assert code(caught) == "ERR_KID_MISMATCH"


def test_the_allowed_origins_hold_for_any_credential_of_the_environment(
    key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOUT_API_KEY", "legacy")
    credentials = [scout_auth.from_env(allowed_origins=["https://scout.example"])]
    monkeypatch.setenv("SCOUT_CREDENTIAL_ID", "cred_env")
    monkeypatch.setenv("SCOUT_PRIVATE_KEY", key.to_base64url())
    credentials.append(scout_auth.from_env(allowed_origins=["https://scout.example"]))
    assert [type(credential) for credential in credentials] == [ApiKey, Signer]
    for credential in credentials:
        with pytest.raises(ScoutAuthError) as caught:
            credential.authorization_for("https://other.example")
        assert code(caught) == "ERR_ORIGIN_NOT_ALLOWED"


def test_allowed_origins_are_any_iterable_of_str(key: PrivateKey) -> None:
    origin = "https://scout.example"
    for origins in ([origin], (origin,), {origin}, iter([origin]), {origin: 1}.keys()):
        assert Signer("cred_123", key, allowed_origins=origins).authorization_for(f"{origin}/v2")
    assert ApiKey("legacy", allowed_origins={origin}).authorization_for(f"{origin}/v2")
    for wrong, found in ((origin, "str"), (5, "int")):
        for make in (lambda **given: Signer("cred_123", key, **given), lambda **given: ApiKey("legacy", **given)):
            with pytest.raises(TypeError, match=f"expected an iterable of str, not {found}"):
                make(allowed_origins=wrong)
    with pytest.raises(TypeError, match="expected str, not bytes"):
        Signer("cred_123", key, allowed_origins=[b"https://scout.example"])  # type: ignore[list-item]


def test_a_setting_that_does_not_exist_is_refused_by_its_name(key: PrivateKey) -> None:
    makers: list[Any] = [Signer.from_env, scout_auth.from_env, lambda **given: Signer("cred_123", key, **given)]
    for make in makers:
        with pytest.raises(TypeError, match="unexpected keyword argument 'allowed_origin'"):
            make(allowed_origin=["https://scout.example"])


def test_one_str_serves_every_call_while_the_token_is_current(key: PrivateKey) -> None:
    for credential in (Signer("cred_123", key), ApiKey("legacy")):
        header = credential.authorization()
        assert credential.authorization() is header
        assert credential.authorization_for("https://scout.example") is header
        assert credential.bearer() is credential.bearer()
        assert header == f"Bearer {credential.bearer()}"


def test_an_api_key_may_be_the_raw_private_key(key: PrivateKey) -> None:
    raw = ApiKey.from_private_key(key.to_pem())
    assert raw.authorization() == raw.authorization_for("https://scout.example") == f"Bearer {key.to_base64url()}"


def test_import_loads_nothing_but_this_package() -> None:
    script = "import sys; before = set(sys.modules); import scout_auth; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert loaded.split() == ["scout_auth", "scout_auth._native"]


def test_every_public_name_says_what_it_is() -> None:
    for name in set(scout_auth.__all__) - {"__version__", "ErrorCode"}:
        thing = getattr(scout_auth, name)
        assert thing.__doc__, name
        assert thing.__module__ in ("scout_auth", "scout_auth._native", "scout_auth._types"), name
        methods = inspect.getmembers(thing, inspect.isroutine) if inspect.isclass(thing) else []
        for method, function in methods:
            if not method.startswith("_") and method not in dir(Exception):
                assert function.__doc__, f"{name}.{method}"
                assert inspect.signature(function), f"{name}.{method}"


def test_signatures_show_the_defaults() -> None:
    assert str(inspect.signature(Signer)) == (f"(credential_id, private_key, *, {SETTINGS})")
    assert str(inspect.signature(Signer.from_env)) == f"(*, env=None, prefix='', {SETTINGS})"
    assert str(inspect.signature(scout_auth.from_env)) == f"(*, env=None, prefix='', {SETTINGS})"
    assert str(inspect.signature(Signer.from_file)) == f"(path, *, {SETTINGS})"
    assert str(inspect.signature(Signer.from_command)) == f"(command, *, {SETTINGS})"
    assert str(inspect.signature(Verifier)) == "(keys, *, leeway=5)"
    assert str(inspect.signature(PrivateKey.generate)) == "(bits=2048)"
    assert str(inspect.signature(scout_auth.mint_token)) == (
        "(credential_id, private_key, *, "
        "kid=None, header_kid=None, lifetime=300, roles=None, claims=None, issued_at=None)"
    )
    assert str(inspect.signature(scout_auth.verify_token)) == "(token, keys, *, now=None, leeway=5)"


def test_the_examples_of_the_docstrings_work() -> None:
    for thing in (Signer, Verifier, PrivateKey):
        finder = doctest.DocTestFinder(recurse=False)
        for example in finder.find(thing, thing.__name__, globs=vars(scout_auth).copy()):
            assert doctest.DocTestRunner().run(example).failed == 0


def test_the_types_for_annotations_are_loaded_on_demand() -> None:
    assert scout_auth.Credential.__name__ == "Credential"
    codes = {code for literal in get_args(scout_auth.ErrorCode) for code in get_args(literal)}
    assert codes == {code for _, code, _, _ in scout_auth._native.error_table()}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = scout_auth.nothing  # type: ignore[attr-defined]


def test_every_object_takes_weak_references(key: PrivateKey, signer: Signer) -> None:
    claims = scout_auth.verify_token(signer.token(), key.public_key)
    for thing in (key, key.public_key, signer, signer.token(), ApiKey("legacy"), Verifier(key.public_key), claims):
        assert weakref.ref(thing)() is thing


def test_what_holds_no_secret_is_copied_pickled_and_hashed(key: PrivateKey, signer: Signer) -> None:
    token = str(signer.token())
    verifier = Verifier([key.public_key], leeway=0)
    claims = verifier.verify(token)
    for thing in (key.public_key, verifier, claims):
        assert copy.copy(thing) is copy.deepcopy(thing) is thing
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(key.public_key, protocol)) == key.public_key
        assert pickle.loads(pickle.dumps(claims, protocol)) == claims
        again = pickle.loads(pickle.dumps(verifier, protocol))
        assert again.keys == verifier.keys
        with pytest.raises(scout_auth.TokenExpiredError):
            again.verify(token, now=claims.expires_at)
    assert len({claims, verifier.verify(token)}) == 1
    roles = verifier.verify(scout_auth.mint_token("cred_123", key, roles=["reader"]))
    assert pickle.loads(pickle.dumps(roles)) == roles != claims
    assert pickle.loads(pickle.dumps(roles)).roles == ("reader",)
    assert {"key": key.public_key} == dataclasses.asdict(Holder(key.public_key))


def test_a_pickled_verifier_keeps_the_kids_that_its_set_has(key: PrivateKey) -> None:
    jwk_set = json.dumps({"keys": [json.loads(key.public_key.to_jwk()) | {"kid": "key-7"}]})
    token = scout_auth.mint_token("cred_123", key, header_kid="key-7")
    assert jwt.get_unverified_header(str(token))["kid"] == "key-7"
    verifier = Verifier(jwk_set)
    assert pickle.loads(pickle.dumps(verifier)).verify(token) == verifier.verify(token)
    with pytest.raises(scout_auth.TokenError):
        Verifier(key.public_key).verify(token)


def test_pyjwt_reads_the_roles_and_claims_that_we_mint(key: PrivateKey) -> None:
    claims = {"team": {"name": "ä", "ids": [1, 2.5, None, True]}, "note": '"x"'}
    settings: dict[str, Any] = {"roles": iter(["reader", "writer"]), "claims": MappingProxyType(claims)}
    signer = Signer("cred_123", key, **settings)
    settings["roles"] = {"reader": 1, "writer": 2}.keys()
    for token in (signer.bearer(), scout_auth.mint_token("cred_123", key, **settings)):
        decoded = jwt.decode(str(token), key.public_key.to_pem(), algorithms=["RS256"])
        assert decoded["roles"] == ["reader", "writer"]
        assert {name: decoded[name] for name in claims} == claims
        verified = scout_auth.verify_token(token, key.public_key)
        assert verified.roles == ("reader", "writer")
        assert dict(verified.claims) == decoded
        with pytest.raises(TypeError):
            verified.claims["iss"] = "other"  # type: ignore[index]
    assert scout_auth.verify_token(Signer("cred_123", key).token(), key.public_key).roles is None


def test_roles_and_claims_that_no_token_may_have_are_refused(key: PrivateKey) -> None:
    itself: dict[str, object] = {}
    itself["again"] = itself
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for settings, expected in (
        ({"claims": {"sub": "other"}}, "ERR_CLAIMS"),
        ({"claims": {"x": float("nan")}}, "ERR_CLAIMS"),
        ({"claims": {"x": float("-inf")}}, "ERR_CLAIMS"),
        ({"claims": itself}, "ERR_CLAIMS"),
        ({"claims": {"x": deep}}, "ERR_CLAIMS"),
        ({"claims": {"x": "\ud800"}}, "ERR_CLAIMS"),
        ({"claims": {"x": "x" * 4096}}, "ERR_CLAIMS"),
        ({"claims": {1: 1, "1": 1}}, "ERR_CLAIMS"),
        ({"roles": []}, "ERR_ROLES"),
        ({"roles": ["two words"]}, "ERR_ROLES"),
        ({"header_kid": ""}, "ERR_HEADER_KID"),
    ):
        wrong: Any = settings
        for make in (Signer, scout_auth.mint_token):
            with pytest.raises(scout_auth.ConfigError) as caught:
                make("cred_123", key, **wrong)
            assert code(caught) == expected, settings
    for of_wrong_type, message in (
        ({"claims": '{"x": 1}'}, "expected a mapping, not str"),
        ({"claims": [("x", 1)]}, "expected a mapping, not list"),
        ({"claims": {"x": {1, 2}}}, "not JSON serializable"),
        ({"roles": "reader"}, "expected an iterable of str, not str"),
        ({"roles": [1]}, "expected str, not int"),
    ):
        wrong = of_wrong_type
        for make in (Signer, scout_auth.mint_token):
            with pytest.raises(TypeError, match=message):
                make("cred_123", key, **wrong)


def test_a_key_may_be_a_bytearray_a_memoryview_or_a_secret_of_pydantic(key: PrivateKey) -> None:
    text = key.to_base64url()
    array = bytearray(text.encode())
    padded = memoryview(b"".join(bytes([byte, 0]) for byte in array))[::2]
    for form in (array, memoryview(array), padded, SecretStr(text), SecretBytes(text.encode())):
        assert PrivateKey.parse(form).kid == scout_auth.kid(form) == key.kid
        assert Signer("cred_123", form).kid == key.kid
        assert ApiKey(form).bearer() == ApiKey.from_private_key(form).bearer() == text
        assert scout_auth.to_pem(form) == key.to_pem()
    assert array == text.encode()
    assert ApiKey(SecretStr("legacy")).authorization() == "Bearer legacy"
    verifier = Verifier(bytearray(key.public_key.to_der()))
    assert verifier.verify(Signer("cred_123", key).token())
    for wrong in (SecretBytes(b"\xff"), SecretStr("\ud800"), bytearray(), memoryview(b"")):
        with pytest.raises(scout_auth.InvalidKeyError):
            PrivateKey.parse(wrong)
        with pytest.raises(scout_auth.ConfigError):
            ApiKey(wrong)


@dataclasses.dataclass
class Holder:
    key: PublicKey


def test_the_error_for_an_argument_of_a_wrong_type_is_plain(key: PrivateKey) -> None:
    wrong: Any = "text"
    for call, message in (
        (lambda: key.sign(wrong), "expected bytes, not str"),
        (lambda: key.public_key.verify(b"", wrong), "expected bytes, not str"),
        (lambda: PrivateKey.generate(wrong), "expected int, not str"),
        (lambda: Signer("cred_123", key, lifetime=True), "expected int, not bool"),
        (lambda: Verifier(key.public_key, leeway=False), "expected int, not bool"),
        (lambda: PrivateKey(wrong), r"use PrivateKey\.parse\(text\)"),
        (lambda: PublicKey(wrong), r"use PublicKey\.parse\(text\)"),
    ):
        with pytest.raises(TypeError, match=message):
            call()


def test_mypy_refuses_constructors_that_do_not_exist(tmp_path: Path) -> None:
    calls = ["PrivateKey()", "PrivateKey('text')", "PublicKey()", "Token()", "Claims()"]
    script = tmp_path / "calls.py"
    script.write_text("import scout_auth\n" + "".join(f"scout_auth.{call}\n" for call in calls))
    ran = subprocess.run([sys.executable, "-m", "mypy", script], capture_output=True, text=True, check=False)
    assert ran.stdout.count(" error: ") == len(calls), ran.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="it reads the memory of a process through /proc")
def test_no_copy_of_a_written_key_stays_in_freed_memory(key: PrivateKey, tmp_path: Path) -> None:
    """The only copy that remains is the str that the function returned."""
    (tmp_path / "key").write_text(key.to_base64url())
    pem, jwk = key.to_pem(), key.to_jwk()
    for expression, needle in {
        # Parts that are in no other form of the key.
        "key.to_pem()": pem[120:180],
        "scout_auth.to_pem(key.to_der())": pem[120:180],
        "key.to_jwk()": jwk[jwk.index(',"p":') - 20 :][:60],
    }.items():
        assert copies_in_memory(expression, needle.encode(), tmp_path / "key") == 1, expression


def copies_in_memory(expression: str, needle: bytes, key_file: Path) -> int:
    """Count the copies in a process that holds the result of the expression."""
    script = (
        "import sys, scout_auth; key = scout_auth.PrivateKey.read_file(sys.argv[1]);"
        f"result = {expression}; print(flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen([sys.executable, "-c", script, key_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin
    assert child.stdout
    with child.stdin, child.stdout:
        child.stdout.readline()
        count = 0
        with Path(f"/proc/{child.pid}/mem").open("rb", 0) as memory:
            for line in Path(f"/proc/{child.pid}/maps").read_text().splitlines():
                addresses, permissions, *_ = line.split()
                start, end = (int(address, 16) for address in addresses.split("-"))
                if permissions.startswith("rw"):
                    memory.seek(start)
                    count += memory.read(end - start).count(needle)
    child.wait()
    return count
