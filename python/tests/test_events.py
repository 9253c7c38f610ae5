"""What signers did, in the logger scout_auth."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from email.utils import formatdate
from pathlib import Path
from threading import Thread
from time import time
from typing import Any

import pytest
import scout_auth
from scout_auth import PrivateKey, Signer


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="scout_auth")
    return caplog


def events(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return what was logged since the last call."""
    assert {record.name for record in log.records} <= {"scout_auth"}
    found = [vars(record)["scout_auth"] for record in log.records]
    log.clear()
    return found


def test_a_token_is_logged_once_with_its_kid_and_its_expiry(logged: pytest.LogCaptureFixture, key: PrivateKey) -> None:
    signer = Signer("cred_123", key)
    token = signer.token()
    signer.authorization()
    signer.authorization_for("https://api.scoutos.com/")
    (record,) = logged.records
    assert record.levelno == logging.DEBUG
    assert record.getMessage() == f"minted a token with kid {key.kid}, expires at {token.expires_at}"
    assert events(logged) == [{"name": "minted", "kid": key.kid, "expires_at": token.expires_at}]
    signer.mint()
    assert [event["name"] for event in events(logged)] == ["minted"]


def test_a_rotation_and_a_broken_file_are_logged(
    logged: pytest.LogCaptureFixture, key: PrivateKey, tmp_path: Path
) -> None:
    path = tmp_path / "credential.json"

    def write(held: PrivateKey) -> None:
        path.write_text(json.dumps({"credential_id": "cred_123", "private_key": held.to_base64url()}))

    write(key)
    signer, other = Signer.from_file(path), PrivateKey.generate()
    token = signer.bearer()
    write(other)
    assert signer.rejected(token)
    levels = [record.levelname for record in logged.records]
    assert levels == ["DEBUG", "INFO", "WARNING"]
    minted, rotated, rejected = events(logged)
    assert minted["kid"] == key.kid
    assert rotated == {"name": "rotated", "old_kid": key.kid, "kid": other.kid}
    assert rejected == {"name": "rejected", "kid": other.kid, "retry": True}
    path.write_text("{")
    signer.invalidate()
    signer.token()
    assert [record.levelname for record in logged.records] == ["WARNING", "DEBUG"]
    assert events(logged)[0] == {"name": "source_failed", "code": "ERR_CREDENTIAL_FORMAT"}


def test_a_learnt_clock_offset_is_logged(logged: pytest.LogCaptureFixture, key: PrivateKey) -> None:
    signer = Signer("cred_123", key)
    token = signer.token()
    assert signer.rejected(token, formatdate(time() - 600, usegmt=True))
    _, clock, _ = events(logged)
    assert clock == {"name": "clock_offset", "seconds": signer.clock_offset}
    assert -601 <= signer.clock_offset <= -599


def test_no_record_holds_a_token_or_a_key(logged: pytest.LogCaptureFixture, key: PrivateKey, tmp_path: Path) -> None:
    path = tmp_path / "secret.env"
    path.write_text(f"SCOUT_CREDENTIAL_ID=cred_123\nSCOUT_PRIVATE_KEY={key.to_base64url()}\n")
    signer = Signer.from_file(path)
    token = signer.bearer()
    path.write_text(key.to_base64url()[:-9])
    signer.rejected(token)
    signer.bearer()
    assert len(logged.records) >= 3
    text = str([vars(record) for record in logged.records])
    for secret in (token, key.to_base64url()):
        assert all(secret[start : start + 12] not in text for start in range(40, len(secret) - 12))


def test_each_thread_logs_its_own_tokens(logged: pytest.LogCaptureFixture, key: PrivateKey) -> None:
    signer = Signer("cred_123", key)
    threads = [Thread(target=signer.mint, name=f"minter {number}", daemon=number % 2 == 0) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(record.threadName) for record in logged.records) == [thread.name for thread in threads]


def test_a_handler_may_use_the_signer(logged: pytest.LogCaptureFixture, key: PrivateKey) -> None:
    signer, used = Signer("cred_123", key), []

    class Sending(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            used.append((record.levelno, signer.authorization()))

    logger, handler = logging.getLogger("scout_auth"), Sending()
    logger.addHandler(handler)
    try:
        header = signer.authorization()
    finally:
        logger.removeHandler(handler)
    assert used == [(logging.DEBUG, header)]
    assert len(events(logged)) == 1


def test_what_a_filter_raises_reaches_the_caller_and_loses_no_token(key: PrivateKey) -> None:
    signer = Signer("cred_123", key)

    def interrupted(_: logging.LogRecord) -> bool:
        raise KeyboardInterrupt

    logger = logging.getLogger("scout_auth")
    logger.addFilter(interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            signer.token()
        assert signer.token() is signer.token()
    finally:
        logger.removeFilter(interrupted)


PROGRAM = """
import sys
from scout_auth import PrivateKey, Signer
CONFIGURE
signer = Signer("cred_123", PrivateKey.generate())
signer.rejected(signer.bearer())
print("logging" in sys.modules)
"""


@pytest.mark.parametrize(
    ("configure", "imported", "lines"),
    [("", False, 0), ("import logging", True, 0), ("import logging; logging.basicConfig()", True, 1)],
)
def test_without_a_handler_nothing_is_printed_and_logging_is_not_imported(
    configure: str, imported: bool, lines: int
) -> None:
    # Without site-packages, whose .pth files may import anything.
    program = [sys.executable, "-S", "-c", PROGRAM.replace("CONFIGURE", configure)]
    environment = {"PYTHONPATH": str(Path(scout_auth.__path__[0]).parent)}
    ran = subprocess.run(program, env=environment, capture_output=True, check=True, text=True)
    assert ran.stdout == f"{imported}\n"
    assert ran.stderr.count("WARNING:scout_auth:a 401 was answered") == lines
    assert len(ran.stderr.splitlines()) == lines
