"""Facts about data types, by name, and the promotion rule; no array library is asked."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["DTYPES", "DType", "accumulator", "promoted"]


@dataclass(frozen=True)
class DType:
    """A data type as the tolerances need it.

    Parameters
    ----------
    name : str
        The array API's name, such as ``"float32"``.
    kind : str
        One of ``"int"``, ``"float"``, ``"complex"``, in ascending order.
    bits : int
        The width; of one component where complex.
    signed : bool
        Whether an integer type has negative values.
    precision : int
        The significand bits of a float, the hidden one included; 0 for integers.
    min_exponent : int
        The exponent of the smallest positive normal float.
    """

    name: str
    kind: str
    bits: int
    signed: bool = True
    precision: int = 0
    min_exponent: int = 0

    @property
    def roundoff(self) -> Fraction:
        """The unit roundoff u, half the spacing at 1."""
        return Fraction(1, 2**self.precision)

    @property
    def tiny(self) -> Fraction:
        """The smallest positive normal number."""
        return Fraction(1, 2**-self.min_exponent)

    @property
    def overflow(self) -> Fraction:
        """The least magnitude that rounds to infinity: half a spacing above the largest float."""
        return (2 - Fraction(1, 2**self.precision)) * Fraction(2) ** (1 - self.min_exponent)


_INTEGERS = [
    DType(f"{'' if signed else 'u'}int{bits}", "int", bits, signed)
    for signed in (True, False)
    for bits in (8, 16, 32, 64)
]
_FLOATS = [
    DType("float16", "float", 16, precision=11, min_exponent=-14),
    DType("bfloat16", "float", 16, precision=8, min_exponent=-126),
    DType("float32", "float", 32, precision=24, min_exponent=-126),
    DType("float64", "float", 64, precision=53, min_exponent=-1022),
    DType("complex64", "complex", 32, precision=24, min_exponent=-126),
    DType("complex128", "complex", 64, precision=53, min_exponent=-1022),
]

DTYPES = {dtype.name: dtype for dtype in (*_INTEGERS, *_FLOATS)}

_KINDS = ("int", "float", "complex")


def promoted(a: str, b: str) -> str:
    """Give the result dtype of two operands.

    Parameters
    ----------
    a, b : str
        Names of dtypes.

    Returns
    -------
    str
        By the array API's promotion; of different kinds the higher decides.

    Raises
    ------
    ValueError
        For uint64 with a signed integer, which no integer type holds.
    """
    low, high = sorted((DTYPES[a], DTYPES[b]), key=lambda t: (_KINDS.index(t.kind), t.bits))
    if low.kind == high.kind == "int":
        return _promoted_integers(low, high)
    if low.kind == "int" or low.name == high.name:
        return high.name
    if high.kind == "complex":
        return f"complex{2 * max(low.bits, high.bits)}"
    return "float32" if low.bits == high.bits else high.name  # float16 with bfloat16


def _promoted_integers(low: DType, high: DType) -> str:
    if low.signed == high.signed:
        return high.name
    signed, unsigned = (low, high) if low.signed else (high, low)
    bits = max(signed.bits, 2 * unsigned.bits)
    if bits > 64:
        raise ValueError("uint64 with a signed integer has no result dtype")
    return f"int{bits}"


def accumulator(name: str) -> str:
    """Give the dtype in which a result dtype is summed."""
    return "float32" if name in ("float16", "bfloat16") else name
