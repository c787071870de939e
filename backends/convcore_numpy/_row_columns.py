"""Columns of all axes but the first, which lie row after row of the data.

What a row of outputs meets, or some rows of outputs one behind the other, is then a matrix already,
from whichever row of data on: the taps of the first axis copy nothing.
"""

from math import prod
from typing import Any, NamedTuple, Self

import numpy as np

from convcore.plugins import Axis, ConvProblem
from convcore_numpy._planes import placed

__all__ = ["RowColumns", "fits", "groups_at_once", "row_bytes", "rows_at_once"]

_TILE_BYTES = 2**22
_LARGEST = 2**23  # bytes of columns for one product: every thread has so many beside a tile
_ALIASING, _APART = 2**9, 16  # samples so far apart share few lines of a cache


def row_bytes(problem: ConvProblem, channels: int) -> int:
    """What one row of data takes as columns, and one of outputs, of one group."""
    others = problem.axes[1:]
    samples = channels * prod(a.taps for a in others) + 1
    return int(np.dtype(problem.accumulator).itemsize * samples * prod(a.unfolded for a in others))


def fits(rows: int, row: int) -> bool:
    """Whether so many rows of so many bytes may be the columns of one product."""
    return rows * row <= _LARGEST


def rows_at_once(problem: ConvProblem, row: int) -> int:
    """Of outputs, that rows of so many bytes leave for a tile."""
    return int(_TILE_BYTES // max(row * problem.size("g") * problem.axes[0].stride, 1))


def groups_at_once(problem: ConvProblem, row: int) -> int:
    """So many that a tile has whole images, if they are small."""
    return int(_TILE_BYTES // max(problem.axes[0].padded * row, 1)) or 1


class RowColumns:
    """Matrices of columns, each of some rows of data.

    Parameters
    ----------
    part : ConvProblem
    count : int
        How many there are.
    met, apart : int
        Rows of data of each, and from the first of one to the first of the next.
    """

    def __init__(self, part: ConvProblem, count: int, met: int, apart: int) -> None:
        self._count, self._met, self._apart = count, met, apart
        self._first, *others = part.axes
        self._outs = tuple(a.unfolded for a in others)
        self._taps = [_Placed.of(others, k) for k in np.ndindex(*(a.taps for a in others))]

    def of(self, x: Any) -> Any:
        """Data (n, g, c, *s) as matrices (n, g, matrix, row of data * c * k, output)."""
        n, g, c = x.shape[:3]
        rows, outputs = (self._count - 1) * self._apart + self._met, prod(self._outs)
        gap = 0 if outputs % _ALIASING else _APART
        # Zeros everywhere first would take as long as the copies.
        made: Any = np.empty((n, g, rows, c, len(self._taps), outputs + gap), x.dtype)
        grid = made[..., :outputs].reshape(*made.shape[:-1], *self._outs)
        to, of = placed(self._first, rows)
        grid[:, :, : to.start] = grid[:, :, to.stop :] = 0
        data = np.moveaxis(x[:, :, :, of], 2, 3)
        for k, tap in enumerate(self._taps):
            column = grid[:, :, to, :, k]
            column[..., *tap.outs] = data[..., *tap.data]
            for between in tap.gaps:
                column[..., *between] = 0
        image, group, row, _, tap_step, _ = made.strides
        shape = (n, g, self._count, self._met * c * len(self._taps), outputs)
        steps = (image, group, self._apart * row, tap_step, x.itemsize)
        return np.ndarray(shape, x.dtype, made, 0, steps)


class _Placed(NamedTuple):
    """For one tap, the outputs that meet data, the data that they meet, and the other outputs."""

    outs: tuple[slice, ...]
    data: tuple[slice, ...]
    gaps: tuple[tuple[slice, ...], ...]

    @classmethod
    def of(cls, axes: list[Axis], taps: tuple[int, ...]) -> Self:
        outs, data = zip(*(a.reached(k) for a, k in zip(axes, taps, strict=True)), strict=True)
        gaps = []
        for i, (axis, met) in enumerate(zip(axes, outs, strict=True)):
            behind = (slice(None),) * (len(axes) - 1 - i)
            ends = (0, min(met.start, axis.unfolded)), (met.stop, axis.unfolded)
            gaps += [(slice(*end), *behind) for end in ends if end[0] < end[1]]
        return cls(outs, data, tuple(gaps))
