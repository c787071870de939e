"""Exact numbers: int and Fraction, and pairs of them for complex values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

Real: TypeAlias = int | Fraction

# Square roots are rounded up to a multiple of 2**-_ROOT_BITS of the operand's own unit.
_ROOT_BITS = 40


@dataclass(frozen=True, slots=True)
class Complex:
    """An exact complex number.

    Parameters
    ----------
    re, im : int or Fraction
        The real and imaginary parts.
    """

    re: Real
    im: Real

    def __add__(self, other: Scalar) -> Complex:
        if isinstance(other, Complex):
            return Complex(self.re + other.re, self.im + other.im)
        return Complex(self.re + other, self.im)

    def __mul__(self, other: Scalar) -> Complex:
        if isinstance(other, Complex):
            re = self.re * other.re - self.im * other.im
            return Complex(re, self.re * other.im + self.im * other.re)
        return Complex(self.re * other, self.im * other)

    __radd__ = __add__
    __rmul__ = __mul__


Scalar: TypeAlias = int | Fraction | Complex


def conjugate(value: Scalar) -> Scalar:
    return Complex(value.re, -value.im) if isinstance(value, Complex) else value


def denominator(values: Iterable[Scalar]) -> int:
    """Find the least common denominator; a power of two for what floats hold."""
    parts = (
        part
        for value in values
        for part in ((value.re, value.im) if isinstance(value, Complex) else (value,))
    )
    return math.lcm(*{part.denominator for part in parts})


def integral(value: Scalar, scale: int) -> Scalar:
    """``value * scale`` held as ints, so that the loops over many terms stay fast."""
    if isinstance(value, Complex):
        return Complex(int(value.re * scale), int(value.im * scale))
    return int(value * scale)


def sqrt_up(value: Real) -> Fraction:
    """Give the square root of a non-negative number, rounded up, exact for perfect squares."""
    exact = Fraction(value)
    # sqrt(a / b) = sqrt(a b) / b keeps the radicand an int.
    radicand = (exact.numerator * exact.denominator) << (2 * _ROOT_BITS)
    root = math.isqrt(radicand)
    return Fraction(root + (root * root < radicand), exact.denominator << _ROOT_BITS)


def square(value: Scalar) -> Real:
    """Square the modulus."""
    if isinstance(value, Complex):
        return value.re * value.re + value.im * value.im
    return value * value


def modulus_up(value: Scalar) -> Real:
    """Give the modulus, rounded up; exact for real numbers."""
    if isinstance(value, Complex):
        return sqrt_up(square(value))
    return value if value >= 0 else -value


def wrapped(value: int, bits: int, *, signed: bool) -> int:
    """Give the representative of ``value`` modulo 2**bits that an integer type holds."""
    value %= 1 << bits
    return value - (1 << bits) if signed and value >> (bits - 1) else value
