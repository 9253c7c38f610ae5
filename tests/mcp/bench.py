"""What starting a bridge costs, up to its first list of tools: CPU time and memory, ours beside others.

    python tests/mcp/bench.py ['COMMAND with {url}' ...]

The server asks for no credential, because the others could not show one of Scout's. scout-auth signs all the same.
"""

from __future__ import annotations

import os
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

from bridge import COMMAND, Lines
from conftest import issue
from server import Server

ROUNDS = 5


def start(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the CPU time in milliseconds and the most memory in MiB."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
    bridge = Lines(process)
    bridge.initialize()
    assert bridge.call("tools/list")["result"]["tools"]
    # Not ru_maxrss, which begins with the memory of this program.
    status = Path(f"/proc/{process.pid}/status").read_text()
    memory = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    process.stdin.close()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    process.stdout.close()
    return (usage.ru_utime + usage.ru_stime) * 1000, memory


def main() -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        **issue("cred_bench").environment,
        # For mcp-proxy-for-aws, which signs with what it finds.
        "AWS_ACCESS_KEY_ID": "throwaway",
        "AWS_SECRET_ACCESS_KEY": "throwaway",
        "AWS_REGION": "us-east-1",
    }
    server = Server()
    try:
        for line in (f"{COMMAND} mcp {{url}}", *sys.argv[1:]):
            command = shlex.split(line.format(url=server.url))
            runs = [start(command, environment) for _ in range(ROUNDS)]
            cpu, memory = (statistics.median(values) for values in zip(*runs, strict=True))
            least = min(cpu for cpu, _ in runs)
            print(f"{line}: {cpu:.1f} ms CPU (least {least:.1f}), {memory:.1f} MiB")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
