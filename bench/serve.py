"""Measures scout-auth serve beside two other stand-ins, in one run: start, memory, requests.

    serve.py COMMAND OAUTH2_MOCK_SERVER OIDC_PROVIDER_MOCK

The load comes from wrk, on the same machine. CPU is that of the server alone, so it holds on a busy machine; requests a
second do not. Linux only.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = 2
CALLERS = 16
STARTS = 10


class Server:
    """A server in a process of its own, on a free port."""

    def __init__(self, arguments: list[str], path: str) -> None:
        self.began = time.perf_counter()
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        arguments = [argument.format(port=port) for argument in arguments]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=FOLDER)
        self.url = f"http://127.0.0.1:{port}"
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port)) as caller:
                    caller.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                    if caller.recv(1):
                        break
            except ConnectionError:
                time.sleep(0.0005)
        self.start = time.perf_counter() - self.began

    def cpu(self) -> float:
        """The CPU time of all its threads, in seconds."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory(self, name: str) -> float:
        """A line of its status, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def load(url: str, script: str, callers: int, is_refused: bool) -> tuple[float, float, int]:
    """Sends requests for some seconds. Returns how many a second, and the 99th percentile in milliseconds."""
    command = [
        "wrk",
        "-t1",
        f"-c{callers}",
        f"-d{SECONDS}s",
        "--latency",
        "-s",
        script,
        url,
    ]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Socket errors" in output or ("Non-2xx" in output) != is_refused:
        sys.exit(f"{url}: {output}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    latency = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    count = int(re.search(r"(\d+) requests in", output)[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]), latency, count


def script(name: str, text: str) -> str:
    """A script of wrk. A token in its arguments would be seen by all users of the machine."""
    path = FOLDER / f"{name}.lua"
    path.write_text(text)
    return str(path)


def post(ready: dict, method: str, path: str, **body: object) -> dict:
    """Manages scout-auth serve."""
    headers = {
        "Authorization": f"Bearer {ready['admin_token']}",
        "Content-Type": "application/json",
    }
    request = urllib.request.Request(ready["url"] + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def token(command: str, issued: dict) -> str:
    """A token of a credential: the answer to its creation."""
    path = FOLDER / "credential.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({key: issued[key] for key in ("credential", "private_key")}))
    environment = {**os.environ, "SCOUT_CREDENTIAL_FILE": str(path)}
    return subprocess.run(
        [command, "token"], check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()


def verification() -> float:
    """How long a verification of RSA 2048 takes in openssl, in microseconds of CPU."""
    output = subprocess.run(
        ["openssl", "speed", "-seconds", "1", "rsa2048"], check=True, capture_output=True, text=True
    ).stdout
    return float(re.search(r"rsa 2048 bits [\d.]+s ([\d.]+)s", output)[1]) * 1e6


def main(command: str, oauth2_mock_server: str, oidc_provider_mock: str) -> None:
    command, oauth2_mock_server, oidc_provider_mock = map(
        os.path.abspath, (command, oauth2_mock_server, oidc_provider_mock)
    )
    ours = [command, "serve", "--port", "{port}"]
    kinds = {
        "scout-auth serve": (ours, "/.well-known/jwks.json"),
        "oauth2-mock-server": (["node", oauth2_mock_server, "-p", "{port}"], "/jwks"),
        "oidc-provider-mock": ([oidc_provider_mock, "-p", "{port}"], "/jwks"),
    }
    starts = {name: [] for name in kinds}
    for _ in range(STARTS):
        for name, kind in kinds.items():
            server = Server(*kind)
            starts[name].append((server.start * 1000, server.cpu() * 1000))
            server.stop()
    servers = {name: Server(*kind) for name, kind in kinds.items()}
    ready = json.loads(servers["scout-auth serve"].process.stdout.readline())
    credentials = "/v2/organizations/credentials"
    enabled, disabled = (post(ready, "POST", credentials, roles=["member"]) for _ in range(2))
    post(ready, "PATCH", f"{credentials}/{disabled['credential']['id']}", enabled=False)
    other = Server(*kinds["scout-auth serve"])
    unknown = post(
        json.loads(other.process.stdout.readline()),
        "POST",
        credentials,
        roles=["member"],
    )
    other.stop()
    bearers = {
        name: script(name, f'wrk.headers["Authorization"] = "Bearer {token(command, issued)}"')
        for name, issued in {
            "enabled": enabled,
            "disabled": disabled,
            "unknown": unknown,
        }.items()
    }
    # wrk waits for so many milliseconds before each request.
    paused = script(
        "paused",
        Path(bearers["enabled"]).read_text() + " function delay() return 4 end",
    )
    issue = script(
        "issue",
        'wrk.method = "POST" wrk.body = "grant_type=client_credentials" '
        'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"',
    )
    plain = script("plain", "")
    path = "/v2/workflows"
    requests = [
        (
            "scout-auth serve",
            "a request with a token, verified",
            path,
            bearers["enabled"],
            CALLERS,
            False,
        ),
        (
            "scout-auth serve",
            "the same, 32 callers that pause for 4 ms",
            path,
            paused,
            32,
            False,
        ),
        (
            "scout-auth serve",
            "a token of a disabled credential, refused",
            path,
            bearers["disabled"],
            CALLERS,
            True,
        ),
        (
            "scout-auth serve",
            "a token of an unknown kid, refused",
            path,
            bearers["unknown"],
            CALLERS,
            True,
        ),
        (
            "scout-auth serve",
            "public keys: `/.well-known/jwks.json`",
            "/.well-known/jwks.json",
            plain,
            CALLERS,
            False,
        ),
        (
            "oauth2-mock-server",
            "a request with a token, not verified: `/userinfo`",
            "/userinfo",
            bearers["enabled"],
            CALLERS,
            False,
        ),
        (
            "oauth2-mock-server",
            "a token is issued: `/token`",
            "/token",
            issue,
            CALLERS,
            False,
        ),
        ("oauth2-mock-server", "public keys: `/jwks`", "/jwks", plain, CALLERS, False),
        ("oidc-provider-mock", "public keys: `/jwks`", "/jwks", plain, CALLERS, False),
    ]
    found = {request[:2]: [] for request in requests}
    for turn in range(ROUNDS + 1):
        for name, what, path, lua, callers, is_refused in requests:
            server = servers[name]
            before = server.cpu()
            rate, latency, count = load(server.url + path, lua, callers, is_refused)
            # The first round warms up.
            if turn:
                found[name, what].append((rate, latency, (server.cpu() - before) / count * 1e6))
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; medians of {ROUNDS} rounds\n")
    print("| server | ready | CPU to be ready | memory | the most |\n| --- | --- | --- | --- | --- |")
    for name, server in servers.items():
        wall, cpu = (statistics.median(times) for times in zip(*starts[name], strict=True))
        memory = f"{server.memory('VmRSS'):.1f} MiB | {server.memory('VmHWM'):.1f} MiB"
        print(f"| {name} | {wall:.1f} ms | {cpu:.1f} ms | {memory} |")
    print("\n| server | request | CPU each | a second | p99 |\n| --- | --- | --- | --- | --- |")
    for (name, what), rounds in found.items():
        rate, latency, cpu = (statistics.median(values) for values in zip(*rounds, strict=True))
        print(f"| {name} | {what} | {cpu:.1f} µs | {rate:.0f} | {latency:.1f} ms |")
    print(f"\nA verification of RSA 2048 in openssl: {verification():.1f} µs of CPU.")
    for server in servers.values():
        server.stop()


if __name__ == "__main__":
    if not shutil.which("wrk"):
        sys.exit("serve.py: install wrk, such as by apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = Path(folder)
        main(*sys.argv[1:])
