"""Sends what a fuzzer makes of /openapi.json to a local Scout: no answer is a 500, and all are as described.

    fuzz.py COMMAND EXAMPLES

Once with the admin token, and once with a legacy key.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")

# A description cannot say that a key is in use, or what is the text of an RSA key. So a request that is as described
# may be refused.
UNCHECKED = "positive_data_acceptance"


def fuzz(url: str, bearer: str, unchecked: str, *options: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "schemathesis.toml")
        config.write_text(f'[auth.openapi]\nbearer = {{ bearer = "{bearer}" }}\n')
        command = [SCHEMATHESIS, "--config-file", config, "run", f"{url}/openapi.json", "--exclude-checks", unchecked]
        command += ["--seed", "1", "--generation-database", "none", "--warnings", "off", *options]
        return subprocess.call(command, cwd=folder)


def main(command: str, examples: str) -> int:
    server = [command, "serve", "--port", "0", "--until-eof"]
    with subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        url, admin = ready["url"], ready["admin_token"]
        failed = fuzz(url, admin, UNCHECKED, "--max-examples", examples)
        # The fuzzer may have moved the clock, or made the next requests fail.
        for path, status in (("/_local/reset", 204), ("/v2/organizations/legacy-keys", 201)):
            request = urllib.request.Request(url + path, b"", {"Authorization": f"Bearer {admin}"}, method="POST")
            with urllib.request.urlopen(request) as answer:
                assert answer.status == status
                body = answer.read()
        # Every method is answered there, also one that is not described.
        any_path = [f"{UNCHECKED},unsupported_method", "--include-path", "/{path}"]
        failed |= fuzz(url, json.loads(body)["key"], *any_path, "--max-examples", examples)
        assert process.poll() is None, "the server has ended"
        process.stdin.close()
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
