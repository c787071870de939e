"""Integers through a floating-point transform, exactly.

An integer is a sum of signed digits of b bits, its limbs; products of limbs are convolved in
float64 and rounded. That is exact while the transform's error stays under 1/2. For circular
convolutions of total length L, sums over C channels and m limbs,

    |error| <= m u (c log2(L) + C m) ||x_i|| ||w_j||,    ||x_i|| <= 2^(b-1) sqrt(samples),

with u = 2^-53 and c the constant of the backend's transform (Brent, Percival & Zimmermann, Math.
Comp. 76 (2007), bound each butterfly's complex product; docs/spec/numbers.md adds them up).
"""

from dataclasses import dataclass
from math import ceil, log2, sqrt
from typing import Any

from convcore._dtypes import DTYPES, native
from convcore._problem import ConvProblem
from convcore._typing import Namespace

__all__ = ["Limbs"]

_LARGEST_LIMB = 22


@dataclass(frozen=True, slots=True)
class Limbs:
    """How integers of some width are split.

    Attributes
    ----------
    bits, count : int
        Bits of a limb, and how many there are.
    """

    bits: int
    count: int

    @classmethod
    def proven(
        cls, problem: ConvProblem, lengths: tuple[int, ...], constant: float
    ) -> "Limbs | None":
        """The widest limbs whose products are proven exact; None if there are none."""
        width = DTYPES[problem.accumulator].bits
        channels = problem.size("c")
        samples, taps, log_length = channels, channels, 0.0
        for axis, length in zip(problem.axes, lengths, strict=True):
            samples *= min(axis.size, length)
            taps *= axis.taps
            log_length += log2(length)
        for bits in range(min(width, _LARGEST_LIMB), 0, -1):
            count = ceil(width / bits)
            growth = count * 2.0**-53 * (constant * log_length + channels * count)
            # 1/4 rather than 1/2 leaves room for the bound's own second-order terms.
            if growth * 4.0 ** (bits - 1) * sqrt(samples * taps) < 0.25:
                return cls(bits, count)
        return None

    def split(self, values: Any, xp: Namespace) -> list[Any]:
        """Float64 limbs of an integer array, least significant first."""
        half, mask = 1 << (self.bits - 1), (1 << self.bits) - 1
        rest = xp.astype(values, native(xp, "int64"))
        limbs = []
        for _ in range(self.count):
            digit = ((rest + half) & mask) - half
            limbs.append(xp.astype(digit, native(xp, "float64")))
            rest = (rest - digit) >> self.bits
        return limbs

    def join(self, sums: list[Any], dtype: str, xp: Namespace) -> Any:
        """The integers whose digits (sums of products of limbs) these are, modulo the width."""
        total = None
        for i, digit in enumerate(sums):
            exact = xp.astype(xp.round(digit), native(xp, "int64")) << (i * self.bits)
            total = exact if total is None else total + exact
        return xp.astype(total, native(xp, dtype))
