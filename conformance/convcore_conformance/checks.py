"""One call of a library, held against its exact result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import convcore

from .bounds import bounds
from .calls import Array, Call
from .compare import assert_array, assert_literal, assert_values
from .exact import Expected
from .libraries import Library

__all__ = ["METHODS", "RATIOS", "able", "check", "check_literal", "outcome", "run"]

METHODS = ("auto", "direct", "fft", "overlap_add", "native")
RATIOS: list[float] = []
"""Errors over their bounds, of the test that runs now."""


def run(library: Library, call: Call) -> Array:
    """Run a call in a library, on small numbers that its narrower dtypes hold as well.

    Parameters
    ----------
    library : Library
        Whose arrays to use.
    call : Call
        What to run; arrays of a dtype that the library lacks are taken in its widest of that kind.

    Returns
    -------
    ndarray
        A copy of the result.
    """
    held = call.on(library.held)
    with library.settings():
        arrays, options = library.arguments(held)
        return np.array(library.numpy(getattr(convcore, call.op)(*arrays, **options)))


def check(library: Library, call: Call, wanted: Expected) -> float | None:
    """Run a call and hold type, dtype, device, shape and every value against the exact result.

    Parameters
    ----------
    library : Library
        Whose arrays to use.
    call : Call
        What to run, with its method.
    wanted : Expected
        What it must give.

    Returns
    -------
    float or None
        The worst error over bound; None where the forced method cannot serve and says so.
    """
    with library.settings():
        got = _run(library, call, wanted.dtype, wanted.shape)
        if got is None:
            return None
        arrays, options = library.arguments(call)
        accuracy = convcore.plan(call.op, *arrays, **options).accuracy
        ratio = assert_values(library.numpy(got), wanted, bounds(wanted, accuracy))
        RATIOS.append(ratio)
        return ratio


def check_literal(library: Library, call: Call, wanted: Array) -> None:
    """Run a call and hold it against written-out values.

    Parameters
    ----------
    library : Library
        Whose arrays to use.
    call : Call
        What to run, with its method.
    wanted : ndarray
        Dtype, shape and values.
    """
    with library.settings():
        got = _run(library, call, wanted.dtype.name, wanted.shape)
        if got is not None:
            assert_literal(library.numpy(got), wanted)


def able(library: Library, call: Call) -> set[str]:
    """Give the methods that a plan of the call offers.

    Parameters
    ----------
    library : Library
        Whose arrays to use.
    call : Call
        The call; its own method does not count.

    Returns
    -------
    set of str
        The method of every candidate.
    """
    arrays, options = library.arguments(call.but(method="auto"))
    plan = convcore.plan(call.op, *arrays, **options)
    return {"auto", plan.method, *(candidate.method for candidate in plan.rejected)}


def outcome(library: Library, op: str, arrays: Sequence[Any], options: Mapping[str, Any]) -> object:
    """Give what a call comes to, so that two calls can be compared.

    Parameters
    ----------
    library : Library
        Whose arrays are passed.
    op : str
        The name of the operation.
    arrays, options : sequence, mapping
        As they are passed.

    Returns
    -------
    tuple or type
        The result's dtype, shape and bytes, or the class of the refusal.
    """
    try:
        got = getattr(convcore, op)(*arrays, **options)
    except convcore.ConvcoreError as error:
        return type(error)
    read = library.numpy(got)
    return str(got.dtype), read.shape, read.tobytes()


def _run(library: Library, call: Call, dtype: str, shape: tuple[int, ...]) -> Any:
    """Run a call and compare all but its values; None where its method cannot serve."""
    arrays, options = library.arguments(call)
    try:
        got = getattr(convcore, call.op)(*arrays, **options)
    except convcore.MethodError:
        method = call.kwargs.get("method")
        assert method not in able(library, call), f"{method} is a candidate, but was refused"
        return None
    assert_array(got, arrays[call.places[0]], library, dtype, shape)
    for place in call.places:
        left = library.numpy(arrays[place]).tobytes()
        assert left == call.arrays[place].tobytes(), "an operand was changed"
    return got
