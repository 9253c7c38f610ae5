"""Random material, made once and committed in `kept.json`, so that a run makes only what is missing."""

import base64
import json
import pathlib
from collections.abc import Callable

FILE = pathlib.Path(__file__).with_name("kept.json")

_stored: dict[str, str] = json.loads(FILE.read_text())["kept"] if FILE.exists() else {}
_used: dict[str, str] = {}


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """What an earlier run kept under this name, or else what `make` returns."""
    if name not in _used:
        _used[name] = _stored.get(name) or base64.b64encode(make()).decode()
    return base64.b64decode(_used[name])


def content() -> bytes:
    """The file as it must be after this run: without what no case needs any more."""
    return (json.dumps({"throwaway": True, "kept": _used}, indent=1) + "\n").encode()
