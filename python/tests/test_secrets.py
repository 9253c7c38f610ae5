"""No text of a key or token in repr, copies, pickles and errors."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import re
import traceback
from pathlib import Path
from typing import Any

import pytest
import scout_auth
from scout_auth import ApiKey, PrivateKey, Signer, Token, Verifier


def holders(key: PrivateKey, signer: Signer) -> list[PrivateKey | Signer | Token | ApiKey]:
    return [key, signer, signer.token(), ApiKey("legacy_api_key")]


def assert_silent(text: str, *secrets: str) -> None:
    for secret in secrets:
        for start in range(0, len(secret) - 12, 6):
            assert secret[start : start + 12] not in text


def test_repr_shows_the_kid_and_the_credential_id_only(key: PrivateKey, signer: Signer) -> None:
    token = signer.token()
    assert repr(key) == str(key) == f"<PrivateKey kid={key.kid} bits=2048>"
    assert repr(key.public_key) == f"<PublicKey kid={key.kid} bits=2048>"
    assert repr(signer) == str(signer) == f'<Signer credential_id="cred_123" kid={key.kid}>'
    assert repr(token) == f"<Token issued_at={token.issued_at} expires_at={token.expires_at}>"
    assert repr(ApiKey("legacy_api_key")) == "<ApiKey>"
    assert repr(Verifier(key.public_key)) == f"<Verifier kids={key.kid}>"


def test_copies_are_the_object_itself(key: PrivateKey, signer: Signer) -> None:
    for holder in holders(key, signer):
        assert copy.copy(holder) is holder
        assert copy.deepcopy(holder) is holder
        assert copy.deepcopy([holder])[0] is holder


def test_pickle_is_refused_with_a_reason(key: PrivateKey, signer: Signer) -> None:
    for holder in holders(key, signer):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match=f"cannot pickle {type(holder).__name__}: it .*;"):
                pickle.dumps(holder, protocol)


def test_attributes_cannot_be_looked_into_or_changed(key: PrivateKey, signer: Signer) -> None:
    for holder in holders(key, signer):
        assert not hasattr(holder, "__dict__")
        with pytest.raises(AttributeError):
            holder.kid = "x"  # type: ignore[misc, union-attr]
        with pytest.raises(TypeError):
            type("Subclass", (type(holder),), {})


VECTORS = Path(__file__).parents[2] / "tests/vectors/keys.json"


def refused_keys() -> list[tuple[str, str | bytes]]:
    cases = [case for case in json.loads(VECTORS.read_text())["cases"] if case["call"] == "private_key"]
    refused = [(case["name"], case["given"]) for case in cases if "error" in case["expect"]]
    return [(name, given.get("text") or base64.b64decode(given.get("base64", ""))) for name, given in refused]


def test_no_error_carries_key_text() -> None:
    for case, text in refused_keys():
        with pytest.raises(scout_auth.InvalidKeyError) as caught:
            PrivateKey.parse(text)
        error = caught.value
        shown = "".join(traceback.format_exception_only(error)) + repr(vars(error)) + repr(error.args)
        assert error.__context__ is None, case
        if len(text) > 200:
            assert_silent(shown, re.sub("-----[A-Z ]+-----", "", str(text)))


def test_no_type_error_carries_the_value(key: PrivateKey) -> None:
    secret: Any = [key.to_pem()]
    for function in (PrivateKey.parse, ApiKey, scout_auth.kid, scout_auth.to_pem, Verifier, PrivateKey.read_file):
        with pytest.raises((TypeError, scout_auth.ScoutAuthError)) as caught:
            function(secret)
        assert_silent("".join(traceback.format_exception_only(caught.value)), key.to_pem())
    with pytest.raises(TypeError) as type_error:
        Signer("cred_123", secret)
    assert_silent("".join(traceback.format_exception_only(type_error.value)), key.to_pem())
