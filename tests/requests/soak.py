"""Rotations, clock steps and a crash in the middle of traffic: soak.py [CLIENT…]. See tests/README.md."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from programs import COMMAND, COMMANDS, Program
from scout_auth.testing import start_local_scout

if TYPE_CHECKING:
    from collections.abc import Callable

    from scout_auth.testing import Credential, LocalScout, RecordedRequest

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
#: Seconds between two looks at what the server recorded.
LOOK = 0.3
#: The statuses that the server answers. Anything else is a connection that was cut.
ACCEPTED, REFUSED = "200", "401"

UNKNOWN, DISABLED, CLOCK = "not yet enabled", "disabled", "by the clock"
CLOCK_CODES = {"ERR_TOKEN_EXPIRED", "ERR_TOKEN_FROM_FUTURE", "ERR_TOKEN_NOT_YET_VALID"}


@dataclass
class Client:
    """A client program, and what became of its requests."""

    name: str
    requests: int = 0
    #: Why requests were answered with 401.
    refused: Counter[str] = field(default_factory=Counter)
    #: The same for the first attempts with each credential.
    refused_of: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: The workers that were served since the last step.
    served: set[str] = field(default_factory=set)
    #: Requests that failed after their one retry: the path, the answer and the refusals.
    failed: list[tuple[str, str, list[tuple[str, str]]]] = field(default_factory=list)
    #: The same, refused before the new credential was enabled and again after the old one was disabled.
    impossible: int = 0
    #: Requests whose connection was cut when the server was killed.
    cut: int = 0


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


class Watch:
    """What the local Scout recorded. It keeps the last 1000 requests, so this looks again and again."""

    def __init__(self, scout: LocalScout, clients: list[Client]) -> None:
        self.scout, self.clients = scout, clients
        self.looks = 0
        #: Why each request was refused, and with which credential, by its path.
        self.refused: dict[str, list[tuple[str, str]]] = {}
        self.enabled: set[str] = set()
        #: How many requests each client had sent when the server had said that the credential is disabled.
        self.disabled: dict[str, list[int]] = {}
        #: Requests that were sent after that, and accepted.
        self.accepted_late: list[tuple[str, str]] = []
        self._seen: list[RecordedRequest] = []

    async def look(self) -> None:
        recorded = await asyncio.to_thread(self.scout.requests)
        for request in new_ones(self._seen, recorded):
            self._note(request)
        self._seen = recorded
        self.looks += 1

    def _note(self, request: RecordedRequest) -> None:
        path, credential = request["path"], request["credential_id"] or ""
        _, client_number, worker, number = path.split("/")
        client = self.clients[int(client_number)]
        if str(request["status"]) != REFUSED:
            client.served.add(worker)
            if credential in self.disabled and int(number) > self.disabled[credential][int(client_number)]:
                self.accepted_late.append((path, credential))
            return
        why = self._why(request["code"] or "", credential)
        attempts = self.refused.setdefault(path, [])
        client.refused[why] += 1
        client.refused_of[why, credential] += not attempts
        attempts.append((why, credential))

    def _why(self, code: str, credential: str) -> str:
        if code in CLOCK_CODES:
            return CLOCK
        if code != "ERR_LOCAL_DISABLED":
            return code
        return DISABLED if credential in self.enabled else UNKNOWN


def new_ones(before: list[RecordedRequest], now: list[RecordedRequest]) -> list[RecordedRequest]:
    """Return what was appended: the end of the first list is the beginning of the second."""
    for at in range(len(before) if now else 0):
        if before[at] == now[0] and before[at:] == now[: len(before) - at]:
            return now[len(before) - at :]
    return now


class Soak:
    """One run: the clients, the local Scout, and the credential file that the clients follow."""

    def __init__(self, names: list[str], requests: int, rotations: int) -> None:
        self.clients = [Client(name) for name in names]
        self.requests, self.rotations = requests, rotations
        self.is_over = False
        # The command keeps no credential that it could go back to, and learns no clock.
        keeps_nothing = COMMAND in names
        self.plan = plan(rotations, file_first=0 if keeps_nothing else rotations // 2)
        self.clocks = itertools.cycle([0] if keeps_nothing else [600, 0, -600, 0])
        #: The server is killed after this rotation. Its clock is right then, as it is after a start.
        self.crash_after = (rotations - 1) // 2 | 1
        #: When the server was killed, and when it answered again.
        self.down = (float("inf"), float("inf"))
        #: The ids of the credentials, the oldest first.
        self.credentials: list[str] = []

    async def run(self) -> None:
        with tempfile.TemporaryDirectory() as folder, start_local_scout("--state", f"{folder}/state") as self.scout:
            self.watch = Watch(self.scout, self.clients)
            credential = self.scout.credential
            self.credentials.append(credential.id)
            self.watch.enabled.add(credential.id)
            sending = (self.send_all(number, str(credential.file)) for number in range(len(self.clients)))
            await asyncio.gather(self.rotate_all(credential), self.watch_all(), *sending)

    async def watch_all(self) -> None:
        while not self.is_over:
            try:
                await self.watch.look()
            except OSError:
                assert self.is_down(), "the server does not answer"
            await asyncio.sleep(LOOK)

    async def until_seen(self) -> None:
        """Wait until all is seen that was recorded before: the look that is under way may have begun earlier."""
        looks = self.watch.looks
        await until(lambda: self.is_over or self.watch.looks > looks + 1)

    def is_down(self) -> bool:
        return self.down[0] <= time.monotonic()

    async def send_all(self, number: int, file: str) -> None:
        client, url = self.clients[number], f"{self.scout.url}/{number}"
        program = Program(client.name)
        signer = ["follow", url, file, str(LIFETIME), str(REFRESH_MARGIN)]
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
        began = time.monotonic()
        answer = await asyncio.wrap_future(program.ask("GET", url))
        if answer == REFUSED and client.name == COMMAND:
            # It sees no response: its caller runs it again.
            answer = await asyncio.wrap_future(program.ask("GET", url))
        if answer == ACCEPTED:
            return
        if answer != REFUSED and began <= self.down[1] and self.down[0] <= time.monotonic():
            client.cut += 1
            return
        await self.until_seen()
        path = url.removeprefix(self.scout.url)
        attempts = self.watch.refused.get(path, [])
        order = [self.credentials.index(credential) for why, credential in attempts if why in {UNKNOWN, DISABLED}]
        # First the new credential, before it was enabled, then the old one, after it was disabled.
        if len(order) == len(attempts) == 2 and order[0] == order[1] + 1:
            client.impossible += 1
        else:
            client.failed.append((path, answer, attempts))

    async def rotate_all(self, credential: Credential) -> None:
        await self.until_all_are_served()
        next_step_at = 0.0
        for number, (rotation, ahead) in enumerate(zip(self.plan, self.clocks, strict=False)):
            # Spread over the requests, also if the machine is slow.
            sent = self.requests * number // self.rotations
            await until(lambda sent=sent: all(client.requests >= sent for client in self.clients))
            credential = await self.rotate(credential, rotation)
            if ahead:
                # A signer follows the clock away from zero once in a lifetime.
                await asyncio.sleep(next_step_at - time.monotonic())
                next_step_at = time.monotonic() + LIFETIME + 1
            await asyncio.to_thread(self.scout.skew, ahead)
            await self.until_all_are_served()
            if number == self.crash_after:
                await self.crash()
        self.is_over = True

    async def rotate(self, old: Credential, rotation: Rotation) -> Credential:
        if rotation.file_first:
            issued = await self.manage("POST", f"/{old.id}/rotate")
            new_id = issued["credential"]["id"]
            await self.manage("PATCH", f"/{new_id}", {"enabled": False})
            self.credentials.append(new_id)
            new = self.scout.issued(issued, old.file)
            await until(lambda: all(client.refused_of[UNKNOWN, new.id] for client in self.clients))
            await asyncio.to_thread(new.enable)
        else:
            new = await asyncio.to_thread(old.rotate)
            self.credentials.append(new.id)
        # What was refused until now was refused because the credential was not enabled yet.
        await self.until_seen()
        self.watch.enabled.add(new.id)
        await asyncio.sleep(rotation.delay)
        await asyncio.to_thread(old.disable)
        self.watch.disabled[old.id] = [client.requests for client in self.clients]
        await self.until_all_are_served()
        return new

    async def manage(self, method: str, path: str, body: dict[str, bool] | None = None) -> Any:
        return await asyncio.to_thread(self.scout.manage, method, f"/v2/organizations/credentials{path}", body)

    async def crash(self) -> None:
        self.down = (time.monotonic(), float("inf"))
        await asyncio.to_thread(self.scout.restart)
        self.down = (self.down[0], time.monotonic() + 1)
        await self.until_all_are_served()

    async def until_all_are_served(self) -> None:
        await self.until_seen()
        for client in self.clients:
            client.served.clear()
        await until(lambda: all(len(client.served) == WORKERS for client in self.clients))

    def faults(self) -> list[str]:
        """Return what no client and no server may do."""
        faults = [f"{path} was accepted with {by}, which was disabled before" for path, by in self.watch.accepted_late]
        for client in self.clients:
            faults += [f"{client.name}: {path} failed: {answer} after {why}" for path, answer, why in client.failed]
            # One request of each worker may be under way when a credential is refused.
            faults += [
                f"{client.name}: {count} requests with {by}, which is {refusal}"
                for (refusal, by), count in client.refused_of.items()
                if refusal != CLOCK and count > WORKERS
            ]
        return faults


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the traffic has come to a halt"
        await asyncio.sleep(0.01)


COLUMNS = "{:22}{:>9}{:>10}{:>9}{:>9}{:>7}{:>5}{:>8}{:>12}{:>15}"
HEADINGS = "client requests rotations disabled unknown clock cut failed impossible accepted-late"


def row(client: Client, soak: Soak) -> str:
    refused = [client.refused[why] for why in (DISABLED, UNKNOWN, CLOCK)]
    results = [client.cut, len(client.failed), client.impossible, len(soak.watch.accepted_late)]
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
