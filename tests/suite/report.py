"""The report of a run: the matrix, the JUnit file, the page."""

import collections
import pathlib
import xml.etree.ElementTree as ET

from . import errors
from .cases import CORPUS, GROUPS, PAIRS, Case
from .languages import LANGUAGES, Verdict

Results = dict[str, list[Verdict]]

ROWS = (*GROUPS, CORPUS, PAIRS)

# Longer details are cut, because they may contain whole keys.
WIDTH = 160

# If a group has more cases with one reason, they are counted and not listed.
LISTED = 12

PAGE = """\
<!-- Written by tests/run.py: change it there. -->
# One behaviour in every language

There are {cases} named cases, {refusals} of them refusals: our own [vectors](../tests/vectors/README.md); the corpus of
keys, tokens and signatures that others published; and pairs, in which the languages and other people's libraries verify
each other's tokens. The expectations come from other people's software and from these documents, never from scout-auth
itself. A number counts the cases that passed; none failed. What a language cannot run is listed below.

{table}

## Errors

Core's table has {errors} errors. This many of them are raised by each language, each in a case that passed:

{raised}

The others, and why no case raises them:

{unraised}

## What a language cannot run

The cases are listed by reason, or counted where they are many; `target/matrix.xml` names each after a run.

{skips}
"""


def count(verdicts: list[Verdict]) -> collections.Counter[str]:
    return collections.Counter(verdict.state for verdict in verdicts)


def table(results: Results) -> list[list[str]]:
    """Groups by languages, and the totals."""
    rows = [["", *(LANGUAGES[name].title for name in results)]]
    rows += [[group, *(cell(within(group, verdicts)) for verdicts in results.values())] for group in ROWS]
    rows.append(["all", *(cell(verdicts) for verdicts in results.values())])
    return rows


def within(group: str, verdicts: list[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.case.group == group]


def cell(verdicts: list[Verdict]) -> str:
    counts = count(verdicts)
    parts = [str(counts["passed"]), *(f"{counts[state]} {state}" for state in ("failed", "skipped") if counts[state])]
    return ", ".join(parts)


def show(results: Results) -> None:
    rows = table(results)
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    for name, verdicts in results.items():
        for reason, number in collections.Counter(map(reason_of, verdicts)).items():
            if reason:
                print(f"skipped  {name}  {number}: {reason}")
    for name, verdicts in results.items():
        for verdict in verdicts:
            if verdict.state == "failed":
                print(f"failed  {name}  {verdict.case.name}: {verdict.detail[:WIDTH]}")


def reason_of(verdict: Verdict) -> str:
    return verdict.detail if verdict.state == "skipped" else ""


def summary(results: Results) -> str:
    counts = sum((count(verdicts) for verdicts in results.values()), collections.Counter())
    return f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"


def write_junit(results: Results, path: pathlib.Path) -> None:
    root = ET.Element("testsuites")
    for name, verdicts in results.items():
        counts = count(verdicts)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=name,
            tests=str(len(verdicts)),
            failures=str(counts["failed"]),
            skipped=str(counts["skipped"]),
        )
        for verdict in verdicts:
            test = ET.SubElement(suite, "testcase", classname=f"{name}.{verdict.case.group}", name=verdict.case.name)
            if verdict.state != "passed":
                tag = "failure" if verdict.state == "failed" else "skipped"
                ET.SubElement(test, tag, message=printable(verdict.detail[:WIDTH]))
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def printable(text: str) -> str:
    """XML 1.0 has no control characters."""
    return "".join(character if character.isprintable() else "?" for character in text)


def write_page(results: Results, path: pathlib.Path) -> None:
    cases = [verdict.case for verdict in next(iter(results.values()))]
    numbers = [str(len(errors.raised(verdicts))) for verdicts in results.values()]
    path.write_text(
        PAGE.format(
            cases=len(cases),
            refusals=sum(map(Case.is_refusal, cases)),
            table=marked_up(table(results)),
            errors=len(errors.TABLE),
            raised=marked_up([table(results)[0][1:], numbers]),
            unraised="\n".join(map(unraised, *zip(*errors.UNRAISED, strict=True))),
            skips="\n".join([*lacking(results), *skips(results)]).strip(),
        )
    )


def marked_up(rows: list[list[str]]) -> str:
    head, *others = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *others))


def unraised(names: tuple[str, ...], languages: tuple[str, ...], reason: str) -> str:
    codes = ", ".join(f"`{name}`" for name in names)
    where = "; ".join(LANGUAGES[name].title for name in languages)
    return f"* {codes} ({where}): {reason}"


def lacking(results: Results) -> list[str]:
    """What is not compared in a language."""
    languages = [LANGUAGES[name] for name in results if LANGUAGES[name].lacks]
    return [
        f"Not compared, since {language.title} does not give it: {', '.join(sorted(language.lacks))}.\n"
        for language in languages
    ]


def skips(results: Results) -> list[str]:
    """The cases of each reason, and the languages that have it."""
    languages: dict[tuple[str, str, str], list[str]] = collections.defaultdict(list)
    for name, verdicts in results.items():
        for verdict in verdicts:
            if reason := reason_of(verdict):
                languages[reason, verdict.case.group, verdict.case.name].append(LANGUAGES[name].title)
    names: dict[tuple[str, str], dict[str, list[str]]] = collections.defaultdict(dict)
    for (reason, group, case), titles in languages.items():
        source = case.partition("/")[0] if group == CORPUS else group
        names[", ".join(titles), reason].setdefault(source, []).append(case)
    return [
        "\n".join(
            [f"### {titles}: {reason}\n", *(line for source, cases in of.items() for line in listed(source, cases)), ""]
        )
        for (titles, reason), of in names.items()
    ]


def listed(source: str, cases: list[str]) -> list[str]:
    """The cases by name, or how many there are."""
    if len(cases) > LISTED or source not in ROWS:
        return [f"* {escaped(source)}: {len(cases)} of its cases"]
    return [f"* {escaped(case)}" for case in cases]


def escaped(text: str) -> str:
    """No mark-up in the names of cases."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>()#+!|~" else character for character in text)
