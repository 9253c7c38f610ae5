"""What many signers cost: their number is the argument. Prints JSON."""

import json
import os
import sys
import time
from pathlib import Path

import scout_auth

count = int(sys.argv[1])
texts = (Path(os.environ["BENCH_KEYS"]) / "many").read_text().split()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


scout_auth.Signer("cred", scout_auth.PrivateKey.parse(texts[0])).token()
before, start = resident(), time.process_time_ns()
signers = [
    scout_auth.Signer(f"cred_{at:010}", scout_auth.PrivateKey.parse(texts[at % len(texts)])) for at in range(count)
]
made = time.process_time_ns()
for signer in signers:
    signer.token()
print(json.dumps({"count": count, "bytes": (resident() - before) / count, "construct": (made - start) / count}))
