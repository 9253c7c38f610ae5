"""A server on PyJWT, on joserfc, or on the command openssl: see ../README.md.

python peer.py LIBRARY mint KEY.pem KID CREDENTIAL_ID
python peer.py LIBRARY verify KEY.pem < tokens
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import joserfc.errors
import jwt
from joserfc.jwk import RSAKey
from joserfc.jwt import JWTClaimsRegistry
from joserfc.jwt import decode as joserfc_decode
from joserfc.jwt import encode as joserfc_encode

Members = dict[str, object]
Token = tuple[Members, Members]


class Refused(Exception):  # noqa: N818
    """The token is not one that this server accepts."""


class PyJwt:
    @staticmethod
    def mint(key: pathlib.Path, header: Members, claims: Members) -> str:
        return jwt.encode(claims, key.read_text(), "RS256", header)

    @staticmethod
    def verify(key: pathlib.Path, token: str) -> Token:
        try:
            required = {"require": ["iss", "sub", "iat", "exp"]}
            claims = jwt.decode(token, key.read_text(), algorithms=["RS256"], issuer="scout", options=required)
        except jwt.InvalidTokenError as error:
            raise Refused(error) from error
        return jwt.get_unverified_header(token), claims


class Joserfc:
    claims = JWTClaimsRegistry(
        iss={"essential": True, "value": "scout"},
        sub={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
    )

    @staticmethod
    def mint(key: pathlib.Path, header: Members, claims: Members) -> str:
        return joserfc_encode(header, claims, RSAKey.import_key(key.read_text()), ["RS256"])

    @classmethod
    def verify(cls, key: pathlib.Path, token: str) -> Token:
        try:
            verified = joserfc_decode(token, RSAKey.import_key(key.read_text()), ["RS256"])
            cls.claims.validate(verified.claims)
        except joserfc.errors.JoseError as error:
            raise Refused(error) from error
        return verified.header, verified.claims


class Openssl:
    """openssl checks only the signature. The rest is what a shell script would do."""

    @staticmethod
    def mint(key: pathlib.Path, header: Members, claims: Members) -> str:
        message = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        signature = dgst("-sign", str(key), message=message).stdout
        return f"{message}.{encoded(signature)}"

    @staticmethod
    def verify(key: pathlib.Path, token: str) -> Token:
        try:
            header, claims = (json.loads(decoded(part)) for part in token.split(".")[:2])
            sound = header["alg"] == "RS256" and claims["iss"] == "scout" and claims["exp"] > time.time()
        except (ValueError, KeyError) as error:
            raise Refused(error) from error
        if not sound:
            raise Refused(header, claims)
        message, _, signature = token.rpartition(".")
        with tempfile.NamedTemporaryFile() as file:
            file.write(decoded(signature))
            file.flush()
            done = dgst("-verify", str(key), "-signature", file.name, message=message)
        if done.returncode:
            raise Refused(done.stdout.decode().strip())
        return header, claims


def dgst(*options: str, message: str) -> subprocess.CompletedProcess[bytes]:
    words = ["openssl", "dgst", "-sha256", *options]
    return subprocess.run(words, input=message.encode(), capture_output=True, check=False)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


LIBRARIES = {"PyJWT": PyJwt, "joserfc": Joserfc, "openssl": Openssl}


def main(library: str, call: str, key: str, *words: str) -> None:
    peer = LIBRARIES[library]
    if call == "mint":
        kid, credential_id = words
        now = int(time.time())
        claims = {"iss": "scout", "sub": credential_id, "iat": now, "exp": now + 300}
        print(peer.mint(pathlib.Path(key), {"alg": "RS256", "typ": "JWT", "kid": kid}, claims))
        return
    for line in sys.stdin:
        try:
            header, claims = peer.verify(pathlib.Path(key), line.rstrip("\n"))
            print("accepted", claims["sub"], header["kid"])
        except Refused as refused:
            print("refused", *refused.args)


main(*sys.argv[1:])
