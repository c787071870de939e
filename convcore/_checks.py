"""Checks of shapes shared by both pairs; they speak of what the user passed."""

from cmath import isfinite
from collections.abc import Callable
from operator import lt
from typing import Any

from convcore._arguments import as_int, choice, per_axis
from convcore._dtypes import DTYPES, accumulator
from convcore._errors import OptionError, ShapeError
from convcore._typing import Comparison, Scalar, Size

__all__ = ["BOUNDARIES", "Surely", "check_fill", "check_length", "parse_boundary"]

BOUNDARIES = ("constant", "reflect", "symmetric", "edge", "wrap")

Surely = Callable[[Comparison, Size, Size], bool]
"""Whether a comparison of sizes certainly holds; a backend answers it for symbolic sizes."""


def check_length(name: str, axis: int, length: Size, surely: Surely) -> None:
    """Refuse a convolved axis that has no samples, or an unknown number of them."""
    if length != length:  # nan: a lazy library that does not know
        raise ShapeError(
            f"{name} has an unknown length on convolved axis {axis}; compute its chunk sizes first"
        )
    if surely(lt, length, 1):
        raise ShapeError(
            f"{name} has length {length} on convolved axis {axis}; allowed is 1 or more"
        )


def parse_boundary(boundary: Any, count: int) -> tuple[str, ...]:
    """One boundary name per convolved axis."""
    names = per_axis("boundary", boundary, count)
    for name in names:
        if choice("boundary", name, BOUNDARIES) is None:
            raise OptionError(
                f"boundary={boundary!r} is no boundary; "
                f"allowed are {', '.join(map(repr, BOUNDARIES))}"
            )
    return tuple(str(name) for name in names)


def check_fill(fill: Any, boundaries: tuple[str, ...], dtype: str) -> Scalar:
    """The fill value as the plainest Python number that equals it, if the result can hold it."""
    value = _plain(fill)
    if value != 0 and boundaries and "constant" not in boundaries:
        raise OptionError(
            f"fill_value={fill!r} with boundary={boundaries!r}: only the boundary 'constant' "
            "has a fill value; leave it at 0"
        )
    info = DTYPES[dtype]
    if isinstance(value, complex) and info.kind != "complex floating":
        raise OptionError(f"fill_value={fill!r} is complex; dtype {dtype} allows real numbers")
    if info.kind == "integer":
        _check_integer_fill(fill, value, dtype)
    elif isfinite(value) and abs(value) > DTYPES[accumulator(dtype)].largest:
        raise OptionError(
            f"fill_value={fill!r} overflows {accumulator(dtype)}; "
            f"allowed are magnitudes up to {DTYPES[accumulator(dtype)].largest}, inf and nan"
        )
    return value


def _check_integer_fill(fill: Any, value: Scalar, dtype: str) -> None:
    info = DTYPES[dtype]
    least = -(2 ** (info.bits - 1)) if info.signed else 0
    most = 2 ** (info.bits - info.signed) - 1
    if not isinstance(value, int) or not least <= value <= most:
        raise OptionError(
            f"fill_value={fill!r} does not fit dtype {dtype}; "
            f"allowed are the integers {least} ... {most}"
        )


def _plain(fill: Any) -> Scalar:
    if isinstance(fill, str) or getattr(fill, "shape", ()) != ():
        raise OptionError(f"fill_value={fill!r} is not a number; allowed is one Python number")
    try:
        value = complex(fill)
    except (TypeError, ValueError, OverflowError) as error:
        raise OptionError(
            f"fill_value={fill!r} is not a number; allowed is one Python number"
        ) from error
    if value.imag != 0:
        return value
    if value.real != value.real or value.real in (float("inf"), float("-inf")):
        return value.real
    # Through int first: a 64-bit integer would lose digits in a float.
    try:
        return int(as_int("fill_value", fill))
    except OptionError:
        return value.real
