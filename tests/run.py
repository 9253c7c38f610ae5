"""Runs the cases in every language and prints the matrix: see tests/README.md.

python tests/run.py --python target/venv-wheel/bin/python --c-lib target/debug
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

from suite import corpus, errors, pairs, report
from suite.cases import Case, falsified, load
from suite.languages import DRIVERS, LANGUAGES, ROOT, Language
from suite.peers import Peer

TARGET = ROOT / "target"
INTEROP = ROOT / "tests/interop"

CC = os.environ.get("CC", "cc")
CXX = os.environ.get("CXX", "c++")

T = TypeVar("T")


def main() -> int:
    options = arguments()
    commands = {name: COMMANDS[name](options) for name in options.languages.split(",")}
    compiled(CC, ["-std=c11", "-shared", "-fPIC"], DRIVERS / "clock.c")
    peers = all_peers(options)
    found = corpus.load()
    cases = [*load(), *found]
    if options.falsify:
        return check(commands, peers, cases)
    results = in_all(commands, lambda language, command: language.run(command, cases))
    for name, verdicts in pairs.run(commands, peers).items():
        results[name] += verdicts
        results[name] += errors.faults(name, results[name])
    report.write_junit(results, TARGET / "matrix.xml")
    report.show(results)
    is_whole = not any(verdict.state == "failed" for verdicts in results.values() for verdict in verdicts)
    if not found:
        print(corpus.ABSENT)
    if is_whole and found and list(results) == list(LANGUAGES):
        report.write_page(results, ROOT / "docs/matrix.md")
    print(report.summary(results))
    return 0 if is_whole else 1


def in_all(commands: dict[str, list[str]], run: Callable[[Language, list[str]], T]) -> dict[str, T]:
    """The result of each language. Several run at the same time."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda name: run(LANGUAGES[name], commands[name]), commands)
        return dict(zip(commands, answers, strict=True))


def check(commands: dict[str, list[str]], peers: list[Peer], cases: list[Case]) -> int:
    """Passes false expectations to each driver and false tokens to each peer. Each of them must be reported."""
    unseen = in_all(commands, lambda language, command: believed(language, command, cases))
    unseen |= {peer.title: pairs.misjudged(peer) for peer in peers}
    for name, what in unseen.items():
        for one in what:
            print(f"not seen  {name}  {one}")
    count = sum(map(len, unseen.values()))
    print(f"{count} not seen")
    return 1 if count else 0


def believed(language: Language, command: list[str], cases: list[Case]) -> list[str]:
    """The cases whose false expectations the driver reports as met."""
    lies = [falsified(language.reduced(case), number) for number, case in enumerate(cases) if not language.skip(case)]
    print(f"{language.name}: {len(lies)} false expectations")
    return [
        verdict.case.name
        for verdict in language.run(command, lies)
        if verdict.state == "passed" or verdict.detail == "the driver did not run it"
    ]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Runs the cases in every language.")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="which, separated by commas (default: all)")
    parser.add_argument(
        "--falsify", action="store_true", help="check the drivers and the peers: what is false must be seen"
    )
    for name, default, what in [
        ("rust", TARGET / "debug/scout-auth-vectors", "the driver that cargo built"),
        ("rust-rsa", TARGET / "debug/scout-auth-vectors-rsa", "the same, built with the feature rust-crypto alone"),
        ("command", TARGET / "debug/scout-auth", "the command"),
        ("python", TARGET / "venv-wheel/bin/python", "a Python with scout_auth, PyJWT and joserfc installed"),
        ("node-package", ROOT / "node/test/node_modules/scout-auth", "the folder of the installed Node package"),
        ("c-lib", TARGET / "debug", "the folder of libscout_auth"),
    ]:
        parser.add_argument(
            f"--{name}", type=pathlib.Path, default=default, help=f"{what} (default: {relative(default)})"
        )
    return parser.parse_args()


def relative(path: pathlib.Path) -> pathlib.Path:
    return path.relative_to(ROOT)


def c_driver(compiler: str, standard: str, source: str, options: argparse.Namespace) -> list[str]:
    """A C or C++ driver, compiled against the library."""
    library = options.c_lib.absolute()
    flags = [standard, "-D_POSIX_C_SOURCE=200809L", f"-I{ROOT / 'c/include'}"]
    return compiled(compiler, flags, DRIVERS / "c" / source, f"-L{library}", "-lscout_auth", f"-Wl,-rpath,{library}")


def compiled(compiler: str, flags: list[str], source: pathlib.Path, *libraries: str) -> list[str]:
    program = TARGET / "vectors" / source.name.replace(".", "-")
    program.parent.mkdir(parents=True, exist_ok=True)
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    subprocess.run([compiler, *warnings, *flags, str(source), "-o", str(program), *libraries], check=True)
    return [str(program)]


COMMANDS = {
    "rust": lambda options: [str(options.rust.absolute()), "aws-lc-rs"],
    "rust-rsa": lambda options: [str(options.rust_rsa.absolute()), "rsa"],
    "command": lambda options: [sys.executable, str(DRIVERS / "command/driver.py"), str(options.command.absolute())],
    "python": lambda options: [str(options.python.absolute()), str(DRIVERS / "python/driver.py")],
    "node": lambda options: ["node", str(DRIVERS / "node/driver.mjs"), str(options.node_package.absolute())],
    "c": lambda options: c_driver(CC, "-std=c11", "driver.c", options),
    "cpp": lambda options: c_driver(CXX, "-std=c++17", "driver.cpp", options),
}


def all_peers(options: argparse.Namespace) -> list[Peer]:
    python = [str(options.python.absolute()), str(INTEROP / "peer.py")]
    node = ["node", str(INTEROP / "peer.mjs")]
    return [
        *(Peer(library, [*python, library]) for library in ("PyJWT", "joserfc", "openssl")),
        *(Peer(library, [*node, library]) for library in ("jsonwebtoken", "jose", "fast-jwt")),
        Peer("libjwt", compiled(CC, ["-std=c11"], INTEROP / "libjwt.c", "-ljwt")),
    ]


if __name__ == "__main__":
    sys.exit(main())
