"""scripts/check-contents.sh refuses a file that must not be published."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = "scout-auth-0.1.0-x86_64-unknown-linux-gnu.tar.gz"
HOME = "/home/builder"

REFUSED = {
    "a path of the builder": ({"program": f"\0{HOME}/.cargo/registry\0"}, f"{ARCHIVE} contains {HOME}/.cargo"),
    "a path of the tree": ({"program": f"\0{ROOT}/core/src/lib.rs\0"}, f"{ARCHIVE} contains {ROOT}"),
    "a path of zig": ({"program": "\0/other/site-packages/ziglang/lib\0"}, f"{ARCHIVE} contains /site-packages/"),
    "no SBOM": ({"program": "", "LICENSE-THIRD-PARTY": "aws-lc-sys 0.1"}, f"{ARCHIVE} has no SBOM"),
}


def check(directory: Path, name: str, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Check a directory with one archive."""
    with tarfile.open(directory / name, "w:gz") as archive:
        for file, text in files.items():
            entry = tarfile.TarInfo(f"top/{file}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return subprocess.run(
        [ROOT / "scripts/check-contents.sh", directory],
        env={"PATH": os.environ["PATH"], "HOME": HOME},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("fault", REFUSED)
def test_a_fault_is_named(tmp_path: Path, fault: str) -> None:
    files, message = REFUSED[fault]
    outcome = check(tmp_path, ARCHIVE, files)
    assert (outcome.returncode, message in outcome.stderr) == (1, True), outcome


def test_a_source_archive_needs_no_sbom(tmp_path: Path) -> None:
    outcome = check(tmp_path, "scout_auth-0.1.0.tar.gz", {"lib.rs": "fn main() {}"})
    assert (outcome.returncode, outcome.stderr) == (0, "")
