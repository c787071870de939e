"""The banded engine: blocks of a signal times the banded (Toeplitz) matrix of a short kernel.

One matrix product for all taps, where a sum of scaled views passes over the data once for each.
"""

from typing import Any

from convcore._backend import Staged
from convcore._dtypes import DTYPES
from convcore._problem import ConvProblem
from convcore._typing import Namespace
from convcore.algorithms._boundary import pad
from convcore.algorithms._tiles import fitting, in_tiles

__all__ = ["block_outputs", "takes_toeplitz", "toeplitz"]

_SPACE = 3
_TILE_BYTES = 2**20  # the blocks of a tile stay in a core's cache
_LARGEST_MATRIX = 2**23  # bytes; it grows with the kernel, and with how many kernels there are
_FEW_TAPS, _SHORT = 4, 256


def takes_toeplitz(problem: ConvProblem) -> bool:
    """Whether the banded matrix serves a problem: floating signals with a kernel of some taps."""
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


def block_outputs(problem: ConvProblem) -> int:
    """Outputs of a block: more mean more zeros in the matrix, fewer more copies of the data."""
    (axis,) = problem.axes
    return int(min(64 if axis.taps <= _SHORT else 256, axis.unfolded))


def toeplitz(problem: ConvProblem, xp: Namespace) -> Staged:
    """Multiply the blocks of one axis by the banded matrix of the kernel, tile by tile.

    The zeros of the matrix meet samples too, so a NaN spreads over the outputs of its block.
    """
    outputs = block_outputs(problem)
    copies = (outputs + problem.axes[0].taps - 1) / outputs
    per_sample = DTYPES[problem.accumulator].bits // 8 * problem.size("go") * (1 + copies)
    tiling = fitting(problem, _TILE_BYTES / per_sample)
    # A tile of whole blocks, whatever its outputs, lest the matrix differ from tile to tile.
    whole = tiling._replace(outputs=-(-tiling.outputs // outputs) * outputs)
    return in_tiles(problem, whole, lambda part, xp: _blocks(part, outputs, xp), xp)


def _blocks(problem: ConvProblem, outputs: int, xp: Namespace) -> Staged:
    (axis,) = problem.axes
    length = outputs + axis.taps - 1
    count, pieces = -(-axis.unfolded // outputs), -(-length // outputs)
    g, o = problem.size("g"), problem.size("o")

    def prepare(w: Any) -> Any:
        """The matrix (g, length, o * outputs): each column is the kernel one sample later."""
        row = pad(xp.reshape(w, (g, o, 1, axis.taps)), 3, 0, outputs, xp)
        rows = xp.reshape(
            xp.broadcast_to(row, (g, o, outputs, length + 1)), (g, o, outputs * (length + 1))
        )
        banded = xp.reshape(rows[..., : outputs * length], (g, o * outputs, length))
        return xp.permute_dims(banded, (0, 2, 1))

    def frames(x: Any) -> Any:
        """The blocks (n, g, count, length), of which each begins where one's outputs do."""
        whole = (count + pieces - 1) * outputs
        x = pad(x, _SPACE, axis.lo, whole - axis.size - axis.lo, xp)
        rows = xp.reshape(x, (*x.shape[:2], count + pieces - 1, outputs))
        parts = [rows[:, :, i : i + count, :] for i in range(pieces)]
        parts[-1] = parts[-1][..., : length - (pieces - 1) * outputs]
        return xp.concat(parts, axis=3)

    def apply(x: Any, matrix: Any, _bias: Any) -> Any:
        n = x.shape[0]
        y = xp.matmul(frames(x), matrix)
        y = xp.permute_dims(xp.reshape(y, (n, g, count, o, outputs)), (0, 1, 3, 2, 4))
        return xp.reshape(y, (n, g, o, count * outputs))[..., : axis.unfolded]

    return Staged(prepare, apply)
