"""The direct engines: kernels of our own, for every dtype and number of axes.

They read x by its strides and pad nothing, so there is no workspace but the parts of split sums.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from math import gcd, prod
from typing import Any

import numpy as np

from convcore.plugins import DTYPES, Axis, ConvProblem, Namespace, Staged
from convcore_cupy._source import kernel_source

__all__ = [
    "COLUMNS",
    "DEPTH",
    "ENGINES",
    "MANY_OUTPUTS",
    "NARROW",
    "ROWS",
    "THREADS",
    "columns",
    "kernel",
    "packed",
    "splits",
]

THREADS = 256
# The tile of `gemm`, as in kernels.cu.
ROWS, DEPTH = 64, 16
COLUMNS = {True: 64, False: 128}
"""Columns of a tile; whether the elements have more than four bytes."""
_ENOUGH_BLOCKS = 512  # some for each multiprocessor of any device
MANY_OUTPUTS = 2**20  # that a quarter as many threads still fill a device
_SPLIT_BYTES = 32 * 2**20
NARROW = 2**31 - 2**20
"""Offsets below it fit 32 bits, and so does what a kernel adds to them."""


@cache
def kernel(name: str, dtype: str, rank: int, wide: bool) -> Any:
    """One of the kernels, compiled when it first runs on a device."""
    import cupy

    return cupy.RawKernel(kernel_source(dtype, rank, wide), name)


def columns(problem: ConvProblem) -> int:
    """Columns of the product that `gemm` makes: the outputs of one channel."""
    return int(problem.size("n") * prod(axis.unfolded for axis in problem.axes))


def splits(problem: ConvProblem) -> int:
    """In how many parts `gemm` sums, so that there are blocks for the whole device."""
    bits = DTYPES[problem.accumulator].bits
    across, down = -(-columns(problem) // COLUMNS[bits > 32]), -(-problem.size("o") // ROWS)
    blocks, outputs = across * down * problem.size("g"), problem.size("go") * columns(problem)
    most = min(
        _ENOUGH_BLOCKS // max(blocks, 1),
        _SPLIT_BYTES * 8 // (bits * max(outputs, 1)),
        problem.terms // (4 * DEPTH),
    )
    return max(int(most), 1)


def _taps(problem: ConvProblem, _xp: Namespace) -> Staged:
    outputs = problem.size("go") * columns(problem)
    if outputs < MANY_OUTPUTS:
        return _engine(problem, "taps", -(-outputs // THREADS))
    return _engine(problem, "taps_by_four", -(-outputs // (4 * THREADS)))


def _dots(problem: ConvProblem, _xp: Namespace) -> Staged:
    return _engine(problem, "dots", problem.size("go") * columns(problem))


def _gemm(problem: ConvProblem, _xp: Namespace) -> Staged:
    wide_elements = DTYPES[problem.accumulator].bits > 32
    across, down = -(-columns(problem) // COLUMNS[wide_elements]), -(-problem.size("o") // ROWS)
    parts = splits(problem)
    return _engine(problem, "gemm", across * down * parts * problem.size("g"), parts)


ENGINES: dict[str, Callable[[ConvProblem, Namespace], Staged]] = {
    "taps": _taps,
    "dots": _dots,
    "gemm": _gemm,
}


def _engine(problem: ConvProblem, name: str, blocks: int, parts: int = 1) -> Staged:
    """Lower a canonical problem to a kernel of so many blocks, summing in so many parts."""
    import cupy

    dtype, bytes_each = problem.accumulator, DTYPES[problem.accumulator].bits // 8
    shape = tuple(problem.size(role) for role in "ngo") + tuple(a.unfolded for a in problem.axes)

    @lru_cache(maxsize=16)
    def ready(strides: tuple[int, ...]) -> tuple[Any, Any]:
        steps = tuple(step // bytes_each for step in strides)
        wide = _farthest(problem, steps, parts) >= NARROW
        return kernel(name, dtype, len(problem.axes), wide), _geometry(problem, steps, parts, wide)

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        y = cupy.empty((parts, *shape), dtype=dtype)
        if y.size:
            run, geometry = ready(x.strides)
            run((blocks,), (THREADS,), (x, w, y, geometry))
        return y[0] if parts == 1 else cupy.sum(y, axis=0, dtype=dtype)

    return Staged(cupy.ascontiguousarray, apply)


def _geometry(
    problem: ConvProblem, steps: Sequence[int], parts: int, wide: bool
) -> np.ndarray[Any, Any]:
    """The kernels' struct Geometry, as one element that is passed by value."""
    along = [_along(a, step) for a, step in zip(problem.axes, steps[3:], strict=True)] or [[1] * 10]
    sizes = [problem.size(role) for role in "ngoc"]
    return packed([*sizes, parts, *steps[:3], *itertools.chain(*zip(*along, strict=True))], wide)


def _along(axis: Axis, step: int) -> list[int]:
    # What a single tap or output never uses may be beyond any integer.
    stride = axis.stride if axis.unfolded > 1 else 1
    dilation = axis.dilation if axis.taps > 1 else 1
    common = gcd(dilation, axis.expansion)
    numbers = [step, axis.size, axis.taps, axis.unfolded, stride, dilation, axis.lo]
    return [*numbers, axis.expansion, axis.expansion // common, dilation // common]


def packed(numbers: Sequence[int], wide: bool) -> np.ndarray[Any, Any]:
    """Integers as a struct of them: one element of their bytes."""
    flat = np.array(numbers, dtype=np.int64 if wide else np.int32)
    return flat.view(np.dtype((np.void, flat.nbytes)))


def _farthest(problem: ConvProblem, steps: Sequence[int], parts: int) -> int:
    """The largest offset or coordinate that a kernel may compute, also where it reads nothing."""
    spans = [
        abs(a.lo) + a.expanded + a.reach + a.unfolded * (a.stride if a.unfolded > 1 else 1)
        for a in problem.axes
    ]
    batch = [problem.size(role) + THREADS for role in "ngc"]
    x = sum(abs(step) * span for step, span in zip(steps, [*batch, *spans], strict=True))
    w = (problem.size("go") + ROWS) * problem.terms
    y = parts * (problem.size("go") + ROWS) * (columns(problem) + 4 * THREADS)
    return int(max(x, w, y, *spans, 0))
