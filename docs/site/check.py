"""Checks a site: each link leads to a page and an anchor that exist, and no page loads anything from elsewhere.

The links that leave the site are not followed. They are listed in FOLDER/external-links.txt.

    check.py FOLDER
"""

from __future__ import annotations

import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Tags that load what they name.
LOADS = {"audio", "embed", "iframe", "img", "input", "link", "object", "script", "source", "track", "video"}
#: Relations of <link> that load nothing.
NAMES = {"canonical", "next", "prev"}
#: Anchors that a script of rustdoc makes: lines of a source file, and members that a section hides.
BY_SCRIPT = re.compile(r"^(\d+(-\d+)?|impl-.*|method\..*)$")
#: A link of the crate tracing, which rustdoc copies to each type that has tracing's methods.
NOT_OURS = "dispatcher#setting-the-default-subscriber"
#: What a style sheet loads from elsewhere.
STYLE_LOADS = re.compile(r"""url\(["']?((?:https?:)?//[^"')]+)|@import ["']([^"']+)""")
#: The beginning of an item in the midst of a paragraph: Markdown wants an empty line before a list.
NO_LIST = re.compile(r"^([*-]|\d+\.) ", re.MULTILINE)


class Page(HTMLParser):
    """The anchors of a page, and what it links to and loads."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.broken_lists: list[str] = []
        self.open: list[str] = []
        self.feed(file.read_text())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attributes}
        self.open.append(tag)
        self.anchors |= {of[name] for name in ("id", "name") if of.get(name)}
        for name in ("href", "src", "data"):
            if name in of and not (tag == "link" and NAMES & set(of.get("rel", "").split())):
                (self.loads if tag in LOADS else self.links).append(of[name])

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "p" and NO_LIST.search(data):
            self.broken_lists.append(data.strip())


class Site:
    """The pages, what is wrong with them, and the links that leave the site."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.page = cache(Page)
        self.files = sorted(root.rglob("*.html"))
        self.faults: list[str] = []
        self.external: set[str] = set()

    def check(self) -> None:
        for file in self.files:
            page, name = self.page(file), file.relative_to(self.root)
            wrong = [f"not shown as a list: {text[:60]}" for text in page.broken_lists]
            wrong += [f"loads {url}" for url in page.loads if self.leaves(url)]
            self.external |= {url for url in page.links if self.leaves(url)}
            inside = [url for url in page.loads + page.links if not self.leaves(url)]
            wrong += [f"no such {what}: {url}" for url in inside if (what := self.missing(file, url))]
            self.faults += [f"{name}: {fault}" for fault in wrong]
        for style in sorted(self.root.rglob("*.css")):
            loads = STYLE_LOADS.findall(style.read_text())
            self.faults += [f"{style.relative_to(self.root)}: loads {url or imported}" for url, imported in loads]

    def leaves(self, url: str) -> bool:
        parts = urlsplit(url)
        return bool(parts.netloc) or parts.scheme not in {"", "data", "javascript"}

    def missing(self, file: Path, url: str) -> str:
        """Return what the URL names and the site does not have, or nothing."""
        parts = urlsplit(url)
        if parts.scheme or url == NOT_OURS:
            return ""
        path, anchor = unquote(parts.path), unquote(parts.fragment)
        above = self.root if path.startswith("/") else file.parent
        target = (above / path.lstrip("/")).resolve() if path else file
        target = target / "index.html" if target.is_dir() else target
        if not target.is_relative_to(self.root) or not target.is_file():
            return "page"
        if not anchor or target.suffix != ".html" or anchor in self.page(target).anchors:
            return ""
        return "" if "rust" in target.parts and BY_SCRIPT.match(anchor) else "anchor"


def main(root: Path) -> int:
    site = Site(root)
    site.check()
    (root / "external-links.txt").write_text("".join(f"{url}\n" for url in sorted(site.external)))
    for fault in site.faults:
        print(fault)
    print(f"{len(site.files)} pages, {len(site.external)} links to elsewhere, {len(site.faults)} faults")
    return 1 if site.faults or not site.files else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
