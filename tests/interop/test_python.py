"""Tokens and keys of the scout-auth command against PyJWT and pyca/cryptography, both ways."""

import json
import os
import pathlib
import subprocess
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

ROOT = pathlib.Path(__file__).parents[2]
COMMAND = os.environ.get("SCOUT_AUTH", ROOT / "target/debug/scout-auth")


def scout_auth(*args, stdin="", **env):
    done = subprocess.run(
        [COMMAND, *args], input=stdin, env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=[2048, 3072, 4096], ids="{} bits".format)
def credential(request, tmp_path):
    key = json.loads(scout_auth("keygen", "--bits", str(request.param), "--json"))
    env = {"SCOUT_PRIVATE_KEY": key["private_key"], "SCOUT_CREDENTIAL_ID": "cred_123", "SCOUT_KID": key["kid"]}
    keys = tmp_path / "public.pem"
    keys.write_text(scout_auth("pem", "--public", **env))
    return key["kid"], env, keys


def test_our_pem_is_that_of_cryptography(credential):
    _, env, keys = credential
    pem = scout_auth("pem", **env)
    key = serialization.load_pem_private_key(pem.encode(), None)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert (pem, keys.read_text()) == (private.decode(), public.decode())


def test_pyjwt_accepts_our_token(credential):
    kid, env, keys = credential
    token = scout_auth("token", **env).strip()
    claims = jwt.decode(
        token, keys.read_text(), algorithms=["RS256"], issuer="scout", options={"require": ["iss", "sub", "iat", "exp"]}
    )
    assert claims["sub"] == "cred_123"
    assert claims["exp"] - claims["iat"] == 300
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": kid}


def test_we_accept_the_token_of_pyjwt(credential):
    kid, env, keys = credential
    now = int(time.time())
    claims = {"iss": "scout", "sub": "cred_123", "iat": now, "exp": now + 300}
    token = jwt.encode(claims, scout_auth("pem", **env), "RS256", {"kid": kid})
    verified = json.loads(scout_auth("verify", "--keys", str(keys), "--json", stdin=token))
    assert (verified["credential_id"], verified["issued_at"], verified["kid"]) == ("cred_123", now, kid)
