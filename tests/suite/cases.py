"""The vectors as the drivers get them: with keys in place of their names."""

import base64
import json
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

VECTORS = pathlib.Path(__file__).parents[1] / "vectors"
GROUPS = (
    "keys",
    "mint",
    "verify",
    "stories",
    "credential-files",
    "environments",
    "signers",
    "api-keys",
    "urls",
)
CORPUS = "corpus"
PAIRS = "pairs"

Members = dict[str, object]


@dataclass(frozen=True)
class Case:
    group: str
    name: str
    call: str
    given: Members
    expect: Members

    def is_refusal(self) -> bool:
        return "error" in self.expect

    def errors(self) -> set[str]:
        """The errors that the case expects, also in its steps."""
        return {error for name, error in self.expect.items() if kind(name) == "error"}

    def line(self) -> str:
        """One line of JSON."""
        return json.dumps({"name": self.name, "call": self.call, "given": self.given, "expect": self.expect}) + "\n"

    def record(self) -> str:
        """Lines of words, for languages without JSON: see drivers/c/case.h."""
        lines = [f"case {json.dumps(self.name)}", f"call {self.call}"]
        lines += [f"given {name} {value.hex()}" for name, value in fields(self.given)]
        lines += [f"expect {name} {value.hex()}" for name, value in fields(self.expect)]
        return "\n".join([*lines, "end"]) + "\n"


def kind(name: str) -> str:
    """The name of an expectation, without its step."""
    return name.rpartition(".")[2]


def fields(members: Members) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for name, value in members.items():
        if name == "steps":
            found += [("steps.count", word(len(value))), *fields(of_steps(value))]
        elif name == "base64_variables":
            found += [(f"variables.{part}", base64.b64decode(text)) for part, text in value.items()]
        elif isinstance(value, dict):
            found += [(f"{name}.{part}", text.encode()) for part, text in value.items()]
        elif isinstance(value, list):
            found += [(f"{name}.count", word(len(value))), *((name, item.encode()) for item in value)]
        elif name in {"base64", "base64_der"}:
            found.append(("text", base64.b64decode(value)))
        else:
            found.append((name, word(value)))
    return found


def word(value: object) -> bytes:
    if isinstance(value, bool):
        return b"yes" if value else b"no"
    return str(value).encode()


def load() -> list[Case]:
    table = read("key-table")["keys"]
    return [case for group in GROUPS for case in load_group(group, table)]


def load_group(group: str, table: Members) -> list[Case]:
    return [
        Case(group, f"{group}: {case['name']}", case["call"], given(case, table), expect(case, table))
        for case in read(group)["cases"]
    ]


def read(name: str) -> Members:
    return json.loads((VECTORS / f"{name}.json").read_text())


def given(case: Members, table: Members) -> Members:
    """`key` becomes private base64url, `keys` become public JWKs."""
    members = dict(case["given"])
    if "key" in members:
        members["key"] = table[members["key"]]["private"]["base64url"]
    if "key_text" in members:
        members["key"] = members.pop("key_text")
    if "keys" in members:
        members["keys"] = [table[name]["public"]["jwk"] for name in members["keys"]]
    if "steps" in members:
        members["steps"] = list(with_elapsed(members["steps"]))
    return members


def with_elapsed(steps: list[Members]) -> Iterator[Members]:
    """If a step sets only the wall-clock time, the monotonic time grows by as much."""
    now = elapsed = 0
    for step in steps:
        if "now" not in step:
            yield step
            continue
        passed = max(step["now"] - now, 0) if now else 0
        now, elapsed = step["now"], step.get("elapsed", elapsed + passed)
        yield step | {"elapsed": elapsed}


def of_steps(steps: list[Members]) -> Members:
    return {f"steps.{at}.{name}": value for at, step in enumerate(steps) for name, value in step.items()}


def expect(case: Members, table: Members) -> Members:
    """`private_key` and `public_key` become the forms that the call writes, `steps` the result of each step."""
    members = case["expect"]
    if "steps" in members:
        return of_steps(members["steps"])
    for kind in ("private", "public"):
        if name := members.get(f"{kind}_key"):
            return forms(case["call"], table[name][kind])
    return members


def forms(call: str, key: Members) -> Members:
    if call == "convert":
        return {form: key[form] for form in ("base64url", "pem", "kid")}
    # DER is bytes, so it is compared in base64url.
    return key | {"der": key["base64url"]}


def placed(case: Case, place: pathlib.Path) -> Case:
    """The case with its credential file or folder in that place, and the path in place of the contents."""
    if case.call != "signer_from_file":
        return case
    contents = {"text", "base64", "folder", "base64_folder", "links", "path"}
    others = {name: value for name, value in case.given.items() if name not in contents}
    return replace(case, given=others | {"path": str(written(case.given, place))})


def written(given: Members, place: pathlib.Path) -> pathlib.Path:
    if "folder" not in given:
        place.write_bytes(given["text"].encode() if "text" in given else base64.b64decode(given["base64"]))
        return place
    place.mkdir()
    files = {name: text.encode() for name, text in given["folder"].items()}
    files |= {name: base64.b64decode(text) for name, text in given.get("base64_folder", {}).items()}
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name, target in given.get("links", {}).items():
        (place / name).symlink_to(target)
    return place / given.get("path", "")


def falsified(case: Case, number: int) -> Case:
    """The same case with one expectation that no correct answer meets."""
    name = list(case.expect)[number % len(case.expect)]
    return replace(case, expect=case.expect | {name: false(case.expect[name])})


def false(value: object) -> object:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}x"
