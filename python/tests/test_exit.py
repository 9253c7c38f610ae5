"""Programs that end while daemon threads are inside the package.

CPython up to 3.13 ends such a thread by pthread_exit as soon as it wants the GIL again, and glibc then unwinds
its stack, through the frames of the native library. An unwinder of the library's own crashes the process there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from scout_auth import PrivateKey

RUNS = 50

# The program ends as soon as each thread has done its work once.
PROGRAM = """
import logging
import os
import threading

import requests
from scout_auth import PrivateKey, Signer

text = os.environ["KEY"]
signer = Signer("cred_123", PrivateKey.parse(text))


def mint():
    signer.mint()


def parse():
    PrivateKey.parse(text)


def refresh():
    signer.invalidate()
    signer.token()


def reject():
    signer.rejected(signer.bearer())


def request():
    signer.invalidate()
    requests.Request("GET", "https://api.scoutos.com/", auth=signer).prepare()


class Formatting(logging.Handler):
    def emit(self, record):
        self.format(record)

def log():
    signer.mint()

if "WORK" == "log":
    logging.basicConfig(level=logging.DEBUG, handlers=[Formatting()])

def run(work, begun):
    while True:
        work()
        begun.set()


events = [threading.Event() for _ in range(THREADS)]
for event in events:
    threading.Thread(target=run, args=(WORK, event), daemon=True).start()
for event in events:
    event.wait()
"""


@pytest.mark.parametrize(
    ("work", "threads"), [("mint", 1), ("parse", 1), ("refresh", 8), ("reject", 8), ("request", 4), ("log", 8)]
)
def test_a_program_ends_well_while_daemon_threads_are_at_work(work: str, threads: int, key: PrivateKey) -> None:
    program = PROGRAM.replace("WORK", work).replace("THREADS", str(threads))
    environment = {**os.environ, "KEY": key.to_base64url()}

    def run(_: int) -> tuple[int, bytes]:
        ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
        return ran.returncode, ran.stderr

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, range(RUNS))) == [(0, b"")] * RUNS
