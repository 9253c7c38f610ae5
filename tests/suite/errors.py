"""Every error in every language: a case raises it, or this file says why no case can."""

import re

from .cases import Case
from .languages import LANGUAGES, ROOT, Verdict

TABLE = re.findall(r'= \d+ "(ERR_\w+)"', (ROOT / "core/src/error.rs").read_text())

RUST = ("rust", "rust-rsa")

OPTIONS = ("ERR_REFRESH_MARGIN", "ERR_BACKDATE", "ERR_ORIGIN", "ERR_ORIGIN_NOT_ALLOWED", "ERR_REFRESH")

UNRAISED: list[tuple[tuple[str, ...], tuple[str, ...], str]] = [
    (("ERR_ENGINE",), tuple(LANGUAGES), "no input makes the engine fail"),
    (("ERR_INTERNAL",), RUST, "the crate does not catch panics"),
    (
        ("ERR_INTERNAL",),
        ("command", "python", "node", "c", "cpp"),
        "no input makes a panic; the tests of cli, python, node and c make one",
    ),
    (("ERR_BUFFER_TOO_SMALL",), (*RUST, "command", "python", "node", "cpp"), "the caller passes no buffer"),
    (("ERR_BUFFER_TOO_SMALL",), ("c",), "the driver's buffers are large enough; c/tests passes small ones"),
    (("ERR_VARIABLE_NOT_TEXT",), ("node",), "a variable is text in Node"),
    (("ERR_ARGUMENT",), ("command",), "it explains its usage if an argument is wrong"),
    (OPTIONS, ("command",), "it has no such option"),
]


def raised(verdicts: list[Verdict]) -> set[str]:
    """The errors that a passed case expected."""
    return {error for verdict in verdicts if verdict.state == "passed" for error in verdict.case.errors()}


def faults(language: str, verdicts: list[Verdict]) -> list[Verdict]:
    """The errors that a language neither raised nor may omit, and those that it raised although it may omit them."""
    found, excused = raised(verdicts), unraised(language)
    missing = [failed(error, "no case raised it") for error in TABLE if error not in found | excused]
    return missing + [failed(error, "raised, and suite/errors.py says why not") for error in sorted(found & excused)]


def unraised(language: str) -> set[str]:
    return {error for errors, languages, _ in UNRAISED if language in languages for error in errors}


def failed(error: str, what: str) -> Verdict:
    return Verdict(Case("errors", f"errors: {error}", "", {}, {"error": error}), "failed", what)
