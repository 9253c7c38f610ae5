"""The languages: how each driver is started, with which clock, and which cases it cannot run."""

import json
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from .cases import VECTORS, Case, kind, placed

ROOT = pathlib.Path(__file__).parents[2]
DRIVERS = ROOT / "tests/drivers"

# run.py compiles it from drivers/clock.c.
CLOCK = ROOT / "target/vectors/clock-c"

# The drivers must not see the credential of the person who runs the tests.
OURS = "SCOUT_"


@dataclass(frozen=True)
class Verdict:
    """The result of one case in one language."""

    case: Case
    state: str
    detail: str = ""
    token: str = ""


@dataclass(frozen=True)
class Language:
    name: str
    title: str
    # Why a case cannot run, or an empty text.
    skip: Callable[[Case], str]
    # What the language does not return, so that it is not compared.
    lacks: frozenset[str] = frozenset()
    # Whether its driver takes records instead of JSON.
    records: bool = False
    # The members of a case that sets the system's clock.
    clocks: frozenset[str] = frozenset({"clock", "steps"})

    def run(self, command: list[str], cases: Iterable[Case]) -> list[Verdict]:
        cases = list(cases)
        reasons = [self.skip(case) for case in cases]
        given = [self.reduced(case) for case, reason in zip(cases, reasons, strict=True) if not reason]
        with tempfile.TemporaryDirectory() as place, tempfile.NamedTemporaryFile("w") as clock:
            print(0, 0, file=clock, flush=True)
            given = [placed(case, pathlib.Path(place, str(number))) for number, case in enumerate(given)]
            clocked = [case for case in given if self.sets_clock(case)]
            answers = self.answers(command, [case for case in given if not self.sets_clock(case)])
            answers |= self.answers(command, clocked, LD_PRELOAD=str(CLOCK), CLOCK_FILE=clock.name)
        return [
            Verdict(case, "skipped", reason) if reason else verdict(case, answers)
            for case, reason in zip(cases, reasons, strict=True)
        ]

    def sets_clock(self, case: Case) -> bool:
        return not self.clocks.isdisjoint(case.given)

    def reduced(self, case: Case) -> Case:
        """The case without the expectations of what the language does not return."""
        expect = {name: value for name, value in case.expect.items() if kind(name) not in self.lacks}
        return replace(case, expect=expect)

    def answers(self, command: list[str], cases: list[Case], **variables: str) -> dict[str, dict[str, object]]:
        if not cases:
            return {}
        text = "".join(case.record() if self.records else case.line() for case in cases)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | variables
        # Environments name files relative to the vectors.
        done = subprocess.run(
            command, input=text, cwd=VECTORS, env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
        # A driver that crashed may leave half a line. What it did not run has failed.
        lines = [line for line in done.stdout.splitlines(keepends=True) if line.endswith("\n")]
        answers = {answer["name"]: answer for answer in map(json.loads, lines)}
        if done.returncode and len(answers) == len(cases):
            message = f"the driver of {self.title} ran all cases and ended with status {done.returncode}"
            raise RuntimeError(message)
        return answers


def verdict(case: Case, answers: dict[str, dict[str, object]]) -> Verdict:
    answer = answers.get(case.name)
    if answer is None:
        return Verdict(case, "failed", "the driver did not run it")
    state = "passed" if answer["ok"] is True else "failed"
    return Verdict(case, state, str(answer["detail"] or ""), answer.get("token") or "")


def tokens_alone(case: Case) -> str:
    if case.call in {"sign", "check"}:
        return "only the crate and Python sign and verify bare messages; the other languages know tokens alone"
    return ""


def is_object(claims: str) -> bool:
    """Whether the text is a JSON object without duplicate names, so that a mapping can hold it."""
    try:
        return isinstance(json.loads(claims, object_pairs_hook=unique, parse_constant=int), dict)
    except ValueError:
        return False


def unique(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError
    return found


def needs_json_text(case: Case) -> bool:
    return not is_object(case.given.get("claims", "{}"))


def python_skip(case: Case) -> str:
    return "claims are a mapping in Python, and not any JSON text" if needs_json_text(case) else ""


def node_skip(case: Case) -> str:
    if "base64_variables" in case.given:
        return "a variable is text in Node"
    return "claims are an object in Node, and not any JSON text" if needs_json_text(case) else tokens_alone(case)


def c_skip(case: Case) -> str:
    if case.call == "from_env":
        return "the C library reads org credentials from the environment; a legacy key is given to it by the program"
    return tokens_alone(case)


NO_OPTIONS = {"refresh_margin", "backdate", "allowed_origins", "refresh"}

# The command may read the key from standard input, so it reports a missing key last.
ASKS_FIRST = {
    f"environments: a {kind} with {what}"
    for kind in ("signer", "credential")
    for what in ("nothing", "a kid alone", "a legacy key")
} - {"environments: a credential with a legacy key"}


JWK_SETS = {"keys: public: JWK set", "corpus: derived_jwk/jwks-instead, read as a public key"}


def signs_to_read(case: Case) -> bool:
    return case.call == "private_key" and case.name.startswith("corpus: derived_keys/num/composite-p.")


def takes_spaces_off(case: Case) -> bool:
    return case.call == "verify" and case.given["token"] != case.given["token"].strip()


def is_read_as_typed(case: Case) -> bool:
    """The command also takes a header as `authorization` prints it, and reports an empty input as empty."""
    return case.call == "verify" and (not case.given["token"] or case.given["token"].startswith("Bearer "))


def is_no_time_of_a_clock(case: Case) -> bool:
    """1970, before a clock is set, and numbers of 64 bits that no clock reaches."""
    return case.call == "mint" and (case.given.get("issued_at") == 0 or case.errors() == {"ERR_ARGUMENT"})


def may_send(case: Case) -> bool:
    """`doctor --url` reports what must not be sent, and sends the rest."""
    return case.call == "send" and ("allowed_origins" in case.given or not case.is_refusal())


COMMAND_SKIPS: list[tuple[Callable[[Case], bool], str]] = [
    (lambda case: case.call in {"live", "story"}, "the command keeps no token"),
    (lambda case: case.call in {"api_key", "raw_key"}, "the command has no such call"),
    (may_send, "the command has no list of origins, and what may be sent it sends"),
    (
        lambda case: case.call in {"signer", "signer_from_file"} and not case.given.keys().isdisjoint(NO_OPTIONS),
        "the command has no such option",
    ),
    (lambda case: case.given.get("roles") == [], "the command has one option for each role"),
    (needs_json_text, "the command has one option for each claim"),
    (
        lambda case: case.call == "signer_from_file" and "header_kid" in case.given and not case.is_refusal(),
        "the command does not print the kid of the key beside that of the header",
    ),
    (is_no_time_of_a_clock, "the command mints by its clock alone, and this is no time of one"),
    (takes_spaces_off, "the command takes white space off that stands around a token"),
    (is_read_as_typed, "the command takes Bearer off, and names an empty input"),
    (lambda case: case.call == "jwk_set" and not case.is_refusal(), "the command does not write JWK sets"),
    (signs_to_read, "the command reads a private key to mint, and this one cannot sign"),
    (lambda case: case.name in JWK_SETS, "the command takes a JWK set wherever it takes a public key"),
    (lambda case: case.name in ASKS_FIRST, "where two variables are missing, it asks for the credential id first"),
]


def command_skip(case: Case) -> str:
    return next((reason for fits, reason in COMMAND_SKIPS if fits(case)), tokens_alone(case))


LANGUAGES = {
    language.name: language
    for language in (
        # In a story the crate uses a clock of the driver.
        Language("rust", "Rust", lambda _: "", clocks=frozenset({"clock"})),
        Language("rust-rsa", "Rust, rsa engine", lambda _: "", clocks=frozenset({"clock"})),
        Language(
            "command",
            "the command",
            command_skip,
            lacks=frozenset({"der", "jwk", "bits", "json"}),
            clocks=frozenset({"clock", "issued_at", "now"}),
        ),
        Language("python", "Python", python_skip),
        Language("node", "Node", node_skip),
        # Two tokens of the same second are the same text.
        Language("c", "C", c_skip, lacks=frozenset({"signatures"}), records=True),
        Language("cpp", "C++", c_skip, lacks=frozenset({"der", "signatures"}), records=True),
    )
}
