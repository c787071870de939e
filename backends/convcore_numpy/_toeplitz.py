"""Direct by banded (Toeplitz) matrices, one for each row of taps: blocks of outputs, summed."""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convcore.plugins import Axis, ConvProblem
from convcore_numpy._banded import Banded
from convcore_numpy._in_place import Write
from convcore_numpy._planes import Planes
from convcore_numpy._taps import Taps, takes_taps
from convcore_numpy._threads import MOST_ALONE
from convcore_numpy._where_finite import Kernels, where_finite

__all__ = ["Toeplitz", "groups_in_blocks", "takes_toeplitz"]

_TILE_BYTES = 2**20
_LARGEST_MATRIX = 2**23  # bytes; they grow with the kernel, and with how many kernels there are
_FEWEST_TAPS, _MOST_TAPS = 2, 1024


def takes_toeplitz(problem: ConvProblem) -> bool:
    """Whether banded matrices serve a problem: one channel, and taps along the last axis."""
    if not takes_taps(problem) or not problem.axes:
        return False
    last = problem.axes[-1]
    if any(a.expansion > 1 for a in problem.axes):
        return False
    if not _FEWEST_TAPS <= last.taps <= min(_MOST_TAPS, last.unfolded):
        return False
    banded = Banded(problem)
    elements = banded.rows * problem.size("go") * banded.outputs * banded.length
    itemsize = 8 if problem.is_exact else np.dtype(problem.accumulator).itemsize
    return bool(elements * itemsize <= _LARGEST_MATRIX)


def groups_in_blocks(problem: ConvProblem) -> int:
    """So many that a part has all images, if they are small: products of as many rows as can be."""
    image = (1 + 2 * problem.size("o")) * prod(a.unfolded for a in problem.axes)
    return int(_samples(problem) // max(problem.size("n") * image, 1)) or 1


def _samples(problem: ConvProblem) -> float:
    return _TILE_BYTES / np.dtype(problem.accumulator).itemsize


class Toeplitz:
    """Blocks of the last axis times the matrices."""

    def __init__(self, problem: ConvProblem) -> None:
        self._taps = Taps(problem)
        self._banded = Banded(problem)
        arrays = 1 + problem.size("o") * min(self._banded.rows, 2)
        self.most = _samples(problem) / (problem.size("g") * arrays)
        if self._banded.rows > 1:
            products = problem.size("o") * self._banded.length / self._banded.apart
            products *= 4 if problem.is_complex else 1
            # Threads would wait for each other longer than so few products take, and without end
            # where another process has their core.
            self.most = min(self.most, MOST_ALONE / products)

    def prepare(self, w: Any) -> Kernels:
        """Both."""
        return Kernels(self._banded.matrices(w), self._taps.prepare(w))

    def writer(self, part: ConvProblem) -> Write:
        """Multiply blocks of flat planes."""
        blocks = _Blocks(part, self._banded)
        back = (2, 0, 1, *range(3, 3 + len(part.axes)))

        def write(x: Any, banded: Any, out: Any) -> None:
            out[...] = blocks.planes.outputs(blocks.sums(x, banded)).transpose(back)

        return where_finite(write, self._taps.writer(part))


class _Blocks:
    """The data of a part as rows of matrices, each of what a block of outputs meets."""

    def __init__(self, part: ConvProblem, banded: Banded) -> None:
        self._outputs, self._length, self._apart = banded.outputs, banded.length, banded.apart
        # The images lie one behind the other in one plane, so that products have many rows.
        axes = (Axis(part.size("n"), 1), *part.axes)
        planes = Planes(axes)
        self._count = -(-planes.rows // (self._outputs * self._apart)) * self._apart
        self._starts = banded.starts(planes)
        # Where planes have different numbers of taps, all are met as if they had the most.
        more = max(s.start for s in self._starts) - max(t.start for t in planes.taps)
        more += self._length - self._outputs
        self.planes = Planes(axes, self._count * self._outputs - planes.rows + more)

    def sums(self, x: Any, banded: Any) -> Any:
        """Data (n, g, 1, *s) and the matrices to flat outputs (g, o, row)."""
        planes = self.planes.laid(x[:, :, 0].swapaxes(0, 1)[None, :, None])[0, :, 0]
        rows, groups = self._rows(planes), len(planes)
        shape = (groups, self._count // self._apart, self._apart, banded.shape[-1])
        y = np.empty(shape, x.dtype)
        term = np.empty(shape if len(banded) > 1 else 0, x.dtype)
        for i, (start, matrices) in enumerate(zip(self._starts, banded, strict=True)):
            made = (term if i else y).swapaxes(1, 2)
            np.matmul(rows[:, start.plane, start.start], matrices[:, None], out=made)
            if i:
                np.add(y, term, out=y)
        # (g, block, o * outputs) to (g, o, row)
        y = y.reshape(groups, self._count, -1, self._outputs).swapaxes(1, 2)
        return y.reshape(groups, y.shape[1], -1)[..., : self.planes.rows]

    def _rows(self, planes: Any) -> Any:
        """The rows of the matrices (g, plane, start, apart, count, length), where they lie."""
        group, plane, step = planes.strides
        block, last = self._outputs * step, max(tap.start for tap in self._starts)
        counts = (last + 1, self._apart, self._count // self._apart, self._length)
        shape = (*planes.shape[:2], *counts)
        return as_strided(planes, shape, (group, plane, step, block, self._apart * block, step))
