"""Every code block of every page, run in its language with servers on this machine."""

from __future__ import annotations

import configparser
import gc
import json
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import jwt
import ledger
import pytest
import scout_auth
import yaml
from frames import BEFORE, CPP, INPUT, SHELLS, C
from pages import ROOT, Block, blocks
from scoutos.environment import ScoutEnvironment

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Desk
    from mcp_server import McpServer

EVERY = blocks()
LIFETIME = 300
HERE = [block for block in EVERY if ledger.here(block)]
#: A line that prints, and what it prints, in the comment behind it.
PRINTS = re.compile(r"^.*\b(?:print|log|println|printf|cout)\b.*(?:  #|//|/\*) (.*?)(?: \*/)?$", re.MULTILINE)


def of(*languages: str) -> pytest.MarkDecorator:
    programs = [block for block in HERE if block.language in languages and not ledger.special(block)]
    return pytest.mark.parametrize("block", programs, ids=str)


def assert_printed(block: Block, output: str) -> None:
    """Assert that the program printed what the comments of the block say."""
    lines = iter(output.splitlines())
    for expected in PRINTS.findall(block.text):
        assert any(re.fullmatch(re.escape(expected).replace("…", ".*"), line) for line in lines), expected


def assert_requests(block: Block, desk: Desk) -> None:
    """Assert that each request of the block arrived, with a token that the server accepts, as all others of the pages.

    So what docs/migrate.md shows before and after is the same for Scout.
    """
    assert len(desk.server.seen) == block.text.count("/v2/workflows") + block.text.count("app.py")
    for request in desk.server.seen:
        assert request.authorization
        assert desk.server.accepts(request.authorization)
        token = request.authorization.removeprefix("Bearer ")
        claims = jwt.decode(token, options={"verify_signature": False})
        assert set(jwt.get_unverified_header(token)) == {"alg", "typ", "kid"}
        assert list(claims) == ["iss", "sub", "iat", "exp"]
        assert claims["exp"] - claims["iat"] == LIFETIME


def test_each_block_names_its_language_and_is_run_read_shown_or_listed() -> None:
    for block in EVERY:
        if not ledger.elsewhere(block):
            assert block.language in ledger.RUN | ledger.READ | ledger.SHOWN or ledger.not_run(block), block


def test_each_line_of_the_ledger_is_about_a_block() -> None:
    for page, language in ledger.ELSEWHERE:
        assert any((block.page, block.language) == (page, language) for block in EVERY), page
    for page, beginning in [*ledger.ELSEWHERE_ALONE, *ledger.NOT_RUN, *ledger.SERVERS, *BEFORE]:
        assert any(block.page == page and block.text.startswith(beginning) for block in EVERY), (page, beginning)


def test_each_test_of_the_ledger_reads_its_page() -> None:
    for page, test in {(page, test) for (page, _), test in {**ledger.ELSEWHERE, **ledger.ELSEWHERE_ALONE}.items()}:
        if test != "cargo test --doc":
            name = page.rpartition("/")[2]
            assert re.search(rf"\b{re.escape(name)}\b", (ROOT / test).read_text()), test


@of("python")
def test_python(
    block: Block,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    for name, value in desk.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(desk.folder)
    monkeypatch.setattr(ScoutEnvironment.PROD, "_value_", desk.server.url)
    mcp_server: McpServer | None = request.getfixturevalue("mcp_server") if "/mcp" in block.text else None
    text = block.text.replace("https://mcp.scoutos.com/mcp", mcp_server.url) if mcp_server else block.text
    exec(desk.local(text), {"__name__": "__main__"})
    gc.collect()  # Scout's SDK does not close its connections
    assert_printed(block, capsys.readouterr().out)
    assert_requests(block, desk)
    assert mcp_server is None or mcp_server.answered


def test_mypy_accepts_the_python_blocks(tmp_path: Path) -> None:
    ours = [block for block in HERE if block.language == "python" and "scout_auth" in block.text]
    for number, block in enumerate(ours):
        (tmp_path / f"block_{number}.py").write_text(block.text)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / "target/mypy"), str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout


def test_there_is_a_python_block_for_each_client() -> None:
    for client in ("requests", "httpx", "httpx2", "aiohttp", "urllib3", "scoutos", "mcp"):
        imports = re.compile(rf"^(import|from) (scout_auth\.)?{client}\b", re.MULTILINE)
        assert any(imports.search(block.text) for block in HERE if block.page == "python/README.md"), client


@of("js", "javascript")
def test_javascript(block: Block, desk: Desk) -> None:
    (desk.folder / "block.mjs").write_text(desk.local(block.text))
    assert_printed(block, desk.run("node", "block.mjs"))
    assert_requests(block, desk)


@pytest.fixture(scope="session")
def rust_blocks() -> Path:
    """Compile all blocks in Rust, once. build.rs reads the pages."""
    subprocess.run(["cargo", "build", "--quiet", "--package", "scout-auth-docs"], cwd=ROOT, check=True)
    return ROOT / "target/debug/scout-auth-docs"


@of("rust")
def test_rust(block: Block, desk: Desk, rust_blocks: Path) -> None:
    desk.environment["SCOUT_URL"] = desk.server.url
    assert_printed(block, desk.run(rust_blocks, block.page, str(block.number)))
    assert_requests(block, desk)


@of("c", "cpp")
def test_c(block: Block, desk: Desk) -> None:
    frame = (C if block.language == "c" else CPP)[block.page, block.number]
    includes = re.findall(r"^#include .*$", block.text, re.MULTILINE)
    body = re.sub(r"^#include .*$", "", block.text, flags=re.MULTILINE)
    program = "\n".join([*frame.includes, *includes, frame.before, body, frame.after])
    source = desk.folder / f"block.{block.language}"
    source.write_text(desk.local(program))
    link = [f"-L{ROOT}/target/debug", f"-Wl,-rpath,{ROOT}/target/debug", "-lscout_auth", "-lcurl"]
    compiler = ["cc", "-std=c99"] if block.language == "c" else ["c++", "-std=c++17"]
    flags = ["-Wall", "-Wextra", "-Werror", "-Wno-unused", f"-I{ROOT}/c/include"]
    desk.run(*compiler, *flags, source, "-o", "block", *link)
    assert_printed(block, desk.run(desk.folder / "block"))
    if "curl_easy_perform" in block.text:
        assert_requests(block, desk)


@pytest.mark.parametrize("block", [block for block in HERE if ledger.is_server(block)], ids=str)
def test_a_server_listens(block: Block, desk: Desk) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = desk.local(block.text).strip().replace("8411", str(port)).replace(" serve ", f" serve --port {port} ")
    command, environment, pipe = ["bash", "-c", f"exec {line} 2>&1"], desk.environment, subprocess.PIPE
    with subprocess.Popen(command, cwd=desk.folder, env=environment, stdout=pipe, text=True) as process:
        try:
            assert process.stdout
            said = process.stdout.readline()
            assert process.poll() is None, said
            socket.create_connection(("127.0.0.1", port)).close()
        finally:
            process.terminate()


@of("sh")
def test_shell(block: Block, desk: Desk) -> None:
    shell = ledger.single(SHELLS, block) or "bash"
    before = ledger.single(BEFORE, block) or ""
    text = ledger.single(INPUT, block) or ""
    desk.run(shell, "-euo", "pipefail", "-c", before + desk.local(block.text), text=desk.environment.get(text, ""))
    assert_requests(block, desk)


@pytest.mark.parametrize("block", [block for block in HERE if ledger.is_credential_file(block)], ids=str)
def test_a_credential_file_is_read(block: Block, desk: Desk) -> None:
    (desk.folder / "written").write_text(desk.local(block.text))
    signer = scout_auth.Signer.from_file(desk.folder / "written")
    assert (signer.credential_id, signer.kid) == ("cred_123", desk.environment["SCOUT_KID"])


@of("json", "yaml", "ini")
def test_a_configuration_is_read_by_a_parser_of_its_language(block: Block) -> None:
    if block.language == "json":
        assert isinstance(json.loads(block.text), dict)
    elif block.language == "yaml":
        assert yaml.safe_load(block.text)
    else:
        configparser.RawConfigParser().read_string(block.text)
