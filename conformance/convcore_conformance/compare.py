"""Comparators: namespace, dtype, device, shape, then values; each raises what went wrong."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from array_api_compat import device

from .bounds import modulus
from .calls import Array
from .dtypes import DTYPES, DType
from .exact import Expected, Number, to_scalar
from .libraries import Library
from .oracle import Complex, Scalar

__all__ = ["assert_array", "assert_literal", "assert_values", "device_of"]


def assert_array(got: Any, like: Any, library: Library, dtype: str, shape: Sequence[int]) -> None:
    """Compare all but the values.

    Parameters
    ----------
    got : array
        The result.
    like : array
        An operand, whose namespace and device the result must have.
    library : Library
        The library of the operands.
    dtype, shape : str, sequence of int
        What the result must have.
    """
    if type(got) is not type(like):
        raise AssertionError(f"type: got {type(got)}, expected {type(like)}")
    if got.dtype != library.dtype(dtype):
        raise AssertionError(f"dtype: got {got.dtype}, expected {dtype}")
    if device_of(got) != device_of(like):
        raise AssertionError(f"device: got {device_of(got)}, expected {device_of(like)}")
    if tuple(got.shape) != tuple(shape):
        raise AssertionError(f"shape: got {tuple(got.shape)}, expected {tuple(shape)}")


def device_of(array: Any) -> Any:
    """Say where an array lies, as it says itself: a subclass of NumPy's need not be on the CPU.

    Parameters
    ----------
    array : array
        Of any library.

    Returns
    -------
    object
        What its library calls the device.
    """
    own = getattr(array, "device", None)
    return device(array) if own is None else own


@dataclass(frozen=True)
class _Deviation:
    """One element that was compared."""

    place: int
    got: Number
    exact: Scalar
    error: Fraction | float
    bound: Fraction

    @property
    def ratio(self) -> float:
        if self.error <= self.bound:
            return float(self.error / self.bound) if self.bound else 0.0
        return float(self.error / self.bound) if self.bound else math.inf

    def text(self, shape: Sequence[int]) -> str:
        index = tuple(int(i) for i in np.unravel_index(self.place, shape)) if shape else ()
        return (
            f"at {index}: got {self.got!r}, exact {_shown(self.exact)}, "
            f"error {float(self.error):.3g}, bound {float(self.bound):.3g}, "
            f"error/bound {self.ratio:.3g}"
        )


def assert_values(got: Array, expected: Expected, limits: Sequence[Fraction]) -> float:
    """Hold every element against its bound.

    Parameters
    ----------
    got : ndarray
        The result, of the expected dtype and shape.
    expected : Expected
        The exact result.
    limits : sequence of Fraction
        The largest error of each element, in row-major order.

    Returns
    -------
    float
        The worst error over bound, at most 1.
    """
    values = got.reshape(-1).tolist()
    elements = expected.result.elements.values
    facts = DTYPES[expected.dtype]
    compared = [
        _Deviation(place, value, element.value, _error(value, element.value, limit, facts), limit)
        for place, (value, element, limit) in enumerate(zip(values, elements, limits, strict=True))
        if value != element.value or isinstance(value, float | complex)
    ]
    wrong = [one for one in compared if one.error > one.bound]
    worst = max(compared, key=lambda one: one.ratio, default=None)
    if wrong and worst is not None:
        head = f"values: {len(wrong)} of {len(values)} wrong; the worst "
        raise AssertionError(head + worst.text(expected.shape))
    return worst.ratio if worst else 0.0


def assert_literal(got: Array, wanted: Array) -> None:
    """Compare with written-out values; NaN equals NaN.

    Parameters
    ----------
    got : ndarray
        The result, of the wanted dtype and shape.
    wanted : ndarray
        Its values.
    """
    for place, (a, b) in enumerate(
        zip(got.reshape(-1).tolist(), wanted.reshape(-1).tolist(), strict=True)
    ):
        if a != b and not (cmath.isnan(a) and cmath.isnan(b)):
            index = tuple(int(i) for i in np.unravel_index(place, wanted.shape))
            raise AssertionError(f"values: at {index}: got {a!r}, expected {b!r}")


def _error(got: Number, exact: Scalar, limit: Fraction, facts: DType) -> Fraction | float:
    """Take the modulus of the error; a part that may round to infinity, and does, has none."""
    if facts.kind == "int":
        return Fraction(modulus(to_scalar(got) + _negative(exact)))
    parts = [
        Fraction(0) if _overflows(g, e, limit, facts) else _distance(g, e)
        for g, e in _parts(got, exact)
    ]
    if len(parts) == 1 or math.inf in parts:
        return max(parts)
    return Fraction(modulus(Complex(Fraction(parts[0]), Fraction(parts[1]))))


def _parts(got: Number, exact: Scalar) -> Iterator[tuple[float, Fraction]]:
    if not isinstance(got, complex):
        assert not isinstance(exact, Complex)
        yield got, Fraction(exact)
        return
    re, im = (exact.re, exact.im) if isinstance(exact, Complex) else (exact, 0)
    yield from ((got.real, Fraction(re)), (got.imag, Fraction(im)))


def _overflows(got: float, exact: Fraction, limit: Fraction, facts: DType) -> bool:
    """Whether infinity is right: some number within the bound rounds to it."""
    return math.isinf(got) and (exact if got > 0 else -exact) + limit >= facts.overflow


def _distance(got: float, exact: Fraction) -> Fraction | float:
    return abs(Fraction(got) - exact) if math.isfinite(got) else math.inf


def _negative(value: Scalar) -> Scalar:
    return value * -1


def _shown(value: Scalar) -> str:
    if isinstance(value, Complex):
        return repr(complex(value.re, value.im))
    return repr(value) if isinstance(value, int) else repr(float(value))
