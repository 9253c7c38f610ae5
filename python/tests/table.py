"""The codes of core's table of errors, as a type. `python tests/table.py` writes them again."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from scout_auth import _native

HERE = Path(__file__).parents[1]
CODES = HERE / "python" / "scout_auth" / "_types.py"


def codes_as_they_must_be() -> str:
    families = groupby(_native.ERRORS, key=lambda row: row[0] // 100)
    literals = ("Literal[\n" + "".join(f'        "{row[1]}",\n' for row in rows) + "    ]" for _, rows in families)
    union = "(\n    " + "\n    | ".join(literals) + "\n)\n"
    return re.sub(r"(?<=ErrorCode: TypeAlias = ).*", lambda _: union, CODES.read_text(), flags=re.DOTALL)


if __name__ == "__main__":
    CODES.write_text(codes_as_they_must_be())
