"""Records of runs, summed up by subject and clause: what the page shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

__all__ = ["CORE", "OUTCOMES", "Cell", "Record", "Subject", "Summary", "Test", "summary"]

Record: TypeAlias = Mapping[str, Any]
OUTCOMES = ("failed", "gap", "passed", "skipped")
"""From what must be seen to what need not."""
CORE = "core"
"""The subject of tests about the specification alone."""


@dataclass(frozen=True)
class Subject:
    """What tests judge: a library by one backend, on one device, as one machine has it.

    Parameters
    ----------
    label : str
        The head of its column.
    backend, device : str
        As the backend names them; both empty for the core.
    run : int
        The first run that judged it.
    version : str
        Of the backend's library.
    """

    label: str
    backend: str
    device: str
    run: int
    version: str


@dataclass(frozen=True)
class Test:
    """What came of one test.

    Parameters
    ----------
    name : str
        Without the subject.
    id : str
        The name by which pytest runs it again.
    clauses : tuple of str
        What it shows.
    outcome : str
        One of `OUTCOMES`.
    text : str
        Why it did not pass.
    notes : tuple of str
        The failing call, ready to paste, and what else the error was told.
    worst : float or None
        Its largest error over bound.
    """

    name: str
    id: str
    clauses: tuple[str, ...]
    outcome: str
    text: str = ""
    notes: tuple[str, ...] = ()
    worst: float | None = None


@dataclass(frozen=True)
class Cell:
    """What came of some tests.

    Parameters
    ----------
    tests : tuple of Test
        Of one subject.
    """

    tests: tuple[Test, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many tests had each outcome."""
        return {name: sum(t.outcome == name for t in self.tests) for name in OUTCOMES}

    @property
    def outcome(self) -> str:
        """The one that must be seen first; empty without a test."""
        return next((name for name in OUTCOMES if self.counts[name]), "")

    @property
    def worst(self) -> Test | None:
        """The test whose error came closest to its bound."""
        measured = [test for test in self.tests if test.worst is not None]
        return max(measured, key=lambda test: test.worst or 0.0, default=None)


@dataclass(frozen=True)
class Summary:
    """All that was found.

    Parameters
    ----------
    runs : tuple of mapping
        What ran, where and when.
    tests : mapping
        Of every subject, in the order of the columns.
    """

    runs: tuple[Mapping[str, Any], ...]
    tests: Mapping[Subject, tuple[Test, ...]]
    _cells: dict[str, dict[Subject, Cell]] = field(default_factory=dict, repr=False)

    def cells(self, clause: str) -> dict[Subject, Cell]:
        """Give what every subject that shows a clause made of it."""
        if not self._cells:
            self._cells.update(_by_clause(self.tests))
        return self._cells.get(clause, {})

    def of(self, outcome: str) -> list[tuple[Subject, Test]]:
        """Give the tests with one outcome."""
        return [(s, t) for s, tests in self.tests.items() for t in tests if t.outcome == outcome]


def summary(records: Iterable[Record]) -> Summary:
    """Sum records up; of a test that several of them ran on one subject the worst counts.

    Parameters
    ----------
    records : iterable of mapping
        One for each run.

    Returns
    -------
    Summary
        With the core's column first, the others as they came.
    """
    records = list(records)
    found: dict[tuple[str, str], dict[str, Test]] = defaultdict(dict)
    first: dict[tuple[str, str], tuple[int, Mapping[str, str]]] = {}
    for index, record in enumerate(records):
        for entry in record["tests"]:
            key = (entry["subject"].get("name", CORE), _place(record["run"], entry["subject"]))
            first.setdefault(key, (index, entry["subject"]))
            test = _test(entry)
            found[key][test.id] = _worse(test, found[key].get(test.id, test))
    runs = tuple(record["run"] for record in records)
    ordered = sorted(found, key=lambda key: key[0] != CORE)
    names = [name for name, _ in ordered]
    tests = {}
    for key in ordered:
        label = f"{key[0]} #{first[key][0] + 1}" if names.count(key[0]) > 1 else key[0]
        tests[_subject(label, *first[key], runs)] = tuple(found[key].values())
    return Summary(runs, tests)


def _place(run: Mapping[str, Any], subject: Mapping[str, str]) -> str:
    """Tell apart what has one name on two machines, or in two versions."""
    version = run["backends"].get(subject.get("backend"), {}).get("version", "")
    return " ".join([run["convcore"], run["python"], run["machine"], version])


def _subject(
    label: str, run: int, said: Mapping[str, str], runs: tuple[Mapping[str, Any], ...]
) -> Subject:
    backend = said.get("backend", "")
    version = runs[run]["backends"].get(backend, {}).get("version", "")
    return Subject(label, backend, said.get("device", ""), run, version)


def _test(entry: Mapping[str, Any]) -> Test:
    file, _, rest = entry["test"].partition("::")
    name = entry["subject"].get("name", "")
    for own, plain in ((f"[{name}]", ""), (f"[{name}-", "[")):
        rest = rest.replace(own, plain, 1) if name else rest
    function, bracket, parameters = rest.partition("[")
    return Test(
        name=_plain(file.removesuffix(".py")) + ": " + _plain(function) + bracket + parameters,
        id=entry["test"],
        clauses=tuple(entry["clauses"]),
        outcome=entry["outcome"],
        text=entry["text"],
        notes=tuple(entry.get("notes", ())),
        worst=entry.get("worst"),
    )


def _plain(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def _worse(test: Test, other: Test) -> Test:
    return min(test, other, key=lambda t: (OUTCOMES.index(t.outcome), -(t.worst or 0.0)))


def _by_clause(tests: Mapping[Subject, tuple[Test, ...]]) -> dict[str, dict[Subject, Cell]]:
    found: dict[str, dict[Subject, list[Test]]] = defaultdict(lambda: defaultdict(list))
    for subject, own in tests.items():
        for test in own:
            for clause in test.clauses:
                found[clause][subject].append(test)
    return {
        clause: {subject: Cell(tuple(own)) for subject, own in by_subject.items()}
        for clause, by_subject in found.items()
    }
