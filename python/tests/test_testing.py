"""The kit for tests of other programs: a real local Scout, and a real client."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import scout_auth.testing
from scout_auth import ApiKey, Signer
from scout_auth.testing import LocalScout, LocalScoutError, start_local_scout

if TYPE_CHECKING:
    from collections.abc import Callable

    from scout_auth.testing import Credential

NO_KID = "A" * 43
PAGE = (Path(__file__).parents[2] / "docs/testing.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def status(scout: LocalScout, signer: Signer | ApiKey) -> int:
    return requests.get(scout.url + "/v2/workflows", auth=signer, timeout=30).status_code


def codes(scout: LocalScout) -> list[tuple[int, str | None]]:
    return [(request["status"], request["code"]) for request in scout.requests()]


def test_one_line_starts_it_and_another_sends_a_request(local_scout: LocalScout) -> None:
    answer = requests.get(local_scout.url + "/v2/workflows?page=1", auth=local_scout.signer(), timeout=30).json()
    assert answer["credential_id"] == local_scout.credential.id
    assert answer["roles"] == ["member"]
    (request,) = local_scout.requests()
    assert (request["method"], request["path"], request["status"]) == ("GET", "/v2/workflows?page=1", 200)
    assert not any(name == "authorization" for name, _ in request["headers"])


def test_time_passes_for_the_server_and_for_the_signer(local_scout: LocalScout) -> None:
    signer = local_scout.signer()
    first = signer.bearer()
    assert status(local_scout, signer) == 200
    local_scout.advance(3600)
    assert status(local_scout, ApiKey(first)) == 401
    assert status(local_scout, signer) == 200
    assert signer.bearer() != first
    local_scout.advance(-7200)
    assert status(local_scout, signer) == 200
    # The clock was never learnt from a 401.
    assert signer.clock_offset == 0
    assert [one for one, _ in codes(local_scout)] == [200, 401, 200, 200]


def test_a_server_whose_clock_differs_is_followed_after_one_401(local_scout: LocalScout) -> None:
    signer = local_scout.signer()
    local_scout.advance(60)
    local_scout.skew(1800)
    assert status(local_scout, signer) == 200
    assert [one for one, _ in codes(local_scout)] == [401, 200]
    assert abs(signer.clock_offset - 1800) <= 2


def test_a_rotation_is_followed_and_a_disabled_credential_refused(local_scout: LocalScout) -> None:
    signer, old = local_scout.signer(), local_scout.credential
    assert status(local_scout, signer) == 200
    new = old.rotate()
    assert (new.name, new.file) == ("test-v2", old.file)
    assert status(local_scout, signer) == 200
    old.disable()
    assert status(local_scout, signer) == 200
    assert signer.credential_id == new.id != old.id
    assert [one for one, _ in codes(local_scout)] == [200, 200, 401, 200]
    new.delete()
    assert status(local_scout, signer) == 401


def test_requests_fail_on_demand(local_scout: LocalScout) -> None:
    signer = local_scout.signer()
    local_scout.fail(401)
    assert status(local_scout, signer) == 200
    local_scout.fail(503, times=2, path="/v2/w", retry_after=7)
    answer = requests.get(local_scout.url + "/v2/workflows", auth=signer, timeout=30)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert status(local_scout, signer) == 503
    assert status(local_scout, signer) == 200
    local_scout.cut()
    with pytest.raises(requests.ConnectionError):
        status(local_scout, signer)
    local_scout.fail(None, delay=0.1)
    assert status(local_scout, signer) == 200


def test_several_credentials_and_a_wrong_kid_are_told_apart(local_scout: LocalScout) -> None:
    other = local_scout.create_credential("other", roles=["admin"])
    assert status(local_scout, local_scout.signer(other)) == 200
    assert status(local_scout, local_scout.signer()) == 200
    assert status(local_scout, local_scout.signer(header_kid=NO_KID)) == 401
    assert status(local_scout, local_scout.signer(header_kid=other.kid)) == 401
    assert status(local_scout, ApiKey.from_private_key(other.private_key)) == 200


def test_organisations_see_nothing_of_each_other(local_scout: LocalScout) -> None:
    other = local_scout.organization()
    local_scout.fail(503)
    local_scout.advance(3600)
    assert status(other, other.signer()) == 200
    assert len(other.requests()) == 1
    assert local_scout.requests() == []
    with pytest.raises(LocalScoutError, match="ERR_LOCAL_CREDENTIAL_UNKNOWN"):
        other.manage("PATCH", f"/v2/organizations/credentials/{local_scout.credential.id}", {"enabled": False})


def test_a_program_takes_the_credential_from_its_environment(local_scout: LocalScout) -> None:
    credential: Credential = local_scout.credential
    program = "import scout_auth; print(scout_auth.Signer.from_env().credential_id)"
    environment = os.environ | credential.environment
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == f"{credential.id}\n"


def test_its_files_are_for_the_user_alone_and_gone_when_it_stops() -> None:
    with start_local_scout() as scout:
        credential = scout.credential
        assert stat.S_IMODE(credential.file.stat().st_mode) == 0o600
        assert credential.private_key not in repr(credential)
        assert status(scout, Signer.from_file(credential.file)) == 200
    assert not credential.file.parent.exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(scout.url, timeout=30)


def test_without_the_full_command_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SCOUT_AUTH_TOOLS", str(tmp_path / "missing"))
    with pytest.raises(LocalScoutError, match="missing of SCOUT_AUTH_TOOLS cannot be started: No such file"):
        start_local_scout()
    monkeypatch.delenv("SCOUT_AUTH_TOOLS")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(LocalScoutError, match=r'not installed[^~]*pip install "scout-auth\[testing\]"'):
        start_local_scout()


def test_an_option_that_it_refuses_is_told() -> None:
    with pytest.raises(LocalScoutError, match="--nonsense"):
        start_local_scout("--nonsense")


def test_the_fixture_is_an_organisation_for_each_test_and_a_server_for_all(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        seen = []

        def test_first(local_scout, local_scout_server):
            local_scout.credential
            seen.extend([local_scout.organization_id, local_scout.url, local_scout_server.url])

        def test_second(local_scout):
            assert local_scout.requests() == []
            assert local_scout.organization_id != seen[0]
            assert seen[1:] == [local_scout.url] * 2
    """)
    result = pytester.runpytest_subprocess("-p", "scout_auth.pytest_plugin", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)


#: With two workers, each of two tests waits until the other worker has started its server, too.
WITH_XDIST = """
    import os, pathlib, time

    URLS = pathlib.Path(__file__).with_name("urls")

    def start(local_scout):
        assert local_scout.credential
        with URLS.open("a") as urls:
            urls.write(local_scout.url + "\\n")
        while len(set(URLS.read_text().split())) < 2:
            time.sleep(0.05)

    def test_first(local_scout):
        start(local_scout)
        {first}

    def test_second(local_scout):
        start(local_scout)
        {second}
"""


def xdist(pytester: pytest.Pytester, first: str = "", second: str = "") -> tuple[list[str], Path]:
    """Return a command that runs two tests on two workers, and the file of what their servers' URLs are."""
    pytester.makepyfile(WITH_XDIST.format(first=first, second=second))
    # Without what else is installed here, which takes each worker more than a second to load.
    options = ["--disable-plugin-autoload", "-p", "xdist", "-p", "scout_auth.pytest_plugin", "-p", "no:cacheprovider"]
    return [sys.executable, "-m", "pytest", "-n", "2", *options], pytester.path / "urls"


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def urls_in(file: Path) -> set[str]:
    return set(file.read_text().split()) if file.exists() else set()


def assert_ended(urls: set[str]) -> None:
    def are_over() -> bool:
        for url in urls:
            with contextlib.suppress(requests.ConnectionError):
                requests.get(url, timeout=30)
                return False
        return True

    until(are_over, "a server is left")


def test_each_worker_of_xdist_has_a_server_of_its_own_and_none_is_left(pytester: pytest.Pytester) -> None:
    command, file = xdist(pytester)
    pytester.run(*command).assert_outcomes(passed=2)
    urls = urls_in(file)
    assert len(urls) == 2
    assert_ended(urls)


def test_a_worker_of_xdist_that_crashes_leaves_no_server(pytester: pytest.Pytester) -> None:
    command, file = xdist(pytester, second="os._exit(9)")
    pytester.run(*command).assert_outcomes(passed=1, failed=1)
    assert_ended(urls_in(file))


def test_ctrl_c_ends_the_servers_of_xdist(pytester: pytest.Pytester) -> None:
    command, file = xdist(pytester, first="time.sleep(600)", second="time.sleep(600)")
    # In a group of its own, as a shell starts it: a terminal sends the signal to all of the group.
    with subprocess.Popen(command, cwd=pytester.path, stdout=subprocess.PIPE, start_new_session=True) as run:
        until(lambda: len(urls_in(file)) == 2, "the tests do not start")
        os.killpg(run.pid, signal.SIGINT)
        assert run.stdout
        assert b"KeyboardInterrupt" in run.stdout.read()
    assert_ended(urls_in(file))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_it_stops_while_a_child_that_was_forked_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    # After that time the server is killed.
    monkeypatch.setattr(scout_auth.testing, "PATIENCE", 5)
    scout = start_local_scout()
    end, other_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(other_end)
        os.read(end, 1)
        os._exit(0)
    scout.stop()
    assert scout._process._process.returncode == 0
    os.close(other_end)
    os.waitpid(child, 0)
    os.close(end)


def test_a_server_that_was_killed_comes_back_with_its_state(tmp_path: Path) -> None:
    with start_local_scout("--state", str(tmp_path / "state")) as scout:
        signer, url = scout.signer(), scout.url
        assert status(scout, signer) == 200
        scout.restart()
        assert scout.url == url
        assert status(scout, signer) == 200
        assert len(scout.requests()) == 1


def test_the_tests_of_the_page_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(blocks("python")[0])
    result = pytester.runpytest_subprocess("-p", "scout_auth.pytest_plugin", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=3)


def test_the_program_of_the_page_prints_how_it_was_authenticated() -> None:
    program = [sys.executable, "-c", blocks("python")[1]]
    assert subprocess.run(program, capture_output=True, text=True, check=True).stdout == "signed_jwt\n"


def test_the_lines_of_the_page_for_the_shell_start_a_server_and_end_it() -> None:
    path = os.pathsep.join([str(Path(os.environ["SCOUT_AUTH_TOOLS"]).parent), os.environ["PATH"]])
    script = ["bash", "-euo", "pipefail", "-c", *blocks("sh")]
    ran = subprocess.run(
        script, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert '"path":"/v2/workflows","authenticated_by":"signed_jwt"' in ran.stdout
