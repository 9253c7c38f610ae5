"""The version is the same everywhere: scripts/version.py finds a place that differs, and sets all of them."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import version


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of the files that name the version."""
    inherited = [name for name, _ in version.INHERITED] + [f"{crate}/Cargo.toml" for crate in version.crates(ROOT)]
    for name in {"CHANGELOG.md", *inherited, *(place[0] for place in version.PLACES)}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("place", version.PLACES[1:], ids=lambda place: f"{place[0]} {place[1]}")
def test_a_place_that_names_another_version_is_found(tree: Path, place: tuple[str, str, str, int]) -> None:
    path, text, pattern, _ = version.read(place, tree)
    match = pattern.search(text)
    other = "9" if place[2] in {"major", "minor", "patch"} else "9.9.9"
    path.write_text(text[: match.start(1)] + other + text[match.end(1) :])
    [fault] = version.faults(tree)
    assert fault.startswith(f"{place[0]} has {other}, and Cargo.toml ")


@pytest.mark.parametrize("place", version.PLACES, ids=lambda place: f"{place[0]} {place[1]}")
def test_a_place_that_names_no_version_any_more_is_found(tree: Path, place: tuple[str, str, str, int]) -> None:
    path, text, pattern, _ = version.read(place, tree)
    path.write_text(pattern.sub("", text))
    with pytest.raises(SystemExit, match=f"version: {place[0]} names the version 0 times"):
        list(version.faults(tree))


INHERITING = {
    **{f"{crate}/Cargo.toml": ("version.workspace = true", 'version = "9.9.9"') for crate in version.crates(ROOT)},
    "python/pyproject.toml": ('dynamic = ["version"]', 'version = "9.9.9"'),
    "python/tools/pyproject.toml": ('dynamic = ["version"]', 'version = "9.9.9"'),
    "node/tools/package.json": ('  "name":', '  "version": "9.9.9",\n  "name":'),
}


@pytest.mark.parametrize("name", INHERITING)
def test_a_package_that_has_a_version_of_its_own_is_found(tree: Path, name: str) -> None:
    text = (tree / name).read_text()
    assert INHERITING[name][0] in text
    (tree / name).write_text(text.replace(*INHERITING[name], 1))
    assert list(version.faults(tree)) == [f"{name} does not take the version from Cargo.toml"]


@pytest.mark.parametrize("new", ["98.2.0", "99.20.3", "99.0.0-rc.1"])
def test_a_new_version_is_written_into_every_place_and_nowhere_else(tree: Path, new: str) -> None:
    before = {path: path.read_text().splitlines() for path in tree.rglob("*") if path.is_file()}
    version.write(tree, new)
    assert (version.current(tree), list(version.faults(tree))) == (new, [])
    changed = [
        (old, line)
        for path, lines in before.items()
        for old, line in zip(lines, path.read_text().splitlines(), strict=True)
        if old != line
    ]
    assert len(changed) >= len(version.PLACES) - 3  # the parts of the number that may stay
    assert all("version" in old.lower() or "scout-auth" in old or "built for" in old for old, _ in changed)


@pytest.mark.parametrize("wrong", ["1", "v1.2.3", "1.2.3.4", "1.2.3 "])
def test_what_is_no_version_is_not_written(tree: Path, wrong: str) -> None:
    with pytest.raises(SystemExit, match="is not of the form"):
        version.write(tree, wrong)


def test_a_release_needs_its_tag_and_its_heading_in_the_change_log(tree: Path) -> None:
    version.write(tree, "99.2.0")
    assert len(list(version.faults_of_tag(tree, "v99.1.0"))) == 2
    changes = "## Unreleased\n\n## 99.2.0 - 2026-12-01\n\n### Added\n\n- One.\n\n## 99.1.0 - 2026-11-01\n\nOlder.\n"
    (tree / "CHANGELOG.md").write_text(changes)
    assert version.section(changes, "99.2.0") == "### Added\n\n- One."
    assert version.section(changes, "99.1.0") == "Older."
    assert list(version.faults_of_tag(tree, "v99.2.0")) == []
