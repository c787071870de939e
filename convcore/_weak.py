"""Weak operands: what a Python number or a nested sequence becomes beside an array (CC-WEAK)."""

from collections.abc import Sequence
from typing import Any

import array_api_compat
import numpy as np

from convcore._blocks import inner_blocks
from convcore._dtypes import DTYPES, accumulator, dtype_name, is_higher_kind, native
from convcore._errors import ArrayTypeError, DTypeError, ShapeError
from convcore._operands import backend_of
from convcore._sketch import Sketch

__all__ = ["as_array", "check_fits", "check_leaves", "is_weak", "plain_array"]

_MOST_AXES = 64
# Tuples, because a union is made anew wherever it is written.
_INTEGERS = (int, np.integer)
_NUMBERS = (int, float, complex)
_ATOMS = (str, bytes, bytearray, np.generic)  # sequences, some of them, that are no lists of items


def is_weak(value: Any) -> bool:
    """Whether a value is a Python number or a sequence, which take their library from others."""
    return (isinstance(value, _NUMBERS) and not isinstance(value, np.generic)) or _is_nested(value)


def _is_nested(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, _ATOMS)


def as_array(name: str, value: Any, like: Any, beside: str, dtype: str | None) -> tuple[Any, str]:
    """A number or sequence as an array of like's library, and the result's dtype (CC-WEAK).

    It is converted once, from its own values to what the sums are in; so it may be wider than
    the operand beside it, and the result's dtype has to be said.

    Parameters
    ----------
    like : array or Sketch
        The operand it stands beside.
    beside : str
        What the user calls that operand.
    dtype : str or None
        The result's dtype where the call says one.
    """
    backend = backend_of(beside, like)
    blocks = inner_blocks(like, backend)
    if blocks is not None:  # the blocks' library, as arrays of it are taken beside the other
        backend = blocks.backend
    plain = plain_array(name, value)
    xp = backend.namespace(None if blocks else like)
    own, other = dtype_name(plain.dtype, name), dtype or dtype_name(like.dtype, beside)
    result = other
    if is_higher_kind(own, other):
        if dtype is not None:
            raise DTypeError(
                f"{name} holds {DTYPES[own].kind} numbers, of a higher kind than dtype={dtype}; "
                "allowed are dtypes of that kind or a higher one"
            )
        result = _higher_kind_default(xp, own, other)
    check_fits(name, plain, result)
    sums = accumulator(result)
    if isinstance(like, Sketch):
        device = blocks.device if blocks else like.device
        return Sketch(plain.shape, sums, backend, device), result
    if blocks is not None:
        return blocks.asarray(plain.tolist(), sums), result
    device = array_api_compat.device(like)
    return xp.asarray(plain.tolist(), dtype=native(xp, sums), device=device), result


def plain_array(name: str, value: Any) -> Any:
    """A Python number, or a nested sequence of them, as NumPy reads it."""
    leaves = check_leaves(name, value)
    try:
        plain = np.asarray(value)
    except ValueError as error:
        raise ShapeError(f"{name} is a ragged sequence; allowed are rows of one length") from error
    integers = all(issubclass(leaf, _INTEGERS) for leaf in leaves)
    if plain.dtype == object or (integers and leaves and plain.dtype.kind == "f"):
        items = np.asarray(value, dtype=object).reshape(-1)
        found = [item for item in items if isinstance(item, _INTEGERS)]
        raise DTypeError(
            f"{name} holds integers from {min(found)} to {max(found)}, which no 64-bit integer "
            "dtype holds; allowed are those of int64, or of uint64"
        )
    return plain


def check_leaves(name: str, value: Any) -> set[type]:
    """The types of a sequence's innermost items, which must be numbers."""
    leaves = _leaf_types(name, value)
    for leaf in leaves:
        if not issubclass(leaf, (*_NUMBERS, np.number, np.bool)):
            raise ArrayTypeError(
                f"{name} is a sequence that holds a {leaf.__module__}.{leaf.__qualname__}; allowed "
                "are nested sequences of numbers, or one array: stack arrays first"
            )
    return leaves


def _leaf_types(name: str, value: Any) -> set[type]:
    level: list[Any] = [value]
    leaves: set[type] = set()
    for _ in range(_MOST_AXES):
        if not level:
            return leaves
        # One item tells for all of its type.
        examples = {type(item): item for item in level}
        nested = {kind for kind, item in examples.items() if _is_nested(item)}
        leaves.update(examples.keys() - nested)
        level = [item for each in level if type(each) in nested for item in each]
    raise ShapeError(f"{name} is nested deeper than {_MOST_AXES} levels; allowed are no more axes")


def _higher_kind_default(xp: Any, own: str, dtype: str) -> str:
    """The dtype of a number of a higher kind than the array beside it."""
    if DTYPES[dtype].kind == "real floating":
        return "complex128" if dtype == "float64" else "complex64"
    made = xp.asarray([0.5 if DTYPES[own].kind == "real floating" else 0.5j])
    return dtype_name(made.dtype, "the default dtype")


def check_fits(name: str, plain: Any, target: str) -> None:
    """Refuse integers that an integer dtype would wrap."""
    if DTYPES[target].kind != "integer":
        return
    info = np.iinfo(target)
    if plain.size and (plain.min() < info.min or plain.max() > info.max):
        worst = plain.min() if plain.min() < info.min else plain.max()
        raise DTypeError(
            f"{name} holds {worst}, which does not fit dtype {target}; "
            "convert the other operand, say a wider dtype=, or pass an array"
        )
