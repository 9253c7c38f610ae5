"""The fixtures of pytest. pytest finds this module by itself when scout-auth is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .testing import LocalScout


@pytest.fixture(scope="session")
def local_scout_server() -> Iterator[LocalScout]:
    """Run a local Scout for all tests of this process. With pytest-xdist, each worker has its own."""
    from .testing import start_local_scout  # noqa: PLC0415 - pytest loads this module in every run

    with start_local_scout() as scout:
        yield scout


@pytest.fixture
def local_scout(local_scout_server: LocalScout) -> LocalScout:
    """Return an organisation of a local Scout for this test alone: no other test sees what this one does."""
    return local_scout_server.organization()
