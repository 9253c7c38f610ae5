"""What the tests of the package and those of the pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scout_auth import PrivateKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp_server import McpServer


@pytest.fixture(scope="session")
def key() -> PrivateKey:
    return PrivateKey.generate()


@pytest.fixture
def mcp_server(key: PrivateKey) -> Iterator[McpServer]:
    # The package takes longer to load than the other tests to collect.
    from mcp_server import serving_mcp  # noqa: PLC0415

    with serving_mcp(key.public_key.to_pem()) as server:
        yield server
