"""The codes of core's table of errors in the stub. `python tests/table.py` writes them again."""

from __future__ import annotations

import re
from pathlib import Path

from scout_auth import _native

HERE = Path(__file__).parents[1]
STUB = HERE / "python" / "scout_auth" / "_native.pyi"


def stub_as_it_must_be() -> str:
    codes = "".join(f'    "{code}",\n' for _, code, _, _ in _native.ERRORS)
    return re.sub(r"(?<=_Code: TypeAlias = Literal\[\n).*?(?=\])", codes, STUB.read_text(), flags=re.DOTALL)


if __name__ == "__main__":
    STUB.write_text(stub_as_it_must_be())
