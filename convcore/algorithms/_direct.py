"""The direct engines: one product per tap (taps), or one matrix product per tile (matmul).

Both multiply every output's own window of x and nothing else, so a NaN or inf in x stays in the
windows that touch it, and the error is that of a sum of so many products.
"""

import itertools
from math import prod
from typing import Any

from array_api_compat import device

from convcore._backend import Staged
from convcore._dtypes import DTYPES
from convcore._problem import ConvProblem
from convcore._typing import Namespace
from convcore.algorithms._boundary import pad
from convcore.algorithms._tiles import fitting, in_tiles

__all__ = ["clipped_taps", "matmul", "taps", "windows"]

_TILE_BYTES = 8 * 2**20


def taps(problem: ConvProblem, xp: Namespace) -> Staged:
    """Add up the taps, each a scaled (or channel-mixed) view of the padded data."""
    # The sum, one product, and their new sum live at once, beside the padded data.
    per_sample = _itemsize(problem) * (3 * problem.size("go") + problem.size("gc"))
    return in_tiles(problem, fitting(problem, _TILE_BYTES / per_sample), _taps, xp)


def matmul(problem: ConvProblem, xp: Namespace) -> Staged:
    """Unfold a tile of windows into columns (im2col) and multiply by the kernel's matrix."""
    per_sample = _itemsize(problem) * problem.size("g") * problem.terms
    return in_tiles(problem, fitting(problem, _TILE_BYTES / per_sample), _matmul, xp)


def clipped_taps(problem: ConvProblem, xp: Namespace) -> Staged:
    """As `taps`, but no tap is ever multiplied by the zeros beyond the data."""
    reached = [[a.reached(k) for k in range(a.taps)] for a in problem.axes]
    head = (slice(None),) * 3
    product = _scaled if problem.size("c") == 1 else _mixed
    sums = tuple(problem.size(role) for role in "ngo") + tuple(a.unfolded for a in problem.axes)

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        y = xp.zeros(sums, dtype=x.dtype, device=device(x))
        for k, met in enumerate(itertools.product(*reached)):
            if all(outs.stop > outs.start for outs, _ in met):
                term = product(x[(*head, *(data for _, data in met))], w[k, ...], xp)
                for at, (axis, (outs, _)) in enumerate(zip(problem.axes, met, strict=True), 3):
                    term = pad(term, at, outs.start, axis.unfolded - outs.stop, xp)
                y = y + term
        return y

    return Staged(lambda w: _by_tap(w, xp), apply)


def _itemsize(problem: ConvProblem) -> int:
    return DTYPES[problem.accumulator].bits // 8


def _padded(problem: ConvProblem, x: Any, xp: Namespace) -> Any:
    for i, axis in enumerate(problem.axes):
        if axis.lo != 0 or axis.hi != 0:
            x = pad(x, 3 + i, axis.lo, axis.hi, xp)
    return x


def windows(problem: ConvProblem) -> list[tuple[slice, ...]]:
    """For each tap, in the kernel's order, the padded samples it meets in all outputs."""
    along = [
        [
            slice(k * a.dilation, k * a.dilation + (a.unfolded - 1) * a.stride + 1, a.stride)
            for k in range(a.taps)
        ]
        for a in problem.axes
    ]
    return list(itertools.product(*along))


def _by_tap(w: Any, xp: Namespace) -> Any:
    """(g, o, c, *k) as (taps, g, o, c); stacked, so that each tap's matrix is contiguous."""
    flat = xp.reshape(w, (*w.shape[:3], prod(w.shape[3:])))
    return xp.stack([flat[..., k] for k in range(flat.shape[3])], axis=0)


def _taps(problem: ConvProblem, xp: Namespace) -> Staged:
    met = windows(problem)
    head = (slice(None),) * 3
    product = _scaled if problem.size("c") == 1 else _mixed

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        x = _padded(problem, x, xp)
        y = None
        for k, window in enumerate(met):
            term = product(x[(*head, *window)], w[k, ...], xp)
            y = term if y is None else y + term
        return y

    return Staged(lambda w: _by_tap(w, xp), apply)


def _scaled(x: Any, w: Any, xp: Namespace) -> Any:
    """One channel: (n, g, 1, *s) times (g, o, 1)."""
    g, o = w.shape[:2]
    return x * xp.reshape(w, (1, g, o) + (1,) * (x.ndim - 3))


def _mixed(x: Any, w: Any, xp: Namespace) -> Any:
    """Several channels: (n, g, c, *s) and (g, o, c) to (n, g, o, *s)."""
    n, g, c, *space = x.shape
    if not space:  # a dense layer: its samples are the batch
        y = xp.matmul(xp.permute_dims(x, (1, 0, 2)), xp.permute_dims(w, (0, 2, 1)))
        return xp.permute_dims(y, (1, 0, 2))
    y = xp.matmul(w, xp.reshape(x, (n, g, c, prod(space))))
    return xp.reshape(y, (n, g, w.shape[1], *space))


def _matmul(problem: ConvProblem, xp: Namespace) -> Staged:
    met = windows(problem)
    head = (slice(None),) * 3

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        x = _padded(problem, x, xp)
        columns = xp.stack([x[(*head, *window)] for window in met], axis=3)
        n, g, c, count, *space = columns.shape
        return _mixed(xp.reshape(columns, (n, g, c * count, *space)), w, xp)

    def prepare(w: Any) -> Any:
        g, o, c = w.shape[:3]
        return xp.reshape(w, (g, o, c * len(met)))

    return Staged(prepare, apply)
