"""Writes docs/errors.md from core's table of errors.

python tests/error_page.py            # write it
python tests/error_page.py --check    # fail if it is out of date
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[1]
CORE = ROOT / "core/src/error.rs"
PYTHON = ROOT / "python/src/error.rs"
PAGE = ROOT / "docs/errors.md"

FAMILIES = {1: "Keys", 2: "Tokens", 3: "Arguments, environment, files, URLs, clock", 9: "Internal"}
FAMILY_NAMES = {1: "Key", 2: "Token", 3: "Config", 9: "Internal"}

HEAD = """\
<!-- Written by tests/error_page.py from core/src/error.rs: change it there. -->
# Errors

Every error has a number and a code. Both are the same in every language and never change. The text may improve, so
compare the code or the number. No error contains key or token text.

| language | what carries the code |
| --- | --- |
| Rust | `Error::code()`, `Error::number()`, `Error::help()`; `Error` is an enum |
| Python | `error.code`, `error.number`, `error.help` of `ScoutAuthError`; the classes below are its subclasses |
| Node | `error.code`, `error.number`, `error.status`, `error.help` of `ScoutAuthError` |
| C, C++ | the return value is the number, `SCOUT_ERR_…`; `scout_error_name` returns the code |
| command | the text on standard error; the exit status: 4 for keys, 5 for tokens, 3 for arguments, 1 for internal |
"""


def main() -> int:
    page = written()
    if "--check" not in sys.argv:
        PAGE.write_text(page)
    elif PAGE.read_text() != page:
        print("docs/errors.md is out of date: run python tests/error_page.py")
        return 1
    return 0


def written() -> str:
    rows = re.findall(r'= (\d+) "(ERR_\w+)"\n\s+"(.*)",\n\s+"(.*)";', CORE.read_text())
    sections = [section(family, [row for row in rows if int(row[0]) // 100 == family]) for family in FAMILIES]
    return HEAD + "".join(sections)


def section(family: int, rows: list[tuple[str, ...]]) -> str:
    lines = [
        f"\n## {FAMILIES[family]}\n",
        "| number | code | Python class | what it means | what to do |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {number} | `{code}` | `{python_class(family, code)}` | {means} | {do} |"
            for number, code, means, do in rows
        ),
    ]
    return "\n".join(lines) + "\n"


def python_class(family: int, code: str) -> str:
    """As the binding maps it: a class of the error's own, or else that of its family."""
    source = PYTHON.read_text()
    patterns = (
        rf'\("{code}", _\) => \w+\.get_type::<(\w+)>',
        rf"Family::{FAMILY_NAMES[family]}\) => \w+\.get_type::<(\w+)>",
    )
    found = [match[1] for match in (re.search(pattern, source) for pattern in patterns) if match]
    return found[0]


if __name__ == "__main__":
    sys.exit(main())
