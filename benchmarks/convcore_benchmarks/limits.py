"""The limits that a run is held against: the project's own aims, a row each."""

from collections.abc import Sequence
from typing import NamedTuple

from .record import Row
from .summary import (
    Figure,
    Finding,
    Statistic,
    excess,
    largest,
    mean,
    ratio,
    share_above,
)

__all__ = ["LIMITS", "Limit", "Statement", "statements"]

_CLASSIC = ("numpy", "scipy.signal", "scipy.oaconvolve", "scipy.ndimage")
_TORCH, _JAX = (("torch", "torch.channels_last"), ("jax", "jax.channels_last"))
_SIGNAL, _NEURAL = ("convolve", "correlate"), ("conv", "conv_transpose")


class Limit(NamedTuple):
    """A number that matters, and what it may be.

    Attributes
    ----------
    grid, backend : str
        Whose rows it is of; empty for every one's.
    text : str
    figure : callable
        From a row to a number.
    statistic : callable
        From those numbers to one.
    most : float or None
        What it may be at most; None where it is only told.
    """

    grid: str
    backend: str
    text: str
    figure: Figure
    statistic: Statistic
    most: float | None = None


class Statement(NamedTuple):
    """A number, and the limit it is held against."""

    limit: Limit
    finding: Finding

    @property
    def verdict(self) -> str:
        """Reached or not; empty where there is no limit."""
        if self.limit.most is None:
            return ""
        return "reached" if self.finding.value <= self.limit.most else "not reached"


def statements(rows: Sequence[Row], grid: str, backend: str) -> list[Statement]:
    """Say what a grid came to on one backend's arrays.

    Parameters
    ----------
    rows : sequence of Row
        Of any grids and backends.
    grid, backend : str
        Which of them count.

    Returns
    -------
    list of Statement
        For each limit of which a row tells something.
    """
    own = [row for row in rows if (row.grid, row.backend) == (grid, backend)]
    said = []
    for limit in LIMITS:
        if limit.grid in ("", grid) and limit.backend in ("", backend):
            told = ((limit.figure(row), row.case) for row in own)
            found = [Finding(value, case) for value, case in told if value is not None]
            if found:
                said.append(Statement(limit, limit.statistic(found)))
    return said


def _line(row: Row) -> float | None:
    """Microseconds of a signal of one dimension."""
    is_line = row.op in _SIGNAL and " 3 * 3," in row.case
    return row.chosen.median * 1e6 if is_line and row.chosen else None


def _memory(row: Row) -> float | None:
    """Resident bytes over those allowed."""
    ours = row.chosen
    return ours.beyond / row.allowed if ours and ours.beyond is not None else None


def _to_methods(row: Row) -> float | None:
    """The time of convcore's choice over that of the best that saying a method would run."""
    return row.ratio(row.methods) if row.methods else None


def _error(row: Row) -> float | None:
    return row.chosen.error if row.chosen else None


def _native(grid: str, backend: str, calls: tuple[str, ...]) -> tuple[Limit, Limit]:
    """What is asked on the arrays of a library with a convolution of its own."""
    text = "to the best native call"
    return (
        Limit(grid, backend, f"geometric mean {text}", ratio(calls), mean),
        Limit(
            grid, backend, f"worst {text}, from 50 us on", ratio(calls, above=50e-6), largest, 1.05
        ),
    )


LIMITS = (
    Limit("signal", "numpy", "geometric mean to NumPy and SciPy", ratio(_CLASSIC), mean, 0.5),
    Limit(
        *("signal", "numpy", "worst to NumPy and SciPy, from 20 us on"),
        *(ratio(_CLASSIC, above=20e-6), largest, 1.2),
    ),
    Limit("signal", "numpy", "geometric mean to all peers", ratio(), mean),
    Limit("signal", "numpy", "worst to all peers, from 20 us on", ratio((), 20e-6), largest),
    Limit("neural", "numpy", "geometric mean to PyTorch's call", ratio(("torch",)), mean, 1.2),
    Limit("neural", "numpy", "geometric mean to all peers", ratio(), mean),
    Limit("neural", "numpy", "worst to all peers, from 20 us on", ratio((), 20e-6), largest),
    *_native("signal", "torch", _TORCH),
    *_native("neural", "torch", _TORCH),
    *_native("signal", "jax", _JAX),
    *_native("neural", "jax", _JAX),
    Limit("tiny", "", "geometric mean to all peers", ratio(), mean),
    Limit("tiny", "", "worst to all peers", ratio(), largest),
    Limit("tiny", "numpy", "slowest signal of one dimension (us)", _line, largest, 1.5),
    Limit(
        "tiny", "torch", "most beyond PyTorch's layer (us)", excess(_TORCH, _NEURAL), largest, 1.5
    ),
    Limit(
        "tiny", "torch", "most beyond PyTorch's signal (us)", excess(_TORCH, _SIGNAL), largest, 1.5
    ),
    Limit("memory", "", "most of the memory allowed", _memory, largest, 1),
    Limit("auto", "", "share above 1.2 x the best method", _to_methods, share_above(1.2), 0.05),
    Limit("auto", "", "worst to the best method", _to_methods, largest, 2),
    Limit("auto", "", "share above 1.2 x the best engine", ratio(), share_above(1.2), 0.05),
    Limit("auto", "", "worst to the best engine", ratio(), largest, 2),
    Limit("crossover", "", "geometric mean to the best engine", ratio(), mean),
    Limit("crossover", "", "worst to the best engine", ratio(), largest),
    Limit("", "", "largest error over its bound", _error, largest, 1),
)
