"""c/abi.sh compares the ABI of two headers: it stops what could break a compiled program, and nothing else."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "c/include/scout_auth.h"

BREAKS = {
    "a function is removed": ("const char *scout_version(void);", ""),
    "an argument has another type": (
        "scout_private_key_generate(uint32_t bits",
        "scout_private_key_generate(uint64_t bits",
    ),
    "a result has another type": ("const char *scout_version(void);", "int32_t scout_version(void);"),
    "a member of the options is before others": (
        "    const char *kid;",
        "    const char *before;\n    const char *kid;",
    ),
    "a member of the options is removed": ("    const char *kid;", ""),
    "a member of an event is before others": ("    int32_t kind;", "    int64_t before;\n    int32_t kind;"),
    "an error has another number": ("#define SCOUT_ERR_KEY_EMPTY 101", "#define SCOUT_ERR_KEY_EMPTY 102"),
    "an error is removed": ("#define SCOUT_ERR_KEY_EMPTY 101", ""),
}
KEEPS = {
    "nothing changes": ("", ""),
    "a function is added": (
        "const char *scout_version(void);",
        "const char *scout_version(void);\nint32_t scout_new(void);",
    ),
    "a member of the options is at their end": (
        "} scout_signer_options;",
        "    const char *more;\n} scout_signer_options;",
    ),
    "a member of an event is at its end": ("} scout_event;", "    int64_t more;\n} scout_event;"),
    "an error is added": (
        "#define SCOUT_ERR_KEY_EMPTY 101",
        "#define SCOUT_ERR_KEY_EMPTY 101\n#define SCOUT_ERR_KEY_NEW 199",
    ),
    "an argument has another name": (
        "scout_private_key_generate(uint32_t bits",
        "scout_private_key_generate(uint32_t size",
    ),
}


def compare(tmp_path: Path, old: str, new: str) -> subprocess.CompletedProcess[str]:
    text = HEADER.read_text()
    assert old in text
    changed = tmp_path / "scout_auth.h"
    changed.write_text(text.replace(old, new, 1))
    return subprocess.run([ROOT / "c/abi.sh", HEADER, changed], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("change", BREAKS)
def test_what_could_break_a_compiled_program_is_found(tmp_path: Path, change: str) -> None:
    outcome = compare(tmp_path, *BREAKS[change])
    assert outcome.returncode == 100
    assert "hanged" in outcome.stdout or "emoved" in outcome.stdout or "no longer" in outcome.stdout


@pytest.mark.parametrize("change", KEEPS)
def test_what_no_compiled_program_can_notice_is_allowed(tmp_path: Path, change: str) -> None:
    outcome = compare(tmp_path, *KEEPS[change])
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stdout


def test_a_header_that_does_not_compile_is_no_break_but_a_failure(tmp_path: Path) -> None:
    outcome = compare(tmp_path, "const char *scout_version(void);", "const unknown *scout_version(void);")
    assert outcome.returncode == 1
