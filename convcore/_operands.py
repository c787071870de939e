"""Operands: which backend serves an array, and what a scalar or a list becomes beside one."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import array_api_compat
import numpy as np

from convcore._array_api import ArrayAPIBackend
from convcore._backend import Backend
from convcore._dtypes import DTYPES, accumulator, dtype_name, is_higher_kind, native
from convcore._errors import ArrayTypeError, DeviceError, DTypeError, ShapeError
from convcore._registry import registry
from convcore._typing import Device, DType, Namespace, Shape

__all__ = [
    "KNOWN",
    "Expected",
    "Sketch",
    "as_array",
    "as_expected",
    "backend_of",
    "dtype_option",
    "find_backend",
    "is_weak",
    "plain_array",
    "portable",
    "sketch",
]

KNOWN: dict[type, Backend] = {}
"""Backends by array type, as far as types have been seen."""
_NAMESPACES: dict[Any, ArrayAPIBackend] = {}


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a plan needs of an array; a call with sketches for arrays returns its Plan."""

    shape: Shape
    dtype: DType
    backend: Backend
    device: Device


@dataclass(frozen=True, slots=True)
class Expected:
    """An operand of a plan: what the user calls it, its role ("x", "w" or "bias"), and its kind."""

    name: str
    role: str
    kind: Sketch


def as_expected(expected: Expected, array: Any) -> Any:
    """The array, which must be of the kind expected; numbers and sequences become one."""
    name, kind = expected.name, expected.kind
    if is_weak(array):
        array = plain_array(name, array)
        backend = find_backend(name, array)
    else:
        backend = backend_of(name, array)
    if backend is not kind.backend:
        raise ArrayTypeError(f"{name} is {_kind_of(array)}; this plan is for {kind.backend.name}")
    if tuple(array.shape) != kind.shape:
        raise ShapeError(f"{name} has shape {tuple(array.shape)}; this plan is for {kind.shape}")
    if dtype_name(array.dtype, name) != dtype_name(kind.dtype, name):
        raise DTypeError(f"{name} has dtype {array.dtype}; this plan is for {kind.dtype}")
    if backend.device(array) != kind.device:
        raise DeviceError(
            f"{name} is on {backend.device(array)}; this plan is for device {kind.device}"
        )
    return array


def sketch(array: Any, backend: Backend) -> Sketch:
    """What a plan needs of an array."""
    if isinstance(array, Sketch):
        return array
    return Sketch(tuple(array.shape), array.dtype, backend, backend.device(array))


def _kind_of(array: Any) -> str:
    return f"of type {type(array).__module__}.{type(array).__qualname__}"


def is_weak(value: Any) -> bool:
    """Whether a value is a Python number or a sequence, which take their library from others."""
    if isinstance(value, np.generic):
        return False
    return isinstance(value, int | float | complex) or (
        isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)
    )


def backend_of(name: str, x: Any) -> Backend:
    """The backend that serves an array: a plugin that names its class, or its own namespace.

    Raises
    ------
    ArrayTypeError
        For what is no array, and for the classes that a backend refuses.
    """
    if isinstance(x, Sketch):
        return x.backend
    found = find_backend(name, x)
    if found is None:
        raise ArrayTypeError(
            f"{name} is {_kind_of(x)}, which is no array that convcore knows; allowed are Python "
            f"numbers, sequences of them, arrays of the backends {', '.join(registry.found)}, "
            "and any array of the array API standard"
        )
    return found


def find_backend(name: str, x: Any) -> Backend | None:
    """As `backend_of`, but None for what is no array."""
    known = KNOWN.get(type(x))
    if known is None:
        known = _from_plugins(name, x) or _from_namespace(x)
        if known is not None:
            KNOWN[type(x)] = known
    return known


def _from_plugins(name: str, x: Any) -> Backend | None:
    claims: list[tuple[int, Backend]] = []
    for backend in registry.found.values():
        _check_refused(name, x, backend.refused_types)
        for dotted in backend.array_types:
            cls = _loaded(dotted)
            if cls is not None and isinstance(x, cls):
                mro = type(x).__mro__
                # The nearest ancestor wins; tracers are instances of classes they do not inherit.
                claims.append((mro.index(cls) if cls in mro else len(mro), backend))
    return min(claims, key=lambda claim: claim[0])[1] if claims else None


def _check_refused(name: str, x: Any, refused: Mapping[str, str]) -> None:
    for dotted, advice in refused.items():
        cls = _loaded(dotted)
        if cls is not None and isinstance(x, cls):
            raise ArrayTypeError(f"{name} is a {dotted}, which convcore would misread; {advice}")


def _loaded(dotted: str) -> type | None:
    """A class by its dotted name, if its module is loaded; an array's always is."""
    module, _, qualname = dotted.rpartition(".")
    found = getattr(sys.modules.get(module), qualname, None)
    return found if isinstance(found, type) else None


def _from_namespace(x: Any) -> Backend | None:
    try:
        return portable(array_api_compat.array_namespace(x))
    except TypeError:  # no array of the standard
        return None


def portable(xp: Namespace) -> ArrayAPIBackend:
    """The one backend of a namespace that runs the portable algorithms."""
    return _NAMESPACES.setdefault(xp, ArrayAPIBackend(xp))


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
    plain = plain_array(name, value)
    backend = backend_of(beside, like)
    xp = backend.namespace(like)
    own, other = dtype_name(plain.dtype, name), dtype or dtype_name(like.dtype, beside)
    result = other
    if is_higher_kind(own, other):
        if dtype is not None:
            raise DTypeError(
                f"{name} holds {DTYPES[own].kind} numbers, of a higher kind than dtype={dtype}; "
                "allowed are dtypes of that kind or a higher one"
            )
        result = _higher_kind_default(xp, own, other)
    if DTYPES[result].kind == "integer":
        _check_fits(name, plain, result)
    sums = accumulator(result)
    if isinstance(like, Sketch):
        return Sketch(plain.shape, sums, backend, like.device), result
    device = array_api_compat.device(like)
    return xp.asarray(plain.tolist(), dtype=native(xp, sums), device=device), result


def plain_array(name: str, value: Any) -> Any:
    """A Python number, or a nested sequence of them, as NumPy reads it."""
    for leaf in _leaf_types(value):
        if not issubclass(leaf, bool | int | float | complex | np.number | np.bool):
            raise ArrayTypeError(
                f"{name} is a sequence that holds a {leaf.__module__}.{leaf.__qualname__}; "
                "allowed are nested sequences of numbers, or one array"
            )
    try:
        plain = np.asarray(value)
    except ValueError as error:
        raise ShapeError(f"{name} is a ragged sequence; allowed are rows of one length") from error
    if plain.dtype == object:
        raise DTypeError(f"{name} holds an integer beyond 64 bits; allowed are 64-bit integers")
    return plain


def _leaf_types(value: Any) -> set[type]:
    level: list[Any] = [value]
    leaves: set[type] = set()
    while level:
        nested = [v for v in level if is_weak(v) and isinstance(v, Sequence)]
        leaves.update(type(v) for v in level if not (is_weak(v) and isinstance(v, Sequence)))
        level = [item for sequence in nested for item in sequence]
    return leaves


def _higher_kind_default(xp: Any, own: str, dtype: str) -> str:
    """The dtype of a number of a higher kind than the array beside it."""
    if DTYPES[dtype].kind == "real floating":
        return "complex128" if dtype == "float64" else "complex64"
    made = xp.asarray([0.5 if DTYPES[own].kind == "real floating" else 0.5j])
    return dtype_name(made.dtype, "the default dtype")


def _check_fits(name: str, plain: Any, target: str) -> None:
    info = np.iinfo(target)
    if plain.size and (plain.min() < info.min or plain.max() > info.max):
        worst = plain.min() if plain.min() < info.min else plain.max()
        raise DTypeError(
            f"{name} holds {worst}, which does not fit dtype {target}; "
            "convert the other operand, say a wider dtype=, or pass an array"
        )


def dtype_option(dtype: DType) -> str:
    """Name of the dtype that a ``dtype=`` option means: a name, or any library's dtype object."""
    if isinstance(dtype, str) and dtype in DTYPES:
        return dtype
    if isinstance(dtype, str | type):
        try:
            dtype = np.dtype(dtype)
        except TypeError:
            raise DTypeError(
                f"dtype={dtype!r} is no dtype; allowed are {', '.join(DTYPES)}"
            ) from None
    return dtype_name(dtype, "dtype=")
