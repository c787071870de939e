"""Direct by taps, in place: multiply and add into a tile of the output that stays in cache."""

import itertools
from functools import cache
from typing import Any

import numpy as np

from convcore import algorithms
from convcore.plugins import ConvProblem, Namespace, Staged

__all__ = ["taps_in_place"]

_TILE_BYTES = 2**18  # the sum, one product and the data they come from fit in a core's L2


def taps_in_place(problem: ConvProblem, _xp: Namespace) -> Staged:
    """Add up the taps of a single-channel problem without a temporary as large as the output."""
    most = _TILE_BYTES / (np.dtype(problem.accumulator).itemsize * problem.size("go"))
    shape = tuple(problem.size(role) for role in "ngo") + tuple(a.unfolded for a in problem.axes)

    @cache
    def tiles() -> list[algorithms.Tile]:
        # At the first run: planning must not take longer for more data.
        return list(algorithms.cut(problem, most))

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        y = np.zeros(shape, x.dtype)
        for tile in tiles():
            _accumulate(tile.problem, x[tile.reads], w, y[tile.makes])
        return y

    return Staged(_by_tap, apply)


def _by_tap(w: Any) -> Any:
    """(g, o, 1, *k) as (taps, g, o), each tap contiguous."""
    g, o = w.shape[:2]
    return np.ascontiguousarray(w.reshape(g, o, -1).transpose(2, 0, 1))


def _accumulate(problem: ConvProblem, x: Any, w: Any, y: Any) -> None:
    """Add each tap where it meets data, and only there: nothing is padded."""
    ones = (1,) * len(problem.axes)
    term = np.empty(y.size, y.dtype)
    met = itertools.product(*([a.reached(k) for k in range(a.taps)] for a in problem.axes))
    for scale, slices in zip(w, met, strict=True):
        target = y[(..., *(outs for outs, _ in slices))]
        # Contiguous whatever part of the tile the tap meets.
        part = term[: target.size].reshape(target.shape)
        np.multiply(
            x[(..., *(data for _, data in slices))], scale.reshape(*scale.shape, *ones), out=part
        )
        target += part
