"""Which backend serves an array: found by its type's name, without importing any library."""

import sys
from collections.abc import Mapping
from typing import Any

import array_api_compat

from convcore._array_api import ArrayAPIBackend
from convcore._backend import Backend
from convcore._errors import ArrayTypeError
from convcore._registry import registry
from convcore._sketch import Sketch
from convcore._typing import Namespace

__all__ = ["KNOWN", "backend_of", "find_backend", "portable", "type_name"]

KNOWN: dict[type, Backend] = {}
"""Backends by array type, as far as types have been seen."""
_REFUSED = {
    "numpy.ma.MaskedArray": "fill the mask first (x.filled(value))",
    "numpy.matrix": "convert it first (numpy.asarray(x))",
}
"""NumPy's arrays that lie, refused whether or not NumPy's plugin is there."""
_NAMESPACES: dict[Any, ArrayAPIBackend] = {}


def type_name(array: Any) -> str:
    """The full name of an object's type, for messages."""
    return f"{type(array).__module__}.{type(array).__qualname__}"


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
            f"{name} is of type {type_name(x)}, which is no array that convcore knows; allowed are "
            "Python numbers, sequences of them, arrays of the backends "
            f"{', '.join(registry.found)}, and any array of the array API standard"
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
    _check_refused(name, x, _REFUSED)
    nearest, distance = None, len(type(x).__mro__) + 1
    for backend in registry.found.values():
        _check_refused(name, x, backend.refused_types)
        for dotted in backend.array_types:
            cls = _loaded(dotted)
            if cls is not None and isinstance(x, cls):
                mro = type(x).__mro__
                # The nearest ancestor wins; tracers are instances of classes they do not inherit.
                own = mro.index(cls) if cls in mro else len(mro)
                if own < distance:
                    nearest, distance = backend, own
    return nearest


def _check_refused(name: str, x: Any, refused: Mapping[str, str]) -> None:
    for dotted, advice in refused.items():
        cls = _loaded(dotted)
        if cls is not None and isinstance(x, cls):
            raise ArrayTypeError(
                f"{name} is a {type_name(x)}, which convcore would misread; allowed are plain "
                f"arrays: {advice}"
            )


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
