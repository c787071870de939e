"""Direct by bands: some rows of outputs at a time, as a banded matrix times columns.

Columns are made of all axes but the first, and lie row after row of the data: what some rows of
outputs meet is then a matrix already, from whichever row on, and the taps of the first axis copy
nothing. The banded matrix has one kernel for each row of outputs, each one row of data later.
"""

from math import prod
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convcore.plugins import Axis, ConvProblem
from convcore_numpy._in_place import Write, is_flat
from convcore_numpy._planes import placed
from convcore_numpy._taps import Taps, real_parts, takes_taps, with_turned
from convcore_numpy._threads import MOST_ALONE
from convcore_numpy._where_finite import Kernels, where_finite

__all__ = ["Bands", "groups_in_bands", "rows_met", "takes_bands"]

_ROWS = range(4, 8)  # of outputs that share a matrix; more mean more zeros in it
_TILE_BYTES = 2**23
_LARGEST_ROWS = 2**23  # bytes of columns for one product: every thread has so many beside a tile
_VECTOR = 16


def takes_bands(problem: ConvProblem) -> bool:
    """Whether bands serve a problem: single channels, and taps along the first of several axes."""
    if not takes_taps(problem) or problem.size("o") > 1 or len(problem.axes) < 2:
        return False
    if problem.axes[0].taps == 1:
        return False
    # Limbs of integers would be copied several times.
    plain = not problem.is_exact and all(a.expansion == 1 for a in problem.axes)
    return plain and rows_met(problem.axes[0]) * _row_bytes(problem) <= _LARGEST_ROWS


def rows_made(first: Axis) -> int:
    """Rows of outputs of one product, so many that the fewest are made in vain."""
    return min(_ROWS, key=lambda rows: -first.unfolded % rows)


def rows_met(first: Axis) -> int:
    """Rows of data that these meet."""
    return int((rows_made(first) - 1) * first.stride + first.reach + 1)


def groups_in_bands(problem: ConvProblem) -> int:
    """So many that a tile has whole images, if they are small."""
    image = problem.axes[0].padded * _row_bytes(problem)
    return int(_TILE_BYTES // max(image, 1)) or 1


def _row_bytes(problem: ConvProblem) -> int:
    """What the columns of one row of data, and its outputs, take."""
    others = problem.axes[1:]
    parts = 2 if problem.is_complex else 1
    columns = parts * prod(a.taps for a in others) + 1
    return int(np.dtype(problem.accumulator).itemsize * columns * prod(a.unfolded for a in others))


class Bands:
    """Rows of outputs as products of the banded matrix."""

    def __init__(self, problem: ConvProblem) -> None:
        self._taps = Taps(problem)
        self._first = problem.axes[0]
        self._is_complex = problem.is_complex
        self._rows = rows_made(self._first)
        rows = _TILE_BYTES // max(_row_bytes(problem) * problem.size("g") * self._first.stride, 1)
        outputs = prod(a.unfolded for a in problem.axes[1:])
        self.most = float(max(rows // self._rows, 1) * self._rows * outputs)

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
        columns = _Columns(part, blocks, rows_met(self._first), rows * self._first.stride)

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


class _Columns:
    """Where the data of a part belong in columns of all axes but the first.

    The matrices of so many blocks are made of them: each of some rows of data, and from the first
    of one block to the first of the next there are so many.
    """

    def __init__(self, part: ConvProblem, blocks: int, met: int, apart: int) -> None:
        self._blocks, self._met, self._apart = blocks, met, apart
        self._first, *others = part.axes
        self._outs = tuple(a.unfolded for a in others)
        self._taps = [_Placed.of(others, k) for k in np.ndindex(*(a.taps for a in others))]

    def of(self, x: Any) -> Any:
        """Data (n, g, c, *s) as matrices (n, g, block, row of data * c * k, output)."""
        n, g, c = x.shape[:3]
        rows = (self._blocks - 1) * self._apart + self._met
        # Zeros everywhere first would take as long as the copies.
        made: Any = np.empty((n, g, rows, c, len(self._taps), *self._outs), x.dtype)
        to, of = placed(self._first, rows)
        made[:, :, : to.start] = made[:, :, to.stop :] = 0
        data = np.moveaxis(x[:, :, :, of], 2, 3)
        for k, tap in enumerate(self._taps):
            column = made[:, :, to, :, k]
            column[..., *tap.outs] = data[..., *tap.data]
            for gap in tap.gaps:
                column[..., *gap] = 0
        image, group, row, _, tap_step, *_ = made.strides
        shape = (n, g, self._blocks, self._met * c * len(self._taps), prod(self._outs))
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
