"""Direct by taps, in place: multiply and add into a tile of the output that stays in cache."""

from typing import Any

import numpy as np

from convcore import algorithms
from convcore.plugins import ConvProblem, Namespace, Staged

__all__ = ["taps_in_place"]

_TILE_BYTES = 2**18  # the sum, one product and the data they come from fit in a core's L2


def taps_in_place(problem: ConvProblem, _xp: Namespace) -> Staged:
    """Add up the taps of a single-channel problem without a temporary as large as the output."""
    cut = algorithms.cut(
        problem, _TILE_BYTES / (np.dtype(problem.accumulator).itemsize * problem.size("go"))
    )
    shape = tuple(problem.size(role) for role in "ngo") + tuple(a.unfolded for a in problem.axes)

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        y = np.empty(shape, x.dtype)
        for tile in cut:
            _accumulate(tile.problem, x[tile.reads], w, y[tile.makes])
        return y

    return Staged(_by_tap, apply)


def _by_tap(w: Any) -> Any:
    """(g, o, 1, *k) as (taps, g, o), each tap contiguous."""
    g, o = w.shape[:2]
    return np.ascontiguousarray(w.reshape(g, o, -1).transpose(2, 0, 1))


def _accumulate(problem: ConvProblem, x: Any, w: Any, y: Any) -> None:
    for i, axis in enumerate(problem.axes, 3):
        x = algorithms.pad(x, i, axis.lo, axis.hi, np)
    term = np.empty_like(y)
    ones = (1,) * len(problem.axes)
    for k, window in enumerate(algorithms.windows(problem)):
        scale = w[k].reshape(1, *w.shape[1:], *ones)
        if k == 0:
            np.multiply(x[(..., *window)], scale, out=y)
        else:
            np.multiply(x[(..., *window)], scale, out=term)
            y += term
