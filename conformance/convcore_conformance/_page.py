"""The page: what a summary holds, section by section, in the template beside this module."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any

from . import spec
from ._html import Html, join, tag
from ._matrix import matrix
from ._summary import Cell, Subject, Summary, Test
from ._support import support

__all__ = ["html"]

_BROKEN_OFF = (2, 3, 4)
"""Exit statuses of pytest: it was interrupted, or failed itself, or was asked what it cannot."""


def html(found: Summary) -> str:
    """Give the whole page.

    Parameters
    ----------
    found : Summary
        Of one run or several.

    Returns
    -------
    str
        HTML that needs nothing beside it.
    """
    template = Path(__file__).with_name("_page.html").read_text(encoding="utf-8")
    return Template(template).substitute(
        columns=str(len(found.tests)),
        verdict=_verdict(found),
        facts=_facts(found),
        runs=_runs(found),
        subjects=join(*(_subject(s, Cell(tests)) for s, tests in found.tests.items())),
        failures=_failures(found),
        matrix=matrix(found),
        gaps=_gaps(found),
        skips=_skips(found),
        support=support(found),
    )


def _verdict(found: Summary) -> Html:
    """One sentence that says it all."""
    counts = Cell(tuple(t for tests in found.tests.values() for t in tests)).counts
    broken = [run for run in found.runs if run.get("errors") or run.get("exit", 0) in _BROKEN_OFF]
    word = "All that ran passed" if counts["passed"] else "Nothing was run"
    if counts["failed"]:
        word = f"{counts['failed']:,} failed"
    elif broken:
        word = "A run was broken off"
    elif counts["gap"]:
        word = "Passed, with declared gaps"
    shown = {clause for tests in found.tests.values() for t in tests for clause in t.clauses}
    total = sum(len(page.clauses) for page in spec.pages())
    judged = sum(bool(subject.backend) for subject in found.tests)
    libraries = "one library" if judged == 1 else f"{judged} libraries"
    said = f"{sum(counts.values()):,} tests · {len(shown)} of {total} clauses · {libraries}"
    kind = "failed" if counts["failed"] or broken else "gap" if counts["gap"] else "passed"
    return join(tag("strong", word, class_=kind), tag("span", said))


def _facts(found: Summary) -> Html:
    """What ran, where and when, each thing once."""
    facts = {
        "convcore": [f"{run['convcore']} on Python {run['python']}" for run in found.runs],
        "machine": [run["machine"] for run in found.runs],
        "accelerators": [name for run in found.runs for name in run.get("accelerators", ())],
        "libraries": [f"{s.backend} {s.version}" for s in found.tests if s.version],
        "when": [run["started"].partition(" ")[0] for run in found.runs],
        "level": [run.get("level", "?") for run in found.runs],
    }
    lines = [
        join(tag("dt", name), tag("dd", ", ".join(dict.fromkeys(values))))
        for name, values in facts.items()
        if values
    ]
    return tag("dl", *lines)


def _runs(found: Summary) -> Html:
    """Every run by itself, opened where one was broken off."""
    errors = [error for run in found.runs for error in run.get("errors", ())]
    runs = [tag("li", _run(run)) for run in found.runs]
    title = "One run" if len(runs) == 1 else f"{len(runs)} runs"
    opened = "" if errors else None
    return tag("details", tag("summary", title), tag("ol", *runs), open=opened)


def _run(run: Any) -> Html:
    minutes, seconds = divmod(round(run["seconds"]), 60)
    said = [
        f"{run['started']}, {minutes} min {seconds:02d} s",
        f"exit status {run.get('exit', '?')}",
        run["machine"],
        f"Python {run['python']}",
    ]
    errors = [
        tag("pre", f"{e['where']} was not collected\n{e['text']}") for e in run.get("errors", ())
    ]
    command = tag("code", f"pytest {run['command']}")
    return join(command, tag("small", " · ".join(said)), *errors)


def _subject(subject: Subject, cell: Cell) -> Html:
    """One line: how many of each outcome, and how close to the bound."""
    total = len(cell.tests)
    bar = [
        tag("i", class_=name, style=f"flex:{cell.counts[name]}")
        for name in ("passed", "gap", "skipped", "failed")
        if cell.counts[name]
    ]
    counts = [
        tag("td", f"{cell.counts[name]:,}", class_=name if cell.counts[name] else "zero")
        for name in ("passed", "failed", "gap", "skipped")
    ]
    about = [subject.device, subject.version] if subject.backend else ["the spec alone"]
    title = tag("th", subject.label, tag("small", " ".join(filter(None, about))), scope="row")
    share = tag("td", tag("span", *bar, class_="bar", title=f"{total:,} tests"), class_="share")
    return tag("tr", title, share, *counts, _worst(cell.worst))


def _worst(test: Test | None) -> Html:
    if test is None or test.worst is None:
        return tag("td", "—", class_="worst zero")
    fill = f"--r:{min(test.worst, 1):.3f}"
    meter = tag("span", class_="meter", style=fill)
    return tag("td", meter, f"{test.worst:.2f}", tag("small", test.name), class_="worst")


def _failures(found: Summary) -> Html:
    failed = found.of("failed")
    if not failed:
        return Html("")
    registered = {
        name for run in found.runs for name, s in run["backends"].items() if "dtypes" in s
    }
    items = [
        _failure(s, t, registered=s.backend in registered, opened=i < 5)
        for i, (s, t) in enumerate(failed)
    ]
    return tag("section", tag("h2", "Failures", tag("b", str(len(failed)))), *items, id="failures")


def _failure(subject: Subject, test: Test, *, registered: bool, opened: bool) -> Html:
    """One failing test: what was said, the call to paste, and how to run it again."""
    file, _, rest = test.id.partition("::")
    again = f"pytest --pyargs 'convcore_conformance.{file.removesuffix('.py')}::{rest}'"
    if registered:
        again += f" --convcore-backend {subject.backend}"
    if subject.device:
        again += f" --convcore-device {subject.device}"
    head = [
        tag("b", subject.label),
        tag("span", test.name),
        *(tag("a", clause, href=f"#{clause}") for clause in test.clauses),
    ]
    body = [tag("pre", _without(test.text, test.notes)), *(_copied(n) for n in test.notes)]
    return tag(
        "details",
        tag("summary", *_spaced(head)),
        *body,
        tag("p", "Again:", class_="again"),
        _copied(again),
        class_="failure",
        open="" if opened else None,
    )


def _without(text: str, notes: Iterable[str]) -> str:
    """Leave out what is shown below."""
    for note in notes:
        text = text.replace(note, "")
    return text.strip()


def _copied(text: str) -> Html:
    return tag("pre", text, class_="copy")


def _spaced(parts: Iterable[str]) -> list[str]:
    return [piece for part in parts for piece in (part, " ")]


def _gaps(found: Summary) -> Html:
    """What backends declare, and how many tests met it."""
    met = found.of("gap")
    rows = []
    for backend, version, gaps in _declared(found):
        for gap in gaps:
            count = sum(s.backend == backend and t.text == gap["reason"] for s, t in met)
            rows.append(
                tag(
                    "tr",
                    tag("th", backend, tag("small", version), scope="row"),
                    tag("td", tag("code", gap["what"]), tag("small", gap["kind"])),
                    tag("td", gap["reason"]),
                    tag("td", str(count) if count else "—", class_="number"),
                )
            )
    if not rows:
        return tag("p", "No backend here declares one.")
    head = tag("tr", *(tag("th", name) for name in ("backend", "what", "why", "met by tests")))
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="gaps")


def _declared(found: Summary) -> list[tuple[str, str, list[Any]]]:
    """Give every backend that was judged, once a version, with its gaps."""
    known = {}
    for subject in found.tests:
        said = found.runs[subject.run]["backends"].get(subject.backend)
        if said:
            known[subject.backend, said["version"]] = said.get("gaps", [])
    return [(name, version, gaps) for (name, version), gaps in known.items()]


def _skips(found: Summary) -> Html:
    """Why tests were skipped, the commonest reason first."""
    by_reason: dict[str, list[tuple[Subject, Test]]] = defaultdict(list)
    for subject, test in found.of("skipped"):
        by_reason[test.text].append((subject, test))
    if not by_reason:
        return tag("p", "Nothing was skipped.")
    ordered = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    return join(*(_skip(reason, own) for reason, own in ordered))


def _skip(reason: str, own: list[tuple[Subject, Test]]) -> Html:
    names: dict[str, list[str]] = defaultdict(list)
    for subject, test in own:
        names[subject.label].append(test.name)
    lines = [tag("p", tag("b", label), f" {', '.join(tests)}") for label, tests in names.items()]
    counts = " · ".join(f"{label} {len(tests)}" for label, tests in names.items())
    head = tag("summary", tag("b", f"{len(own):,}"), " ", reason, " ", tag("small", counts))
    return tag("details", head, *lines)
