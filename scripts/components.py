"""What is linked into a package: its SBOM, and the licences of the crates in it.

components.py PACKAGE TARGET DIRECTORY

Writes DIRECTORY/sbom.cdx.json (CycloneDX) and DIRECTORY/LICENSE-THIRD-PARTY, both the same for the same lock file and
Rust. If a crate may be used under one of several licences, the first of CHOSEN applies.
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHOSEN = ("Apache-2.0", "MIT")
LICENCE_FILE = re.compile(r"(licen[cs]e|copying|copyright|notice)", re.IGNORECASE)
APACHE = re.compile(r"\s*Apache License\s+Version 2\.0, .{9000,11500}", re.DOTALL)


def cargo(*arguments: str) -> str:
    """Return what cargo prints, without a connection to a registry."""
    command = ["cargo", *arguments, "--locked"]
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout


def linked(package: str, target: str) -> list[dict]:
    """Return cargo's metadata of the package and of each crate that is linked into it, with the crates that it uses."""
    edges = ("--edges", "normal,no-proc-macro", "--no-dedupe", "--prefix", "none", "--format", "{p}")
    lines = cargo("tree", "--package", package, "--target", target, *edges).splitlines()
    within = {tuple(line.split()[:2]) for line in lines}
    metadata = json.loads(cargo("metadata", "--format-version", "1", "--filter-platform", target))
    packages = {
        crate["id"]: crate for crate in metadata["packages"] if (crate["name"], f"v{crate['version']}") in within
    }
    for node in metadata["resolve"]["nodes"]:
        if node["id"] in packages:
            uses = [use["pkg"] for use in node["deps"] if any(kind["kind"] is None for kind in use["dep_kinds"])]
            packages[node["id"]]["uses"] = [packages[use] for use in uses if use in packages]
    return sorted(packages.values(), key=lambda crate: (crate["name"] != package, crate["name"], crate["version"]))


def purl(crate: dict) -> str:
    """Return the package URL, which is also the crate's name within the SBOM."""
    return f"pkg:cargo/{crate['name']}@{crate['version']}"


def expression(crate: dict) -> str:
    """Return the licence as an SPDX expression; old crates separate alternatives by a slash."""
    return re.sub(r" ?/ ?", " OR ", crate["license"])


def sbom(crates: list[dict], target: str) -> dict:
    """Return the SBOM. It has no time and no serial number, so it is the same each time."""
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    locked = re.findall(r'^name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"$', lock, re.MULTILINE)
    checksums = {(name, version): checksum for name, version, checksum in locked}

    def component(crate: dict) -> dict:
        checksum = checksums.get((crate["name"], crate["version"]))
        return {
            "type": "library",
            "bom-ref": purl(crate),
            "name": crate["name"],
            "version": crate["version"],
            **({"hashes": [{"alg": "SHA-256", "content": checksum}]} if checksum else {}),
            "licenses": [{"expression": expression(crate)}],
            "purl": purl(crate),
        }

    first, *others = crates
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(first), "properties": [{"name": "rust:target", "value": target}]},
        "components": [*map(component, others), standard_library()],
        "dependencies": [{"ref": purl(crate), "dependsOn": sorted(map(purl, crate["uses"]))} for crate in crates],
    }


def standard_library() -> dict:
    """Return the component that every Rust program contains and no lock file names."""
    [_, version, *_] = subprocess.check_output(["rustc", "--version"], cwd=ROOT, text=True).split()
    name = f"pkg:generic/rust-std@{version}"
    licences = [{"expression": "MIT OR Apache-2.0"}]
    return {
        "type": "library",
        "bom-ref": name,
        "name": "rust-std",
        "version": version,
        "licenses": licences,
        "purl": name,
    }


def texts(crate: dict) -> list[str]:
    """Return what has to be passed on with the crate: the licence that applies, and its notices."""
    alternatives = expression(crate).split(" OR ") if "(" not in crate["license"] else []
    chosen = next((licence for licence in CHOSEN if licence in alternatives), None)
    directory = Path(crate["manifest_path"]).parent
    files = sorted(path for path in directory.rglob("*") if LICENCE_FILE.match(path.name) and is_text(path))
    if chosen == "Apache-2.0":
        files = [path for path in files if path.name.lower().startswith("notice")]
    elif chosen and len(files) > 1:
        files = [path for path in files if chosen.lower() in path.name.lower()]
    found = [path.read_text(encoding="utf-8").strip() for path in files]
    found = ["Apache-2.0" if APACHE.fullmatch(text) else text for text in found]
    if chosen == "Apache-2.0":
        found.append("Apache-2.0")
    if not found and chosen == "MIT":
        found = [mit(crate)]
    if not found:
        sys.exit(f"components: {crate['name']} has no text of its licence, {crate['license']}")
    return sorted(set(found))


def mit(crate: dict) -> str:
    """Return the licence of a crate that says MIT and has no file with its text."""
    holder = ", ".join(crate["authors"]) or f"the authors of {crate['name']}"
    text = (ROOT / "LICENSE-MIT").read_text(encoding="utf-8").strip()
    return re.sub(r"^Copyright .*$", f"Copyright (c) {holder}", text, count=1, flags=re.MULTILINE)


def is_text(path: Path) -> bool:
    """Return whether this is a file of a licence, and not a program that is named after one."""
    return path.is_file() and path.suffix.lower() in {"", ".md", ".txt", *(f".{licence.lower()}" for licence in CHOSEN)}


def licences(crates: list[dict]) -> str:
    """Return each text once, below the names of the crates that it is for."""
    users = defaultdict(list)
    for crate in crates:
        if crate["source"]:
            for text in texts(crate):
                users[text].append(f"{crate['name']} {crate['version']}")
    users["Apache-2.0"].append(f"rust-std {standard_library()['version']}")
    apache = users.pop("Apache-2.0")
    sections = ["This package contains the programs below, under these licences.\n"]
    sections += [f"{', '.join(names)}:\n\n{text}\n" for text, names in sorted(users.items(), key=lambda item: item[1])]
    sections += [f"{', '.join(apache)}:\n\nApache-2.0, as in LICENSE-APACHE\n"]
    return f"\n{'-' * 72}\n\n".join(sections)


def main(package: str, target: str, directory: str) -> None:
    """Write both files."""
    crates = linked(package, target)
    to = Path(directory)
    to.mkdir(parents=True, exist_ok=True)
    (to / "sbom.cdx.json").write_text(json.dumps(sbom(crates, target), indent=1) + "\n", encoding="utf-8")
    (to / "LICENSE-THIRD-PARTY").write_text(licences(crates), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
