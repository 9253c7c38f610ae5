"""Two credentials, two servers, and the client program of the test."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import RSAKey
from programs import Program
from server import Server, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Credential:
    """An org credential, its kid computed by another library than ours."""

    id: str
    kid: str
    public_key: str
    #: Holds the private key as Scout issues it.
    key_file: Path


@pytest.fixture(scope="session")
def credential(tmp_path_factory: pytest.TempPathFactory) -> Credential:
    return issue("cred_v1", tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def new_credential(tmp_path_factory: pytest.TempPathFactory) -> Credential:
    return issue("cred_v2", tmp_path_factory.mktemp("keys"))


def issue(credential_id: str, directory: Path) -> Credential:
    key = RSAKey.generate_key(2048)
    key_file = directory / "private.key"
    key_file.write_text(base64.urlsafe_b64encode(key.as_der(private=True)).decode().rstrip("="))
    return Credential(credential_id, key.thumbprint(), key.as_pem(private=False).decode(), key_file)


@pytest.fixture
def server(credential: Credential) -> Iterator[Server]:
    with serving({credential.kid: credential.public_key}) as server:
        yield server


@pytest.fixture
def other_server(credential: Credential) -> Iterator[Server]:
    """Another origin: the port is another."""
    with serving({credential.kid: credential.public_key}) as server:
        yield server


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    program = Program(request.param)
    yield program
    assert program.close() == 0


@pytest.fixture
def client(program: Program, credential: Credential, server: Server) -> Program:
    """The client program with a signer that has no token yet."""
    program.use(credential, server.url)
    return program
