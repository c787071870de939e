"""The matrix of clauses and subjects: a row opens to its text and to the tests behind its cells."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from . import spec
from ._html import Html, join, prose, tag
from ._summary import OUTCOMES, Cell, Subject, Summary, Test

__all__ = ["matrix"]

_MARKS = {"failed": "✕", "gap": "△", "passed": "✓", "skipped": "—", "": "·"}


def matrix(found: Summary) -> Html:
    """Give all rows, those of a page of the specification together.

    Parameters
    ----------
    found : Summary
        Of one run or several.

    Returns
    -------
    Html
        With the row of heads first.
    """
    subjects = tuple(found.tests)
    heads = [tag("span", tag("b", *_breakable(s.label)), title=_about(s)) for s in subjects]
    head = tag("div", tag("span", "clause", class_="c"), *heads, class_="head")
    pages = (_page(found, subjects, page) for page in spec.pages())
    return join(head, *pages, *_unknown(found, subjects))


def _breakable(label: str) -> list[str]:
    """Let a long label break behind its underscores and dashes."""
    parts = re.split(r"(?<=[-_:])", label)
    return [piece for part in parts for piece in (part, Html("<wbr>"))]


def _about(subject: Subject) -> str:
    return " ".join(filter(None, [subject.backend, subject.version, subject.device]))


def _page(found: Summary, subjects: tuple[Subject, ...], page: spec.Page) -> Html:
    rows = [_row(found, subjects, clause) for clause in page.clauses]
    title = tag("h3", page.title, tag("small", prose(page.content)))
    return tag("section", title, *rows)


def _unknown(found: Summary, subjects: tuple[Subject, ...]) -> list[Html]:
    """Rows of clauses that the specification here has not: a record may be older or newer."""
    known = {clause.id for page in spec.pages() for clause in page.clauses}
    cited = {clause for tests in found.tests.values() for t in tests for clause in t.clauses}
    clauses = tuple(spec.Clause(name, "") for name in sorted(cited - known))
    page = spec.Page("other", "cited by a test, but not in this specification", clauses)
    return [_page(found, subjects, page)] if clauses else []


def _row(found: Summary, subjects: tuple[Subject, ...], clause: spec.Clause) -> Html:
    cells = found.cells(clause.id)
    shown = {cell.outcome for cell in cells.values()} or {"none"}
    text = tag("span", tag("b", clause.id), " ", prose(clause.first), class_="c")
    summary = tag("summary", text, *(_cell(cells.get(s)) for s in subjects))
    more = tag("div", *_more(clause, cells, subjects), class_="more")
    return tag("details", summary, more, id=clause.id, data_o=" ".join(sorted(shown)))


def _cell(cell: Cell | None) -> Html:
    """How many tests, how many of them did not pass, and the worst error over its bound."""
    if cell is None:
        return tag("span", "·")
    counts = {name: count for name, count in cell.counts.items() if count}
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    number, small = _figures(cell.outcome, counts)
    if cell.worst is None or cell.worst.worst is None:
        return tag("span", number, *small, class_=cell.outcome, title=said)
    ratio = cell.worst.worst
    return tag(
        "span",
        number,
        *(small or [tag("small", f"{ratio:.2f}".lstrip("0"))]),
        class_=f"{cell.outcome} m",
        style=f"--r:{min(ratio, 1):.2f}",
        title=f"{said}; {ratio:.3f} of the bound in {cell.worst.name}",
    )


def _figures(outcome: str, counts: Mapping[str, int]) -> tuple[str, list[Html]]:
    """Give the number of a cell, and what is smaller below it."""
    if outcome == "passed":
        return str(counts["passed"]), []
    marked, total = f"{_MARKS[outcome]}{counts[outcome]}", sum(counts.values())
    return marked, [tag("small", f"of {total}")] if total > counts[outcome] else []


def _more(
    clause: spec.Clause, cells: Mapping[Subject, Cell], subjects: tuple[Subject, ...]
) -> Iterable[Html]:
    """The rest of the text, and the tests: those with the same outcomes everywhere in one group."""
    if clause.rest:
        yield tag("p", prose(clause.rest))
    outcomes: dict[str, dict[Subject, Test]] = defaultdict(dict)
    for subject, cell in cells.items():
        for test in cell.tests:
            outcomes[test.name][subject] = test
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, by_subject in outcomes.items():
        groups[_function(name), *(_outcome(by_subject.get(s)) for s in subjects)].append(name)
    for (function, *marks), names in sorted(groups.items(), key=_first_seen):
        yield _group(function, marks, names)
    if not outcomes:
        yield tag("p", "No test here shows this clause.")
    yield from _reasons(cells)


def _first_seen(group: tuple[tuple[str, ...], list[str]]) -> tuple[int, str]:
    worst = min(OUTCOMES.index(mark) for mark in group[0][1:] if mark)
    return worst, group[0][0]


def _outcome(test: Test | None) -> str:
    return test.outcome if test else ""


def _function(name: str) -> str:
    return name.partition("[")[0]


def _group(function: str, marks: Iterable[str], names: list[str]) -> Html:
    ids = [name.partition("[")[2].removesuffix("]") for name in names]
    listed = tag("span", tag("b", function), " ", "; ".join(_folded(filter(None, ids))), class_="c")
    return tag("div", listed, *(tag("span", _MARKS[m], class_=m or None) for m in marks))


def _folded(ids: Iterable[str]) -> list[str]:
    """``auto-x``, ``fft-x`` as ``x (auto, fft)``: a first word that varies is a method."""
    by_rest: dict[str, list[str]] = defaultdict(list)
    for name in ids:
        first, dash, rest = name.partition("-")
        by_rest[rest if dash else name].extend([first] if dash else [])
    return [
        f"{rest} ({', '.join(firsts)})" if len(firsts) > 1 else "-".join([*firsts, rest])
        for rest, firsts in by_rest.items()
    ]


def _reasons(cells: Mapping[Subject, Cell]) -> Iterable[Html]:
    """Why tests did not pass, each reason once."""
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for subject, cell in cells.items():
        for test in cell.tests:
            if test.outcome in ("gap", "skipped"):
                said[test.outcome, test.text].append(subject.label)
    if any(cell.counts["failed"] for cell in cells.values()):
        yield tag("p", "✕ ", tag("a", "see the failures", href="#failures"), class_="failed")
    for (outcome, text), labels in said.items():
        who = ", ".join(dict.fromkeys(labels))
        yield tag("p", f"{_MARKS[outcome]} {who}: {text}", class_=outcome)
