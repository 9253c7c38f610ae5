"""A credential, the command, and the servers."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import RSAKey
from server import Server, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Credential:
    """A throwaway credential, its kid computed by another library than ours."""

    id: str
    kid: str
    public_key: str
    private_key: str

    @property
    def environment(self) -> dict[str, str]:
        return {"SCOUT_PRIVATE_KEY": self.private_key, "SCOUT_CREDENTIAL_ID": self.id}


def issue(credential_id: str) -> Credential:
    key = RSAKey.generate_key(2048)
    text = base64.urlsafe_b64encode(key.as_der(private=True)).decode().rstrip("=")
    return Credential(credential_id, key.thumbprint(), key.as_pem(private=False).decode(), text)


@pytest.fixture(scope="session")
def credential() -> Credential:
    return issue("cred_mcp")


@pytest.fixture
def server(credential: Credential, request: pytest.FixtureRequest) -> Iterator[Server]:
    options = getattr(request, "param", {})
    with serving(credential.kid, credential.public_key, **options) as server:
        yield server


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
