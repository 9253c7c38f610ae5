"""Copies every page of the repository to target/docs, from where mkdocs builds the site.

A page keeps its path, so the links between pages work here as they work in the repository. A source file that a page
links to becomes a page too. rustdoc shows the READMEs of the Rust libraries.

    stage.py FOLDER
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/docs"))

import ledger  # noqa: E402

#: A link to something in the repository: `](path)` or `](path#anchor)`.
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)(?=[)#])")
#: What is somewhere else on the site than in the repository.
MOVED = {
    "core/README.md": "reference/rust/scout_auth/index.html",
    "local/README.md": "reference/rust/scout_auth_local/index.html",
    "c/include/scout_auth.h": "reference/c/scout__auth_8h.html",
}
#: Pages of the site that the repository has no use for.
ADDED = {"docs/site/reference.md": "reference/README.md", "docs/site/python.md": "reference/python.md"}
LANGUAGES = {".h": "c", ".hpp": "cpp", ".mjs": "js", ".py": "python", ".rs": "rust", ".yml": "yaml"}


def main(site: Path) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    pages = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    sources: set[str] = set()
    for page in pages:
        if page not in MOVED and (ROOT / page).exists():
            write(site / ADDED.get(page, page), linked((ROOT / page).read_text(), page, sources))
    write(site / "blocks.md", ledger.report())
    for images in ("docs/images", "docs/benchmarks"):
        shutil.copytree(ROOT / images, site / images, dirs_exist_ok=True)
    write(site / "assets/extra.css", (HERE / "extra.css").read_text())
    for source in sorted(sources):
        text = (ROOT / source).read_text()
        language = LANGUAGES.get(Path(source).suffix, Path(source).suffix.removeprefix("."))
        write(site / f"{source}.md", f"# {source}\n\n````{language}\n{text}````\n")


def linked(text: str, page: str, sources: set[str]) -> str:
    """Return the text with the links that are others on the site, and note the source files among them."""

    def there(match: re.Match[str]) -> str:
        if page in ADDED:
            return match[1]
        path = os.path.normpath(Path(page).parent / match[1])
        if path in MOVED:
            return os.path.relpath(MOVED[path], Path(page).parent)
        if (ROOT / path).is_file() and not path.endswith((".md", ".png", ".svg")):
            sources.add(path)
            return f"{match[1]}.md"
        return match[1]

    return LINK.sub(there, text)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
