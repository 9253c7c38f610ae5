"""Writes the vectors: throwaway keys, and what other people's software says of them.

All of its output is committed. `generator/kept.json` keeps what is random, so that a run without a change leaves no
difference:

    pip install -r tests/vectors/requirements.txt
    python tests/vectors/generate.py            # write them
    python tests/vectors/generate.py --check    # fail if one is out of date
"""

import json
import pathlib
import sys

from generator import credentials, kept, keys, settings, stories, tokens
from generator.group import Group
from generator.material import Strangers, key_table

HERE = pathlib.Path(__file__).parent


def main() -> int:
    written = outputs()
    stale = [name for name, content in written.items() if read(HERE / name) != content]
    if "--check" in sys.argv:
        print(*(f"tests/vectors/{name} is out of date: run generate.py" for name in stale), sep="\n")
        return 1 if stale else 0
    for name in stale:
        (HERE / name).parent.mkdir(parents=True, exist_ok=True)
        (HERE / name).write_bytes(written[name])
    return 0


def outputs() -> dict[str, bytes]:
    """Every file, by its name relative to this folder."""
    table = key_table()
    strangers = Strangers(table["first"])
    token = tokens.minted(table["first"], "cred_123", tokens.NOW)
    groups = {
        "keys": keys.group(table, strangers, token),
        "mint": tokens.mint_group(table),
        "verify": tokens.verify_group(table),
        "stories": stories.story_group(table["first"]),
        "credential-files": credentials.credential_group(table, strangers),
        "environments": settings.environment_group(table),
        "signers": settings.signer_group(table),
        "api-keys": settings.api_key_group(table, strangers),
        "urls": settings.url_group(),
    }
    written = settings.files(table, strangers)
    written["key-table.json"] = vectors({"keys": {name: key.written() for name, key in table.items()}})
    for name, group in groups.items():
        check_names(group)
        written[f"{name}.json"] = vectors({"about": group.about, "cases": group.cases})
    # Last, when every case has asked for its material.
    written["generator/kept.json"] = kept.content()
    return written


def read(path: pathlib.Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def check_names(group: Group) -> None:
    names = [case["name"] for case in group.cases]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, twice


def vectors(content: dict[str, object]) -> bytes:
    head = {"schema": "scout-auth-vectors/1", "throwaway": True}
    return (json.dumps(head | content, indent=1, ensure_ascii=True) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
