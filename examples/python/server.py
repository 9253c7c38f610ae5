"""A server that accepts the tokens of known credentials.

    python server.py keys.json 8000

keys.json is a JWK set, which Verifier.to_jwk_set writes, or one public key in any form. The server needs the public
keys alone: a private key never belongs on a server that only verifies.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scout_auth import Claims, TokenError, Verifier


class Handler(BaseHTTPRequestHandler):
    """Answers a GET with the claims of the token, or with 401."""

    #: Made once, and used by all threads.
    verifier: Verifier

    def do_GET(self) -> None:
        """Serve http.server."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            self.answer(401, {"detail": "a bearer token is needed"}, challenge="Bearer")
            return
        try:
            claims = self.verifier.verify(token.strip())
        except TokenError as error:
            # The text contains nothing of the token, so it may be logged and shown.
            self.answer(401, {"detail": str(error), "code": error.code}, challenge='Bearer error="invalid_token"')
        else:
            self.answer(200, self.greeting(claims))

    def greeting(self, claims: Claims) -> dict[str, object]:
        """Return what the owner of the token may see: look up here what the credential id is allowed to do."""
        return {"credential_id": claims.credential_id, "expires_at": claims.expires_at}

    def answer(self, status: int, body: dict[str, object], *, challenge: str | None = None) -> None:
        """Send a JSON object."""
        data = json.dumps(body).encode()
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    """Serve on this machine until Ctrl-C."""
    keys, port = sys.argv[1:]
    Handler.verifier = Verifier(Path(keys).read_bytes())
    with ThreadingHTTPServer(("127.0.0.1", int(port)), Handler) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
