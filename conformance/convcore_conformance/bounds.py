"""The tolerance of each element, derived from its dtype, its terms and the accuracy class.

With u_a and u_o the unit roundoffs of accumulator and result, n terms and k = 1 for real, 4 for
complex numbers:

- exact: 0;
- componentwise: (n+4) k u_a (|x|*|w|) + u_o |y| + n tiny;
- normwise: c (log2 L + C_in) u_a ||x_b|| ||w|| + u_o |y| + n tiny.

n u_a is the classical bound of a sum of n products in any order, k covers the products of a
complex multiplication, u_o |y| the one rounding to the result, n tiny the terms that underflow.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Protocol

from .dtypes import DTYPES
from .exact import Expected
from .oracle import Complex, Element, Real, Scalar, sqrt_up

__all__ = ["Accuracy", "bounds", "modulus"]


class Accuracy(Protocol):
    """What a plan promises."""

    @property
    def name(self) -> str:
        """One of ``"exact"``, ``"componentwise"``, ``"normwise"``."""

    @property
    def constant(self) -> float:
        """The constant c of the normwise bound; 0 otherwise."""


def bounds(expected: Expected, accuracy: Accuracy) -> tuple[Fraction, ...]:
    """Give the largest error that each element may have.

    Parameters
    ----------
    expected : Expected
        The exact result.
    accuracy : Accuracy
        The class that the plan promises.

    Returns
    -------
    tuple of Fraction
        One for each element, in row-major order.

    Raises
    ------
    ValueError
        Where the sums may overflow the accumulator, so that no bound is promised.
    """
    if accuracy.name == "exact":
        return (Fraction(0),) * len(expected.result.elements.values)
    _check_range(expected)
    factor = _factor(expected, accuracy)
    rounding = DTYPES[expected.dtype].roundoff
    tiny = max(DTYPES[expected.dtype].tiny, DTYPES[expected.accumulator].tiny)
    return tuple(
        factor(element) + rounding * modulus(element.value) + element.terms * tiny
        for element in expected.result.elements.values
    )


def _check_range(expected: Expected) -> None:
    """Refuse to judge what CC-ACCURACY-10 leaves open; a case should not go there."""
    limit = DTYPES[expected.accumulator].overflow / 4
    length = expected.result.length
    if any(length * e.x_norm * e.w_norm > limit for e in expected.result.elements.values):
        raise ValueError(f"sums near the end of {expected.accumulator}'s range: see CC-ACCURACY-10")


class _Factor(Protocol):
    def __call__(self, element: Element, /) -> Fraction: ...


def _factor(expected: Expected, accuracy: Accuracy) -> _Factor:
    """Give the part of the bound that the method answers for."""
    facts = DTYPES[expected.accumulator]
    if accuracy.name == "componentwise":
        unit = facts.roundoff * (4 if facts.kind == "complex" else 1)
        return lambda e: (e.terms + 4) * unit * Fraction(e.magnitude)
    if accuracy.name == "normwise":
        growth = Fraction(math.log2(expected.result.length)) + expected.result.channels
        unit = Fraction(accuracy.constant) * growth * facts.roundoff
        return lambda e: unit * Fraction(e.x_norm * e.w_norm)
    raise AssertionError(f"accuracy class {accuracy.name!r} has no bound")


def modulus(value: Scalar) -> Real:
    """Give the modulus, rounded up.

    Parameters
    ----------
    value : int, Fraction or Complex
        Any exact number.

    Returns
    -------
    int or Fraction
        Exact for real numbers.
    """
    if isinstance(value, Complex):
        return sqrt_up(value.re * value.re + value.im * value.im)
    return value if value >= 0 else -value
