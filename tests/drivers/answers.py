"""What the drivers in Python share: one case per line in, one verdict per line out, and the clock."""

import json
import os
import pathlib
import sys
from collections.abc import Callable

Members = dict[str, object]


def set_clock(unix: int, elapsed: int = 0) -> None:
    """For drivers/clock.c."""
    pathlib.Path(os.environ["CLOCK_FILE"]).write_text(f"{unix} {elapsed}")


def serve(run: Callable[[str, Members], Members]) -> None:
    for line in sys.stdin:
        case = json.loads(line)
        answer = run(case["call"], case["given"])
        detail = difference(case["expect"], answer)
        verdict = {"name": case["name"], "ok": detail is None, "detail": detail, "token": answer.get("token")}
        print(json.dumps(verdict))


def difference(expect: Members, answer: Members) -> str | None:
    """The first expected member that the answer does not have."""
    for name, expected in expect.items():
        if name == "mentions" and expected in answer.get("text", ""):
            continue
        if answer.get(name) != expected:
            return f"{name}: got {answer.get(name)!r} ({answer.get('error', 'no error')}), expected {expected!r}"
    return None
