"""A short soak of every client: soak.py has the long one."""

from __future__ import annotations

import asyncio

from programs import COMMAND, COMMANDS
from soak import CLOCK, DISABLED, UNKNOWN, Soak


def test_rotations_clock_steps_and_a_crash_in_the_middle_of_traffic_fail_no_request() -> None:
    soaks = [
        Soak([name for name in COMMANDS if name != COMMAND], requests=300, rotations=2),
        Soak([COMMAND], requests=100, rotations=2),
    ]

    async def run_both() -> None:
        await asyncio.gather(*(soak.run() for soak in soaks))

    asyncio.run(run_both())
    assert [fault for soak in soaks for fault in soak.faults()] == []
    for client in soaks[0].clients:
        assert all(client.refused[why] for why in (UNKNOWN, DISABLED, CLOCK)), f"{client.name} met no such refusal"
