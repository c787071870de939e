"""What a run measured, as data: a file of JSON that pages and plots are made from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

__all__ = ["OURS", "Record", "Result", "Row", "plain", "read", "result", "row_of", "write"]

OURS = "convcore"
"""The name of convcore among the contenders."""


class Result(NamedTuple):
    """What one contender needs for one case.

    Attributes
    ----------
    low, median, high : float
        Quartiles of the seconds of a call.
    error : float or None
        The largest error seen, over the bound that convcore's own result has to keep.
    beyond : int or None
        Peak resident bytes beyond operands and result; None where the system does not tell.
    """

    low: float
    median: float
    high: float
    error: float | None = None
    beyond: int | None = None


@dataclass(frozen=True)
class Row:
    """One case, measured.

    Attributes
    ----------
    grid, backend, op, case : str
    engine : str
        What convcore's choice was.
    flops, allowed : int
        Useful work, and the resident bytes that the method may take beyond operands and result.
    results : mapping of str to Result
        By contender: convcore and its peers, or convcore's engines.
    declined : mapping of str to str
        Why a contender was not timed.
    gemm : float or None
        Flop a second of a matrix product that took turns with the contenders.
    again : float or None
        The ratio that one contender, timed twice, came to.
    series, at : str, float
        The curve on which this is a point, and where.
    methods : tuple of str
        Of convcore's engines those that saying a method would run.
    """

    grid: str
    backend: str
    op: str
    case: str
    engine: str = ""
    flops: int = 0
    allowed: int = 0
    results: Mapping[str, Result] = field(default_factory=dict)
    declined: Mapping[str, str] = field(default_factory=dict)
    gemm: float | None = None
    again: float | None = None
    series: str = ""
    at: float = 0
    methods: tuple[str, ...] = ()

    @property
    def chosen(self) -> Result | None:
        """What convcore's own choice needs: its call, or its engine; None if it was declined."""
        return self.results.get(OURS) or self.results.get(self.engine)

    def best(self, among: Sequence[str] = ()) -> str | None:
        """The name of the fastest of the others: peers, or (the choice among them) engines.

        Parameters
        ----------
        among : sequence of str
            Who counts; everyone where it is empty.

        Returns
        -------
        str or None
            None where none of them was timed.
        """
        names = [n for n in self.results if n != OURS and (n in among or not among)]
        return min(names, key=lambda name: self.results[name].median, default=None)

    def ratio(self, among: Sequence[str] = ()) -> float | None:
        """The time of convcore's choice over that of the best.

        Parameters
        ----------
        among : sequence of str
            As in `best`.

        Returns
        -------
        float or None
            None where either was not timed.
        """
        best, ours = self.best(among), self.chosen
        return ours.median / self.results[best].median if ours and best else None


class Record(NamedTuple):
    """A run.

    Attributes
    ----------
    machine : dict
        Where, when and with what.
    rows : tuple of Row
    """

    machine: dict[str, Any]
    rows: tuple[Row, ...]


def result(
    seconds: Sequence[float], error: float | None = None, beyond: int | None = None
) -> Result:
    """Sum up the rounds of one contender.

    Parameters
    ----------
    seconds : sequence of float
        Of one call, a number a round.
    error, beyond : float or None, int or None
        As in `Result`.

    Returns
    -------
    Result
    """
    low, median, high = map(float, np.percentile(seconds, (25, 50, 75)))
    return Result(low, median, high, error, beyond)


def write(record: Record, path: Path) -> None:
    """Write a record as JSON.

    Parameters
    ----------
    record : Record
    path : Path
    """
    rows = [plain(row) for row in record.rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": record.machine, "rows": rows}, indent=1) + "\n", "utf-8")


def read(path: Path) -> Record:
    """Read what `write` wrote.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Record

    Raises
    ------
    ValueError
        For a file that holds no record, by its name.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        rows = tuple(row_of(row) for row in found["rows"])
        return Record(found["machine"], rows)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no record of convcore bench: {error!r}") from error


def plain(row: Row) -> dict[str, Any]:
    """A row for JSON.

    Parameters
    ----------
    row : Row

    Returns
    -------
    dict
    """
    return asdict(row) | {"results": {name: one._asdict() for name, one in row.results.items()}}


def row_of(said: Mapping[str, Any]) -> Row:
    """A row from its JSON.

    Parameters
    ----------
    said : mapping

    Returns
    -------
    Row
    """
    results = {name: Result(**one) for name, one in said["results"].items()}
    return Row(**{**said, "results": results, "methods": tuple(said.get("methods", ()))})
