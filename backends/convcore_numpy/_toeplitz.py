"""Direct by the banded (Toeplitz) matrix of a row of taps: blocks of outputs, one matrix product.

Its zeros turn an infinity into NaN, and spread a NaN over its block. One sum of a part tells: it is
not finite then, nor where it overflows, and the part is made anew by taps, which spread nothing.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convcore.plugins import ConvProblem
from convcore_numpy._in_place import Write
from convcore_numpy._planes import Planes
from convcore_numpy._taps import Taps

__all__ = ["Toeplitz", "block_outputs", "takes_toeplitz"]

_TILE_BYTES = 2**20
_LARGEST_MATRIX = 2**23  # bytes; it grows with the kernel, and with how many kernels there are
_FEW_TAPS, _SHORT, _MANY_TAPS = 4, 256, 1024


class _Kernel(NamedTuple):
    """The matrices (g, length, o * outputs), and the kernel as `Taps` has it."""

    banded: Any
    by_tap: Any


def takes_toeplitz(problem: ConvProblem) -> bool:
    """Whether the banded matrix serves a problem: one channel, taps in a row."""
    if problem.size("c") != 1 or not problem.axes:
        return False
    last = problem.axes[-1]
    plain = last.stride == last.dilation == 1 and all(a.expansion == 1 for a in problem.axes)
    most = min(_MANY_TAPS, last.unfolded)
    if not plain or problem.terms > last.taps or not _FEW_TAPS <= last.taps <= most:
        return False
    outputs = block_outputs(problem)
    elements = problem.size("go") * outputs * (outputs + last.taps - 1)
    itemsize = 8 if problem.is_exact else np.dtype(problem.accumulator).itemsize
    return bool(elements * itemsize <= _LARGEST_MATRIX)


def block_outputs(problem: ConvProblem) -> int:
    """Outputs of a block: more mean more zeros in the matrix, fewer more copies of the data."""
    last = problem.axes[-1]
    return int(min(64 if last.taps <= _SHORT else 256, last.unfolded))


class Toeplitz:
    """Blocks of the last axis times the matrix."""

    def __init__(self, problem: ConvProblem) -> None:
        self._taps = Taps(problem)
        self._outputs = block_outputs(problem)
        itemsize = np.dtype(problem.accumulator).itemsize
        self.most = _TILE_BYTES / (itemsize * problem.size("g") * (1 + problem.size("o")))

    def prepare(self, w: Any) -> _Kernel:
        """Each column of a matrix is the kernel one sample later."""
        g, o, taps = w.shape[0], w.shape[1], w.shape[-1]
        outputs, length = self._outputs, self._outputs + taps - 1
        # Made as its transpose, in which each column is a run.
        banded = np.zeros((g, o, outputs, length), w.dtype)
        *kernels, column, sample = banded.strides
        strides = (*kernels, column + sample, sample)
        as_strided(banded, (g, o, outputs, taps), strides)[...] = w.reshape(g, o, 1, taps)
        matrices = banded.reshape(g, o * outputs, length).swapaxes(1, 2)
        return _Kernel(matrices, self._taps.prepare(w))

    def writer(self, part: ConvProblem) -> Write:
        """Multiply blocks of flat planes."""
        outputs = self._outputs
        blocks = _Blocks(part, outputs)
        careful = self._taps.writer(part)
        n, g, o = (part.size(role) for role in "ngo")

        def write(x: Any, kernel: _Kernel, out: Any) -> None:
            with np.errstate(all="ignore"):
                y = blocks.products(blocks.planes.laid(x)[:, :, 0, 0], kernel.banded)
                finite = np.isfinite(y.sum())
            if not finite:
                careful(x, kernel.by_tap, out)
                return
            y = y.reshape(n, g, -1, o, outputs).transpose(0, 1, 3, 2, 4).reshape(n, g, o, -1)
            out[...] = blocks.planes.outputs(y[..., : blocks.planes.rows])

        return write


class _Blocks:
    """The data of a part as rows of a matrix, each of what a block of outputs meets."""

    def __init__(self, part: ConvProblem, outputs: int) -> None:
        self._outputs, self._length = outputs, outputs + part.axes[-1].taps - 1
        # Rows that overlap are no matrix to a BLAS; every so many of them do not.
        self._apart = -(-self._length // outputs)
        rows = Planes(part.axes).rows
        self._count = -(-rows // (outputs * self._apart)) * self._apart
        self.planes = Planes(part.axes, self._count * outputs - rows)

    def products(self, data: Any, banded: Any) -> Any:
        """Flat planes (n, g, sample) and matrices to (n, g, block, o * outputs): no copy."""
        data = np.ascontiguousarray(data)
        (image, group, step), apart, outputs = data.strides, self._apart, self._outputs
        shape = (*data.shape[:2], apart, self._count // apart, self._length)
        strides = (image, group, outputs * step, apart * outputs * step, step)
        rows = as_strided(data, shape, strides)
        y = np.empty((*shape[:2], shape[3], apart, banded.shape[-1]), data.dtype)
        np.matmul(rows, banded[:, None], out=y.swapaxes(2, 3))
        return y
