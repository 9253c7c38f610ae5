"""An HTTP server whose clock is an hour ahead: server.py PUBLIC_KEY_PEM.

It prints its port and answers 200 to a token that openssl verifies and that was issued within ten
seconds of the server's clock, else 401.
"""

import base64
import email.utils
import http.server
import json
import subprocess
import sys
import tempfile
import time

AHEAD = 3600


def decode(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def accepts(token: str) -> bool:
    message, _, signature = token.rpartition(".")
    with tempfile.NamedTemporaryFile() as file:
        file.write(decode(signature))
        file.flush()
        command = ["openssl", "dgst", "-sha256", "-verify", sys.argv[1], "-signature", file.name]
        verified = subprocess.run(command, input=message.encode(), capture_output=True).returncode == 0
    issued_at = json.loads(decode(message.split(".")[1]))["iat"]
    return verified and abs(issued_at - time.time() - AHEAD) < 10


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        self.send_response(200 if scheme == "Bearer" and accepts(token) else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return email.utils.formatdate(time.time() + AHEAD, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:
        print(args[1], flush=True)


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
