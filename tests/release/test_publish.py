"""publish-npm.sh and publish-crates.sh publish in an order that works, to a registry on loopback, and can run again."""

import hashlib
import io
import json
import os
import re
import struct
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Registry(ThreadingHTTPServer):
    """A registry of npm packages that knows what was published to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.published: dict[str, dict] = {}
        #: The files of crates.
        self.files: dict[str, bytes] = {}


class Handler(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        if self.path == "/config.json":
            address = f"http://{self.headers['Host']}"
            self.answer(200, {"dl": f"{address}/{{crate}}.crate", "api": address})
        elif file := self.server.files.get(self.path):
            self.answer(200, file)
        else:
            # The index of crates has folders: /on/e-/one-crate.
            name = unquote(self.path[1:])
            package = self.server.published.get(name) or self.server.published.get(name.rpartition("/")[2])
            self.answer(200 if package else 404, package or {})

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        package = self.crate(body) if self.path == "/api/v1/crates/new" else json.loads(body)
        self.server.published[package["name"]] = package
        self.answer(201, {})

    def crate(self, body: bytes) -> dict:
        """Return the line of the index for a crate, and keep its file."""
        [length] = struct.unpack("<I", body[:4])
        about, file = json.loads(body[4 : 4 + length]), body[8 + length :]
        self.server.files[f"/{about['name']}.crate"] = file
        names = ("name", "features", "optional", "default_features", "target", "kind")
        needs = [{"req": need["version_req"], **{name: need[name] for name in names}} for need in about["deps"]]
        entry = {"name": about["name"], "vers": about["vers"], "deps": needs, "features": {}, "yanked": False}
        return {**entry, "cksum": hashlib.sha256(file).hexdigest()}

    def answer(self, status: int, body: dict | bytes) -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def registry() -> Iterator[Registry]:
    server = Registry()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def package(directory: Path, name: str) -> None:
    """Write a package of that name."""
    manifest = json.dumps({"name": name, "version": "0.1.0"}).encode()
    with tarfile.open(directory / f"{name}-0.1.0.tgz", "w:gz") as archive:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(manifest)
        archive.addfile(entry, io.BytesIO(manifest))


def publish(registry: Registry, directory: Path) -> str:
    port = registry.server_address[1]
    (directory / "npmrc").write_text(f"registry=http://127.0.0.1:{port}/\n//127.0.0.1:{port}/:_authToken=none\n")
    options = ["--no-provenance", "--loglevel=error"]  # provenance needs the identity of a workflow
    return subprocess.run(
        [ROOT / "scripts/publish-npm.sh", directory, *options],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "npm_config_userconfig": str(directory / "npmrc"),
            "npm_config_update_notifier": "false",
        },
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    ).stdout


def test_platform_packages_come_first_and_a_second_run_publishes_what_is_missing(
    registry: Registry, tmp_path: Path
) -> None:
    platforms = ["scout-auth-linux-x64-gnu", "scout-auth-tools-linux-x64-gnu", "scout-auth-darwin-arm64"]
    for name in [*platforms, "scout-auth", "scout-auth-tools"]:
        package(tmp_path, name)
    (tmp_path / "scout-auth-0.1.0-x86_64-unknown-linux-gnu.tar.gz").write_text("no package")
    publish(registry, tmp_path)
    order = list(registry.published)
    assert set(order[:3]) == set(platforms)
    assert order[3:] == ["scout-auth", "scout-auth-tools"]

    del registry.published["scout-auth"]
    output = publish(registry, tmp_path)
    assert output.count("is published already") == 4
    assert "scout-auth" in registry.published


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace with two crates, of which the second needs the first."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "Cargo.toml").write_text('[workspace]\nresolver = "3"\nmembers = ["first-crate", "second-crate"]\n')
    need = '[dependencies]\nfirst-crate = { path = "../first-crate", version = "=1.2.3", registry = "loopback" }\n'
    for name, needs in (("first-crate", ""), ("second-crate", need)):
        (folder / name / "src").mkdir(parents=True)
        (folder / name / "src/lib.rs").touch()
        about = f'name = "{name}"\nversion = "1.2.3"\nedition = "2024"\nlicense = "MIT"\ndescription = "one"\n'
        (folder / name / "Cargo.toml").write_text(f"[package]\n{about}{needs}")
    return folder


def publish_crates(registry: Registry, workspace: Path) -> str:
    environment = {
        **os.environ,
        "CARGO_HOME": str(workspace.parent / "cargo"),
        "CARGO_TARGET_DIR": str(workspace / "target"),
        "CARGO_REGISTRY_DEFAULT": "loopback",
        "CARGO_REGISTRIES_LOOPBACK_INDEX": f"sparse+http://127.0.0.1:{registry.server_address[1]}/",
        "CARGO_REGISTRIES_LOOPBACK_TOKEN": "none",
    }
    script = [ROOT / "scripts/publish-crates.sh", "first-crate", "second-crate"]
    subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=workspace, env=environment, check=True)
    return subprocess.check_output(script, cwd=workspace, env=environment, text=True)


def test_crates_come_after_what_they_need_and_a_second_run_publishes_what_is_missing(
    registry: Registry, workspace: Path
) -> None:
    assert publish_crates(registry, workspace) == ""
    assert list(registry.published) == ["first-crate", "second-crate"]
    del registry.published["second-crate"]
    assert publish_crates(registry, workspace) == "first-crate 1.2.3 is published already\n"
    assert "second-crate" in registry.published


def test_the_workflow_publishes_each_crate_in_the_order_of_make_dist() -> None:
    [crates] = re.findall(r"^CRATES := (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"run: scripts/publish-crates.sh {crates}\n" in (ROOT / ".github/workflows/release.yml").read_text()
