"""What commands cost to start: CPU time and peak memory of the process and its children.

    python cli/benches/start.py 'target/release/scout-auth proxy' 'npx mcp-remote URL' ...

Each gets an open standard input, and is measured when it used less than 5 ms of CPU time in two seconds. Linux only.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
ROUNDS = 3


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in tree(int(child)))]


def cpu(pid: int) -> float:
    """Seconds of CPU: of threads in nanoseconds, and of children that have ended."""
    running = sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return running / 1e9 + (int(fields[13]) + int(fields[14])) / TICK


def peak(pid: int) -> float:
    """The peak of resident memory, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def measure(command: str) -> tuple[float, float]:
    process = subprocess.Popen(
        shlex.split(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    before, now = -1.0, 0.0
    while process.poll() is None and now - before >= 0.005:
        time.sleep(2)
        before, now = now, sum(cpu(pid) for pid in tree(process.pid))
    if process.poll() is not None:
        sys.exit(f"{command} ended with {process.returncode}")
    memory = sum(peak(pid) for pid in tree(process.pid))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return now, memory


for command in sys.argv[1:]:
    results = [measure(command) for _ in range(ROUNDS)]
    seconds, memory = min(result[0] for result in results), min(result[1] for result in results)
    print(f"{seconds * 1000:8.1f} ms of CPU  {memory:6.1f} MiB  {command}")
