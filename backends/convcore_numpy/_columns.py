"""Direct by columns: the windows of a tile as the columns of a matrix, times the kernel's (im2col).

The columns are copied run by run from flat planes, and never for more than a tile.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from convcore.plugins import ConvProblem
from convcore_numpy._in_place import Write, is_flat
from convcore_numpy._planes import Planes
from convcore_numpy._threads import MOST_ALONE, threads_of

__all__ = ["Columns", "columns_threads", "sums_rows"]

_TILE_BYTES = 2**22  # so that products are large, and yet what they are made of stays in a cache
_MOST_BYTES = 2**23  # of columns for a large kernel, which every tile's product reads anew
_FEW = 2**8  # columns, of which one image's are not worth a product
_WORTH_LEAVING = 2**10  # outputs of all channels between two rows; without them, runs are short
_NARROW, _NARROW_BYTES = 32, 2**20  # outputs that cost less than columns, however often added to


class Columns:
    """Matrix products of each group of a tile."""

    def __init__(self, problem: ConvProblem) -> None:
        self._sums = sums_rows(problem)
        o, terms = problem.size("o"), problem.terms
        last = problem.axes[-1].taps if problem.axes else 1
        touched = problem.size("c") * last + 2 * o if self._sums else terms + o
        size = np.dtype(problem.accumulator).itemsize * problem.size("g") * touched
        kernel = size / touched * o * terms
        self.most = min(max(_TILE_BYTES, kernel), _MOST_BYTES) / size
        if self._sums:  # what a tile and the next one both meet is copied twice
            shared = 2 * problem.axes[0].reach * prod(a.unfolded for a in problem.axes[1:])
            self.most = max(_NARROW_BYTES / size, shared)

    def prepare(self, w: Any) -> Any:
        """(g, o, c, *k) as matrices (g, o, c * taps), or (row, g, o, c * taps of a row)."""
        if not self._sums:
            # A kernel turned round, of one channel, would be a view that BLAS cannot read, whose
            # products NumPy makes itself, up to 17 times slower.
            return np.ascontiguousarray(w.reshape(*w.shape[:2], -1))
        rows = w.reshape(*w.shape[:3], -1, w.shape[-1]).transpose(3, 0, 1, 2, 4)
        return rows.reshape(*rows.shape[:3], -1)

    def writer(self, part: ConvProblem) -> Write:
        """Unfold and multiply."""
        planes = Planes(part.axes)
        if self._sums:
            return _summed(planes)
        rows = _rows(planes, part.size("o"))
        if prod(rows) > prod(a.unfolded for a in part.axes):
            return _together(planes, rows)
        if len(planes.taps) > 1 and part.size("n") > 1 and prod(rows) < _FEW:
            return _together(planes, rows)
        return _apart(planes, rows)


def _rows(planes: Planes, o: int) -> tuple[int, ...]:
    """The outputs that columns are made for: *s, or flat with those between the rows."""
    outputs = tuple(a.unfolded for a in planes.axes)
    between = (planes.rows - prod(outputs)) / max(prod(outputs[:-1]), 1)
    return outputs if between * o >= _WORTH_LEAVING else (planes.rows,)


def _apart(planes: Planes, rows: tuple[int, ...]) -> Write:
    """A product for each image, made where it belongs."""
    columns_of = _columns(planes, rows, range(len(planes.axes) + len(rows) + 3))

    def write(x: Any, w: Any, out: Any) -> None:
        columns, shape = columns_of(x), (*out.shape[:3], prod(rows))
        in_place = is_flat(out)
        flat = out.reshape(shape) if in_place else np.empty(shape, out.dtype)
        np.matmul(w, columns.reshape(*x.shape[:2], -1, prod(rows)), out=flat)
        if not in_place:
            out[...] = flat.reshape(out.shape)

    return write


def _together(planes: Planes, rows: tuple[int, ...]) -> Write:
    """One product for all images; what was made between the rows is dropped."""
    image, *axes = range(len(planes.axes) + len(rows) + 3)
    columns_of = _columns(planes, rows, (*axes[: -len(rows)], image, *axes[-len(rows) :]))

    def write(x: Any, w: Any, out: Any) -> None:
        n, g, o = out.shape[:3]
        columns = columns_of(x)
        y = np.matmul(w, columns.reshape(g, -1, n * prod(rows)))
        y = y.reshape(g, o, n, *rows).transpose(2, 0, 1, *range(3, 3 + len(rows)))
        out[...] = y if y.shape == out.shape else planes.outputs(y)

    return write


def _summed(planes: Planes) -> Write:
    """A product for each row of taps, of the same columns from another sample on."""
    taps = planes.axes[-1].taps
    starts = [tap.start for tap in planes.taps[::taps]]
    length = starts[-1] + planes.rows

    def write(x: Any, w: Any, out: Any) -> None:
        data = planes.laid(x)
        columns = np.empty((*x.shape[:3], taps, length), x.dtype)
        for k, tap in enumerate(planes.taps[:taps]):
            columns[..., k, :] = data[..., tap.plane, tap.start : tap.start + length]
        columns = columns.reshape(*x.shape[:2], -1, length)
        y, term = (np.empty((*out.shape[:3], planes.rows), x.dtype) for _ in range(2))
        for i, start in enumerate(starts):
            np.matmul(w[i], columns[..., start : start + planes.rows], out=term if i else y)
            if i:
                np.add(y, term, out=y)
        out[...] = planes.outputs(y)

    return write


def sums_rows(problem: ConvProblem) -> bool:
    """Whether adding to the outputs for each row of taps is cheaper than columns of all taps."""
    if len(problem.axes) < 2 or problem.size("c") == 1:
        return False
    *lead, last = problem.axes
    one_plane = all(a.stride == 1 for a in lead) and prod(a.taps for a in lead) > 1
    narrow = problem.size("o") <= min(_NARROW, problem.size("c") * last.taps / 2)
    return bool(one_plane and narrow)


def _columns(planes: Planes, rows: tuple[int, ...], order: Sequence[int]) -> Callable[[Any], Any]:
    """From data to what the taps meet, (n, g, c, *k, *rows), in memory in some other order."""
    if len(planes.taps) == 1:  # the data are their own columns
        return lambda x: planes.met(planes.laid(x), planes.taps[0])
    back = sorted(range(len(order)), key=order.__getitem__)
    extents = (*(a.taps for a in planes.axes), *rows)
    apart = planes.pitches if len(rows) == len(planes.axes) else (1,)
    windows = [(window.taps, planes.seen(window, rows, apart)) for window in planes.windows]

    def columns(x: Any) -> Any:
        data = planes.laid(x)
        shape = (*data.shape[:3], *extents)
        made = np.empty([shape[axis] for axis in order], data.dtype)
        met = made.transpose(back)
        for taps, seen in windows:
            met[:, :, :, *taps] = seen(data)
        return made

    return columns


def columns_threads(problem: ConvProblem) -> int:
    """Over how many threads tiles are shared; a BLAS has its own for what is not small."""
    threads = threads_of(problem, "matmul")
    if threads == 1:
        return 1
    image = prod(a.unfolded for a in problem.axes)
    outputs = min(max(Columns(problem).most, image), problem.size("n") * image)  # of a tile
    real = problem.size("o") * problem.terms * outputs * (4 if problem.is_complex else 1)
    return threads if real < MOST_ALONE else 1
