"""scripts/publish-npm.sh publishes in an order that works, to a registry on loopback, and can run again."""

import io
import json
import os
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


class Handler(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        package = self.server.published.get(unquote(self.path[1:]))
        self.answer(200 if package else 404, package or {})

    def do_PUT(self) -> None:
        package = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.published[package["name"]] = package
        self.answer(201, {})

    def answer(self, status: int, body: dict) -> None:
        text = json.dumps(body).encode()
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
