"""Runs the vectors in every language and prints the matrix: see tests/README.md.

python tests/run.py --python target/venv/bin/python --c-lib target/debug
"""

import argparse
import os
import pathlib
import subprocess
import sys

from suite import pairs, report
from suite.cases import Case, falsified, load
from suite.languages import DRIVERS, LANGUAGES, ROOT

TARGET = ROOT / "target"


def main() -> int:
    options = arguments()
    commands = {name: COMMANDS[name](options) for name in options.languages.split(",")}
    cases = load()
    if options.falsify:
        return check_drivers(commands, cases)
    results = {name: LANGUAGES[name].run(command, cases) for name, command in commands.items()}
    for name, verdicts in pairs.run(commands).items():
        results[name] += verdicts
    report.write_junit(results, TARGET / "matrix.xml")
    report.show(results)
    is_whole = not any(verdict.state == "failed" for verdicts in results.values() for verdict in verdicts)
    if is_whole and list(results) == list(LANGUAGES):
        report.write_page(results, ROOT / "docs/matrix.md")
    print(report.summary(results))
    return 0 if is_whole else 1


def check_drivers(commands: dict[str, list[str]], cases: list[Case]) -> int:
    """Gives each driver false expectations: it must find every one of them unmet."""
    blind = 0
    for name, command in commands.items():
        language = LANGUAGES[name]
        lies = [
            falsified(language.reduced(case), number) for number, case in enumerate(cases) if not language.skip(case)
        ]
        for verdict in language.run(command, lies):
            if verdict.state == "passed" or verdict.detail == "the driver did not run it":
                blind += 1
                print(f"not seen  {name}  {verdict.case.name}")
        print(f"{name}: {len(lies)} false expectations")
    print(f"{blind} not seen")
    return 1 if blind else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Runs the vectors in every language.")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="which, separated by commas (default: all)")
    parser.add_argument("--falsify", action="store_true", help="check the drivers: each false expectation must be seen")
    for name, default, what in [
        ("rust", TARGET / "debug/scout-auth-vectors", "the driver that cargo built"),
        ("command", TARGET / "debug/scout-auth", "the command"),
        ("python", TARGET / "venv/bin/python", "a Python with scout_auth installed"),
        ("node-package", ROOT / "node", "the folder of the built Node package"),
        ("c-lib", TARGET / "debug", "the folder of libscout_auth"),
    ]:
        parser.add_argument(
            f"--{name}", type=pathlib.Path, default=default, help=f"{what} (default: {relative(default)})"
        )
    return parser.parse_args()


def relative(path: pathlib.Path) -> pathlib.Path:
    return path.relative_to(ROOT)


def compiled(compiler: str, standard: str, source: str, options: argparse.Namespace) -> list[str]:
    """Compiles a C or C++ driver against the library."""
    program = TARGET / "vectors" / pathlib.Path(source).name.replace(".", "-")
    program.parent.mkdir(parents=True, exist_ok=True)
    library = options.c_lib.absolute()
    flags = ["-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT / 'c/include'}"]
    link = ["-o", str(program), f"-L{library}", "-lscout_auth", f"-Wl,-rpath,{library}"]
    subprocess.run([compiler, standard, *flags, str(DRIVERS / "c" / source), *link], check=True)
    return [str(program)]


COMMANDS = {
    "rust": lambda options: [str(options.rust.absolute())],
    "command": lambda options: [sys.executable, str(DRIVERS / "command/driver.py"), str(options.command.absolute())],
    "python": lambda options: [str(options.python.absolute()), str(DRIVERS / "python/driver.py")],
    "node": lambda options: ["node", str(DRIVERS / "node/driver.mjs"), str(options.node_package.absolute())],
    "c": lambda options: compiled(os.environ.get("CC", "cc"), "-std=c11", "driver.c", options),
    "cpp": lambda options: compiled(os.environ.get("CXX", "c++"), "-std=c++17", "driver.cpp", options),
}


if __name__ == "__main__":
    sys.exit(main())
