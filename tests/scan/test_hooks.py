"""A commit of a key is stopped by each way to install the hook, and let through after its kid was allowed."""

import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIST = ROOT / "target/dist"
BIN = pathlib.Path(sys.executable).parent


class Repository:
    """A user's repository."""

    def __init__(self, folder: pathlib.Path, environment: dict[str, str]) -> None:
        folder.mkdir()
        self.folder = folder
        self.environment = environment
        self.run("git", "init", "--quiet", "--initial-branch", "main")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            command, check=False, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)

    def commit(self, *, check: bool = True) -> subprocess.CompletedProcess:
        self.run("git", "add", "--all")
        who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        return self.run("git", *who, "commit", "--message", "x", check=check)


def published(folder: pathlib.Path, environment: dict[str, str]) -> str:
    """A repository that holds what pre-commit reads of this one, and its commit."""
    repository = Repository(folder, environment)
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "package.json"):
        shutil.copy(ROOT / name, folder)
    repository.commit()
    return repository.run("git", "rev-parse", "HEAD").stdout.strip()


def pre_commit(repository: Repository, hook: str) -> None:
    source = repository.folder.with_name("published")
    revision = published(source, repository.environment)
    config = f"repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n  - {hook}\n"
    repository.write(".pre-commit-config.yaml", config)
    repository.run(str(BIN / "pre-commit"), "install")


def python(repository: Repository) -> None:
    pre_commit(repository, "id: scout-auth-scan")


def node(repository: Repository) -> None:
    packages = ", ".join(str(path) for path in DIST.glob("scout-auth-[!t]*.tgz"))
    pre_commit(repository, f"id: scout-auth-scan-node\n    additional_dependencies: [{packages}]")


def lefthook(repository: Repository) -> None:
    repository.write("lefthook.yml", "pre-commit:\n  jobs:\n    - run: scout-auth scan --staged\n")
    repository.run(str(BIN / "lefthook"), "install")


def plain(repository: Repository) -> None:
    repository.write(".git/hooks/pre-commit", "#!/bin/sh\nexec scout-auth scan --staged\n", 0o755)


@pytest.mark.parametrize("install", [python, node, lefthook, plain])
def test_a_commit_of_a_key_is_stopped_until_its_kid_is_allowed(
    install: Callable[[Repository], None], key: dict, tmp_path: pathlib.Path, environment: dict[str, str]
) -> None:
    repository = Repository(tmp_path / "project", environment)
    install(repository)
    repository.write("README.md", "nothing secret\n")
    repository.commit()

    repository.write("deploy.sh", f"export SCOUT_PRIVATE_KEY={key['private_key']}\n")
    stopped = repository.commit(check=False)
    said = stopped.stdout + stopped.stderr
    assert stopped.returncode != 0, said
    assert f"deploy.sh:1:26: private key (base64url, 2048 bits), kid {key['kid']}" in said
    assert key["private_key"][40:60] not in said
    assert repository.run("git", "rev-list", "--count", "HEAD").stdout == "1\n"

    repository.write(".scout-auth-allow", f"{key['kid']} # for tests\n")
    repository.commit()
    assert repository.run("git", "show", "--name-only", "--format=").stdout == ".scout-auth-allow\ndeploy.sh\n"
