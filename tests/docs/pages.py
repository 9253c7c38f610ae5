"""The code blocks of every page of the repository."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)
#: What only tells what was.
NOT_PAGES = {"CHANGELOG.md"}


@dataclass(frozen=True)
class Block:
    """A block between two lines of three backticks."""

    page: str
    #: How many blocks of its language come before it on the page.
    number: int
    line: int
    language: str
    text: str

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> list[Block]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    pages = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return [block for page in sorted(pages) if page not in NOT_PAGES for block in blocks_of(page)]


def blocks_of(page: str) -> list[Block]:
    text = (ROOT / page).read_text()
    found: list[Block] = []
    for match in BLOCK.finditer(text):
        language = match[1]
        number = sum(block.language == language for block in found)
        found.append(Block(page, number, text.count("\n", 0, match.start()) + 2, language, match[2]))
    return found
