"""The workflow of GitHub Actions, its steps run one after the other as the runner runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from conftest import COMMAND, EXAMPLES, PATIENCE, assert_no_secret, environment_of

if TYPE_CHECKING:
    from pathlib import Path

    from scout_auth.testing import Credential, LocalScout

FILE = EXAMPLES / "ci/github-actions.yml"
WORKFLOW = yaml.safe_load(FILE.read_text())
REFUSED, FOUND = 6, 7


@dataclass
class Runner:
    """A runner with a checkout of a repository."""

    folder: Path
    scout: LocalScout
    #: What the secret and the variable of the repository hold.
    credential: Credential
    log: str = ""
    #: What `::add-mask::` has hidden from the log since.
    masks: list[str] = field(default_factory=list)

    def job(self, name: str) -> int:
        """Run the steps of a job up to the first that fails, and return its exit status."""
        for step in WORKFLOW["jobs"][name]["steps"]:
            if "run" not in step or step["run"].startswith("pipx "):
                continue
            status = self.step(step)
            if status:
                return status
        return 0

    def step(self, step: dict[str, Any]) -> int:
        exported = self.folder.parent / "github_env"
        exported.touch()
        shared = dict(line.split("=", 1) for line in exported.read_text().splitlines())
        given = {**WORKFLOW["env"], "SCOUT_URL": self.scout.url}
        own = {name: self.expand(value, given) for name, value in step.get("env", {}).items()}
        environment = environment_of(
            {
                **given,
                **shared,
                **own,
                "GITHUB_ACTIONS": "true",
                "GITHUB_ENV": str(exported),
                "PATH": f"{self.folder.parent}/bin:{os.environ['PATH']}",
            }
        )
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        ran = subprocess.run(shell, cwd=self.folder, env=environment, timeout=PATIENCE, check=False, **options)
        for line in ran.stdout.splitlines():
            if line.startswith("::add-mask::"):
                self.masks.append(line.removeprefix("::add-mask::"))
                continue
            for mask in self.masks:
                line = line.replace(mask, "***")  # noqa: PLW2901
            self.log += line + "\n"
        return ran.returncode

    def expand(self, value: str, variables: dict[str, str]) -> str:
        """Replace `${{ … }}`."""
        known = {
            "secrets.SCOUT_PRIVATE_KEY": self.credential.private_key,
            "vars.SCOUT_CREDENTIAL_ID": self.credential.id,
            "env.SCOUT_URL": variables["SCOUT_URL"],
        }
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], value)

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--message", "a commit")


@pytest.fixture
def runner(tmp_path: Path, scout: LocalScout) -> Runner:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/scout-auth").symlink_to(COMMAND)
    folder = tmp_path / "repository"
    (folder / "ci").mkdir(parents=True)
    (folder / ".github/workflows").mkdir(parents=True)
    shutil.copy(EXAMPLES / "ci/report.sh", folder / "ci")
    shutil.copy(FILE, folder / ".github/workflows")
    runner = Runner(folder, scout, scout.credential)
    runner.git("init", "--quiet")
    runner.commit()
    return runner


def test_each_step_calls_scout_and_the_log_holds_no_secret(runner: Runner) -> None:
    assert runner.job("scan") == 0, runner.log
    assert runner.job("report") == 0, runner.log
    assert runner.credential.id in (runner.folder / "first.json").read_text()
    assert runner.credential.id in (runner.folder / "workflows.json").read_text()
    # doctor, curl, run, and the step that has a token.
    assert [request["status"] for request in runner.scout.requests()] == [200] * 4
    assert len(runner.masks) == 1
    assert_no_secret(runner.log, runner.credential)


def test_a_rotated_secret_is_used_by_the_next_job(runner: Runner) -> None:
    old = runner.credential
    runner.credential = old.rotate()
    old.disable()
    assert runner.job("report") == 0, runner.log
    assert runner.credential.id in (runner.folder / "workflows.json").read_text()


def test_a_disabled_credential_ends_the_job_and_the_log_says_why(runner: Runner) -> None:
    runner.credential.disable()
    assert runner.job("report") == REFUSED
    assert "401" in runner.log
    assert_no_secret(runner.log, runner.credential)


def test_a_step_with_a_refused_token_fails_and_writes_nothing(runner: Runner) -> None:
    steps = [step for step in WORKFLOW["jobs"]["report"]["steps"] if "run" in step]
    assert runner.step(next(step for step in steps if "--github" in step["run"])) == 0
    runner.credential.disable()
    for step in steps[-1], next(step for step in steps if " curl " in step["run"]):
        # That is curl's status for an answer of 400 and more.
        assert runner.step(step) == 22, runner.log
    assert not list(runner.folder.glob("*.json"))
    assert_no_secret(runner.log, runner.credential)


def test_a_key_in_an_earlier_commit_fails_the_scan(runner: Runner) -> None:
    (runner.folder / "notes.txt").write_text(f"key: {runner.credential.private_key}\n")
    runner.commit()
    (runner.folder / "notes.txt").unlink()
    runner.commit()
    assert runner.job("scan") == FOUND
    assert f"kid {runner.credential.kid}" in runner.log
    assert_no_secret(runner.log, runner.credential)


def test_only_the_steps_that_need_the_secret_have_it(runner: Runner) -> None:
    assert "secrets." not in str({**WORKFLOW, "jobs": WORKFLOW["jobs"]["scan"]})
    *steps, last = [step for step in WORKFLOW["jobs"]["report"]["steps"] if "run" in step]
    assert "secrets." not in str(last)
    (runner.folder / "ci/report.sh").write_text("#!/bin/sh\nset > variables.txt\n")
    (run,) = [step for step in steps if " run " in step["run"]]
    assert runner.step(run) == 0
    assert_no_secret((runner.folder / "variables.txt").read_text(), runner.credential)


def test_the_linters_for_workflows_have_nothing_to_say() -> None:
    tools = EXAMPLES.parent / "target/venv/bin"
    for command in (["actionlint", "-shellcheck="], ["zizmor", "--quiet", "--offline", "--persona", "pedantic"]):
        ran = subprocess.run([tools / command[0], *command[1:], FILE], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
