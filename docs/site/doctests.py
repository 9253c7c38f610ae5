"""Shows the examples in docstrings (`>>> …`) as code. Without this, Markdown takes them for quotations."""

from __future__ import annotations

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"(?:^>>>.*\n?(?:.+\n?)*)+", re.MULTILINE)


class Doctests(griffe.Extension):
    """Fences each example."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            fenced = EXAMPLE.sub(lambda example: f"```pycon\n{example[0].rstrip()}\n```\n", obj.docstring.value)
            obj.docstring.value = fenced
