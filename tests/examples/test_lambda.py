"""The Lambda function, in AWS's own runtime for Python. What is ours is the two servers that it talks to in Lambda."""

from __future__ import annotations

import json
import queue
import signal
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from conftest import EXAMPLES, PATIENCE, assert_no_secret, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Running
    from scout_auth.testing import LocalScout

HOUR = 3600
SESSION = "throwaway-session-token"


class Lambda:
    """The Runtime API and the extension for secrets, each as AWS documents it, on one port."""

    def __init__(self, scout: LocalScout) -> None:
        self.events: queue.Queue[bytes] = queue.Queue()
        self.answers: queue.Queue[Any] = queue.Queue()
        self.environment: Running
        #: None as long as the extension does not answer.
        self.secret: Path | None = scout.credential.file

    def invoke(self) -> tuple[int, Any]:
        """Return what the function answers to one event: the status and the JSON of the body."""
        self.events.put(json.dumps({"version": "2.0", "rawPath": "/"}).encode())
        try:
            answer = self.answers.get(timeout=PATIENCE)
        except queue.Empty:
            pytest.fail(self.environment.said)
        return answer["statusCode"], json.loads(answer["body"])


class Handler(BaseHTTPRequestHandler):
    aws: Lambda

    def do_GET(self) -> None:
        if self.path.endswith("/runtime/invocation/next"):
            event = self.aws.events.get()
            self.answer(
                200,
                event,
                {
                    "Lambda-Runtime-Aws-Request-Id": "1",
                    "Lambda-Runtime-Deadline-Ms": str(int(time.time() + 30) * 1000),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:123456789012:function:scout",
                    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
                    "Content-Type": "application/json",
                },
            )
        elif self.headers["X-Aws-Parameters-Secrets-Token"] != SESSION or self.aws.secret is None:
            self.answer(400, b"not ready")
        else:
            assert self.path == "/secretsmanager/get?secretId=scout%2Fproduction"
            self.answer(200, json.dumps({"SecretString": self.aws.secret.read_text()}).encode())

    def do_POST(self) -> None:
        self.aws.answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer(202, b"")

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def execution_environment(scout: LocalScout, **environment: str) -> Iterator[Lambda]:
    """Start the runtime as Lambda does, until it waits for the first event."""
    aws = Lambda(scout)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"aws": aws}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    given = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_SESSION_TOKEN": SESSION,
        "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": str(server.server_port),
        "SCOUT_SECRET_ID": "scout/production",
        "SCOUT_CREDENTIAL_COMMAND": json.dumps([sys.executable, "lambda_secret.py"]),
        "SCOUT_URL": scout.url,
        **environment,
    }
    command = [sys.executable, "-m", "awslambdaric", "lambda_function.handler"]
    try:
        with running(*command, folder=EXAMPLES / "python", **given) as aws.environment:
            yield aws
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def aws(scout: LocalScout) -> Iterator[Lambda]:
    with execution_environment(scout) as aws:
        yield aws


def test_warm_invocations_share_a_token_and_follow_a_rotation(aws: Lambda, scout: LocalScout) -> None:
    old = scout.credential
    for _ in range(3):
        status, body = aws.invoke()
        assert (status, body["credential_id"]) == (200, old.id)
    assert len({body["token_expires_at"] for _, body in (aws.invoke(), aws.invoke())}) == 1

    # The command for the secret does not run twice in a second.
    time.sleep(1)
    new = old.rotate()
    old.disable()
    for _ in range(2):
        assert aws.invoke()[1]["credential_id"] == new.id
    assert [request["status"] for request in scout.requests()] == [200] * 5 + [401, 200, 200]
    assert_no_secret(aws.environment.said, old, new)


def test_a_refused_credential_and_a_missing_secret_are_told_apart(aws: Lambda, scout: LocalScout) -> None:
    unavailable = {"detail": "Scout is not available"}
    aws.secret = None
    assert aws.invoke() == (503, unavailable)
    aws.environment.wait_for("ERR_COMMAND_FAILED")
    # The extension answers now, and the next invocation makes the client.
    aws.secret = scout.credential.file
    assert aws.invoke()[0] == 200
    scout.credential.disable()
    assert aws.invoke() == (502, unavailable)
    aws.environment.wait_for("Scout answered 401")
    assert_no_secret(aws.environment.said, scout.credential)


def test_a_process_that_was_frozen_for_an_hour_sends_no_expired_token(
    scout: LocalScout, clock_library: Path, tmp_path: Path
) -> None:
    clock, now = tmp_path / "clock", int(time.time())
    clock.write_text(f"{now} 1000")
    with execution_environment(scout, LD_PRELOAD=str(clock_library), CLOCK_FILE=str(clock)) as aws:
        assert aws.invoke()[0] == 200
        aws.environment.process.send_signal(signal.SIGSTOP)
        # The clock of a frozen machine stands still, apart from that of the wall.
        clock.write_text(f"{now + HOUR} 1000")
        scout.advance(HOUR)
        aws.environment.process.send_signal(signal.SIGCONT)
        assert aws.invoke()[0] == 200
    assert [request["status"] for request in scout.requests()] == [200, 200]
