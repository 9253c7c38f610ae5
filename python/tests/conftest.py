"""Keys made at run time, a signer, and servers."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from hypothesis import settings
from scout_auth import PrivateKey, Signer
from server import Server, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

# The wheel has an entry point for it. A package that was built for development has none.
pytest_plugins = ["pytester", "scout_auth.pytest_plugin", "shared"]
os.environ.setdefault("SCOUT_AUTH_TOOLS", str(Path(__file__).parents[2] / "target/debug/scout-auth"))

# An example may take as long as the machine needs.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def other_key() -> PrivateKey:
    return PrivateKey.generate()


@pytest.fixture
def signer(key: PrivateKey) -> Signer:
    return Signer("cred_123", key)


@pytest.fixture(autouse=True)
def no_credential_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "PRIVATE_KEY",
        "PRIVATE_KEY_FILE",
        "CREDENTIAL_FILE",
        "CREDENTIAL_COMMAND",
        "CREDENTIAL_ID",
        "KID",
        "API_KEY",
    ):
        monkeypatch.delenv(f"SCOUT_{name}", raising=False)


@pytest.fixture
def server(key: PrivateKey) -> Iterator[Server]:
    with serving({key.kid: key.public_key.to_pem()}) as server:
        yield server


@pytest.fixture
def other_server(key: PrivateKey) -> Iterator[Server]:
    """Another origin: its port differs."""
    with serving({key.kid: key.public_key.to_pem()}) as server:
        yield server


@pytest.fixture
def tls_server(key: PrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """An https server whose certificate every client trusts through the environment."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with serving({key.kid: key.public_key.to_pem()}, tls) as server:
        yield server
