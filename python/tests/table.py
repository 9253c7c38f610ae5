"""The two copies of core's table of errors. `python tests/table.py` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from scout_auth import _native

HERE = Path(__file__).parents[1]
STUB = HERE / "python" / "scout_auth" / "_native.pyi"
README = HERE / "README.md"


def stub_as_it_must_be() -> str:
    codes = "".join(f'    "{code}",\n' for _, code, _, _ in _native.ERRORS)
    return re.sub(r"(?<=_Code: TypeAlias = Literal\[\n).*?(?=\])", codes, STUB.read_text(), flags=re.DOTALL)


def readme_as_it_must_be() -> str:
    rows = (f"| {number} | `{code}` | `{kind.__name__}` | {text} |\n" for number, code, kind, text in _native.ERRORS)
    heading = r"(?<=\| number \| code \| class \| what is wrong \|\n\| --- \| --- \| --- \| --- \|\n)"
    return re.sub(heading + r"(\|[^\n]*\n)*", "".join(rows), README.read_text())


if __name__ == "__main__":
    STUB.write_text(stub_as_it_must_be())
    README.write_text(readme_as_it_must_be())
