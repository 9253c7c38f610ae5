"""The bridge between the official Python client, which starts it, and the official Python server."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import trustme
from bridge import client, lines, request, until
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, ElicitResult, ToolListChangedNotification
from server import serving
from tools import CANCELLED

if TYPE_CHECKING:
    from conftest import Credential
    from server import Server

pytestmark = pytest.mark.anyio


def text(result: CallToolResult) -> str:
    assert not result.is_error, result
    return result.content[0].text


async def test_calls_are_answered_and_the_server_knows_who_calls(credential: Credential, server: Server) -> None:
    async with client(credential, server.url) as mcp:
        assert {tool.name for tool in (await mcp.list_tools()).tools} >= {"add", "who"}
        assert text(await mcp.call_tool("add", {"a": 1, "b": 2})) == "3"
        assert text(await mcp.call_tool("who")) == credential.id
    first, *others = [
        (seen.headers.get("mcp-protocol-version"), seen.headers.get("mcp-session-id")) for seen in server.seen
    ]
    assert first == (None, None)
    assert {version for version, _ in others} == {"2025-11-25"}
    assert len({session for _, session in others}) == 1
    assert None not in others[0]


async def test_progress_arrives_before_the_answer(credential: Credential, server: Server) -> None:
    seen = []

    async def progress(done: float, total: float | None, _: str | None) -> None:
        seen.append((done, total))

    async with client(credential, server.url) as mcp:
        assert text(await mcp.call_tool("steps", {"count": 3}, progress_callback=progress)) == "done"
    assert seen == [(1, 3), (2, 3), (3, 3)]


async def test_the_server_asks_the_client_in_the_middle_of_a_call(credential: Credential, server: Server) -> None:
    async def answer(_: Any, params: Any) -> ElicitResult:
        return ElicitResult(action="accept", content={"name": params.message})

    async with client(credential, server.url, elicitation_callback=answer) as mcp:
        assert text(await mcp.call_tool("ask")) == "Your name?"


async def test_what_the_server_sends_unasked_arrives(credential: Credential, server: Server) -> None:
    changed: list[Any] = []

    async def handle(message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            changed.append(message)

    async with client(credential, server.url, message_handler=handle) as mcp:
        # The stream is open before a server could send on it.
        await until(lambda: "GET" in server.methods())
        await mcp.call_tool("announce")
        await until(lambda: bool(changed))


async def test_the_stream_of_what_is_sent_unasked_is_found_again(credential: Credential, server: Server) -> None:
    changed: list[Any] = []

    async def handle(message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            changed.append(message)

    async with client(credential, server.url, message_handler=handle) as mcp:
        await until(lambda: server.methods().count("GET") == 1)
        await mcp.call_tool("deafen")
        await until(lambda: server.methods().count("GET") == 2)
        await mcp.call_tool("announce")
        await until(lambda: len(changed) == 1)
        # A restart ends the session. It begins again without a call of the client.
        server.stop()
        server.start()
        await until(lambda: server.seen[-1].method == "GET" and server.initialized() == 2)
        await mcp.call_tool("announce")
        await until(lambda: len(changed) == 2)


async def test_a_call_that_the_client_cancels_ends_at_the_server(credential: Credential, server: Server) -> None:
    async with client(credential, server.url) as mcp:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(mcp.call_tool, "wait")
            await until(lambda: any(b"wait" in seen.body for seen in server.seen))
            await anyio.sleep(0.1)
            tasks.cancel_scope.cancel()
        await until(CANCELLED.is_set)
        assert text(await mcp.call_tool("add", {"a": 1, "b": 2})) == "3"


async def test_a_stream_that_the_server_drops_is_found_again(credential: Credential, server: Server) -> None:
    seen = []

    async def progress(done: float, *_: Any) -> None:
        seen.append(done)

    async with client(credential, server.url) as mcp:
        answer = await mcp.call_tool("drop", progress_callback=progress)
        assert (text(answer), seen) == ("dropped and found again", [1])
    assert [seen.headers.get("last-event-id") is not None for seen in server.seen if seen.method == "GET"] == [
        False,
        True,
    ]


async def test_a_refused_token_is_replaced_and_the_call_answered(credential: Credential, server: Server) -> None:
    async with client(credential, server.url) as mcp:
        assert text(await mcp.call_tool("who")) == credential.id
        first = server.verifier.tokens[-1]
        await anyio.sleep(1.1)  # A token of the same second would be the same.
        server.refuse.append((401, b'{"error":"invalid_token"}'))
        assert text(await mcp.call_tool("add", {"a": 1, "b": 2})) == "3"
        assert server.verifier.tokens[-1] != first


async def test_a_refused_credential_is_an_error_of_the_call_and_no_end(credential: Credential, server: Server) -> None:
    async with client(credential, server.url) as mcp:
        assert text(await mcp.call_tool("who")) == credential.id
        server.refuse.extend([(401, b"")] * 2)
        with pytest.raises(MCPError, match="refused the credential"):
            await mcp.call_tool("add", {"a": 1, "b": 2})
        # A token of the same second would be the same, and is not tried.
        server.refuse.clear()
        assert text(await mcp.call_tool("add", {"a": 1, "b": 2})) == "3"


async def test_a_redirect_is_not_followed_and_is_named(credential: Credential, server: Server) -> None:
    async with client(credential, server.url) as mcp:
        assert text(await mcp.call_tool("who")) == credential.id
        server.refuse.append((307, b""))
        with pytest.raises(MCPError, match=r"redirects.*use https://elsewhere\.example/mcp"):
            await mcp.call_tool("add", {"a": 1, "b": 2})


async def test_a_session_that_is_gone_begins_again_and_the_client_does_not_notice(
    credential: Credential, server: Server
) -> None:
    async with client(credential, server.url) as mcp:
        assert text(await mcp.call_tool("who")) == credential.id
        server.forget_sessions()
        assert text(await mcp.call_tool("add", {"a": 1, "b": 2})) == "3"
    sessions = [seen.headers.get("mcp-session-id") for seen in server.seen]
    assert len(set(sessions)) == 3  # none, the first, the second
    assert server.initialized() == 2


async def test_a_server_that_goes_away_and_comes_back(credential: Credential, server: Server) -> None:
    async with client(credential, server.url) as mcp:
        assert text(await mcp.call_tool("who")) == credential.id
        server.stop()
        for _ in range(2):
            with pytest.raises(MCPError, match="the server cannot be reached: Connection refused"):
                await mcp.call_tool("add", {"a": 1, "b": 2})
        server.start()
        assert text(await mcp.call_tool("add", {"a": 1, "b": 2})) == "3"


async def test_calls_over_several_lifetimes_need_one_session(credential: Credential, server: Server) -> None:
    async with client(credential, server.url, "--lifetime", "1") as mcp:
        for _ in range(8):
            assert text(await mcp.call_tool("who")) == credential.id
            await anyio.sleep(0.5)
    assert len(set(server.verifier.tokens)) >= 3
    assert server.initialized() == 1


@pytest.mark.parametrize("server", [{"json_response": True}, {"stateless_http": True}], indirect=True, ids=str)
async def test_servers_that_answer_json_or_have_no_sessions(credential: Credential, server: Server) -> None:
    async with client(credential, server.url) as mcp:
        assert text(await mcp.call_tool("add", {"a": 1, "b": 2})) == "3"
        with pytest.raises(MCPError):
            await mcp.read_resource("file:///none")


def test_the_end_of_the_input_ends_the_session_and_the_command(credential: Credential, server: Server) -> None:
    with lines(credential, server.url) as bridge:
        bridge.initialize()
        bridge.call("tools/list")
        assert bridge.end() == (0, "")
    assert server.methods()[-1] == "DELETE"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_session_and_the_command(credential: Credential, server: Server, number: int) -> None:
    with lines(credential, server.url) as bridge:
        bridge.initialize()
        bridge.send(request("tools/call", 1, name="wait", arguments={}))
        await until(lambda: any(b"wait" in seen.body for seen in server.seen))
        bridge.process.send_signal(number)
        assert bridge.process.wait() == 0
    assert server.methods()[-1] == "DELETE"


def test_a_client_that_no_longer_reads_ends_it(credential: Credential, server: Server) -> None:
    with lines(credential, server.url) as bridge:
        bridge.initialize()
        bridge.process.stdout.close()
        bridge.send(request("ping", 1))
        assert bridge.process.wait() == 0


def test_what_cannot_work_is_said_at_the_start(credential: Credential) -> None:
    for url, said in {
        "http://mcp.scoutos.com/mcp": "ERR_URL_INSECURE",
        "mcp.scoutos.com": "ERR_URL",
        "https://user@mcp.scoutos.com/mcp": "ERR_URL",
    }.items():
        with lines(credential, url) as bridge:
            status, errors = bridge.end()
            assert (status, bridge.process.stdout.closed) == (3, True)
            assert f"({said})" in errors
    with lines(credential, "https://mcp.scoutos.com/mcp", "--credential-file", "/none") as bridge:
        assert bridge.end()[0] == 3


def test_standard_error_has_no_secret_and_no_line_that_clients_take_for_a_failure(
    credential: Credential, server: Server
) -> None:
    with lines(credential, server.url) as bridge:
        bridge.initialize()
        bridge.call("ping", 3)
        server.forget_sessions()
        bridge.call("tools/call", 1, name="add", arguments={"a": 1, "b": 2})
        server.refuse.extend([(401, b"")] * 2)
        bridge.send({"jsonrpc": "2.0", "method": "notifications/roots/list_changed"})
        # Answered after the refusal, which is not sent to the client.
        bridge.send(b"no message")
        bridge.receive()
        server.refuse.clear()
        status, errors = bridge.end()
    assert status == 0
    began, refused = errors.splitlines()
    assert began == "scout-auth mcp: the server had ended the session; a new one began"
    assert refused.startswith("scout-auth mcp: a message was not accepted: the server refused the credential;")
    assert "error" not in errors
    assert not any(token in errors for token in server.verifier.tokens)


def test_a_server_that_has_no_stream_and_says_404_keeps_its_one_session(credential: Credential, server: Server) -> None:
    server.has_streams = False
    with lines(credential, server.url) as bridge:
        bridge.initialize()
        for number in range(1, 40):
            bridge.call("ping", number)
        status, errors = bridge.end()
    assert (status, errors) == (0, "")
    assert (server.initialized(), server.methods().count("GET")) == (1, 1)


def test_the_words_of_a_server_control_no_terminal(credential: Credential, server: Server) -> None:
    schema = {"properties": {"a": {"type": "string", "x-mcp-header": "a b"}}}
    tools = [{"name": "\x1b[2J\nscout-auth: x", "inputSchema": schema}]
    server.refuse.append((200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": tools}}).encode()))
    with lines(credential, server.url) as bridge:
        meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
        assert bridge.call("tools/list", 1, _meta=meta)["result"] == {"tools": []}
        _, errors = bridge.end()
    assert errors.endswith(" against the rules: \\u001b[2J scout-auth: x\n")
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("is_trusted", [True, False])
def test_https_and_a_company_s_own_authority(credential: Credential, tmp_path: Path, is_trusted: bool) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    trusted = {"SSL_CERT_FILE": str(tmp_path / "ca.pem")} if is_trusted else {}
    with (
        serving(credential.kid, credential.public_key, certificate=str(tmp_path / "server.pem")) as server,
        lines(credential, server.url, **trusted) as bridge,
    ):
        answer = bridge.initialize()
        if is_trusted:
            assert bridge.call("tools/call", name="who", arguments={})["result"]["content"][0]["text"] == credential.id
        else:
            assert "the server's TLS certificate is not trusted" in answer["error"]["message"]
            assert server.seen == []


@pytest.mark.parametrize("server", [{}, {"json_response": True}], indirect=True, ids=["events", "JSON"])
def test_a_large_message_is_refused_and_the_next_one_answered(credential: Credential, server: Server) -> None:
    with lines(credential, server.url) as bridge:
        bridge.initialize()
        answer = bridge.call("tools/call", name="large", arguments={"size": 17 << 20})
        assert answer["error"]["message"] == "the server sent a message of more than 16 MiB"
        bridge.send(b"x" * (17 << 20))
        assert bridge.receive()["error"] == {"code": -32700, "message": "the message has more than 16 MiB"}
        assert (
            len(bridge.call("tools/call", 2, name="large", arguments={"size": 1 << 20})["result"]["content"][0]["text"])
            == 1 << 20
        )


async def test_a_client_that_reads_slowly_makes_the_server_wait(credential: Credential, server: Server) -> None:
    with lines(credential, server.url) as bridge:
        bridge.initialize()
        meta = {"progressToken": 1}
        bridge.send(request("tools/call", 1, name="flood", arguments={"count": 60, "size": 1 << 18}, _meta=meta))
        sent = server.events.events
        await until(lambda: len(sent) > 10)
        await until(lambda before=[0] * 20: before.append(len(sent)) or before[-20] == len(sent))
        assert len(sent) < 60
        # A second call is answered by the server, but nobody reads.
        bridge.send(request("tools/call", 2, name="add", arguments={"a": 1, "b": 2}))
        await until(lambda: sum(b'"add"' in seen.body for seen in server.seen))
        most = memory(bridge.process.pid)
        read = [bridge.receive() for _ in range(62)]
        assert {message["id"] for message in read if "id" in message} == {1, 2}
        assert most < 60, f"{most} MiB"


def memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def test_what_is_no_message_gets_an_error_and_is_not_sent(credential: Credential, server: Server) -> None:
    with lines(credential, server.url) as bridge:
        bridge.initialize()
        before = len(server.seen)
        for line in (b"hello", b"[]", b'{"jsonrpc":"2.0"}', b'\xff{"id":1,"method":"ping"}'):
            bridge.send(line)
            assert bridge.receive()["error"]["code"] == -32700
        bridge.send(b"", b"  \r")
        assert bridge.call("ping")["result"] == {}
        assert sum(seen.method == "POST" for seen in server.seen[before:]) <= 2


async def test_the_protocol_without_sessions(credential: Credential, server: Server) -> None:
    async with client(credential, server.url, mode="auto") as mcp:
        assert mcp.protocol_version == "2026-07-28"
        await mcp.list_tools()
        assert text(await mcp.call_tool("who")) == credential.id
        assert text(await mcp.call_tool("region", {"region": "us-\u00e9"})) == "us-\u00e9"
        async with mcp.listen(tools_list_changed=True) as events:
            await mcp.call_tool("announce")
            async for event in events:
                assert type(event).__name__ == "ToolsListChanged"
                break
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(mcp.call_tool, "wait")
            await until(lambda: any(b'"wait"' in seen.body for seen in server.seen))
            await anyio.sleep(0.1)
            tasks.cancel_scope.cancel()
        await until(CANCELLED.is_set)
    assert not any("mcp-session-id" in seen.headers or seen.method != "POST" for seen in server.seen)
    assert not any(b"notifications/cancelled" in seen.body for seen in server.seen)
