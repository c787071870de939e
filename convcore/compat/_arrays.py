"""What the adapters share: operands as arrays, and their dtypes by their own library's rules."""

from collections.abc import Iterable
from operator import index
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from convcore._typing import Array
from convcore._weak import is_weak

__all__ = ["arrays", "cast", "distinct_axes", "each", "is_kind", "product_dtype", "widest", "zeros"]

_NARROWER = {"int64": "int32", "float64": "float32", "complex128": "complex64"}


def arrays(*operands: Any) -> tuple[Any, ...]:
    """The operands, numbers and sequences made into arrays of the others' library, or NumPy's."""
    like = next((x for x in operands if not is_weak(x)), None)
    if like is None:
        return tuple(map(np.asarray, operands))
    xp = array_namespace(like)
    return tuple(xp.asarray(x, device=device(like)) if is_weak(x) else x for x in operands)


def each(value: Any) -> tuple[Any, ...]:
    """The items of a sequence, or the one value there is."""
    return tuple(value) if isinstance(value, Iterable) else (value,)


def is_kind(x: Array, *kinds: str) -> bool:
    """Whether an array's dtype is of one of the standard's kinds."""
    return bool(array_namespace(x).isdtype(x.dtype, kinds))


def product_dtype(x: Array, h: Array) -> Any:
    """The dtype that their own library gives a product of two arrays."""
    return array_namespace(x).result_type(x.dtype, h.dtype)


def widest(x: Array, name: str) -> str:
    """A 64-bit dtype; half of it where x's library holds none, as JAX unless told to."""
    held = array_namespace(x).__array_namespace_info__().dtypes()
    return name if name in held else _NARROWER[name]


def cast(x: Array, dtype: Any) -> Any:
    """An array in another dtype of its library, which may be said by name."""
    xp = array_namespace(x)
    return xp.astype(x, getattr(xp, dtype) if isinstance(dtype, str) else dtype)


def zeros(shape: tuple[int, ...], like: Array, dtype: Any) -> Any:
    """Zeros in an array's library, on its device."""
    return array_namespace(like).zeros(shape, dtype=dtype, device=device(like))


def distinct_axes(axes: Any, rank: int) -> list[int]:
    """Axes of an array, none negative; all of them for None."""
    if axes is None:
        return list(range(rank))
    given = [index(axis) for axis in each(axes)]
    found = [axis % rank for axis in given if -rank <= axis < rank]
    if len(set(found)) != len(given):
        raise ValueError(f"axes={axes!r}; allowed are distinct axes of {rank}")
    return found
