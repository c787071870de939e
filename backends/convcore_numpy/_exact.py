"""Integers through an engine for floats, exactly: as sums of limbs whose products cannot round.

With limbs of b bits no sum of t products exceeds t 2^(2b - 2), which float64 holds up to 2^53. Of
two operands that have several limbs each, only those products count that are below the width; and
operands have no more limbs than their largest number needs, which is looked up part by part.
"""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np

from convcore.algorithms import Limbs
from convcore.plugins import DTYPES, ConvProblem
from convcore_numpy._in_place import Engine, Write

__all__ = ["Exact", "limb_pairs"]

_SIGNIFICAND = 53


def _limb_bits(problem: ConvProblem) -> int:
    """Bits of a limb, its sign among them."""
    return min((_SIGNIFICAND - int(problem.terms).bit_length()) // 2 + 1, 32)


def limb_pairs(problem: ConvProblem) -> int:
    """Products of limbs that operands of the largest numbers need."""
    count = ceil(DTYPES[problem.accumulator].bits / _limb_bits(problem))
    return count * (count + 1) // 2


class Exact:
    """An engine for floats that is given limbs, one pair after the other."""

    def __init__(self, make: Callable[[ConvProblem], Engine], problem: ConvProblem) -> None:
        self._engine = make(_of_floats(problem))
        self._bits, self._width = _limb_bits(problem), DTYPES[problem.accumulator].bits
        self.most = self._engine.most / 2  # the sums of integers want room too

    def prepare(self, w: Any) -> list[Any]:
        """Each limb of the kernel, as the engine has it."""
        return [self._engine.prepare(limb) for limb in self._split(w)]

    def writer(self, part: ConvProblem) -> Write:
        """Add up the pairs."""
        write_floats, bits = self._engine.writer(_of_floats(part)), self._bits

        def write(x: Any, kernels: list[Any], out: Any) -> None:
            total, sums = np.zeros(out.shape, "int64"), np.empty(out.shape, "float64")
            for i, data in enumerate(self._split(x)):
                for j, kernel in enumerate(kernels):
                    if (i + j) * bits < self._width:
                        write_floats(data, kernel, sums)
                        total += sums.astype("int64") << ((i + j) * bits)
            out[...] = total

        return write

    def _split(self, values: Any) -> list[Any]:
        largest = max(int(values.max()), -int(values.min())) if values.size else 0
        # A sign, and a bit for what a negative limb carries to the next.
        needed = min(largest.bit_length() + 2, self._width)
        if largest.bit_length() < self._bits:
            return [values.astype("float64")]
        return Limbs(self._bits, ceil(needed / self._bits)).split(values, np)


def _of_floats(problem: ConvProblem) -> ConvProblem:
    return replace(problem, x_dtype="float64", w_dtype="float64", dtype="float64")
