"""Writes the vectors: throwaway keys, and what other people's software says of them.

All of its output is committed. `generator/kept.json` keeps what is random, so that a run without a change leaves no
difference:

    pip install -r tests/vectors/requirements.txt
    python tests/vectors/generate.py
"""

import json
import pathlib

from generator import kept, keys, settings, stories, tokens
from generator.group import Group
from generator.material import Strangers, key_table

HERE = pathlib.Path(__file__).parent


def main() -> None:
    table = key_table()
    strangers = Strangers(table["first"])
    token = tokens.minted(table["first"], "cred_123", tokens.NOW)
    groups = {
        "keys": keys.group(table, strangers, token),
        "mint": tokens.mint_group(table),
        "verify": tokens.verify_group(table),
        "stories": stories.story_group(table["first"]),
        "environments": settings.environment_group(table),
        "signers": settings.signer_group(table),
        "api-keys": settings.api_key_group(table, strangers),
        "urls": settings.url_group(),
    }
    for path, content in settings.files(table, strangers).items():
        (HERE / path).parent.mkdir(exist_ok=True)
        (HERE / path).write_bytes(content)
    write("key-table", {"keys": {name: key.written() for name, key in table.items()}})
    for name, group in groups.items():
        check_names(group)
        write(name, {"about": group.about, "cases": group.cases})
    kept.write()


def check_names(group: Group) -> None:
    names = [case["name"] for case in group.cases]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, twice


def write(name: str, content: dict[str, object]) -> None:
    head = {"schema": "scout-auth-vectors/1", "throwaway": True}
    text = json.dumps(head | content, indent=1, ensure_ascii=True)
    (HERE / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
