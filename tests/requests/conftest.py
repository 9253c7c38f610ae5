"""The client program of the test, and the server that verifies its tokens with PyJWT.

Most tests have the fixture local_scout instead. This server is for what a local Scout does not do: it redirects, and
shows the headers and bodies that it received.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from programs import Program
from scout_auth import PrivateKey
from server import Server, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scout_auth.testing import Credential, LocalScout


@pytest.fixture(scope="session")
def credential(local_scout_server: LocalScout) -> Credential:
    return local_scout_server.credential


@pytest.fixture(scope="session")
def public_keys(credential: Credential) -> dict[str, str]:
    return {credential.kid: PrivateKey.parse(credential.private_key).public_key.to_pem()}


@pytest.fixture
def server(public_keys: dict[str, str]) -> Iterator[Server]:
    with serving(public_keys) as server:
        yield server


@pytest.fixture
def other_server(public_keys: dict[str, str]) -> Iterator[Server]:
    """Another origin: the port is another."""
    with serving(public_keys) as server:
        yield server


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    program = Program(request.param)
    yield program
    assert program.close() == 0


@pytest.fixture
def client(program: Program, credential: Credential, server: Server) -> Program:
    """The client program with a signer that has no token yet."""
    program.follow(credential, server.url)
    return program


@pytest.fixture
def scouts_client(program: Program, local_scout: LocalScout) -> Program:
    """The same for the local Scout of the test."""
    program.follow(local_scout.credential, local_scout.url)
    return program
