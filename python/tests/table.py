"""What the package copies from the extension: the codes as a type, and the docstrings of the stub.

`python tests/table.py` writes them again.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from itertools import groupby
from pathlib import Path

from scout_auth import _native

PACKAGE = Path(__file__).parents[1] / "python" / "scout_auth"
CODES = PACKAGE / "_types.py"
STUB = PACKAGE / "_native.pyi"


def codes_as_they_must_be() -> str:
    families = groupby(_native.error_table(), key=lambda row: row[0] // 100)
    literals = ("Literal[\n" + "".join(f'        "{row[1]}",\n' for row in rows) + "    ]" for _, rows in families)
    union = "(\n    " + "\n    | ".join(literals) + "\n)\n"
    return re.sub(r"(?<=ErrorCode: TypeAlias = ).*", lambda _: union, CODES.read_text(), flags=re.DOTALL)


def stub_as_it_must_be() -> str:
    """Return the stub with the docstrings that help() shows. Editors read the stub alone."""
    source = STUB.read_text()
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    # From the end, so that the positions before an edit stay right.
    for node, owner in reversed(list(documented(ast.parse(source).body, _native))):
        doc = inspect.getdoc(getattr(owner, node.name))
        if not doc or node.name.startswith("__"):
            continue
        first = node.body[0]
        if isinstance(first, ast.Expr):  # the docstring, or ...
            begin, end = starts[first.lineno - 1] + first.col_offset, after(first, starts)
        else:
            begin = end = starts[node.lineno] - 1
        source = source[:begin].rstrip() + "\n" + docstring(doc, node.col_offset + 4) + source[end:]
    return source


def after(node: ast.stmt, starts: list[int]) -> int:
    assert node.end_lineno
    assert node.end_col_offset
    return starts[node.end_lineno - 1] + node.end_col_offset


def documented(nodes: list[ast.stmt], owner: object) -> list[tuple[ast.ClassDef | ast.FunctionDef, object]]:
    found: list[tuple[ast.ClassDef | ast.FunctionDef, object]] = []
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            found += [(node, owner), *documented(node.body, getattr(owner, node.name))]
        elif isinstance(node, ast.FunctionDef):
            found.append((node, owner))
    return found


def docstring(text: str, indent: int) -> str:
    end = "\n" if "\n" in text else ""
    raw = "r" if "\\" in text else ""
    return textwrap.indent(f'{raw}"""{text}{end}"""', " " * indent)


def write(path: Path, text: str) -> None:
    """Write the file if it differs: the wheel is built again if one of its sources is newer."""
    if path.read_text() != text:
        path.write_text(text)


if __name__ == "__main__":
    write(CODES, codes_as_they_must_be())
    write(STUB, stub_as_it_must_be())
