"""Every configuration and command of docs/mcp.md, run as it stands there, but with a server on this machine."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from bridge import COMMAND, ROOT
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from test_bridge import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Credential
    from server import Server

pytestmark = pytest.mark.anyio

PAGE = (ROOT / "docs/mcp.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CONFIGURATIONS = [json.loads(block) for language, block in BLOCKS if language == "json"]
SERVERS = [block.get("mcpServers") or block["servers"] for block in CONFIGURATIONS]
STDIO = [servers["scout"] for servers in SERVERS if "command" in servers["scout"]]
HTTP = [servers["scout"] for servers in SERVERS if "url" in servers["scout"]]


class Machine:
    """A user's folder and path, and the server in place of Scout's."""

    def __init__(self, home: Path, server: Server) -> None:
        self.home, self.server = home, server
        (home / "bin").mkdir()
        (home / "bin/scout-auth").symlink_to(COMMAND)
        self.environment = {"HOME": str(home), "PATH": f"{home}/bin:{os.environ['PATH']}"}

    def local(self, written: str) -> str:
        """What is written, for this machine."""
        for there, here in {
            "https://mcp.scoutos.com/mcp": self.server.url,
            "https://mcp.scoutos.com": self.server.url.removesuffix("/mcp"),
            "/home/you": str(self.home),
            "${HOME}": str(self.home),
            "${userHome}": str(self.home),
            "/usr/local/bin/scout-auth": str(self.home / "bin/scout-auth"),
            "127.0.0.1:8411": "127.0.0.1:0",
        }.items():
            written = written.replace(there, here)
        return written

    def shell(self, line: str, **options: Any) -> str:
        command = ["bash", "-euo", "pipefail", "-c", self.local(line)]
        return subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True, **options
        ).stdout

    async def calls(self, command: list[str], environment: dict[str, str]) -> None:
        """Call a tool as a client does that starts this command, with the server's URL if it names none."""
        program, *arguments = [self.local(word).replace("~", str(self.home)) for word in command]
        assert program.endswith("scout-auth")
        assert not any("scoutos.com" in word for word in arguments)
        environment = {name: self.local(value) for name, value in environment.items()}
        parameters = StdioServerParameters(
            command=program, args=[*arguments, self.server.url], env={**self.environment, **environment}
        )
        async with Client(stdio_client(parameters)) as client:
            assert text(await client.call_tool("who")) == "cred_mcp"

    async def calls_url(self, url: str, headers: dict[str, str]) -> None:
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            assert text(await client.call_tool("who")) == "cred_mcp"


@pytest.fixture
def machine(tmp_path: Path, server: Server, credential: Credential) -> Machine:
    machine = Machine(tmp_path, server)
    (line,) = [line for line in lines() if line.startswith("scout-auth import")]
    machine.shell(line.replace("cred_123", credential.id), input=credential.private_key)
    assert (tmp_path / ".config/scoutos/credential.jwk.json").stat().st_mode & 0o777 == 0o600
    return machine


def lines() -> list[str]:
    """The commands of the page."""
    shell = [block.strip() for language, block in BLOCKS if language == "sh"]
    return [re.sub(r"(?<=\|)\n|\\\n", " ", block) for block in shell]


def test_the_page_has_something_for_each_client() -> None:
    assert (len(STDIO), len(HTTP), len(lines())) == (4, 2, 4)
    for servers in SERVERS:
        assert set(servers["scout"]) <= {"type", "command", "args", "env", "url", "headers", "headersHelper"}


@pytest.mark.parametrize("number", range(len(STDIO)))
async def test_a_client_that_starts_the_command(machine: Machine, number: int) -> None:
    configuration = STDIO[number]
    await machine.calls([configuration["command"], *configuration["args"]], configuration.get("env", {}))


async def test_the_command_that_claude_code_is_given(machine: Machine) -> None:
    (line,) = [line for line in lines() if line.startswith("claude mcp add scout -- ")]
    await machine.calls(shlex.split(line)[5:], {})


async def test_the_headers_helper(machine: Machine) -> None:
    (configuration,) = [server for server in HTTP if "headersHelper" in server]
    headers = json.loads(machine.shell(configuration["headersHelper"]))
    await machine.calls_url(machine.local(configuration["url"]), headers)


async def test_the_proxy(machine: Machine) -> None:
    (line,) = [line for line in lines() if line.startswith("scout-auth proxy")]
    (configuration,) = [server for server in HTTP if "headers" in server]
    with proxy(machine, line) as base:
        token = machine.shell(re.search(r"\$\((cat [^)]*proxy-token)\)", PAGE)[1]).strip()
        headers = {
            name: value.replace("${SCOUT_PROXY_TOKEN}", token) for name, value in configuration["headers"].items()
        }
        await machine.calls_url(configuration["url"].replace("http://127.0.0.1:8411", base), headers)


@contextmanager
def proxy(machine: Machine, line: str) -> Iterator[str]:
    """The proxy of the page, and its address."""
    command = ["bash", "-c", "exec " + machine.local(line) + " --json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=machine.environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield json.loads(process.stdout.readline())["base_url"]
        finally:
            process.terminate()


def test_whether_it_works_is_seen_in_a_shell(machine: Machine) -> None:
    (line,) = [line for line in lines() if line.startswith("(echo")]
    answer = json.loads(machine.shell(f"{line} {machine.server.url}"))
    assert answer["result"]["serverInfo"]["name"] == "scout"


async def test_the_parameters_for_the_sdks(machine: Machine) -> None:
    (python,) = [block for language, block in BLOCKS if language == "python"]
    scope: dict[str, Any] = {}
    exec(python, scope)
    await machine.calls([scope["parameters"].command, *scope["parameters"].args], {})
    (javascript,) = [block for language, block in BLOCKS if language == "js"]
    use = f"""
import {{ Client }} from '@modelcontextprotocol/sdk/client/index.js'
transport._serverParams.args.push('{machine.server.url}')
transport._serverParams.env = {{ PATH: '{machine.environment["PATH"]}' }}
const client = new Client({{ name: 'page', version: '1' }})
await client.connect(transport)
console.log((await client.callTool({{ name: 'who' }})).content[0].text)
await client.close()
"""
    program = Path(__file__).parent / "node_modules/page.test.mjs"
    program.write_text(machine.local(javascript) + use)
    assert machine.shell(f"node {program}").strip() == "cred_mcp"
