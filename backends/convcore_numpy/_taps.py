"""Direct by taps: multiply and add whole runs of samples, in tiles that stay in cache."""

import itertools
from math import prod
from typing import Any

import numpy as np

from convcore.plugins import ConvProblem
from convcore_numpy._in_place import Write
from convcore_numpy._planes import Planes

__all__ = ["ClippedTaps", "Taps", "groups_at_once"]

_TILE_BYTES = 2**18  # the sum, one product and the data they come from fit in a core's L2


class Taps:
    """The taps of a single-channel problem, each one multiplication of flat planes."""

    def __init__(self, problem: ConvProblem) -> None:
        self.most = _samples(problem) / problem.size("go")

    def prepare(self, w: Any) -> Any:
        """(g, o, 1, *k) as (taps, g, o, 1), each tap contiguous."""
        return _by_tap(w)[..., None]

    def writer(self, part: ConvProblem) -> Write:
        """Add up runs."""
        planes = Planes(part.axes)
        taps = planes.taps

        def write(x: Any, w: Any, out: Any) -> None:
            data = planes.laid(x)
            # Whole rows, so that the sums are one run however many images they are of.
            total, term = (np.empty((*out.shape[:3], planes.rows), out.dtype) for _ in range(2))
            np.multiply(planes.met(data, taps[0]), w[0], out=total)
            for tap, scale in zip(taps[1:], w[1:], strict=True):
                np.multiply(planes.met(data, tap), scale, out=term)
                np.add(total, term, out=total)
            out[...] = planes.outputs(total)

        return write


class ClippedTaps:
    """As `Taps`, but no tap is ever multiplied by the zeros beyond the data."""

    def __init__(self, problem: ConvProblem) -> None:
        self.most = _samples(problem) / problem.size("go")

    def prepare(self, w: Any) -> Any:
        """(g, o, 1, *k) as (taps, g, o), each tap contiguous."""
        return _by_tap(w)

    def writer(self, part: ConvProblem) -> Write:
        """Add each tap where it meets data, and only there: nothing is padded."""
        met = list(itertools.product(*([a.reached(k) for k in range(a.taps)] for a in part.axes)))
        ones = (1,) * len(part.axes)

        def write(x: Any, w: Any, out: Any) -> None:
            out[...] = 0
            term = np.empty(out.size, out.dtype)
            for scale, slices in zip(w, met, strict=True):
                target = out[(..., *(outs for outs, _ in slices))]
                # Contiguous whatever part of the tile the tap meets.
                product = term[: target.size].reshape(target.shape)
                data = x[(..., *(data for _, data in slices))]
                np.multiply(data, scale.reshape(*scale.shape, *ones), out=product)
                target += product

        return write


def groups_at_once(problem: ConvProblem) -> int:
    """So many that a part is made of whole images, if they are small: runs as long as can be."""
    image = problem.size("o") * prod(a.unfolded for a in problem.axes)
    return int(_samples(problem) // max(image, 1)) or 1


def _samples(problem: ConvProblem) -> float:
    return _TILE_BYTES / np.dtype(problem.accumulator).itemsize


def _by_tap(w: Any) -> Any:
    g, o = w.shape[:2]
    return np.ascontiguousarray(w.reshape(g, o, -1).transpose(2, 0, 1))
