"""Rotations and clock steps in the middle of traffic: soak.py [CLIENT…]. See tests/README.md."""

from __future__ import annotations

import argparse
import asyncio
import base64
import itertools
import json
import pathlib
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

import jwt
from aiohttp import web
from joserfc.jwk import RSAKey
from programs import COMMAND, COMMANDS, Program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

#: Seconds. A token is replaced after two, so that clients often look at the file while requests are sent.
LIFETIME, REFRESH_MARGIN = 8, 6
#: How many requests of a client are under way at the same time.
WORKERS = 8
#: Seconds for a rotation, on average. The requests are spread over that time.
PERIOD = 5
#: Seconds from a rotation until the old credential is disabled, at most.
SLOWEST = 5
#: Seconds after which a client that does not come to the next step has a fault.
PATIENCE = 300

UNKNOWN, DISABLED, CLOCK = "not yet enabled", "disabled", "by the clock"


class Credential:
    """An org credential, its key and kid made by another library than ours."""

    def __init__(self, number: int) -> None:
        key = RSAKey.generate_key(2048)
        self.id, self.kid, self.public_key = f"cred_{number}", key.thumbprint(), key.public_key
        private_key = base64.urlsafe_b64encode(key.as_der(private=True)).decode().rstrip("=")
        self.file = json.dumps({"private_key": private_key, "credential_id": self.id, "kid": self.kid})
        self.enabled_at = self.disabled_at = float("inf")
        self.last_accepted_at = 0.0

    def enable(self) -> None:
        self.enabled_at = time.monotonic()

    def disable(self) -> None:
        self.disabled_at = time.monotonic()


@dataclass
class Client:
    """A client program, and what the server saw of its requests."""

    name: str
    requests: int = 0
    #: Why requests were answered with 401.
    refused: Counter[str] = field(default_factory=Counter)
    #: The same for the first attempts with each kid.
    refused_of: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: The refusals of each request that is under way.
    attempts: dict[str, list[str]] = field(default_factory=dict)
    #: The workers that were served since the last step.
    served: set[str] = field(default_factory=set)
    #: Requests that failed after their one retry: the path, the answer and the refusals.
    failed: list[tuple[str, str, list[str]]] = field(default_factory=list)
    #: The same, refused before the new credential was enabled and again after the old one was disabled.
    impossible: int = 0


class Server:
    """A real HTTP server on loopback. It verifies with PyJWT, by a clock of its own."""

    def __init__(self, clients: list[Client]) -> None:
        self.clients = clients
        self.credentials: dict[str, Credential] = {}
        #: The seconds by which the server's clock is ahead.
        self.ahead = 0
        self.url = ""

    async def answer(self, request: web.BaseRequest) -> web.Response:
        _, client, worker, _ = request.path.split("/")
        refusal, kid = self.verify(request.headers.get("Authorization", ""))
        self.note(self.clients[int(client)], worker, request.path, refusal, kid)
        date = formatdate(self.now(), usegmt=True)
        return web.Response(status=401 if refusal else 200, body=b"{}", headers={"Date": date})

    def verify(self, authorization: str) -> tuple[str, str]:
        """Return why the token is refused, or nothing, and its kid."""
        try:
            token = authorization.removeprefix("Bearer ")
            kid = jwt.get_unverified_header(token)["kid"]
            credential = self.credentials[kid]
            # PyJWT cannot be told this server's time, so these claims are checked below.
            options = {"verify_exp": False, "verify_iat": False, "require": ["iss", "sub", "iat", "exp"]}
            claims = jwt.decode(
                token, credential.public_key, ["RS256"], issuer="scout", subject=credential.id, options=options
            )
        except (KeyError, jwt.InvalidTokenError) as error:
            return repr(error), ""
        now = time.monotonic()
        if now < credential.enabled_at:
            return UNKNOWN, kid
        if now >= credential.disabled_at:
            return DISABLED, kid
        if not claims["iat"] - 5 <= self.now() < claims["exp"]:
            return CLOCK, kid
        credential.last_accepted_at = now
        return "", kid

    def now(self) -> float:
        return time.time() + self.ahead

    @staticmethod
    def note(client: Client, worker: str, path: str, refusal: str, kid: str) -> None:
        if refusal:
            attempts = client.attempts.setdefault(path, [])
            client.refused[refusal] += 1
            client.refused_of[refusal, kid] += not attempts
            attempts.append(refusal)
        else:
            client.served.add(worker)


@dataclass(frozen=True)
class Rotation:
    """The order, and for how many seconds both credentials are enabled."""

    file_first: bool
    delay: float


def plan(rotations: int, file_first: int) -> list[Rotation]:
    """Return rotations of both orders and of 0 to 5 seconds, mixed, and the same at each run."""
    server_first = rotations - file_first
    # With the file first, no client could bear 0 seconds: see docs/credentials.md.
    mixed = [Rotation(file_first=True, delay=SLOWEST * (number + 1) / file_first) for number in range(file_first)]
    mixed += [Rotation(file_first=False, delay=SLOWEST * number / server_first) for number in range(server_first)]
    random.Random(rotations).shuffle(mixed)
    return mixed


class Soak:
    """One run: the clients, their server, and the credential file that they follow."""

    def __init__(self, names: list[str], requests: int, rotations: int) -> None:
        self.clients = [Client(name) for name in names]
        self.server = Server(self.clients)
        self.requests, self.rotations = requests, rotations
        self.credentials = [Credential(number) for number in range(rotations + 1)]
        self.is_over = False
        # The command keeps no credential that it could go back to, and learns no clock.
        keeps_nothing = COMMAND in names
        self.plan = plan(rotations, file_first=0 if keeps_nothing else rotations // 2)
        self.clocks = itertools.cycle([0] if keeps_nothing else [600, 0, -600, 0])

    async def run(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.file = pathlib.Path(folder) / "credential.json"
            self.replace_file(self.credentials[0])
            self.credentials[0].enable()
            async with self.serving():
                urls = (f"{self.server.url}/{number}" for number in range(len(self.clients)))
                await asyncio.gather(self.rotate_all(), *map(self.send_all, self.clients, urls))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        runner = web.ServerRunner(web.Server(self.server.answer))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()

    async def send_all(self, client: Client, url: str) -> None:
        program = Program(client.name)
        signer = ["follow", url, str(self.file), str(LIFETIME), str(REFRESH_MARGIN)]
        assert await asyncio.wrap_future(program.ask(*signer)) == "ok"
        began, rate = time.monotonic(), self.requests / self.rotations / PERIOD

        async def work(worker: int) -> None:
            while client.requests < self.requests or not self.is_over:
                client.requests += 1
                number = client.requests
                await asyncio.sleep(began + number / rate - time.monotonic())
                await self.send(client, program, f"{url}/{worker}/{number}")

        await asyncio.gather(*map(work, range(WORKERS)))
        assert program.close() == 0

    async def send(self, client: Client, program: Program, url: str) -> None:
        answer = await asyncio.wrap_future(program.ask("GET", url))
        if answer == "401" and client.name == COMMAND:
            # It sees no response: its caller runs it again.
            answer = await asyncio.wrap_future(program.ask("GET", url))
        path = url.removeprefix(self.server.url)
        attempts = client.attempts.pop(path, [])
        if attempts == [UNKNOWN, DISABLED]:
            client.impossible += 1
        elif answer != "200":
            client.failed.append((path, answer, attempts))

    async def rotate_all(self) -> None:
        await self.until_all_are_served()
        next_step_at = 0.0
        steps = zip(itertools.pairwise(self.credentials), self.plan, self.clocks, strict=False)
        for number, ((old, new), rotation, ahead) in enumerate(steps):
            # Spread over the requests, also if the machine is slow.
            sent = self.requests * number // self.rotations
            await until(lambda sent=sent: all(client.requests >= sent for client in self.clients))
            await self.rotate(old, new, rotation)
            if ahead:
                # A signer follows the clock away from zero once in a lifetime.
                await asyncio.sleep(next_step_at - time.monotonic())
                next_step_at = time.monotonic() + LIFETIME + 1
            self.server.ahead = ahead
            await self.until_all_are_served()
        self.is_over = True

    async def rotate(self, old: Credential, new: Credential, rotation: Rotation) -> None:
        if rotation.file_first:
            self.replace_file(new)
            await until(lambda: all(client.refused_of[UNKNOWN, new.kid] for client in self.clients))
            new.enable()
        else:
            new.enable()
            self.replace_file(new)
        await asyncio.sleep(rotation.delay)
        old.disable()
        await self.until_all_are_served()

    def replace_file(self, credential: Credential) -> None:
        self.server.credentials[credential.kid] = credential
        new = self.file.with_suffix(".new")
        new.write_text(credential.file)
        new.rename(self.file)

    async def until_all_are_served(self) -> None:
        for client in self.clients:
            client.served.clear()
        await until(lambda: all(len(client.served) == WORKERS for client in self.clients))

    def accepted_late(self) -> list[Credential]:
        """Return the credentials that the server accepted after they were disabled."""
        return [credential for credential in self.credentials if credential.last_accepted_at > credential.disabled_at]

    def faults(self) -> list[str]:
        """Return what no client may do."""
        faults = [f"{credential.id} was accepted after it was disabled" for credential in self.accepted_late()]
        for client in self.clients:
            faults += [f"{client.name}: {path} failed: {answer} after {why}" for path, answer, why in client.failed]
            # One request of each worker may be under way when a credential is refused.
            faults += [
                f"{client.name}: {count} requests with {kid}, which is {refusal}"
                for (refusal, kid), count in client.refused_of.items()
                if refusal != CLOCK and count > WORKERS
            ]
        return faults


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the traffic has come to a halt"
        await asyncio.sleep(0.01)


COLUMNS = "{:22}{:>9}{:>10}{:>9}{:>9}{:>7}{:>8}{:>12}{:>15}"
HEADINGS = "client requests rotations disabled unknown clock failed impossible accepted-late"


def row(client: Client, soak: Soak) -> str:
    refused = [client.refused[why] for why in (DISABLED, UNKNOWN, CLOCK)]
    results = [len(client.failed), client.impossible, len(soak.accepted_late())]
    return COLUMNS.format(client.name, client.requests, soak.rotations, *refused, *results)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--rotations", type=int, default=20)
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help=f"all by default: {', '.join(COMMANDS)}")
    given = parser.parse_args()
    print(COLUMNS.format(*HEADINGS.split()))
    status = 0
    for name in given.clients or COMMANDS:
        # The command is a process for each request.
        soak = Soak([name], given.requests // (20 if name == COMMAND else 1), given.rotations)
        asyncio.run(soak.run())
        print(row(*soak.clients, soak), *soak.faults(), sep="\n", flush=True)
        status |= bool(soak.faults())
    return status


if __name__ == "__main__":
    sys.exit(main())
