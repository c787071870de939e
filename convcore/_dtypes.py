"""Dtypes by name: kinds, promotion, accumulators. No library's dtype object lives past here."""

from typing import NamedTuple

import numpy as np

from convcore._errors import DTypeError
from convcore._typing import DType, Namespace

__all__ = [
    "DTYPES",
    "DTypeInfo",
    "accumulator",
    "dtype_name",
    "dtype_option",
    "is_higher_kind",
    "native",
    "promote",
]

_KINDS = ("integer", "real floating", "complex floating")


class DTypeInfo(NamedTuple):
    """What the spec needs to know of one dtype.

    Attributes
    ----------
    kind : {"integer", "real floating", "complex floating"}
    bits : int
        Width of the whole element.
    signed : bool
        False for the unsigned integers alone.
    unit : float
        Unit roundoff of each real component; 0 for integers.
    tiny, largest : float
        Smallest positive normal and largest finite number; 0 for integers.
    """

    kind: str
    bits: int
    signed: bool = True
    unit: float = 0.0
    tiny: float = 0.0
    largest: float = 0.0


def _floating(kind: str, bits: int, digits: int, exponent: int) -> DTypeInfo:
    """A binary format of so many significant bits and so large an exponent."""
    unit, tiny = 2.0**-digits, 2.0 ** (2 - exponent)
    return DTypeInfo(kind, bits, True, unit, tiny, (2 - 2 * unit) * 2.0 ** (exponent - 1))


DTYPES: dict[str, DTypeInfo] = {
    **{f"int{b}": DTypeInfo("integer", b) for b in (8, 16, 32, 64)},
    **{f"uint{b}": DTypeInfo("integer", b, signed=False) for b in (8, 16, 32, 64)},
    "float16": _floating("real floating", 16, 11, 16),
    "bfloat16": _floating("real floating", 16, 8, 128),
    "float32": _floating("real floating", 32, 24, 128),
    "float64": _floating("real floating", 64, 53, 1024),
    "complex64": _floating("complex floating", 64, 24, 128),
    "complex128": _floating("complex floating", 128, 53, 1024),
}


def dtype_name(dtype: DType, argument: str) -> str:
    """Name of a library's dtype object, which must be one that the spec names.

    Raises
    ------
    DTypeError
        For bool, and for every dtype that the spec does not name.
    """
    name = _plain_name(dtype)
    if name in DTYPES:
        return name
    if name.startswith("bool"):
        raise DTypeError(
            f"{argument} has dtype bool, which has no sum of products; "
            "convert it first to the integer or float that is meant (uint8, float32, ...)"
        )
    raise DTypeError(
        f"{argument} has dtype {dtype}, which convcore does not define; "
        f"allowed are {', '.join(DTYPES)}: convert it first"
    )


def _plain_name(dtype: DType) -> str:
    # NumPy-like dtypes carry a name ('>f4' is "float32"); scalar types such as jnp.float32 a
    # __name__; the others print as "library.float32".
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None)
    return name if isinstance(name, str) else str(dtype).rpartition(".")[2]


def dtype_option(dtype: DType, argument: str = "dtype") -> str:
    """Name of the dtype that a user means: a name, or any library's dtype object."""
    if isinstance(dtype, str) and dtype in DTYPES:
        return dtype
    if isinstance(dtype, str | type):
        try:
            dtype = np.dtype(dtype)
        except (TypeError, ValueError, SyntaxError):  # it parses strings
            raise DTypeError(
                f"{argument}={dtype!r} is no dtype; allowed are {', '.join(DTYPES)}"
            ) from None
    return dtype_name(dtype, "dtype=" if argument == "dtype" else argument)


def is_higher_kind(a: str, b: str) -> bool:
    """Whether dtype a is of a higher kind than b (integer < real < complex)."""
    return _KINDS.index(DTYPES[a].kind) > _KINDS.index(DTYPES[b].kind)


def promote(a: str, b: str) -> str:
    """Result dtype of operands of dtypes a and b, by CC-DTYPE.

    Raises
    ------
    DTypeError
        For uint64 with a signed integer: no integer dtype holds both.
    """
    if a == b:
        return a
    kinds = {DTYPES[a].kind, DTYPES[b].kind}
    if "integer" in kinds and len(kinds) == 1:
        return _promote_integers(a, b)
    if "integer" in kinds:
        return b if DTYPES[a].kind == "integer" else a
    if len(kinds) == 1:
        return _promote_floats(a, b)
    return "complex128" if {"float64", "complex128"} & {a, b} else "complex64"


def _promote_integers(a: str, b: str) -> str:
    ia, ib = DTYPES[a], DTYPES[b]
    if ia.signed == ib.signed:
        return a if ia.bits >= ib.bits else b
    signed, unsigned = (ia, ib) if ia.signed else (ib, ia)
    bits = max(signed.bits, 2 * unsigned.bits)
    if bits > 64:
        raise DTypeError(
            f"dtypes {a} and {b}: no integer dtype holds both; say the result with dtype=, "
            "or convert one operand"
        )
    return f"int{bits}"


def _promote_floats(a: str, b: str) -> str:
    if {a, b} == {"float16", "bfloat16"}:
        return "float32"  # neither holds the other's range and precision
    return a if DTYPES[a].bits >= DTYPES[b].bits else b


def accumulator(dtype: str) -> str:
    """Dtype in which a result of this dtype is computed."""
    return "float32" if dtype in ("float16", "bfloat16") else dtype


def native(xp: Namespace, name: str) -> DType:
    """The library's own dtype object of that name.

    Raises
    ------
    DTypeError
        Where the library has none.
    """
    found = getattr(xp, name, None)
    if found is None:
        raise DTypeError(f"dtype {name} does not exist in {getattr(xp, '__name__', xp)}")
    return found
