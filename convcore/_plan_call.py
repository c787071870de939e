"""`plan`: what a call would do. It makes the call with sketches in place of its arrays."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from convcore import _api_neural, _api_signal
from convcore._backend import ARRAY_API, Backend
from convcore._dtypes import dtype_option, native
from convcore._errors import OptionError
from convcore._operands import backend_of, find_backend
from convcore._options import context
from convcore._plan import Plan
from convcore._registry import registry
from convcore._sketch import Sketch
from convcore._typing import Device, Shape
from convcore._weak import is_weak, plain_array

__all__ = ["plan"]

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(module, name) for module in (_api_signal, _api_neural) for name in module.__all__
}
_ARRAYS = ("x1", "x2", "x", "w", "bias", "grad")


def plan(op: str | Callable[..., Any], /, *args: Any, **kwargs: Any) -> Plan:
    """What a call would run, and why; nothing is computed.

    Parameters
    ----------
    op : callable or str
        One of the operations, or its name.
    *args, **kwargs
        Its arguments. For an array may stand anything with ``.shape`` and ``.dtype``, or a
        (shape, dtype) pair; of these only shape, dtype and device are read.

    Returns
    -------
    Plan
        Prints as an account; can be called with arrays, and prepared with a kernel.

    Raises
    ------
    ConvcoreError
        As the call itself.

    Examples
    --------
    >>> convcore.plan("convolve", ((100_000,), "float32"), ((31,), "float32")).accuracy.name
    'componentwise'
    """
    function = _FUNCTIONS.get(op) if isinstance(op, str) else None
    function = function or next((f for f in _FUNCTIONS.values() if f is op), None)
    if function is None:
        raise OptionError(
            f"convcore.plan: op={op!r} is no operation; allowed are {', '.join(_FUNCTIONS)}"
        )
    import inspect  # 5 ms that importing convcore need not pay

    bound = inspect.signature(function).bind(*args, **kwargs)
    given = {key: value for key, value in bound.arguments.items() if key in _ARRAYS}
    wanted = bound.arguments.get("backend") or context().backend
    sketches = {key: _sketch(key, value, given, wanted) for key, value in given.items()}
    bound.arguments.update(sketches)
    return cast(Plan, function(*bound.args, **bound.kwargs))


def _sketch(name: str, value: Any, given: dict[str, Any], wanted: str | None) -> Any:
    """A sketch of one array argument; a number or list stays, to take its library from others."""
    if value is None:
        return None
    if _is_pair(value):
        return _described(tuple(value[0]), dtype_option(value[1], name), given, wanted)
    if is_weak(value):
        if all(other is None or _is_plain(other) for other in given.values()):
            plain = plain_array(name, value)
            return _described(plain.shape, plain.dtype, given, wanted)
        return value
    backend = find_backend(name, value)
    if backend is not None:
        return Sketch(tuple(value.shape), value.dtype, backend, backend.device(value))
    described = isinstance(getattr(value, "shape", None), tuple | list)
    if not described or getattr(value, "dtype", None) is None:
        backend_of(name, value)  # raises, and says what an operand may be
    return _described(tuple(value.shape), dtype_option(value.dtype, name), given, wanted)


def _is_pair(value: Any) -> bool:
    """Whether a value is a (shape, dtype) pair."""
    return (
        isinstance(value, tuple | list)
        and len(value) == 2
        and isinstance(value[0], tuple | list)
        and not isinstance(value[1], tuple | list | int | float | complex)
    )


def _is_plain(value: Any) -> bool:
    return is_weak(value) and not _is_pair(value)


def _described(shape: Shape, dtype: Any, given: dict[str, Any], wanted: str | None) -> Sketch:
    """A sketch of what only has a shape and a dtype: in the library of the other operands.

    If those have none either, in that of the backend that is asked for, where it makes its arrays.
    """
    arrays = [v for v in given.values() if v is not None and not is_weak(v)]
    for array in arrays:
        backend = find_backend("an operand", array)
        if backend is not None:
            return Sketch(shape, dtype, backend, backend.device(array))
    if wanted is not None and wanted != ARRAY_API:
        home = registry.get(wanted)
        said = context()
        # A device was said together with a backend, and is meant for no other.
        device = said.device if wanted == said.backend else None
        return Sketch(shape, dtype, home, home.device(_made(home, device)))
    default = np.empty(0)
    backend = backend_of("an operand", default)
    return Sketch(shape, dtype, backend, backend.device(default))


def _made(home: Backend, device: Device) -> Any:
    """An array of a backend: on that device, or wherever it makes arrays where None is named."""
    if device is not None:
        return home.lend(np.empty(0, "float32"), device)
    xp = home.namespace(None)
    return xp.asarray([], dtype=native(xp, "float32"))
