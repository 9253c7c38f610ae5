"""The one version of all packages. Cargo.toml has it; PLACES lists every other text that names it.

version.py                prints it
version.py check          fails if a place names another version
version.py check TAG      also fails if TAG or CHANGELOG.md is of another version: before a release
version.py set VERSION    writes VERSION into each place
version.py changes        prints what CHANGELOG.md says of this version
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = r"[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9a-z.]+)?"
SOURCE = ("Cargo.toml", r'\[workspace\.package\]\nversion = "(<version>)"', "version", 1)

# File, text around the version, what it names, and how often at least. Wheels, crates, the C library and its files for
# pkg-config and CMake take the version from one of these when they are built.
PLACES = (
    SOURCE,
    ("Cargo.toml", r'^scout-auth[a-z-]* = \{.* version = "=(<version>)"', "version", 3),
    ("Cargo.lock", r'^name = "scout-auth[a-z-]*"\nversion = "(<version>)"$(?!\nsource)', "version", 9),
    ("bench/rust/Cargo.lock", r'^name = "scout-auth(?:-fork)?"\nversion = "(<version>)"$(?!\nsource)', "version", 2),
    ("pyproject.toml", r'^version = "(<version>)"', "version", 1),
    ("pyproject.toml", r'"scout-auth==(<version>)"', "version", 1),
    ("package.json", r'^  "version": "(<version>)"', "version", 1),
    (".pre-commit-hooks.yaml", r'"scout-auth@(<version>)"', "version", 1),
    ("node/package.json", r'^  "version": "(<version>)"', "version", 1),
    ("node/package-lock.json", r'"name": "scout-auth",\n +"version": "(<version>)"', "version", 2),
    ("c/include/scout_auth.h", r'^#define SCOUT_VERSION "(<version>)"', "version", 1),
    ("c/include/scout_auth.h", r"^#define SCOUT_VERSION_MAJOR ([0-9]+)", "major", 1),
    ("c/include/scout_auth.h", r"^#define SCOUT_VERSION_MINOR ([0-9]+)", "minor", 1),
    ("c/include/scout_auth.h", r"^#define SCOUT_VERSION_PATCH ([0-9]+)", "patch", 1),
    ("c/README.md", r"find_package\(scout-auth ([0-9.]+)", "series", 1),
    ("c/README.md", r"a program built for ([0-9.]+) runs with every", "series", 1),
    ("c/README.md", r"runs with every ([0-9.]+)\.x\.", "series", 1),
    ("examples/ci/github-actions.yml", r"pipx install .*scout-auth[a-z\[\]]*==(<version>)", "version", 2),
    ("c/tests/install.sh", r"find_package\(scout-auth ([0-9.]+)", "series", 1),
)

# Manifests that take the version from Cargo.toml when a package is built, and the line that says so. Those of the
# workspace's crates come from its list of members.
INHERITED = (
    ("python/pyproject.toml", r'^dynamic = \["version"\]$'),
    ("python/tools/pyproject.toml", r'^dynamic = \["version"\]$'),
    ("node/tools/package.json", r'\A(?!.*^  "version":)'),
)


def read(place: tuple[str, str, str, int], root: Path) -> tuple[Path, str, re.Pattern[str], list[str]]:
    """Return the file, its text, the pattern, and the versions found."""
    name, pattern, _, least = place
    text = (root / name).read_text(encoding="utf-8")
    compiled = re.compile(pattern.replace("<version>", VERSION), re.MULTILINE)
    found = compiled.findall(text)
    if len(found) < least:
        sys.exit(f"version: {name} names the version {len(found)} times, and not {least}: {pattern}")
    return root / name, text, compiled, found


def parts(version: str) -> dict[str, str]:
    """Return the version as the places name it. Until 1.0 the minor number is part of the ABI."""
    major, minor, patch = version.partition("-")[0].split(".")
    series = f"0.{minor}" if major == "0" else major
    return {"version": version, "major": major, "minor": minor, "patch": patch, "series": series}


def faults(root: Path) -> Iterator[str]:
    """Yield a line for each place that names another version."""
    expected = parts(current(root))
    for place in PLACES:
        path, _, _, found = read(place, root)
        for other in set(found) - {expected[place[2]]}:
            yield f"{path.relative_to(root)} has {other}, and Cargo.toml {expected['version']}"
    for name, pattern in (
        *INHERITED,
        *((f"{crate}/Cargo.toml", r"^version\.workspace = true$") for crate in crates(root)),
    ):
        if not re.search(pattern, (root / name).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            yield f"{name} does not take the version from Cargo.toml"


def crates(root: Path) -> list[str]:
    """Return the directories of the workspace's crates."""
    text = (root / "Cargo.toml").read_text(encoding="utf-8")
    [members] = re.findall(r"^members = \[(.*?)\]", text, re.MULTILINE | re.DOTALL)
    return re.findall(r'"(.+?)"', members)


def current(root: Path) -> str:
    """Return the version of Cargo.toml."""
    return read(SOURCE, root)[3][0]


def faults_of_tag(root: Path, tag: str) -> Iterator[str]:
    """Yield a line for each thing that a release with this tag lacks."""
    version = current(root)
    if tag != f"v{version}":
        yield f"the tag is {tag}, and Cargo.toml has {version}"
    if not section((root / "CHANGELOG.md").read_text(encoding="utf-8"), version):
        yield f"CHANGELOG.md has no heading `## {version} - YYYY-MM-DD`"


def section(changes: str, version: str) -> str:
    """Return what the change log says of a version, if it has a heading for it."""
    heading = rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)"
    found = re.search(heading, changes, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def write(root: Path, version: str) -> None:
    """Write the version into each place."""
    if not re.fullmatch(VERSION, version):
        sys.exit(f"version: {version} is not of the form 1.2.3 or 1.2.3-rc.1")
    new = parts(version)
    for place in PLACES:
        path, text, pattern, _ = read(place, root)

        def replaced(match: re.Match[str], value: str = new[place[2]]) -> str:
            start, end = (at - match.start() for at in match.span(1))
            return match[0][:start] + value + match[0][end:]

        path.write_text(pattern.sub(replaced, text), encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Run one of the commands."""
    match arguments:
        case []:
            print(current(ROOT))
        case ["check", *tags]:
            found = [*faults(ROOT), *(fault for tag in tags for fault in faults_of_tag(ROOT, tag))]
            if found:
                sys.exit("version: " + "\nversion: ".join(found))
        case ["changes"]:
            print(section((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), current(ROOT)))
        case ["set", version]:
            write(ROOT, version)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
