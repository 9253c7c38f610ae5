"""A folder with what the pages speak of, and servers in place of Scout's."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ledger
import pytest
from pages import ROOT
from scout_auth import PrivateKey, PublicKey, Verifier
from server import Server, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest_plugins = ["shared"]
NODE = ROOT / "node"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show which blocks are not run, and why."""
    terminalreporter.write_line(ledger.report())


@dataclass
class Desk:
    """Where a user runs the examples."""

    folder: Path
    server: Server
    environment: dict[str, str]

    def local(self, text: str) -> str:
        """Return the text for this machine: the server's address, the key in place of `…`, files of this folder."""
        for there, here in {
            "https://api.scoutos.com": self.server.url,
            "https://mcp.scoutos.com": self.server.url,
            "scout-auth run -- ": f"scout-auth run --origin {self.server.url} -- ",
            "/etc/scout/credential.json": str(self.folder / "credential.json"),
            '"MIIE…"': f'"{self.environment["SCOUT_PRIVATE_KEY"]}"',
            '"kid": "…"': f'"kid": "{self.environment["SCOUT_KID"]}"',
        }.items():
            text = text.replace(there, here)
        for name in ("SCOUT_PRIVATE_KEY", "SCOUT_CREDENTIAL_ID", "SCOUT_KID"):
            for masked in ("…", "MIIE…"):
                text = text.replace(f"{name}={masked}\n", f"{name}={self.environment[name]}\n")
                text = text.replace(f"{name}={masked} ", f"{name}={self.environment[name]} ")
        assert "scoutos.com" not in text
        return text

    def run(self, *command: str | Path, text: str = "") -> str:
        ran = subprocess.run(
            command, cwd=self.folder, env=self.environment, input=text, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture(scope="session")
def staging_key() -> PrivateKey:
    return PrivateKey.generate()


@pytest.fixture
def server(key: PrivateKey, staging_key: PrivateKey) -> Iterator[Server]:
    with serving({each.kid: each.public_key.to_pem() for each in (key, staging_key)}) as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, key: PrivateKey, staging_key: PrivateKey, server: Server) -> Desk:
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "SCOUT_CREDENTIAL_ID": "cred_123",
        "SCOUT_KID": key.kid,
        "SCOUT_PRIVATE_KEY": key.to_base64url(),
        "STAGING_SCOUT_CREDENTIAL_ID": "cred_staging",
        "STAGING_SCOUT_PRIVATE_KEY": staging_key.to_base64url(),
    }
    desk = Desk(tmp_path, server, environment)
    furnish(desk, key, staging_key)
    return desk


def furnish(desk: Desk, key: PrivateKey, staging_key: PrivateKey) -> None:
    """Lay out the files, folders and programs that the examples name."""
    secret = desk.environment["SCOUT_PRIVATE_KEY"]
    credential = json.dumps({"credential_id": "cred_123", "private_key": secret})
    staging = json.dumps({"credential_id": "cred_staging", "private_key": staging_key.to_base64url()})
    files = {
        "credential.json": credential,
        "credentials/production.json": credential,
        "credentials/staging.json": staging,
        "scout.env": f"SCOUT_CREDENTIAL_ID=cred_123\nSCOUT_PRIVATE_KEY={secret}\n",
        "keys.json": Verifier([key.public_key, staging_key.public_key]).to_jwk_set(),
        "ada.pem": key.to_pem(),
        "ben.pem": PublicKey.parse(staging_key.public_key.to_pem()).to_pem(),
        "app.py": "import os, urllib.request\nassert 'SCOUT_PRIVATE_KEY' not in os.environ\n"
        "request = urllib.request.Request(os.environ['SCOUT_BASE_URL'] + '/v2/workflows')\n"
        "request.add_header('Authorization', 'Bearer ' + os.environ['SCOUT_API_KEY'])\n"
        "urllib.request.urlopen(request)\n",
        # Stand-ins that print what the real programs print.
        "bin/vault": f"#!/bin/sh\necho '{credential}'\n",
        "bin/kubectl": "#!/bin/sh\necho '{\"items\": []}'\n",
        "repository/src/app.py": "print('nothing secret')\n",
        "repository/.env": "COLOUR=blue\n",
        ".config/scoutos/README": "where Scout's guides keep the credential",
    }
    for name, content in files.items():
        file = desk.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(0o700 if name.startswith("bin/") else 0o600)
    (desk.folder / "bin/scout-auth").symlink_to(ROOT / "target/debug/scout-auth")
    modules = desk.folder / "node_modules"
    modules.mkdir()
    for package in NODE.joinpath("test/node_modules").glob("scout-auth*"):
        (modules / package.name).symlink_to(package)
    (modules / "jsonwebtoken").symlink_to(NODE / "node_modules/jsonwebtoken")
