"""The matrices of Winograd's short correlations: tiles and kernels as polynomials at six points.

A tile of six samples d and a kernel of r taps w make 7 - r outputs, A ((G w) (B d)): six products
in place of r (7 - r). It is Cook's and Toom's product of polynomials, transposed: A and G evaluate
at the points, B interpolates (Lavin and Gray, arXiv:1509.09308).
"""

from fractions import Fraction
from functools import cache
from math import gcd, lcm
from typing import Any, NamedTuple, TypeAlias

import numpy as np

__all__ = ["POINTS", "Matrices", "Rows", "fractions", "matrices"]

# And infinity. The sizes of what is added decide how well a sum keeps: with 1/2 and -2 the growth
# of errors for three taps is 11; with 2 and -2, as in the paper, or 1/2 and -1/2, it is 19.
_FINITE = (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(-2))
POINTS = len(_FINITE) + 1
Rows: TypeAlias = list[list[Fraction]]


class Matrices(NamedTuple):
    """For kernels of some length: outputs by points, points by taps, and points by samples.

    A and B are exact in every floating dtype; of G each element is rounded once.
    """

    outputs: Any
    taps: Any
    samples: Any

    @property
    def growth(self) -> float:
        """The most that a unit error of the products, normwise, can make of an output.

        A product is at most the norms of the kernel and of the tile, by Cauchy and Schwarz times
        those of its rows of G and of B, and the output sums them by a row of A.
        """
        rows = np.linalg.norm(self.taps, axis=1) * np.linalg.norm(self.samples, axis=1)
        return float((np.abs(self.outputs) @ rows).max())


@cache
def matrices(taps: int) -> Matrices:
    """For so many taps, in double precision."""
    return Matrices(*(np.array(rows, "float64") for rows in fractions(taps)))


def fractions(taps: int) -> tuple[Rows, Rows, Rows]:
    """A, G and B before they are rounded."""
    samples = _transposed(_inverse(_values(POINTS)))
    # A row of B times a number and one of G divided by it are the same: B in whole numbers.
    scales = [_whole(row) for row in samples]
    pairs = zip(_values(taps), scales, strict=True)
    kernel = [[value / scale for value in row] for row, scale in pairs]
    whole = [[v * scale for v in row] for row, scale in zip(samples, scales, strict=True)]
    return _transposed(_values(POINTS + 1 - taps)), kernel, whole


def _values(count: int) -> Rows:
    """Of so many coefficients at the points; at infinity a polynomial is its last one."""
    last = [Fraction(k == count - 1) for k in range(count)]
    return [*([point**k for k in range(count)] for point in _FINITE), last]


def _whole(row: list[Fraction]) -> Fraction:
    """What makes a row whole numbers without a common factor."""
    return Fraction(lcm(*(v.denominator for v in row)), gcd(*(v.numerator for v in row)))


def _transposed(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def _inverse(rows: Rows) -> Rows:
    """Gauss and Jordan; the points are such that no pivot is zero."""
    size = len(rows)
    work = [[*row, *(Fraction(i == k) for k in range(size))] for i, row in enumerate(rows)]
    for i, pivot in enumerate(work):
        pivot[:] = [value / pivot[i] for value in pivot]
        for row in work:
            if row is not pivot:
                row[:] = [v - row[i] * p for v, p in zip(list(row), pivot, strict=True)]
    return [row[size:] for row in work]
