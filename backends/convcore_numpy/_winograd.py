"""Winograd's algorithm: tiles of the last two axes as values at 36 points, channels summed there.

For three taps 36 products make 16 outputs, which directly need 144. All matrix products are kept so
small that a BLAS starts no threads for them: parts go to threads instead, and take with them all
that lies between the products.
"""

from itertools import pairwise, starmap
from math import prod
from typing import Any, NamedTuple

import numpy as np

from convcore.plugins import Accuracy, ConvProblem
from convcore_numpy._cook_toom import POINTS, matrices
from convcore_numpy._in_place import Write
from convcore_numpy._threads import MOST_ALONE, shared, threads_of
from convcore_numpy._winograd_tiles import Tiles

__all__ = ["Winograd", "Work", "takes_winograd", "winograd_accuracy", "winograd_work"]

_MOST_TAPS = 5  # two outputs of six samples; one would save nothing
_FEWEST_CHANNELS = 16  # with fewer the transforms outweigh what they save
_OUTPUTS = 32  # channels of a product
_SAMPLES = MOST_ALONE // _OUTPUTS  # tiles times channels of one
_VECTOR = 16  # channels that a product takes at a time
_WORTH_SHARING = 2**19  # values of a kernel


def takes_winograd(problem: ConvProblem) -> bool:
    """Whether it serves a problem: few taps in two dimensions, of many channels."""
    if len(problem.axes) not in (2, 3) or problem.is_exact or problem.is_complex:
        return False
    *_, tall, wide = problem.axes
    plain = tall.stride == wide.stride == 1 and all(a.expansion == 1 for a in problem.axes)
    short = all(2 <= a.taps <= _MOST_TAPS for a in (tall, wide))
    return bool(plain and short and min(problem.size("c"), problem.size("o")) >= _FEWEST_CHANNELS)


def winograd_accuracy(problem: ConvProblem) -> Accuracy:
    """Of the class normwise, by the argument in docs/spec/numbers.md."""
    *_, tall, wide = problem.axes
    growth = matrices(tall.taps).growth * matrices(wide.taps).growth
    sums = 2 * POINTS**2 + tall.taps * wide.taps + _summed(problem)
    return Accuracy("normwise", growth * (sums + 1) / problem.size("c"))


class Work(NamedTuple):
    """What a problem takes.

    Attributes
    ----------
    values, kernel, products : int
        Values at the points: of tiles, before and after; of the kernel; and multiplications.
    parts : int
    memory : int
        Bytes: of the kernel's values, and for each thread of a part's.
    """

    values: int
    kernel: int
    products: int
    parts: int
    memory: int


def winograd_work(problem: ConvProblem) -> Work:
    """Count it."""
    threads, (count, tiles, _) = threads_of(problem, "winograd"), Tiles(problem).unit
    units, at_once = problem.size("n") * count, _at_once(problem, threads)
    parts = -(-units // at_once)
    # Each part makes the values of all slices that it meets.
    more = problem.axes[0].reach if len(problem.axes) == 3 else 0
    # And of channels, whole vectors.
    c, o = (-(-problem.size(role) // _VECTOR) * _VECTOR for role in "co")
    part = problem.size("g") * tiles * (3 * (at_once + more) * c + 2 * at_once * o)
    values = problem.size("g") * tiles * ((units + parts * more) * c + units * o)
    kernel = problem.size("go") * _summed(problem)
    return Work(
        values=POINTS**2 * values,
        kernel=POINTS**2 * kernel,
        products=POINTS**2 * units * tiles * kernel,
        parts=parts,
        memory=POINTS**2 * np.dtype(problem.accumulator).itemsize * (kernel + threads * part),
    )


class Winograd:
    """Values of the tiles, times those of the kernel, back to outputs: three matrix products."""

    def __init__(self, problem: ConvProblem) -> None:
        *_, tall, wide = problem.axes
        pairs = zip(matrices(tall.taps), matrices(wide.taps), strict=True)
        dtype = np.dtype(problem.accumulator)
        self._outputs, self._taps, self._samples = (np.kron(*p).astype(dtype) for p in pairs)
        self._threads = threads_of(problem, "winograd")
        self.most = _most(problem, self._threads)

    def prepare(self, w: Any) -> Any:
        """(g, o, c, *k) as values (first tap, point, g, 1, c, o)."""
        g, o, c, *first, tall, wide = w.shape
        taps = w.reshape(g, o, c, prod(first), tall * wide).transpose(2, 0, 3, 4, 1)
        values = np.empty((POINTS**2, g, prod(first), c, o), w.dtype)
        by_channel = values.transpose(3, 1, 2, 0, 4)

        def run(some: slice) -> None:
            # A BLAS reads taps as far apart as they are in a kernel at half the speed of a copy's.
            np.matmul(self._taps, np.ascontiguousarray(taps[some]), out=by_channel[some])

        parts = self._threads if values.size >= _WORTH_SHARING else 1
        cuts = [part * c // parts for part in range(parts + 1)]
        with np.errstate(invalid="ignore"):
            shared(run, list(starmap(slice, pairwise(cuts))), parts)
        return values.transpose(2, 0, 1, 3, 4)[:, :, :, None]

    def writer(self, part: ConvProblem) -> Write:
        """Tiles to values, values to sums over the channels, sums to outputs."""
        tiles = Tiles(part)

        def write(x: Any, kernels: Any, out: Any) -> None:
            room = tiles.room(x.dtype)
            # What an infinity makes of the other samples of its tile is no more than is stated.
            with np.errstate(invalid="ignore"):
                data = tiles.gathered(x, room)
                values = room.next(POINTS**2, *data.shape[:3], data.shape[-1])
                np.matmul(self._samples, data, out=_by_tile(values))
                met = [values[:, :, some] for some in tiles.slices]
                sums = room.next(*met[0].shape[:-1], kernels.shape[-1])
                _multiply(met[0], kernels[0], sums)
                for more, kernel in zip(met[1:], kernels[1:], strict=True):
                    sums += _multiply(more, kernel, np.empty_like(sums))
                made = room.next(*sums.shape[1:4], len(self._outputs), sums.shape[-1])
                np.matmul(self._outputs, _by_tile(sums), out=made)
                tiles.spread(made, out, room)

        return write


def _by_tile(values: Any) -> Any:
    """From (point, g, slice, tile, channel) to a matrix of points and channels for each tile."""
    return np.moveaxis(values, 0, -2)


def _multiply(values: Any, kernel: Any, out: Any) -> Any:
    """Values (point, g, slice, tile, c) times a kernel's (point, g, 1, c, o)."""
    for first in range(0, kernel.shape[-1], _OUTPUTS):
        some = (..., slice(first, first + _OUTPUTS))
        np.matmul(values, kernel[some], out=out[some])
    return out


def _summed(problem: ConvProblem) -> int:
    """Terms of a sum at a point: channels, and the taps of a first axis."""
    *_, tall, wide = problem.axes
    return int(problem.terms // (tall.taps * wide.taps))


def _at_once(problem: ConvProblem, threads: int) -> int:
    """Units of the first axis in a part: what suits a product, and leaves each thread some."""
    count, tiles, _ = Tiles(problem).unit
    each = -(-problem.size("n") * count // threads)
    return int(max(min(_SAMPLES // max(problem.size("gc") * tiles, 1), each), 1))


def _most(problem: ConvProblem, threads: int) -> int:
    """Outputs of a part: of whole images, or of like parts of one."""
    (count, _, outputs), at_once = Tiles(problem).unit, _at_once(problem, threads)
    if at_once >= count:
        return int(at_once // count * prod(a.unfolded for a in problem.axes))
    return int(-(-count // -(-count // at_once)) * outputs)
