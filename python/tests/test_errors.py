"""The exceptions: their names, their codes, and what a user runs into."""

from __future__ import annotations

import concurrent.futures
import pickle
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
import scout_auth
import table
from scout_auth import (
    ApiKey,
    ConfigError,
    InternalError,
    InvalidKeyError,
    KidMismatchError,
    PrivateKey,
    PublicKey,
    ScoutAuthError,
    Signer,
    TokenError,
    TokenExpiredError,
    TokenSignatureError,
    UrlInsecureError,
    VariableMissingError,
    Verifier,
    _native,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SOME_KID = "A" * 43
FAMILIES = {1: InvalidKeyError, 2: TokenError, 3: ConfigError, 9: InternalError}


def raised(function: object, *args: object, **kwargs: object) -> ScoutAuthError:
    with pytest.raises(ScoutAuthError) as caught:
        function(*args, **kwargs)  # type: ignore[operator]
    return caught.value


def attributes(error: ScoutAuthError) -> tuple[str, int, str, int]:
    return error.code, error.number, error.help, error.status


def test_the_type_of_codes_lists_the_codes_of_the_core_and_no_others() -> None:
    assert table.CODES.read_text() == table.codes_as_they_must_be()


def test_the_stub_has_the_docstrings_of_the_extension() -> None:
    assert table.STUB.read_text() == table.stub_as_it_must_be()


def test_every_error_is_of_the_class_of_its_family() -> None:
    for number, code, kind, _ in _native.error_table():
        assert issubclass(kind, FAMILIES[number // 100]), code
        assert issubclass(kind, ScoutAuthError), code


def test_every_class_is_raised_for_some_error() -> None:
    public = {value for value in vars(scout_auth).values() if isinstance(value, type) and issubclass(value, Exception)}
    assert public - {kind for _, _, kind, _ in _native.error_table()} == {ScoutAuthError}


def test_a_mistaken_key_is_the_same_error_in_every_function(key: PrivateKey, tmp_path: Path) -> None:
    """The vectors have every mistake. Here are the types and functions of Python."""
    text = key.to_base64url()
    mistakes: dict[str | bytes, str] = {
        text[:-100]: "ERR_KEY_TRUNCATED",
        key.to_der() * 2: "ERR_KEY_TRAILING_DATA",
        "/run/secrets/key.pem": "ERR_KEY_IS_PATH",
    }
    for mistaken, code in mistakes.items():
        (tmp_path / "key").write_bytes(mistaken if isinstance(mistaken, bytes) else mistaken.encode())
        for error in (
            raised(PrivateKey.parse, mistaken),
            raised(Signer, "cred_123", mistaken),
            raised(PrivateKey.read_file, tmp_path / "key"),
        ):
            assert (error.code, type(error)) == (code, InvalidKeyError)


def test_a_lone_surrogate_in_a_key_is_an_encoding_error(key: PrivateKey) -> None:
    text = key.to_base64url()
    assert raised(PrivateKey.parse, text[:50] + "\udc80" + text[50:]).code == "ERR_KEY_ENCODING"


def test_a_wrong_kid_is_a_kid_mismatch(key: PrivateKey, other_key: PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    error = raised(Signer, "cred_123", key, kid=other_key.kid)
    assert isinstance(error, KidMismatchError)
    assert error.code == "ERR_KID_MISMATCH"
    assert key.kid in str(error)
    assert other_key.kid in str(error)
    assert raised(scout_auth.mint_token, "cred_123", key, kid="x").code == "ERR_KID_MALFORMED"
    monkeypatch.setenv("SCOUT_PRIVATE_KEY", key.to_base64url())
    monkeypatch.setenv("SCOUT_CREDENTIAL_ID", "cred_123")
    monkeypatch.setenv("SCOUT_KID", other_key.kid)
    assert raised(Signer.from_env).code == "ERR_KID_MISMATCH"


@pytest.mark.parametrize("value", [-1, 0, 301, 2**63, 2**64, 2**200, -(2**200)])
def test_a_lifetime_outside_1_to_300_is_refused_by_name(key: PrivateKey, value: int) -> None:
    assert raised(Signer, "cred_123", key, lifetime=value).code == "ERR_LIFETIME"
    assert raised(scout_auth.mint_token, "cred_123", key, lifetime=value).code == "ERR_LIFETIME"


def test_settings_out_of_range_are_refused_by_name(key: PrivateKey) -> None:
    for settings, code in {
        ("backdate", 300): "ERR_BACKDATE",
        ("backdate", -1): "ERR_BACKDATE",
        ("refresh_margin", 300): "ERR_REFRESH_MARGIN",
        ("refresh_margin", -1): "ERR_REFRESH_MARGIN",
        ("allowed_origins", ("http://scout.example",)): "ERR_ORIGIN",
    }.items():
        assert raised(Signer, "cred_123", key, **{settings[0]: settings[1]}).code == code, settings
    for credential_id in ("", "a b", "é", "a\n", "a" * 256, "\udc80"):
        assert raised(Signer, credential_id, key).code == "ERR_CREDENTIAL_ID", credential_id
    assert raised(Verifier, key.public_key, leeway=301).code == "ERR_LEEWAY"
    assert raised(Verifier, key.public_key, leeway=-1).code == "ERR_LEEWAY"
    for bits in (1024, -1, 2**64):
        assert raised(PrivateKey.generate, bits).code == "ERR_KEY_SIZE"
    for time in (-1, 2**64, 2**64 - 1):
        assert raised(scout_auth.mint_token, "cred_123", key, issued_at=time).code == "ERR_ARGUMENT"
    assert raised(ApiKey, "a b").code == "ERR_API_KEY"
    assert isinstance(raised(Signer("cred_123", key).authorization_for, "http://scout.example"), UrlInsecureError)
    assert raised(Signer("cred_123", key).authorization_for, "scout.example").code == "ERR_URL"


def test_a_missing_variable_is_named(key: PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SCOUT_PRIVATE_KEY" in str(raised(scout_auth.from_env))
    monkeypatch.setenv("SCOUT_PRIVATE_KEY", key.to_base64url())
    error = raised(Signer.from_env)
    assert isinstance(error, VariableMissingError)
    assert "SCOUT_CREDENTIAL_ID" in str(error)
    monkeypatch.setenv("SCOUT_PRIVATE_KEY_FILE", "/nowhere")
    assert raised(Signer.from_env).code == "ERR_VARIABLE_CONFLICT"


def test_an_unreadable_file_is_a_config_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        error = raised(PrivateKey.read_file, path)
        assert isinstance(error, ConfigError)
        assert error.code == "ERR_KEY_FILE"


def test_a_refused_token_says_why(key: PrivateKey, other_key: PrivateKey) -> None:
    verifier = Verifier(key.public_key)
    token = scout_auth.mint_token("cred_123", key, issued_at=1_800_000_000)
    head, claims, signature = str(token).split(".")
    forged = f"{head}.{claims[:-2]}AA.{signature}"
    assert isinstance(raised(verifier.verify, forged, now=1_800_000_000), TokenSignatureError)
    assert isinstance(raised(verifier.verify, token, now=1_800_000_400), TokenExpiredError)
    assert raised(verifier.verify, token, now=1_799_999_000).code == "ERR_TOKEN_FROM_FUTURE"
    assert raised(verifier.verify, token.authorization).code == "ERR_TOKEN_MALFORMED"
    assert raised(verifier.verify, scout_auth.mint_token("a", other_key)).code == "ERR_TOKEN_KID_UNKNOWN"
    assert raised(scout_auth.verify_token, token, key.to_pem()).code == "ERR_KEY_IS_PRIVATE"


def test_a_private_key_is_not_taken_for_a_public_one(key: PrivateKey) -> None:
    for form in (key.to_pem(), key.to_jwk(), key.to_der()):
        assert raised(PublicKey.parse, form).code == "ERR_KEY_IS_PRIVATE"
    with pytest.raises(TypeError, match="not PrivateKey"):
        Verifier(key)  # type: ignore[arg-type]


def test_a_verifier_without_a_key_is_refused(key: PrivateKey) -> None:
    exhausted = iter([key.public_key])
    next(exhausted)
    nothing: list[Iterable[str] | str] = [[], (), {}, set(), '{"keys":[]}']
    for keys in (*nothing, exhausted):
        assert raised(Verifier, keys).code == "ERR_KEY_SET_EMPTY", keys
        assert raised(scout_auth.verify_token, "", keys).code == "ERR_KEY_SET_EMPTY", keys


def test_an_error_has_the_http_status_for_a_server(key: PrivateKey) -> None:
    assert raised(scout_auth.verify_token, "", key.public_key).status == TokenError.status == 401
    assert raised(scout_auth.verify_token, "", key.public_key, now=-1).status == 400
    assert raised(Signer.from_env).status == 500


def test_an_error_pickles_with_its_attributes() -> None:
    error = raised(PrivateKey.parse, "")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    assert attributes(again) == attributes(error)


def test_an_error_comes_back_from_another_process() -> None:
    pool = concurrent.futures.ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    with pool, pytest.raises(InvalidKeyError) as caught:
        pool.submit(PrivateKey.parse, "").result()
    assert caught.value.code == "ERR_KEY_EMPTY"


def test_an_error_says_what_to_do() -> None:
    error = raised(PrivateKey.parse, "")
    assert str(error) == f"the key text is empty; {error.help}"


def test_an_error_that_was_made_from_its_class_and_text_keeps_its_attributes(key: PrivateKey) -> None:
    """As Celery makes it from JSON."""
    texts = ("", "x", key.to_base64url()[:-100], key.public_key.to_pem(), "/run/secrets/key.pem")
    errors = [raised(PrivateKey.parse, text) for text in texts]
    errors += [raised(Signer.from_env), raised(Signer, "cred_123", key, kid=SOME_KID), raised(ApiKey, "")]
    for error in errors:
        again = type(error)(*error.args)
        assert attributes(again) == attributes(error)


def test_an_error_that_was_made_from_its_class_alone_has_the_attributes_of_its_class() -> None:
    """As a mock makes it."""
    for kind, code in {
        ScoutAuthError: "ERR_INTERNAL",
        InvalidKeyError: "ERR_KEY_FORMAT",
        KidMismatchError: "ERR_KID_MISMATCH",
        TokenError: "ERR_TOKEN_MALFORMED",
        TokenExpiredError: "ERR_TOKEN_EXPIRED",
        TokenSignatureError: "ERR_TOKEN_SIGNATURE",
        ConfigError: "ERR_ARGUMENT",
        VariableMissingError: "ERR_VARIABLE_MISSING",
        UrlInsecureError: "ERR_URL_INSECURE",
        InternalError: "ERR_INTERNAL",
    }.items():
        error = kind("something else")
        assert error.code == kind.code == code
        assert isinstance(error.number, int)
        assert error.help
        error.code = "ERR_CLOCK"
        assert error.code == "ERR_CLOCK"
