"""The banded engine: blocks of a signal times the banded (Toeplitz) matrix of a short kernel.

One matrix product for all taps, where a sum of scaled views passes over the data once for each.
"""

from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

from convcore._backend import Staged
from convcore._dtypes import DTYPES
from convcore._problem import ConvProblem
from convcore._typing import Namespace
from convcore.algorithms._blocking import Blocking
from convcore.algorithms._boundary import pad
from convcore.algorithms._roles import canonical
from convcore.algorithms._tiles import fitting, in_tiles

__all__ = ["as_rows", "banded", "block_outputs", "takes_toeplitz", "toeplitz"]

_SPACE = 3
_TILE_BYTES = 2**20  # the blocks of a tile stay in a core's cache
_LARGEST_MATRIX = 2**23  # bytes; it grows with the kernel, and with how many kernels there are
_FEW_TAPS, _SHORT = 4, 256


def takes_toeplitz(problem: ConvProblem) -> bool:
    """Whether the banded matrix serves a problem: floating signals with a kernel of some taps."""
    problem = as_rows(problem)
    if len(problem.axes) != 1 or problem.is_exact or problem.size("c") != 1:
        return False
    (axis,) = problem.axes
    if not isinstance(axis.unfolded, int):
        return False
    plain = axis.stride == axis.dilation == axis.expansion == 1
    if not plain or not _FEW_TAPS <= axis.taps <= axis.unfolded:
        return False
    outputs = block_outputs(problem)
    elements = problem.size("go") * outputs * (outputs + axis.taps - 1)
    return bool(elements * DTYPES[problem.accumulator].bits // 8 <= _LARGEST_MATRIX)


def as_rows(problem: ConvProblem) -> ConvProblem:
    """The rows of one channel as signals of their own, where a kernel has one row; or the same."""
    if len(problem.axes) < 2 or problem.size("goc") != 1:
        return problem
    *lead, last = problem.axes
    if any((a.taps, a.stride, a.expansion, a.lo, a.hi) != (1, 1, 1, 0, 0) for a in lead):
        return problem
    rows = canonical(problem, (last,))
    signals = problem.size("n") * prod(a.unfolded for a in lead)
    return replace(rows, sizes={**rows.sizes, "n": signals})


def block_outputs(problem: ConvProblem) -> int:
    """Outputs of a block: more mean more zeros in the matrix, fewer more copies of the data."""
    (axis,) = problem.axes
    return int(min(64 if axis.taps <= _SHORT else 256, axis.unfolded))


def toeplitz(problem: ConvProblem, xp: Namespace) -> Staged:
    """Multiply the blocks of one axis by the banded matrix of the kernel, tile by tile.

    The zeros of the matrix meet samples too, so a NaN spreads over the outputs of its block.
    """
    rows, space = as_rows(problem), tuple(a.unfolded for a in problem.axes)
    inner = _in_blocks(rows, xp)
    if rows is problem:
        return inner

    def apply(x: Any, matrix: Any, _bias: Any) -> Any:
        y = inner.apply(xp.reshape(x, (rows.size("n"), 1, 1, x.shape[-1])), matrix, None)
        return xp.reshape(y, (x.shape[0], 1, 1, *space))

    return Staged(lambda w: inner.prepare(xp.reshape(w, (1, 1, 1, w.shape[-1]))), apply)


def _in_blocks(problem: ConvProblem, xp: Namespace) -> Staged:
    outputs = block_outputs(problem)
    copies = (outputs + problem.axes[0].taps - 1) / outputs
    per_sample = DTYPES[problem.accumulator].bits // 8 * problem.size("go") * (1 + copies)
    tiling = fitting(problem, _TILE_BYTES / per_sample)
    # A tile of whole blocks, whatever its outputs, lest the matrix differ from tile to tile.
    whole = tiling._replace(outputs=-(-tiling.outputs // outputs) * outputs)
    return in_tiles(problem, whole, partial(banded, outputs=outputs), xp)


def banded(problem: ConvProblem, xp: Namespace, outputs: int) -> Staged:
    """Multiply all blocks of an axis at once by the banded matrix of the kernel, not in tiles.

    Parameters
    ----------
    problem : ConvProblem
        A canonical one of one axis, without stride, dilation or expansion.
    xp : namespace
    outputs : int
        Of each block: more mean more zeros in the matrix, fewer more copies of the data.
    """
    (axis,) = problem.axes
    g, o, c = problem.size("g"), problem.size("o"), problem.size("c")
    blocking = Blocking.of(axis, outputs)
    count, length, wanted = blocking.blocks, c * blocking.length, axis.unfolded

    def prepare(w: Any) -> Any:
        """The matrix (g, length, o * outputs): each column is the kernel one sample later."""
        if c > 1:  # one kernel of them all, as far apart as the blocks that they meet
            w = xp.reshape(pad(w, _SPACE, 0, outputs - 1, xp), (g, o, 1, length))
            w = w[..., : length - outputs + 1]
        row = pad(w, _SPACE, 0, outputs, xp)
        # Read in rows one sample shorter, it begins one sample later in each.
        rows = xp.broadcast_to(row, (g, o, outputs, length + 1))
        rows = xp.reshape(rows, (g, o, outputs * (length + 1)))[..., : outputs * length]
        return xp.permute_dims(xp.reshape(rows, (g, o * outputs, length)), (0, 2, 1))

    def apply(x: Any, matrix: Any, _bias: Any) -> Any:
        n = x.shape[0]
        frames = blocking.frames(x, _SPACE, xp)
        if c > 1:
            frames = xp.permute_dims(frames, (0, 1, 3, 2, 4))
        y = xp.matmul(xp.reshape(frames, (n, g, count, length)), matrix)
        y = xp.permute_dims(xp.reshape(y, (n, g, count, o, outputs)), (0, 1, 3, 2, 4))
        return xp.reshape(y, (n, g, o, count * outputs))[..., :wanted]

    return Staged(prepare, apply)
