"""The local Scout, `scout-auth serve`: beside other stand-ins, and as its credentials grow.

The load comes from wrk, on the same machine. CPU time is that of the server alone. Linux only.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from workers import ENVIRONMENT

#: Milliseconds for which a caller waits before each request, at half of the load.
PAUSE = 4
CREDENTIALS = "/v2/organizations/credentials"
KEY_SET = "/.well-known/jwks.json"
#: A path of Scout's SDK.
REQUEST = "/v2/workflows"
#: A public key of 2048 bits in DER, before and after its modulus.
PUBLIC_KEY = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100"), b"\x02\x03\x01\0\x01"


class Server:
    """A server in a process of its own, on a free port. It has answered once."""

    def __init__(self, command: list[str], path: str, folder: Path) -> None:
        began = time.perf_counter()
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.address = found.getsockname()
        port = str(self.address[1])
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [*command, port], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, env=ENVIRONMENT
        )
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        while not self.answers(request):
            if self.process.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {self.process.returncode}")
            time.sleep(0.0005)
        self.wall, self.started = time.perf_counter() - began, self.cpu()

    def answers(self, request: bytes) -> bool:
        try:
            with socket.create_connection(self.address) as caller:
                caller.sendall(request)
                return bool(caller.recv(1))
        except ConnectionError:
            return False

    def cpu(self) -> float:
        """Return the CPU time of all its threads, in seconds."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory(self, name: str) -> int:
        """Return a line of its status, in KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", status)[1])

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class LocalScout(Server):
    def __init__(self, command: Path, folder: Path, *options: str) -> None:
        self.command = str(command)
        super().__init__([self.command, "serve", *options, "--port"], KEY_SET, folder)
        self.folder, self.admin = folder, json.loads(self.process.stdout.readline())["admin_token"]
        self.caller = http.client.HTTPConnection(*self.address)

    def call(self, method: str, path: str, body: object = None, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token or self.admin}", "Content-Type": "application/json"}
        self.caller.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.caller.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise SystemExit(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text)

    def create(self, name: str, **members: str) -> Any:
        return self.call("POST", CREDENTIALS, {"name": name, "roles": ["member"], **members})

    def token(self, created: dict[str, Any]) -> str:
        """Return a token of a credential, from the answer to its creation."""
        path = self.folder / "credential.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({name: created[name] for name in ("credential", "private_key")}))
        environment = {**ENVIRONMENT, "SCOUT_CREDENTIAL_FILE": str(path)}
        command = [self.command, "token"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


class Load:
    """Requests to a server: how many a second, the 99th percentile in ms, CPU µs of the server for each."""

    def __init__(self, server: Server, name: str, path: str, script: Path, *, is_refused: bool = False) -> None:
        self.server, self.name, self.url, self.script = server, name, server.url + path, script
        self.is_refused, self.callers = is_refused, 16
        self.rounds: list[list[float]] = []

    def run(self, seconds: int) -> list[float]:
        command = ["wrk", "-t1", f"-c{self.callers}", f"-d{seconds}s", "--latency", "-s", str(self.script), self.url]
        before = self.server.cpu()
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        cpu = self.server.cpu() - before
        if "Socket errors" in output or ("Non-2xx" in output) != self.is_refused:
            raise SystemExit(f"{self.url}: {output}")
        latency, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
        count = int(re.search(r"(\d+) requests in", output)[1])
        return [rate, float(latency) * {"us": 0.001, "ms": 1, "s": 1000}[unit], cpu / count * 1e6]


class Comparison:
    """The local Scout beside two other stand-ins for an issuer of tokens."""

    def __init__(self, root: Path, built: Path, *, quick: bool) -> None:
        self.command = root / "target/release/scout-auth"
        mock = root / "bench/node/node_modules/oauth2-mock-server/dist/oauth2-mock-server.mjs"
        self.others = {
            "oauth2-mock-server": ["node", str(mock), "-p"],
            "oidc-provider-mock": [str(built / "venv/bin/oidc-provider-mock"), "-p"],
        }
        self.quick = quick

    def everything(self) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            self.folder = Path(folder)
            servers = self.start()
            starts = [list(servers.values())]
            for _ in range(1 if self.quick else 9):
                starts.append(list(self.start().values()))
                for server in starts[-1]:
                    server.stop()
            loads = self.loads(servers)
            self.measure(*loads)
            result = {
                "servers": [
                    {
                        "name": name,
                        "ready": median(each[at].wall for each in starts) * 1e3,
                        "cpu": median(each[at].started for each in starts) * 1e3,
                        "KiB": server.memory("VmRSS"),
                        "peak KiB": server.memory("VmHWM"),
                    }
                    for at, (name, server) in enumerate(servers.items())
                ],
                "loads": [self.summary(load, servers) for load in loads],
            }
            for server in servers.values():
                server.stop()
        return result

    def start(self) -> dict[str, Server]:
        others = {name: Server(command, "/jwks", self.folder) for name, command in self.others.items()}
        return {"scout-auth serve": LocalScout(self.command, self.folder), **others}

    def summary(self, load: Load, servers: dict[str, Server]) -> dict[str, Any]:
        name = next(name for name, server in servers.items() if server is load.server)
        rate, latency, cpu = (median(values) for values in zip(*load.rounds, strict=True))
        return {"server": name, "name": load.name, "rate": rate, "p99": latency, "cpu": cpu}

    def loads(self, servers: dict[str, Server]) -> list[Load]:
        """Return all loads. The second is half of the first."""
        scout, mock, provider = servers.values()
        enabled, disabled = scout.create("enabled"), scout.create("disabled")
        scout.call("PATCH", f"{CREDENTIALS}/{disabled['credential']['id']}", {"enabled": False})
        stranger = LocalScout(self.command, self.folder)
        unknown = stranger.create("unknown")
        stranger.stop()
        bearer = self.script("enabled", scout.token(enabled))
        paused = self.folder / "paused.lua"
        paused.write_text(f"{bearer.read_text()} function delay() return {PAUSE} end")
        issue = self.folder / "issue.lua"
        issue.write_text(
            'wrk.method = "POST" wrk.body = "grant_type=client_credentials" '
            'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"'
        )
        plain = self.folder / "plain.lua"
        plain.touch()
        return [
            Load(scout, "a request with a token, verified", REQUEST, bearer),
            Load(scout, f"about half of that: callers that pause for {PAUSE} ms", REQUEST, paused),
            Load(
                scout,
                "a token of a disabled credential, refused",
                REQUEST,
                self.script("disabled", scout.token(disabled)),
                is_refused=True,
            ),
            Load(
                scout,
                "a token of an unknown kid, refused",
                REQUEST,
                self.script("unknown", scout.token(unknown)),
                is_refused=True,
            ),
            Load(scout, f"public keys: `{KEY_SET}`", KEY_SET, plain),
            Load(mock, "a request with a token, not verified: `/userinfo`", "/userinfo", bearer),
            Load(mock, "a token is issued: `/token`", "/token", issue),
            Load(mock, "public keys: `/jwks`", "/jwks", plain),
            Load(provider, "public keys: `/jwks`", "/jwks", plain),
        ]

    def script(self, name: str, token: str) -> Path:
        """Write a script of wrk. All users of the machine would see a token in its arguments."""
        path = self.folder / f"{name}.lua"
        path.touch(mode=0o600)
        path.write_text(f'wrk.headers["Authorization"] = "Bearer {token}"')
        return path

    def measure(self, full: Load, half: Load, *others: Load) -> None:
        seconds = 1 if self.quick else 2
        # The first rounds warm up, and tell how many callers make half of the load. A request takes 1 ms or so.
        full.run(seconds)
        half.callers = round(full.run(seconds)[0] / 2 * (PAUSE + 1) / 1000)
        for load in others:
            load.run(seconds)
        for _ in range(1 if self.quick else 5):
            for load in (full, half, *others):
                load.rounds.append(load.run(seconds))


def grown(command: Path, counts: list[int]) -> list[dict[str, float]]:
    """Return what the server costs with so many credentials in a file: CPU ms, and KiB of memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = ["--state", str(folder / "state")]
        scout = LocalScout(command, folder, *options)
        own, made, rows = scout.create("own"), 1, []
        for count in counts:
            for number in range(made, count):
                scout.create(f"service-{number}", public_key=nobody())
            made = count
            scout.stop()
            starts = []
            for _ in range(3):
                scout = LocalScout(command, folder, *options)
                starts.append(scout.started * 1e3)
                scout.stop()
            scout = LocalScout(command, folder, *options)
            rows.append({"count": count, "start": median(starts), **costs(scout, own), "KiB": scout.memory("VmRSS")})
        scout.stop()
    return rows


def costs(scout: LocalScout, own: dict[str, Any]) -> dict[str, float]:
    token, one = scout.token(own), f"{CREDENTIALS}/{own['credential']['id']}"
    works = {
        "request": lambda _: scout.call("GET", REQUEST, token=token),
        "show": lambda _: scout.call("GET", one),
        "list": lambda _: scout.call("GET", CREDENTIALS),
        "change": lambda at: scout.call("PATCH", one, {"name": f"own-{at % 2}"}),
    }
    found = {}
    for name, work in works.items():
        work(1)
        before = scout.cpu()
        for at in range(30):
            work(at)
        found[name] = (scout.cpu() - before) / 30 * 1e3
    return found


def nobody() -> str:
    """Return a public key whose private key nobody has: making pairs would take minutes."""
    modulus = bytearray(os.urandom(256))
    modulus[0] |= 0x80
    modulus[-1] |= 1
    return base64.urlsafe_b64encode(bytes(modulus).join(PUBLIC_KEY)).rstrip(b"=").decode()
