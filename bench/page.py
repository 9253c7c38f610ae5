"""Writes docs/benchmarks.md and its plots from the results of one run."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import plot

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
LANGUAGES = ("Rust", "Python", "Node", "C")
WALL, CPU = 0, 1

HEAD = """# Benchmarks

scout-auth beside other libraries, in Rust, Python, Node, C and the shell. `make bench` measured all of this in one run and
wrote this page. No figure is written by hand, but for those in the list of what starts have over their floor.

* **Before anything is timed**, each library's token is verified by every verifier of every language, and each verifier
  refuses a wrong signature and an expired token: {checks:,} checks in this run.
* **Everybody takes turns.** A round runs each subject once, and there are {rounds} rounds. So a busy machine is busy for all.
  A figure is the median of the rounds. The middle half of them is in brackets.
* **The floor** of a language is the bare signature or verification of its engine: no token is made around it. Ratios to the
  floor compare the same round.
* **CPU time** counts, since other programs disturb it least. Wall-clock time is beside it.
* Peers get what makes them fastest, a loaded key, unless the row says `PEM each call`. Many programs do that.

This run: {date}, scout-auth {version}, {seconds:.0f} seconds. {processor}. {system}. {rustc}.
The load average was {load_low:.1f} to {load_high:.1f} up to the starts, so {quiet}. What comes after them uses both cores by itself.
"""


class Results:
    """What the sections ask for."""

    def __init__(self, results: dict[str, Any]) -> None:
        self.all = results
        self.subjects = results["subjects"]
        self.scale = results["scale"]

    def of(self, task: str, language: str | None = None, bits: str = "2048") -> list[dict[str, Any]]:
        return [
            subject
            for subject in self.subjects
            if subject["task"] == task
            and subject["bits"] == bits
            and subject["rounds"]
            and language in (None, subject["language"])
        ]

    def one(self, task: str, language: str, part: str) -> dict[str, Any]:
        """The subject whose name has that part."""
        return next(subject for subject in self.of(task, language) if part in subject["name"])

    def floor(self, task: str, language: str, bits: str = "2048") -> dict[str, Any] | None:
        return next((subject for subject in self.of(task, language, bits) if subject["kind"] == "floor"), None)

    def start(self, language: str, kind: str, part: str = "") -> dict[str, Any]:
        starts = self.all["starts"]
        return next(
            start
            for start in starts
            if (start["language"], start["kind"]) == (language, kind) and part in start["name"]
        )


def median(measured: dict[str, Any], clock: int = CPU) -> float:
    return statistics.median(times[clock] for times in measured["rounds"])


def middle(measured: dict[str, Any], clock: int = CPU) -> tuple[float, float]:
    low, _, high = statistics.quantiles((times[clock] for times in measured["rounds"]), n=4)
    return low, high


def ratio(one: dict[str, Any], other: dict[str, Any], clock: int = CPU) -> float:
    """The median of the ratios within each round."""
    pairs = zip(one["rounds"], other["rounds"], strict=True)
    return statistics.median(first[clock] / second[clock] for first, second in pairs)


def over(one: dict[str, Any], bare: dict[str, Any]) -> float:
    """The CPU time of a start over that of an empty program. Of both the least counts: other programs only ever add."""
    return min(times[CPU] for times in one["rounds"]) - min(times[CPU] for times in bare["rounds"])


def more(one: dict[str, Any], bare: dict[str, Any]) -> int:
    """The instructions of a start over those of an empty program."""
    return one["instructions"] - bare["instructions"]


def table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def spread(measured: dict[str, Any], unit: float) -> str:
    low, high = middle(measured)
    return f"{plot.number(median(measured) / unit)} ({plot.number(low / unit)}–{plot.number(high / unit)})"


def bar(measured: dict[str, Any], unit: float) -> plot.Bar:
    low, high = middle(measured)
    return plot.Bar(measured["name"], measured["kind"], median(measured) / unit, low / unit, high / unit)


class Page:
    def __init__(self, results: dict[str, Any], folder: Path) -> None:
        self.results, self.folder = Results(results), folder
        self.parts: list[str] = []

    def plot(self, name: str, drawn: str, words: str) -> None:
        (self.folder / "benchmarks").mkdir(parents=True, exist_ok=True)
        (self.folder / f"benchmarks/{name}.svg").write_text(drawn)
        self.parts.append(f"![{words}](benchmarks/{name}.svg)\n")

    def write(self) -> None:
        self.head()
        self.wanted()
        self.starts()
        self.task("mint", "Minting", "A new token, signed with a key of 2048 bits", "µs", 1e3)
        self.sizes("mint", "A new token with larger keys, in µs of CPU time:")
        self.task("header", "The current header", "The header of a request, while its token is valid", "ns", 1)
        self.parts.append(
            "A cache by hand checks no URL: it would send the header to any address. `authorization_for` checks it each time.\n"
        )
        self.task("verify", "Verifying", "Verifying a token, with a key of 2048 bits", "µs", 1e3)
        self.sizes("verify", "A token with larger keys, in µs of CPU time:")
        self.parts.append("## Keys\n")
        for name, words in (
            ("kid", "The kid of a key"),
            ("pem", "From the form that Scout issues to PEM"),
            ("parse", "Loading a private key"),
        ):
            self.task(name, "", words, "µs", 1e3)
        self.at_once()
        self.grows()
        self.local()
        self.instructions()
        self.versions()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "benchmarks.md").write_text("\n".join(self.parts))

    def head(self) -> None:
        results = self.results.all
        load_low, load_high = min(results["loads"]), max(results["loads"])
        quiet = (
            "the machine was quiet"
            if load_high < 4
            else "other programs used the machine: read the ratios and the instruction counts, not the times"
        )
        loads = {"load_low": load_low, "load_high": load_high, "quiet": quiet}
        self.parts.append(HEAD.format(**results, **results["machine"], **loads))

    def wanted(self) -> None:
        results = self.results
        rows: list[list[str]] = []

        def add(what: str, wanted: str, measured: str, met: bool, beside: str) -> None:
            rows.append([what, wanted, measured, "yes" if met else "**no**", beside])

        for language, part, theirs in (("Python", "to_pem", "four lines"), ("Node", "toPem", "four lines")):
            ours, peer = results.one("pem", language, part), results.one("pem", language, theirs)
            add(
                f"key text to PEM, {language}",
                "ahead of four lines by hand",
                us(ours),
                ratio(ours, peer) <= 1,
                f"{us(peer)} by hand, × {ratio(ours, peer):.2f}",
            )
        for language in LANGUAGES:
            ours = results.one("kid", language, "scout")
            add(f"kid from key text, {language}", "≤ 6 µs", us(ours), median(ours) <= 6000, "")
        ours, engine = results.one("parse", "Rust", "scout"), results.one("parse", "Rust", "aws-lc-rs")
        loaded = ratio(ours, engine)
        add("loading a private key", "≤ 1.15 × the engine's check", f"× {loaded:.2f}", loaded <= 1.15, us(engine))
        for language, part, limit in (("Python", "_for", 100), ("Node", "For", 130), ("C", "_for", 60)):
            ours = results.one("header", language, part)
            add(f"header for a URL, {language}", f"≤ {limit} ns", ns(ours), median(ours) <= limit, "")
        ours, peer = results.one("header", "Python", "_for"), results.one("header", "Python", "no URL checked")
        add(
            "header for a URL, Python",
            "ahead of a cache by hand",
            f"× {ratio(ours, peer):.2f}",
            ratio(ours, peer) <= 1,
            f"{ns(peer)} by hand",
        )
        for language in ("Node", "Python", "native"):
            bare, floor = results.start(language, "bare"), results.start(language, "floor")
            ours = results.start(language, "ours", "command" if language == "native" else "")
            share = over(ours, bare) / over(floor, bare)
            add(
                f"start to the first token, {'the command' if language == 'native' else language}",
                "≤ 1.15 × the floor, over bare",
                f"{over(ours, bare) / 1e6:.2f} ms, × {share:.2f}",
                share <= 1.15,
                f"floor {over(floor, bare) / 1e6:.2f} ms; instructions × {more(ours, bare) / more(floor, bare):.2f}",
            )
        ours, peer = (next(s for s in results.of("burst") if s["kind"] == kind) for kind in ("ours", "floor"))
        faster = ratio(peer, ours, WALL)
        add(
            "1,000 `mintAsync` at once",
            "as many a second as node:crypto's callbacks",
            f"× {faster:.2f}",
            faster >= 1,
            f"CPU time × {ratio(ours, peer):.2f}",
        )
        held = min(times[2] for times in ours["rounds"]) / 1e6
        add("the event loop is held meanwhile", "≤ 5 ms", f"{held:.1f} ms", held <= 5, "the least of the rounds")
        idle = results.scale["signers"][-1]
        size = idle["bytes of a signer over its key"]
        add(
            f"memory of one of {idle['count']:,} signers", "≤ 6 KB over its key", f"{size:,.0f} bytes", size <= 6000, ""
        )
        self.wanted_of_local(add)
        self.parts.append("## What we want, and what it is\n")
        self.parts.append(table(["what", "wanted", "measured", "met", "beside it"], rows))
        notes = HERE / "notes.txt"
        if notes.exists():
            self.parts.append(notes.read_text())

    def wanted_of_local(self, add: Callable[[str, str, str, bool, str], None]) -> None:
        local = self.results.all["local"]
        server, full, half = local["servers"][0], *local["loads"][:2]
        size = server["peak KiB"] / 1024
        add("the local Scout, until it answers", "≤ 10 ms", f"{server['ready']:.1f} ms", server["ready"] <= 10, "")
        add("the local Scout, after all its requests", "≤ 10 MiB", f"{size:.1f} MiB", size <= 10, "the most")
        add(
            "the local Scout, verified requests a second",
            "≥ 15,000",
            f"{full['rate']:,.0f}",
            full["rate"] >= 15_000,
            "the load comes from the same cores",
        )
        add(
            "the local Scout, 99 % of answers at about half of that",
            "≤ 5 ms",
            f"{half['p99']:.1f} ms",
            half["p99"] <= 5,
            f"at {half['rate']:,.0f} a second",
        )

    def starts(self) -> None:
        results = self.results
        self.parts.append("## Starts\n")
        words = "A process from its start to its first token, over an empty one"
        groups: dict[str, list[plot.Bar]] = {}
        rows = []
        for start in results.all["starts"]:
            bare = results.start(start["language"], "bare")
            memory = statistics.median(times[2] for times in start["rounds"]) / 1024
            row = [start["language"], start["name"], spread(start, 1e6), plot.number(median(start, WALL) / 1e6)]
            if start is bare:
                rows.append([*row, "", "", f"{memory:.1f}"])
                continue
            time = over(start, bare) / 1e6
            groups.setdefault(start["language"], []).append(plot.Bar(start["name"], start["kind"], time, time, time))
            count = f"{more(start, bare) / 1e6:.1f}" if start["instructions"] else ""
            rows.append([*row, f"{time:.2f}", count, f"{memory:.1f}"])
        self.plot("starts", plot.bars(words, "ms of CPU time", groups, log=True), words)
        heads = ["start", "what", "CPU ms", "wall ms", "CPU ms over empty", "M instructions over empty", "MiB at most"]
        self.parts.append(table(heads, rows))
        self.parts.append(
            "The floor of a start is the engine's first signature: in Python and Node, in a module that has nothing else and is\n"
            "as large a file as ours. These, ours and the empty programs start six times in each round. What is over an empty program\n"
            "is the least of all, because starts vary by more than they cost if other programs run. callgrind counts instructions, which no other program disturbs; it does not see what\n"
            "the kernel does, above all to map the pages of a library. All programs of Node print with `fs.writeSync`, because the\n"
            "first `console.log` of a process executes more instructions than a start to the first token.\n"
        )

    def task(self, name: str, title: str, words: str, unit: str, divisor: float) -> None:
        if title:
            self.parts.append(f"## {title}\n")
        groups = {language: [bar(one, divisor) for one in self.results.of(name, language)] for language in LANGUAGES}
        groups = {language: bars for language, bars in groups.items() if bars}
        self.plot(name, plot.bars(words, f"{unit} of CPU time", groups, log=True), words)
        rows = []
        for one in self.results.of(name):
            floor = self.results.floor(name, one["language"])
            times = f"{ratio(one, floor):.2f}" if floor else ""
            rows.append(
                [one["language"], one["name"], spread(one, divisor), plot.number(median(one, WALL) / divisor), times]
            )
        self.parts.append(table(["language", "what", f"CPU {unit}", f"wall {unit}", "× floor"], rows))

    def sizes(self, name: str, words: str) -> None:
        rows = []
        for one in self.results.of(name, bits="4096"):
            row = [one["language"], one["name"]]
            for bits in ("3072", "4096"):
                sized = next(
                    other for other in self.results.of(name, one["language"], bits) if other["name"] == one["name"]
                )
                floor = self.results.floor(name, one["language"], bits)
                row += [plot.number(median(sized) / 1e3), f"{ratio(sized, floor):.2f}"]
            rows.append(row)
        if rows:
            self.parts.append(f"{words}\n")
            self.parts.append(table(["language", "what", "3072 bits", "× floor", "4096 bits", "× floor"], rows))

    def at_once(self) -> None:
        self.parts.append("## Many at once\n")
        self.parts.append("1,000 tokens at once in Node, of a key that is loaded:\n")
        rows = []
        for one in self.results.of("burst"):
            wall, cpu = (statistics.median(times[at] for times in one["rounds"]) for at in (WALL, CPU))
            # Time that other programs took is not theirs, so of these the least counts.
            held, waited = (min(times[at] for times in one["rounds"]) for at in (2, 3))
            rows.append(
                [
                    one["name"],
                    f"{1e12 / wall:,.0f}",
                    f"{cpu / 1e6:.0f}",
                    f"{cpu / wall:.2f}",
                    f"{held / 1e6:.1f}",
                    f"{waited / 1e6:.1f}",
                ]
            )
        heads = [
            "what",
            "tokens a second",
            "CPU ms",
            "cores in use",
            "the calls held the loop, ms",
            "longest wait of a timer, ms",
        ]
        self.parts.append(table(heads, rows))
        self.parts.append("Two threads in Python, which has one lock for all of them (the GIL):\n")
        rows = [
            [
                one["name"],
                f"{statistics.median(times[CPU] / times[WALL] for times in one['rounds']):.2f}",
                plot.number(median(one) / 1e3),
            ]
            for one in self.results.of("threads")
        ]
        self.parts.append(table(["what", "cores in use", "CPU µs a token"], rows))

    def grows(self) -> None:
        self.parts.append("## What grows\n")
        self.signers()
        self.verifier()
        self.inputs()

    def signers(self) -> None:
        grown = self.results.scale["signers"]

        def curve(label: str, kind: str, field: str) -> plot.Curve:
            return plot.Curve(label, kind, [(row["count"], row[field]) for row in grown])

        words = "Memory of one of many signers"
        memory = [
            curve("key that has signed", "floor", "bytes of a key that has signed"),
            curve("signer over its key", "ours", "bytes of a signer over its key"),
        ]
        self.plot("signers", plot.curves(words, "signers", "bytes", memory), words)

        def cpu(label: str, kind: str, field: str, divisor: float) -> plot.Curve:
            return plot.Curve(label, kind, [(row["count"], row[field][CPU] / divisor) for row in grown])

        words = "Time of one operation with many signers"
        times = [
            cpu("load a key", "floor", "parse", 1e3),
            plot.Curve("mint, one thread", "ours", [(row["count"], row["mint"][0][CPU] / 1e3) for row in grown]),
            plot.Curve("mint, two threads", "second", [(row["count"], row["mint"][1][CPU] / 1e3) for row in grown]),
            cpu("header for a URL", "peer", "authorization_for", 1e3),
        ]
        self.plot("signers-time", plot.curves(words, "signers", "µs of CPU time", times), words)
        rows = [
            [
                f"{row['count']:,}",
                f"{row['bytes of a key']:,.0f}",
                f"{row['bytes of a key that has signed']:,.0f}",
                f"{row['bytes of a signer over its key']:,.0f}",
                f"{(row['parse'][CPU] + row['construct'][CPU]) * row['count'] / 1e6:,.1f}",
                f"{row['authorization_for'][CPU]:.0f}",
                f"{row['mint'][0][CPU] / 1e3:.0f}",
                f"{row['mint'][1][CPU] / 1e3:.0f}",
                f"{row['mint'][1][CPU] / row['mint'][1][WALL]:.2f}",
            ]
            for row in grown
        ]
        heads = [
            "signers",
            "bytes of a key",
            "after its first signature",
            "signer and token over it",
            "all made, CPU ms",
            "header for a URL, CPU ns",
            "mint, CPU µs",
            "with two threads",
            "cores in use",
        ]
        self.parts.append(table(heads, rows))
        bindings = ", ".join(
            f"{name} {self.results.scale[name]['bytes'] / 1024:,.1f} KiB" for name in ("Python", "Node")
        )
        count = self.results.scale["Python"]["count"]
        self.parts.append(
            f"Signers share nothing, so two threads need as much CPU time for a token as one. Resident memory of a whole signer\n"
            f"with its key and token, of {count:,}: {bindings}.\n"
        )

    def verifier(self) -> None:
        grown = self.results.scale["verifier"]
        rows = [
            [
                f"{row['count']:,}",
                f"{row['verify'][CPU] / 1e3:.1f}",
                f"{row['construct'][CPU] * row['count'] / 1e6:,.2f}",
                f"{row['bytes of a key']:,.0f}",
                f"{row['bytes in a verifier over its key']:,.0f}",
            ]
            for row in grown
        ]
        words = "Verifying a token among many keys"
        points = [(row["count"], row["verify"][CPU] / 1e3) for row in grown]
        self.plot(
            "verifier",
            plot.curves(words, "keys of the verifier", "µs of CPU time", [plot.Curve("verify", "ours", points)]),
            words,
        )
        heads = ["keys", "verify, CPU µs", "made, CPU ms", "bytes of a key", "in the verifier over it"]
        self.parts.append(table(heads, rows))

    def inputs(self) -> None:
        scale = self.results.scale
        rows = [
            [
                f"{row['bytes'] / 1e6:,.0f} MB",
                f"{row['cpu'] / 1e6:,.0f}",
                f"{row['cpu'] / row['bytes']:.2f}",
                f"{row['KiB'] / 1024:.1f}",
            ]
            for row in scale["scan"]
        ]
        self.parts.append("`scout-auth scan`, over copies of this project's sources, without those of the tests:\n")
        self.parts.append(table(["input", "CPU ms", "CPU s for a GB", "MiB at most"], rows))
        proxy = scale["proxy"]
        streams = {row["count"]: row for row in proxy["streams"]}
        rows = [
            [
                f"{row['count']:,}",
                f"{row['cpu'] / 1e3:.1f}",
                f"{row['KiB'] / 1024:.1f}",
                f"{streams[row['count']]['KiB'] / 1024:.1f}",
            ]
            for row in proxy["callers"]
        ]
        self.parts.append("`scout-auth proxy`, with as many callers at once, each on a connection of its own:\n")
        heads = ["callers", "CPU µs a request", "MiB", "MiB with as many open event streams"]
        self.parts.append(table(heads, rows))
        request, event, body = proxy["request"], proxy["first event"], proxy["body"]
        self.parts.append(
            f"It starts in {proxy['start']['cpu'] / 1e6:.1f} ms of CPU time and {proxy['start']['peak KiB'] / 1024:.1f} MiB. One caller\n"
            f"waits {request['through'] / 1e3:.0f} µs for an answer, and {request['direct'] / 1e3:.0f} µs without the proxy. The first event\n"
            f"of a stream arrives after {event['through'] / 1e3:.0f} µs, and {event['direct'] / 1e3:.0f} µs without. A body of 1 GiB takes\n"
            f"{body['up'] / 1e9:.2f} s of CPU time up and {body['down'] / 1e9:.2f} s down, and {body['peak KiB'] / 1024:.1f} MiB at most.\n"
        )

    def local(self) -> None:
        local = self.results.all["local"]
        self.parts.append("## The local Scout\n")
        self.parts.append("`scout-auth serve`, beside two other stand-ins for an issuer of tokens:\n")
        rows = [
            [row["name"], f"{row['ready']:.1f}", f"{row['cpu']:.1f}"]
            + [f"{row[name] / 1024:.1f}" for name in ("KiB", "peak KiB")]
            for row in local["servers"]
        ]
        self.parts.append(
            table(["server", "ready, ms", "CPU ms until then", "MiB after all requests", "at most"], rows)
        )
        rows = [
            [row["server"], row["name"], f"{row['cpu']:.1f}", f"{row['rate']:,.0f}", f"{row['p99']:.1f}"]
            for row in local["loads"]
        ]
        heads = ["server", "request", "CPU µs each", "a second", "99 % within, ms"]
        self.parts.append(table(heads, rows))
        self.parts.append("wrk sends the requests, from the same cores.\n")
        grown = self.results.scale["local"]
        words = "What the local Scout costs with many credentials"
        kinds = {"start": "peer", "list": "second", "change": "floor", "request": "ours"}
        series = [plot.Curve(name, kind, [(row["count"], row[name]) for row in grown]) for name, kind in kinds.items()]
        self.plot("local", plot.curves(words, "credentials", "ms of CPU time", series), words)
        names = ("start", "request", "show", "list", "change")
        rows = [
            [f"{row['count']:,}", *(f"{row[name]:.2f}" for name in names), f"{row['KiB'] / 1024:.1f}"] for row in grown
        ]
        heads = ["credentials in a file", "start, CPU ms", *names[1:], "MiB"]
        self.parts.append(table(heads, rows))

    def instructions(self) -> None:
        kept = json.loads((HERE / "instructions.json").read_text())
        rows = [[name, f"{counts['own']:,}", f"{counts['all']:,}"] for name, counts in kept.items()]
        self.parts.append("## Instructions\n")
        self.parts.append(
            "Counts do not depend on how busy the machine is. `make test-instructions` counts them under callgrind, and fails if one\n"
            "is more than 3 % over what `bench/instructions.json` has:\n"
        )
        self.parts.append(table(["operation of the core", "without the engine", "all"], rows))

    def versions(self) -> None:
        rows = [
            [language, ", ".join(f"{name} {version}" for name, version in versions.items())]
            for language, versions in self.results.all["versions"].items()
        ]
        self.parts.append("## Versions\n")
        self.parts.append(table(["language", "versions"], rows).replace("| --- | ---: |", "| --- | --- |"))
        self.parts.append(
            "`bench/` has the programs, `bench/python/requirements.txt`, `bench/node/package-lock.json` and `bench/rust/Cargo.lock` the\n"
            "peers. `make bench` needs what `make setup` installs, and half an hour at the first time, because it builds everything.\n"
        )


def us(measured: dict[str, Any]) -> str:
    return f"{plot.number(median(measured) / 1e3)} µs"


def ns(measured: dict[str, Any]) -> str:
    return f"{median(measured):.0f} ns"


def write(results: dict[str, Any], folder: Path) -> None:
    Page(results, folder).write()


if __name__ == "__main__":
    # From the results of a run before: page.py RESULTS FOLDER
    write(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
