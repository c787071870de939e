"""From the user's call to a runner: one dictionary lookup when the call was seen before.

The cache's key is the raw arguments, so equal arguments must mean equal calls (CC-ERROR), and an
entry is made only after the call has succeeded.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from convcore._dtypes import dtype_option
from convcore._errors import ConvcoreError
from convcore._operands import KNOWN, backend_of
from convcore._operations import OPERATIONS, Operation
from convcore._options import Options, context, entered, mirrored
from convcore._parts import clear_parts
from convcore._places import find_owner, find_place
from convcore._planning import make_plan, result_dtype
from convcore._registry import registry
from convcore._sketch import Sketch
from convcore._tuning import forget_tuning
from convcore._typing import Run
from convcore._weak import as_array, check_leaves, is_weak, plain_array

__all__ = ["call", "clear_caches", "traced_call"]

_RUNS: dict[Any, Run] = {}
_MOST_RUNS = 4096
_known = KNOWN.get
_run = _RUNS.get
_compilers = registry.compilers
_modules = sys.modules


class _Call(NamedTuple):
    """One call as it came: operands, options shared by all operations, the operation's own."""

    op: Operation
    x: Any
    w: Any
    bias: Any
    shared: tuple[Any, ...]
    own: tuple[Any, ...]


def call(
    op: Operation,
    x: Any,
    w: Any,
    bias: Any,
    shared: tuple[Any, ...],
    own: tuple[Any, ...],
    said: tuple[Any, ...] | None = None,
) -> Any:
    """Run one call.

    Parameters
    ----------
    op : Operation
    x, w, bias : array, number or sequence
        Data, kernel and bias (or None).
    shared : tuple
        The options method, dtype, precision and backend.
    own : tuple
        The operation's own options.
    said : tuple, optional
        Both as the user spelled them, where they are no longer.
    """
    for module, tracing in _compilers:
        if module in _modules and (traced := tracing()) is not None:
            return traced(op.name, x, w, bias, shared, own, tuple(mirrored()))
    backend = _known(type(x))
    key: tuple[Any, ...] | None = None
    run = None
    if backend is not None:
        try:
            # Types are in it because libraries share dtype objects. A plain tuple, and made here,
            # because this is the hot path: a function of its own would take 60 ns more, and a
            # NamedTuple or a helper for each operand would double its cost.
            key = (
                op,
                x.dtype,
                x.shape,
                w.dtype,
                w.shape,
                type(w),
                type(x),
                shared,
                own,
                context(),
            )
            device = backend.device(x)
            if device is not None:
                key += (device, backend.device(w))
            if bias is not None:
                key += (type(bias), bias.dtype, bias.shape, backend.device(bias))
            if shared[1] is not None:
                # Dtypes of two libraries may have one hash, and warn of ==.
                key += (type(shared[1]),)
            run = _run(key)
        except (AttributeError, TypeError):  # a list for an array; an unhashable option
            key = None
    if run is None:
        return _planned(_Call(op, x, w, bias, shared, own), key, said)
    return run(x, w, bias)


def clear_caches() -> None:
    """Forget every run and array type seen, as after a change of settings.

    The tuning file, and libraries that could not be imported, are looked for again, too.
    """
    _RUNS.clear()
    KNOWN.clear()
    clear_parts()
    forget_tuning()
    registry.forget_missing()


def traced_call(
    op: str,
    x: Any,
    w: Any,
    bias: Any,
    shared: tuple[Any, ...],
    own: tuple[Any, ...],
    options: tuple[Any, ...],
) -> Any:
    """One call as one step of a compiler's graph: planned for it alone, and not remembered.

    Parameters
    ----------
    op : str
        Name of the operation.
    x, w, bias, shared, own
        As in `call`.
    options : tuple
        What was in force there, as `use` says it.
    """
    with entered(Options(*options)):
        return _planned(_Call(OPERATIONS[op], x, w, bias, shared, own), cached=False)


def _planned(
    new: _Call, key: Any = None, said: tuple[Any, ...] | None = None, *, cached: bool = True
) -> Any:
    """A call that no cache knows: plan it, run it, and remember it if it succeeded."""
    with _named(new.op):
        strong = _strengthened(new)
    if strong is not new:
        return call(*strong) if cached else _planned(strong, cached=False)
    x, w, bias = new.x, new.w, new.bias
    with _named(new.op):
        backend = find_owner((new.op.data, new.op.kernel, "bias"), (x, w, bias))
    if not cached or backend is not _known(type(x)):
        key = None  # a sketch; an operand whose backend does not tell of the other's pieces
    elif key is None and said is None:
        # Seen first, or with lists among the options, which no dictionary takes.
        shared, own = _frozen((new.shared, new.own))
        return call(new.op, x, w, bias, shared, own, (new.shared, new.own))
    with _named(new.op):
        shared, own = said or (new.shared, new.own)
        plan = make_plan(new.op, (x, w, bias), shared, own, backend)
        if isinstance(x, Sketch):
            return plan
        result = plan.run(x, w, bias)
    if key is not None:
        _remember(key, plan.run)
    return result


def _strengthened(new: _Call) -> _Call:
    """The call with numbers and sequences made into arrays of the other operand's library."""
    op, x, w, bias, shared, _ = new
    for name, operand in ((op.data, x), (op.kernel, w), ("bias", bias)):
        _check_type(name, operand)
    if shared[1] is not None or any(map(is_weak, (x, w, bias))):
        _check_place(new)
    said = None if shared[1] is None else dtype_option(shared[1])
    if is_weak(x) and is_weak(w):
        x, w = plain_array(op.data, x), plain_array(op.kernel, w)
    elif is_weak(x):
        x, said = as_array(op.data, x, w, op.kernel, said)
    elif is_weak(w):
        w, said = as_array(op.kernel, w, x, op.data, said)
    if bias is not None and is_weak(bias):
        said = result_dtype(op, x, w, said)
        bias, _ = as_array("bias", bias, x, op.data, said)
    if x is new.x and w is new.w and bias is new.bias:
        return new
    return new._replace(x=x, w=w, bias=bias, shared=(shared[0], said, *shared[2:]))


def _check_type(name: str, operand: Any) -> None:
    """Types come before all else that may be wrong with a call."""
    if is_weak(operand):
        check_leaves(name, operand)
    elif operand is not None or name != "bias":
        backend_of(name, operand)


def _check_place(new: _Call) -> None:
    """The device comes before dtypes, which are read here before the call is planned."""
    names = new.op.data, new.op.kernel, "bias"
    arrays = tuple(None if is_weak(array) else array for array in (new.x, new.w, new.bias))
    if all(array is None for array in arrays):
        arrays = (np.empty(0), None, None)  # what numbers and sequences become
    find_place(names, arrays, find_owner(names, arrays), new.shared[3])


@contextmanager
def _named(op: Operation) -> Iterator[None]:
    """Every error of a call says, once, which call it was."""
    try:
        yield
    except ConvcoreError as error:
        error.args = (f"convcore.{op.name}: {error}",)
        raise


def _remember(key: Any, run: Run) -> None:
    if len(_RUNS) >= _MOST_RUNS:
        # Oldest first; another thread may have removed it already.
        _RUNS.pop(next(iter(_RUNS), None), None)
    _RUNS[key] = run


def _frozen(value: Any) -> Any:
    """Lists as tuples, so that a call that spells padding as a list is cached as well."""
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
