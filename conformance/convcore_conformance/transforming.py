"""A call as a function of its operands, so that a library can transform it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import convcore

from .calls import Array, Call
from .libraries import Library
from .transforms import TRANSFORMS, Function, Transforms

__all__ = ["assert_equal", "function_of", "held", "operands", "row_of", "way"]


def row_of(library: Library) -> Transforms:
    """Give what is known of a library's transforms.

    Parameters
    ----------
    library : Library
        Whose arrays' classes tell.

    Returns
    -------
    Transforms
        An empty one for a library without a row.
    """
    with library.settings():
        classes = type(library.asarray(0, "float32")).__mro__
    words = [cls.__module__.partition(".")[0] for cls in classes]
    return next((TRANSFORMS[word] for word in words if word in TRANSFORMS), Transforms())


def way(library: Library, *names: str) -> Callable[..., Any]:
    """Give how a library does the first of these transforms that it has; skip if it has none.

    Parameters
    ----------
    library : Library
        Whose backend says which transforms it has.
    *names : str
        As capabilities name them.

    Returns
    -------
    callable
        As `Transforms` describes it.
    """
    ways = row_of(library).ways
    known = convcore.backends().get(library.backend)
    able = known.capabilities.transforms if known and known.capabilities else ()
    for name in names:
        if name in able and name in ways:
            return ways[name]
    pytest.skip(f"{library.backend} has no transform {' or '.join(names)}, or none known here")


def function_of(call: Call) -> Function:
    """Give a call as a function of its operands.

    Parameters
    ----------
    call : Call
        Whose shapes and options stay as they are.

    Returns
    -------
    callable
        Of as many arrays as the call has operands.
    """
    operation, where, options = getattr(convcore, call.op), call.places, dict(call.kwargs)
    count = len(call.arrays)
    shapes = {i: one for i, one in enumerate(call.arrays) if i not in where}

    def function(*given: Any) -> Any:
        arrays = dict(zip(where, given, strict=True)) | shapes
        return operation(*[arrays[i] for i in range(count)], **options)

    return function


def held(library: Library, values: Array) -> Any:
    """Give small numbers as an array of a library, in its widest dtype of their kind.

    Parameters
    ----------
    library : Library
        Whose array to make.
    values : ndarray
        The numbers.

    Returns
    -------
    array
        Of the library.
    """
    own = library.held(values)
    return library.asarray(own, own.dtype.name)


def operands(library: Library, call: Call) -> list[Any]:
    """Give a call's operands as arrays of a library.

    Parameters
    ----------
    library : Library
        Whose arrays to make.
    call : Call
        Whose operands.

    Returns
    -------
    list of array
        In the call's order.
    """
    return [held(library, operand) for operand in call.operands]


def assert_equal(library: Library, got: Any, wanted: Array) -> None:
    """Compare class, dtype, shape and every value, exactly.

    Parameters
    ----------
    library : Library
        Whose array it must be.
    got : array
        The result.
    wanted : ndarray
        What it must be; in a dtype that the library lacks it is taken in its widest of that kind.
    """
    kind = type(library.asarray(0, "float32"))
    assert isinstance(got, kind), f"got {type(got)}, expected {kind}"
    values, wanted = library.numpy(row_of(library).plain(got)), library.held(wanted)
    assert (values.dtype, values.shape) == (wanted.dtype, wanted.shape)
    np.testing.assert_array_equal(values, wanted)
