"""Rows as tables of text, for the terminal and for pages: a column is a row of a table here."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from .limits import Statement
from .record import OURS, Row
from .summary import exponents

__all__ = ["Table", "detail", "seconds", "verdicts"]

_Column: TypeAlias = tuple[str, Callable[[Row], str]]
_WORST = 20


class Table(NamedTuple):
    """Text in columns, of which all but the first are figures.

    Attributes
    ----------
    head : tuple of str
    body : sequence of tuple of str
    """

    head: tuple[str, ...]
    body: Sequence[tuple[str, ...]]


def detail(grid: str, rows: Sequence[Row], *, is_whole: bool = False) -> Table:
    """What a grid's rows hold.

    Parameters
    ----------
    grid : str
    rows : sequence of Row
        Of that grid, on one backend's arrays.
    is_whole : bool
        Whether there is room for every figure, and for every peer.

    Returns
    -------
    Table
    """
    if grid == "scaling":
        return _growth(rows)
    columns = [one for one in _COLUMNS[grid] if is_whole or one not in _SPARED]
    if is_whole and grid in _WITH_PEERS:
        columns += _peers(rows)
    kept = [row for row in rows if row.chosen]
    if grid == "auto":
        kept = sorted(kept, key=lambda row: -(row.ratio() or 0))[:_WORST]
    return Table(
        tuple(title for title, _ in columns),
        [tuple(text(row) for _, text in columns) for row in kept],
    )


def verdicts(found: Sequence[Statement]) -> Table:
    """What a grid came to, and the limits beside it.

    Parameters
    ----------
    found : sequence of Statement

    Returns
    -------
    Table
    """
    body = [
        (limit.text, f"{value:.3g}", _or_empty(limit.most, "{:g}"), said.verdict, case)
        for said in found
        for limit, (value, case) in [said[:2]]
    ]
    return Table(("figure", "value", "limit", "", "case"), body)


def seconds(value: float) -> str:
    """A time with its unit, to three digits.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
    """
    for scale, unit in ((1.0, "s"), (1e-3, "ms")):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e6:.3g} us"


def _growth(rows: Sequence[Row]) -> Table:
    """A line for each series."""
    body = []
    for series, exponent in exponents(rows).items():
        own = [row for row in rows if row.series == series and row.chosen]
        span = f"{own[0].at:g} to {own[-1].at:g}"
        times = [seconds(row.chosen.median) for row in (own[0], own[-1]) if row.chosen]
        body.append((series, span, *times, f"{exponent:.2f}"))
    return Table(("series", "range", "first", "last", "exponent"), body)


def _or_empty(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def _time(row: Row) -> str:
    return seconds(row.chosen.median) if row.chosen else ""


def _spread(row: Row) -> str:
    """The quartiles, over the median."""
    ours = row.chosen
    return f"{ours.low / ours.median:.2f} to {ours.high / ours.median:.2f}" if ours else ""


def _best_time(row: Row) -> str:
    best = row.best()
    return seconds(row.results[best].median) if best else ""


def _rate(row: Row) -> float | None:
    return row.flops / row.chosen.median if row.chosen else None


def _of_gemm(row: Row) -> str:
    rate = _rate(row)
    return f"{rate / row.gemm:.0%}" if rate and row.gemm else ""


def _gflops(row: Row) -> str:
    rate = _rate(row)
    return f"{rate / 1e9:.3g}" if rate else ""


def _error(row: Row) -> str:
    return _or_empty(row.chosen.error, "{:.2g}") if row.chosen else ""


def _beyond(row: Row) -> str:
    known = row.chosen.beyond if row.chosen else None
    return _or_empty(known and known / 2**20, "{:.0f}")


def _allowed(row: Row) -> str:
    return f"{row.allowed / 2**20:.0f}"


def _peers(rows: Sequence[Row]) -> list[_Column]:
    names = dict.fromkeys(name for row in rows for name in row.results if name != OURS)
    return [(name, partial(_peer, name)) for name in names]


def _peer(name: str, row: Row) -> str:
    """A peer's time, and its error over the bound that convcore's result has to keep."""
    if name not in row.results:
        return ""
    found = row.results[name]
    return seconds(found.median) + _or_empty(found.error, " ({:.2g})")


_CASE: _Column = ("case", lambda row: row.case)
_SPREAD: _Column = ("quartiles", _spread)
_OURS: tuple[_Column, ...] = ((OURS, _time), _SPREAD)
_BEST: tuple[_Column, ...] = (
    ("best", lambda row: row.best() or ""),
    ("its time", _best_time),
    ("ratio", lambda row: _or_empty(row.ratio(), "{:.2f}")),
)
_AGAIN: _Column = ("again", lambda row: _or_empty(row.again, "{:.2f}"))
_WORK: tuple[_Column, ...] = (("GFLOP/s", _gflops), ("of GEMM", _of_gemm))
_ERROR: _Column = ("error / bound", _error)
_BEYOND: _Column = ("MiB", _beyond)
_ENGINE: _Column = ("engine", lambda row: row.engine)

_BESIDE: tuple[_Column, ...] = (_CASE, *_OURS, *_BEST, _AGAIN, *_WORK, _ERROR, _BEYOND, _ENGINE)
_ENGINES: tuple[_Column, ...] = (_CASE, _ENGINE, *_OURS, *_BEST, _AGAIN, _ERROR)
_COLUMNS: Mapping[str, tuple[_Column, ...]] = {
    "signal": _BESIDE,
    "neural": _BESIDE,
    "tiny": (_CASE, *_OURS, *_BEST, _AGAIN, _ENGINE),
    "memory": (_CASE, _ENGINE, ("time", _time), _BEYOND, ("MiB allowed", _allowed), _ERROR),
    "auto": _ENGINES,
    "crossover": _ENGINES,
}
_SPARED = (_SPREAD, _WORK[0])  # on a terminal
_WITH_PEERS = ("signal", "neural", "tiny")
