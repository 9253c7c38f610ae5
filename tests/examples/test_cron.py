"""The job in C, with the line of its crontab and with its unit for systemd."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from conftest import PATIENCE, ROOT, assert_no_secret, until

if TYPE_CHECKING:
    from pathlib import Path

    from scout_auth.testing import LocalScout

SOURCES = ROOT / "c/examples"
WORKFLOWS = "https://api.scoutos.com/v2/workflows"
TEMPFAIL, NOPERM, CONFIG = 75, 77, 78


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled job."""
    folder = tmp_path_factory.mktemp("bin")
    curl = subprocess.run(["curl-config", "--cflags", "--libs"], check=True, capture_output=True, text=True)
    library = [f"-I{ROOT}/c/include", f"-L{ROOT}/target/debug", f"-Wl,-rpath,{ROOT}/target/debug", "-lscout_auth"]
    strict = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    output = ["-o", folder / "scout-job", SOURCES / "cron.c"]
    command = [os.environ.get("CC", "cc"), *strict, *output, *library, *shlex.split(curl.stdout)]
    subprocess.run(command, check=True)
    return folder


@dataclass
class Job:
    """The job on this machine, as cron and systemd start it: with few variables."""

    programs: Path
    folder: Path
    scout: LocalScout

    def run(self, line: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {
            **self.scout.credential.environment,
            "HOME": str(self.folder),
            "PATH": f"{self.programs}:/usr/bin:/bin",
            **environment,
        }
        line = (line or f"scout-job {WORKFLOWS}").replace("https://api.scoutos.com", self.scout.url)
        command = ["/bin/sh", "-c", line.replace("/usr/local/bin/", "")]
        options = {"capture_output": True, "text": True, "timeout": PATIENCE}
        ran = subprocess.run(command, cwd=self.folder, env=given, check=False, **options)
        assert_no_secret(ran.stdout + ran.stderr, self.scout.credential)
        return ran


@pytest.fixture
def job(programs: Path, tmp_path: Path, scout: LocalScout) -> Job:
    return Job(programs, tmp_path, scout)


def test_the_job_prints_scouts_answer_also_after_a_rotation(job: Job) -> None:
    credential = job.scout.credential
    assert f'"{credential.id}"' in job.run().stdout
    new = credential.rotate()
    credential.disable()
    ran = job.run()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f'"{new.id}"' in ran.stdout
    assert [request["status"] for request in job.scout.requests()] == [200, 200]


def test_a_clock_that_is_wrong_is_corrected_in_the_same_run(job: Job) -> None:
    job.scout.skew(1800)
    assert job.run().returncode == 0
    assert [request["status"] for request in job.scout.requests()] == [401, 200]


def test_the_exit_status_says_who_must_act(job: Job) -> None:
    job.scout.fail(503)
    ran = job.run()
    assert (ran.returncode, ran.stdout, ran.stderr) == (TEMPFAIL, "", "error: Scout answered 503\n")
    job.scout.cut()
    assert job.run().returncode == TEMPFAIL
    ran = job.run(SCOUT_CREDENTIAL_FILE="missing.json")
    assert (ran.returncode, ran.stdout) == (CONFIG, "")
    assert "[ERR_CREDENTIAL_UNREADABLE]" in ran.stderr
    job.scout.credential.disable()
    ran = job.run()
    assert (ran.returncode, ran.stdout, ran.stderr) == (NOPERM, "", "error: Scout answered 401\n")


def test_the_line_of_the_crontab_replaces_the_file_after_a_success_alone(job: Job) -> None:
    line = re.search(r"^\*/5 \* \* \* \* (.*)$", (SOURCES / "crontab").read_text(), re.MULTILINE)[1]
    # cron makes a line break of each %.
    assert "%" not in line
    assert job.run(line).returncode == 0
    written = (job.folder / "workflows.json").read_text()
    assert job.scout.credential.id in written
    job.scout.credential.disable()
    assert job.run(line).returncode == NOPERM
    assert (job.folder / "workflows.json").read_text() == written


def test_a_run_does_not_start_before_the_last_one_has_ended(job: Job) -> None:
    line = re.search(r"^\*/5 \* \* \* \* (.*)$", (SOURCES / "crontab").read_text(), re.MULTILINE)[1]
    held = job.folder / ".scout-job.lock"
    with subprocess.Popen(["flock", held, "cat"], stdin=subprocess.PIPE) as other:
        until(lambda: subprocess.run(["flock", "--nonblock", held, "true"], check=False).returncode)
        assert job.run(line).returncode == 1
        other.stdin.close()
    assert job.scout.requests() == []


def test_the_unit_of_systemd_runs_the_job_with_a_copy_of_the_credential(job: Job) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(SOURCES / "cron.service")
    service = dict(unit["Service"])
    name, _, path = service["LoadCredential"].partition(":")
    assert path == "/etc/scout/credential.json"
    shutil.copy(job.scout.credential.file, job.folder / name)
    variable, _, value = service["Environment"].partition("=")
    program, *arguments = shlex.split(service["ExecStart"])
    assert (program, arguments[0]) == ("/bin/sh", "-c")
    ran = job.run(arguments[1], **{variable: value.replace("%d", str(job.folder))})
    assert ran.returncode == 0, ran.stderr
    assert job.scout.credential.id in (job.folder / "workflows.json").read_text()
    assert service["SuccessExitStatus"] == str(TEMPFAIL)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    units = [tmp_path / f"scout-job.{kind}" for kind in ("service", "timer")]
    for unit in units:
        shutil.copy(SOURCES / f"cron{unit.suffix}", unit)
    ran = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
