"""Who runs which block: the tests beside this file, another test, or nobody, with the reason.

`report` is a page of the site, and the end of what `make test-docs` prints.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pages import blocks

if TYPE_CHECKING:
    from pages import Block

#: What a test beside this file runs.
RUN = {"c", "cpp", "javascript", "js", "python", "rust", "sh"}
#: What a parser of its language reads. There is no program in it.
READ = {"ini", "json", "yaml"}
#: What is read as a credential file: page, language and number.
CREDENTIAL_FILES = {("docs/credentials.md", "json", 0), ("docs/credentials.md", "sh", 0)}
#: Page and first line of a block that starts a server, which does not end.
SERVERS = {
    ("README.md", "scout-auth serve"),
    ("cli/README.md", "scout-auth proxy"),
    ("docs/local.md", "scout-auth serve --state scout.db"),
}
#: What is no code: output, a pattern, a tree of files.
SHOWN = {"text"}

#: Page and language -> the test that runs these blocks.
ELSEWHERE = {
    ("core/README.md", ""): "cargo test --doc",
    ("core/README.md", "no_run"): "cargo test --doc",
    ("docs/credentials.md", "ini"): "python/tests/test_documented.py",
    ("docs/credentials.md", "yaml"): "python/tests/test_documented.py",
    ("local/README.md", "no_run"): "cargo test --doc",
    ("docs/local.md", "sh"): "tests/local/test_page.py",
    ("docs/mcp.md", "js"): "tests/mcp/test_page.py",
    ("docs/mcp.md", "json"): "tests/mcp/test_page.py",
    ("docs/mcp.md", "python"): "tests/mcp/test_page.py",
    ("docs/mcp.md", "sh"): "tests/mcp/test_page.py",
    ("docs/testing.md", "c"): "c/tests/examples.sh",
    ("docs/testing.md", "js"): "tests/runners/runners.test.mjs",
    ("docs/testing.md", "python"): "python/tests/test_testing.py",
    ("docs/testing.md", "sh"): "python/tests/test_testing.py",
    ("node/README.md", "js"): "node/test/package.test.mjs",
}
#: As above, for single blocks: page and first line.
ELSEWHERE_ALONE = {
    ("docs/credentials.md", "kubectl create secret generic"): "python/tests/test_documented.py",
    ("node/README.md", "import express"): "node/test/recipes.test.mjs",
    ("node/README.md", "import fastify"): "node/test/recipes.test.mjs",
    ("node/README.md", "import { Client }"): "node/test/mcp.test.mjs",
    ("node/README.md", "node --import"): "node/test/register.test.mjs",
}
REGISTRY = "it needs a release in the registries. The tests install the same packages from files"
INSTALLED = "it needs the installed library. `make test-install` runs it"
BUILD = "it builds or tests this repository, so a test would run itself"
#: Page and first line -> why nothing runs the block.
NOT_RUN = {
    ("CONTRIBUTING.md", "git clone"): BUILD,
    ("CONTRIBUTING.md", "make demo"): BUILD,
    ("README.md", "make demo"): BUILD,
    ("c/README.md", "SCOUT_WRITE_HEADER=1"): BUILD,
    ("c/README.md", "tar -xzf libscout_auth"): "it needs the archive of a release. `make try-dist` uses it",
    ("c/README.md", "make install-c"): "it installs into the system. `make test-install` runs it in a folder",
    ("c/README.md", "cc app.c $(pkg-config --cflags --libs"): INSTALLED,
    ("c/README.md", "find_package"): INSTALLED,
    ("c/README.md", "cc app.c $(pkg-config --cflags scout-auth)"): INSTALLED,
    ("docs/local.md", "export PGPASSWORD"): "it needs a database. `cli/tests/command/state.rs` has one",
    ("node/README.md", "npm install scout-auth"): REGISTRY,
    ("node/tools/README.md", "npm install scout-auth-tools"): REGISTRY,
    ("python/README.md", "pip install scout-auth"): REGISTRY,
    ("python/tools/README.md", "pip install scout-auth-tools"): REGISTRY,
    ("tests/README.md", "cargo build"): BUILD,
    ("tests/README.md", "make soak"): BUILD,
    ("tests/README.md", "make test-requests"): BUILD,
    ("tests/vectors/README.md", "pip install -r"): BUILD,
}


def single(table: dict[tuple[str, str], str], block: Block) -> str | None:
    for (page, beginning), value in table.items():
        if block.page == page and block.text.startswith(beginning):
            return value
    return None


def elsewhere(block: Block) -> str | None:
    if is_server(block) or not_run(block):
        return None
    return ELSEWHERE.get((block.page, block.language)) or single(ELSEWHERE_ALONE, block)


def not_run(block: Block) -> str | None:
    return single(NOT_RUN, block)


def here(block: Block) -> bool:
    """Whether a test beside this file runs or reads the block."""
    return not (elsewhere(block) or not_run(block) or block.language in SHOWN)


def is_credential_file(block: Block) -> bool:
    return (block.page, block.language, block.number) in CREDENTIAL_FILES


def is_server(block: Block) -> bool:
    return any(block.page == page and block.text.startswith(beginning) for page, beginning in SERVERS)


def special(block: Block) -> bool:
    """Whether the block has a test for its kind, and not only for its language."""
    return is_credential_file(block) or is_server(block)


HEAD = """# Which examples are run

Each block of code on each page of this repository is run by one test, with servers
on this machine in place of Scout's, or is in the list below. `make test-docs` runs them, and fails if a block is in
neither.
"""
ABOUT_DATA = """
A configuration in JSON, YAML or INI counts as run if a parser of its language reads it. Those of docs/mcp.md and
docs/credentials.md are also used.
"""


def report() -> str:
    code = [block for block in blocks() if block.language not in SHOWN]
    left = [block for block in code if not_run(block)]
    run = Counter((language_of(block), test_of(block)) for block in code if not not_run(block))
    lines = [
        HEAD,
        f"There are {len(code)} blocks of code. {len(code) - len(left)} are run, and {len(left)} are not.",
        "",
        "| language | blocks | run by |",
        "| --- | --- | --- |",
        *(f"| {language} | {count} | `{test}` |" for (language, test), count in sorted(run.items())),
        ABOUT_DATA,
        "## Not run",
        "",
        "| block | because |",
        "| --- | --- |",
        *(f"| {block.page}: `{block.first_line.partition(' #')[0].strip()}` | {not_run(block)} |" for block in left),
    ]
    return "\n".join(lines) + "\n"


def language_of(block: Block) -> str:
    return {"": "rust", "no_run": "rust, compiled only", "javascript": "js"}.get(block.language, block.language)


def test_of(block: Block) -> str:
    return elsewhere(block) or "tests/docs/test_blocks.py"
