"""What a grid comes to: means, worst cases, shares, and fitted exponents."""

from collections.abc import Callable, Mapping, Sequence
from math import exp, log
from statistics import linear_regression
from typing import NamedTuple, TypeAlias

from .record import Row

__all__ = [
    "Figure",
    "Finding",
    "Statistic",
    "excess",
    "exponents",
    "largest",
    "mean",
    "ratio",
    "share_above",
]

Figure: TypeAlias = Callable[[Row], float | None]
"""From a row to a number; None where the row does not tell."""


class Finding(NamedTuple):
    """A number, and the case it is of; no case where it is of all."""

    value: float
    case: str = ""


Statistic: TypeAlias = Callable[[Sequence[Finding]], Finding]
"""From what one or more rows told to one number."""


def mean(found: Sequence[Finding]) -> Finding:
    """The geometric mean, which is that of ratios.

    Parameters
    ----------
    found : sequence of Finding

    Returns
    -------
    Finding
    """
    return Finding(exp(sum(log(one.value) for one in found) / len(found)))


def largest(found: Sequence[Finding]) -> Finding:
    """The worst case.

    Parameters
    ----------
    found : sequence of Finding

    Returns
    -------
    Finding
    """
    return max(found)


def share_above(limit: float) -> Statistic:
    """The share of cases beyond a limit.

    Parameters
    ----------
    limit : float

    Returns
    -------
    callable
    """
    return lambda found: Finding(sum(one.value > limit for one in found) / len(found))


def ratio(among: Sequence[str] = (), above: float = 0) -> Figure:
    """The time of convcore's choice over that of the best.

    Parameters
    ----------
    among : sequence of str
        Who counts; everyone where it is empty.
    above : float
        Seconds that convcore has to take for the case to count.

    Returns
    -------
    callable
    """

    def figure(row: Row) -> float | None:
        return row.ratio(among) if row.chosen and row.chosen.median > above else None

    return figure


def excess(among: Sequence[str], ops: Sequence[str]) -> Figure:
    """Microseconds of convcore's call beyond the best.

    Parameters
    ----------
    among : sequence of str
        Who counts.
    ops : sequence of str
        The operations that count.

    Returns
    -------
    callable
    """

    def figure(row: Row) -> float | None:
        best, ours = row.best(among), row.chosen
        if not ours or not best or row.op not in ops:
            return None
        return (ours.median - row.results[best].median) * 1e6

    return figure


def exponents(rows: Sequence[Row]) -> Mapping[str, float]:
    """How the time of each series grows: p of the power at**p that fits it best.

    Parameters
    ----------
    rows : sequence of Row
        Those of no series, or of a series with one point, count for nothing.

    Returns
    -------
    mapping of str to float
        By series.
    """
    points: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row.series and row.chosen:
            points.setdefault(row.series, []).append((log(row.at), log(row.chosen.median)))
    return {
        series: linear_regression(*zip(*found, strict=True)).slope
        for series, found in points.items()
        if len(found) > 1
    }
