"""The web services, in FastAPI and Express. Both answer alike."""

from __future__ import annotations

import json
import signal
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import EXAMPLES, PATIENCE, ROOT, assert_no_secret, running, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Running
    from scout_auth.testing import LocalScout

UNAVAILABLE = {"detail": "Scout is not available"}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Service:
    """A service that listens."""

    def __init__(self, program: Running) -> None:
        self.program = program
        self.url = "http://" + program.wait_for(" http://").split()[0]

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """Return the status and the JSON of an answer."""
        status, body, _ = self.ask(path, **headers)
        return status, body

    def ask(self, path: str, **headers: str) -> tuple[int, Any, Any]:
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with OPENER.open(request, timeout=PATIENCE) as response:
                return response.status, json.load(response), response.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error), error.headers


def fastapi(_: Path) -> tuple[list[str | Path], Path]:
    uvicorn = Path(sys.executable).parent / "uvicorn"
    return [uvicorn, "fastapi_service:app", "--port", "0"], EXAMPLES / "python"


def express(folder: Path) -> tuple[list[str | Path], Path]:
    modules = folder / "node_modules"
    modules.mkdir()
    for package in [*ROOT.glob("node/test/node_modules/scout-auth*"), ROOT / "node/node_modules/express"]:
        (modules / package.name).symlink_to(package)
    (folder / "express-service.mjs").write_text((EXAMPLES / "node/express-service.mjs").read_text())
    return ["node", "express-service.mjs", "0"], folder


@pytest.fixture(params=[fastapi, express])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """Return what starts the service, with further variables."""
    command, folder = request.param(tmp_path)

    @contextmanager
    def start(scout: LocalScout, **environment: str) -> Iterator[Running]:
        given = {**scout.credential.environment, "SCOUT_URL": scout.url, **environment}
        with running(*command, folder=folder, **given) as program:
            yield program

    return start


@pytest.fixture
def service(start: Callable[..., Any], scout: LocalScout) -> Iterator[Service]:
    with start(scout) as program:
        yield Service(program)


def test_a_user_gets_scouts_answer_also_after_a_rotation(service: Service, scout: LocalScout) -> None:
    old = scout.credential
    assert service.get("/healthz") == (200, {"kid": old.kid, "source_error": None})
    status, body = service.get("/workflows", Authorization="Bearer of-the-user", Cookie="session=of-the-user")
    assert (status, body["path"], body["credential_id"]) == (200, "/v2/workflows", old.id)
    (received,) = scout.requests()
    assert "of-the-user" not in json.dumps(received)

    new = old.rotate()
    old.disable()
    assert service.get("/workflows")[1]["credential_id"] == new.id
    assert service.get("/workflows")[1]["credential_id"] == new.id
    # One 401 made the service read the file. The next request was signed with the new key at once.
    assert [request["status"] for request in scout.requests()] == [200, 401, 200, 200]
    service.program.wait_for(new.kid)
    assert_no_secret(service.program.said, old, new)


def test_a_user_sees_nothing_of_a_credential_that_scout_refuses(service: Service, scout: LocalScout) -> None:
    scout.credential.disable()
    assert service.get("/workflows") == (502, UNAVAILABLE)
    service.program.wait_for("Scout answered 401")
    assert service.get("/healthz")[0] == 200
    assert_no_secret(service.program.said, scout.credential)


def test_scouts_failures_are_told_apart(service: Service, scout: LocalScout) -> None:
    scout.fail(429, retry_after=7)
    status, body, headers = service.ask("/workflows")
    assert (status, body, headers["Retry-After"]) == (503, UNAVAILABLE, "7")
    scout.fail(500)
    assert service.get("/workflows") == (502, UNAVAILABLE)
    scout.cut()
    assert service.get("/workflows") == (502, UNAVAILABLE)
    service.program.wait_for("Scout did not answer")
    assert service.get("/workflows")[0] == 200


def test_a_broken_file_changes_nothing_but_the_health_that_is_shown(service: Service, scout: LocalScout) -> None:
    kid = scout.credential.kid
    scout.credential.file.write_text("{")
    scout.fail(401)
    assert service.get("/workflows")[0] == 200
    assert service.get("/healthz") == (200, {"kid": kid, "source_error": "ERR_CREDENTIAL_FORMAT"})


def test_sigterm_ends_the_service_after_the_answers_that_are_running(service: Service, scout: LocalScout) -> None:
    scout.fail(None, delay=1)
    answers: list[Any] = []
    user = threading.Thread(target=lambda: answers.append(service.get("/workflows")))
    user.start()
    until(scout.requests)
    service.program.process.send_signal(signal.SIGTERM)
    user.join()
    assert answers[0][0] == 200
    # uvicorn sends itself the signal again at its end.
    assert service.program.end() in {0, -signal.SIGTERM}


def test_without_a_token_a_user_and_the_health_check_get_503(
    start: Callable[..., Any], scout: LocalScout, clock_library: Path, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("1000 0")
    with start(scout, LD_PRELOAD=str(clock_library), CLOCK_FILE=str(clock)) as program:
        service = Service(program)
        for path in ("/workflows", "/healthz"):
            assert service.get(path) == (503, UNAVAILABLE)
        program.wait_for("[ERR_CLOCK")


def test_a_credential_that_cannot_be_used_ends_the_service_at_its_start(
    start: Callable[..., Any], scout: LocalScout
) -> None:
    content = json.loads(scout.credential.file.read_text())
    content["private_key"] = content["private_key"][:-40]
    broken = scout.credential.file.with_name("broken.json")
    broken.write_text(json.dumps(content))
    with start(scout, SCOUT_CREDENTIAL_FILE=str(broken)) as program:
        assert program.end() != 0
        assert "cut short" in program.said
        assert_no_secret(program.said, scout.credential)
