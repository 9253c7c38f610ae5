"""The boundary that no panic crosses: for a build with the feature test-hooks, which no wheel has."""

from __future__ import annotations

import pytest
from scout_auth import InternalError, _native


@pytest.mark.parametrize("detached", [True, False], ids=["without the GIL", "with the GIL"])
def test_a_panic_becomes_an_internal_error_of_fixed_text(detached: bool) -> None:
    with pytest.raises(InternalError) as caught:
        _native._panic(detached)  # type: ignore[attr-defined]
    assert (caught.value.code, caught.value.number) == ("ERR_INTERNAL", 902)
    assert "the text of a panic" not in str(caught.value)
