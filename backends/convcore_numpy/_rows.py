"""Direct by rows of outputs: each one product with columns of all axes but the first.

Such columns are fewer than those of all taps as often as the first axis has taps, and the product
of one row is small enough to stay in one thread: many threads make many.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from convcore.plugins import ConvProblem
from convcore_numpy._in_place import Write, is_flat
from convcore_numpy._row_columns import RowColumns, fits, groups_at_once, row_bytes, rows_at_once
from convcore_numpy._threads import MOST_ALONE

__all__ = ["Rows", "groups_in_rows", "pieces", "takes_rows"]

_CHANNELS, _OUTPUTS = 8, 16  # whose products, or multiples of them, waste nothing


def takes_rows(problem: ConvProblem) -> bool:
    """Whether rows serve a problem: several axes, of the first of which taps lie side by side."""
    # Limbs of integers would be copied several times.
    if len(problem.axes) < 2 or problem.size("o") == 1 or problem.is_exact:
        return False
    first = problem.axes[0]
    if first.taps == 1:  # columns of all taps are no more
        return False
    if any(p.axis.taps > 1 and p.axis.dilation > 1 for p in first.phases()):
        return False
    small = problem.terms * _real(problem) * _CHANNELS * _OUTPUTS <= MOST_ALONE
    return small and fits(first.reach + 1, _row(problem))


def groups_in_rows(problem: ConvProblem) -> int:
    """So many that a tile has whole images, if they are small."""
    return groups_at_once(problem, _row(problem))


def _row(problem: ConvProblem) -> int:
    return row_bytes(problem, problem.size("c"))


def _real(problem: ConvProblem) -> int:
    """Multiplications of real numbers for each of the problem's."""
    return 4 if problem.is_complex else 1


def pieces(problem: ConvProblem) -> tuple[int, int]:
    """Channels and outputs of a row that are multiplied at once, too few for a BLAS's threads."""
    each = max(problem.terms * _real(problem), 1)
    most = MOST_ALONE // (each * _CHANNELS) // _OUTPUTS * _OUTPUTS
    outputs = max(min(most, prod(a.unfolded for a in problem.axes[1:])), 1)
    channels = MOST_ALONE // (each * outputs) // _CHANNELS * _CHANNELS
    return max(channels, 1), outputs


class Rows:
    """A product for each row of outputs."""

    def __init__(self, problem: ConvProblem) -> None:
        self._first = problem.axes[0]
        self._pieces = pieces(problem)
        rows = max(rows_at_once(problem, _row(problem)), 1)
        self.most = float(rows * prod(a.unfolded for a in problem.axes[1:]))

    def prepare(self, w: Any) -> Any:
        """(g, o, c, *k) as matrices (g, 1, o, row of data * c * k of the others)."""
        rows = np.moveaxis(w, 3, 2)
        return np.ascontiguousarray(rows.reshape(*w.shape[:2], -1))[:, None]

    def writer(self, part: ConvProblem) -> Write:
        """Multiply, each row of outputs where it belongs."""
        rows = part.axes[0].unfolded
        columns = RowColumns(part, rows, self._first.reach + 1, self._first.stride)

        def write(x: Any, w: Any, out: Any) -> None:
            met = columns.of(x)
            in_place = is_flat(out[:, :, :, 0])
            y = out if in_place else np.empty(out.shape, out.dtype)
            made = np.moveaxis(y, 3, 2).reshape(*y.shape[:2], rows, y.shape[2], -1)
            for o, outputs in self._cut(*made.shape[3:]):
                np.matmul(w[:, :, o], met[..., outputs], out=made[..., o, outputs])
            if not in_place:
                out[...] = y

        return write

    def _cut(self, channels: int, outputs: int) -> Iterator[tuple[slice, slice]]:
        some, length = self._pieces
        for o in range(0, channels, some):
            for first in range(0, outputs, length):
                yield slice(o, o + some), slice(first, first + length)
