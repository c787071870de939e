"""Direct by the banded matrix: its products are made anew by taps where they spread a NaN."""

from typing import Any

import numpy as np

from convcore import algorithms
from convcore.plugins import ConvProblem, Namespace, Staged
from convcore_numpy._taps import taps_in_place

__all__ = ["toeplitz_repaired"]


def toeplitz_repaired(problem: ConvProblem, xp: Namespace) -> Staged:
    """Multiply blocks by the kernel's matrix, and check the result.

    The matrix's zeros turn an infinity into NaN, and spread a NaN over its block. One sum tells: it
    is not finite then, nor where it overflows, which costs time but nothing else.
    """
    fast, careful = algorithms.toeplitz(problem, xp), taps_in_place(problem, xp)

    def prepare(w: Any) -> Any:
        return fast.prepare(w), careful.prepare(w)

    def apply(x: Any, kernels: Any, _bias: Any) -> Any:
        matrix, by_tap = kernels
        with np.errstate(all="ignore"):
            y = fast.apply(x, matrix, None)
            if np.isfinite(y.sum()):
                return y
        return careful.apply(x, by_tap, None)

    return Staged(prepare, apply)
