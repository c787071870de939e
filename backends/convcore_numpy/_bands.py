"""Direct by bands: some rows of outputs at a time, as a banded matrix times columns of the rest.

The banded matrix has one kernel for each row of outputs, each one row of data later.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convcore.plugins import Axis, ConvProblem
from convcore_numpy._in_place import Write, is_flat
from convcore_numpy._row_columns import RowColumns, fits, groups_at_once, row_bytes, rows_at_once
from convcore_numpy._taps import Taps, real_parts, takes_taps, with_turned
from convcore_numpy._threads import MOST_ALONE
from convcore_numpy._where_finite import Kernels, where_finite

__all__ = ["Bands", "groups_in_bands", "rows_made", "rows_met", "takes_bands"]

_ROWS = range(4, 8)  # of outputs that share a matrix; more mean more zeros in it
_VECTOR = 16


def takes_bands(problem: ConvProblem) -> bool:
    """Whether bands serve a problem: single channels, and taps along the first of several axes."""
    if not takes_taps(problem) or problem.size("o") > 1 or len(problem.axes) < 2:
        return False
    if problem.axes[0].taps == 1:
        return False
    # Limbs of integers would be copied several times.
    plain = not problem.is_exact and all(a.expansion == 1 for a in problem.axes)
    return plain and fits(rows_met(problem.axes[0]), _row(problem))


def rows_made(first: Axis) -> int:
    """Rows of outputs of one product, so many that the fewest are made in vain."""
    return min(_ROWS, key=lambda rows: -first.unfolded % rows)


def rows_met(first: Axis) -> int:
    """Rows of data that these meet."""
    return int((rows_made(first) - 1) * first.stride + first.reach + 1)


def groups_in_bands(problem: ConvProblem) -> int:
    """So many that a tile has whole images, if they are small."""
    return groups_at_once(problem, _row(problem))


def _row(problem: ConvProblem) -> int:
    return row_bytes(problem, 2 if problem.is_complex else 1)


class Bands:
    """Rows of outputs as products of the banded matrix."""

    def __init__(self, problem: ConvProblem) -> None:
        self._taps = Taps(problem)
        self._first = problem.axes[0]
        self._is_complex = problem.is_complex
        self._rows = rows_made(self._first)
        blocks = max(rows_at_once(problem, _row(problem)) // self._rows, 1)
        self.most = float(blocks * self._rows * prod(a.unfolded for a in problem.axes[1:]))

    def prepare(self, w: Any) -> Kernels:
        """The banded matrices (g, row, row of data * c * k of the others), and the taps."""
        taps = np.moveaxis((real_parts(w) if self._is_complex else w)[:, 0], 2, 1)
        g, length = taps.shape[:2]
        each = taps.reshape(g, 1, length, -1)
        made = np.zeros((g, self._rows, rows_met(self._first), each.shape[-1]), each.dtype)
        group, row, met, k = made.strides
        steps = (row + self._first.stride * met, self._first.dilation * met, k)
        as_strided(made, (g, self._rows, *each.shape[2:]), (group, *steps))[...] = each
        return Kernels(made.reshape(g, self._rows, -1), self._taps.prepare(w))

    def writer(self, part: ConvProblem) -> Write:
        """Multiply columns, and take what has been asked for of the last rows."""
        rows, outs = self._rows, tuple(a.unfolded for a in part.axes)
        blocks = -(-outs[0] // rows)
        columns = RowColumns(part, blocks, rows_met(self._first), rows * self._first.stride)

        def write(x: Any, bands: Any, out: Any) -> None:
            n, g = out.shape[:2]
            met = columns.of(with_turned(x) if self._is_complex else x)
            shape = (n, g, blocks, rows, prod(outs[1:]))
            in_place = outs[0] == blocks * rows and is_flat(out)
            y = out.reshape(shape) if in_place else np.empty(shape, out.dtype)
            _multiply(bands[:, None], met.view(bands.dtype), y.view(bands.dtype))
            if not in_place:
                out[:, :, 0] = y.reshape(n, g, -1, *outs[1:])[:, :, : outs[0]]

        return where_finite(write, self._taps.writer(part))


def _multiply(bands: Any, columns: Any, out: Any) -> None:
    """A banded matrix times the columns that some rows meet, so many at a time."""
    at_once = MOST_ALONE // (bands.shape[-2] * bands.shape[-1])  # tiles have threads already
    at_once = max(at_once // _VECTOR, 1) * _VECTOR
    for first in range(0, out.shape[-1], at_once):
        some = (..., slice(first, first + at_once))
        np.matmul(bands, columns[some], out=out[some])
