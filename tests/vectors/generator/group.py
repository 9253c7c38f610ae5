"""A group of cases: one vector file."""

import base64


class Group:
    def __init__(self, about: str) -> None:
        self.about = about
        self.cases: list[dict[str, object]] = []

    def add(self, name: str, call: str, given: dict[str, object], expect: dict[str, object]) -> None:
        self.cases.append({"name": name, "call": call, "given": given, "expect": expect})

    def refuse(self, name: str, call: str, given: dict[str, object], error: str, mentions: str = "") -> None:
        self.add(name, call, given, {"error": error} | ({"mentions": mentions} if mentions else {}))


def key_text(key: str | bytes) -> dict[str, object]:
    """Key text as it is given: text, or bytes in base64."""
    return {"text": key} if isinstance(key, str) else {"base64": base64.b64encode(key).decode()}
