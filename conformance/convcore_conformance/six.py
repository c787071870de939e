"""One small call of each of the six operations, for what holds for all of them alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from .calls import Array, Call

__all__ = ["DTYPES", "KERNELS", "SIX", "each", "filled", "typed"]

DTYPES = ("int64", "float32")


def _numbers(*shape: int) -> Array:
    """Small integers of both signs; no two neighbours are alike."""
    count = int(np.prod(shape))
    return (np.arange(count) * 5 % 7 - 3).reshape(shape)


_STRIDED = {"stride": 2, "padding": 1, "groups": 2}
_X, _W, _BIAS, _Y = _numbers(1, 2, 6), _numbers(2, 1, 3), _numbers(2), _numbers(1, 2, 3)

SIX = (
    Call("convolve", (_numbers(5), _numbers(3)), {"mode": "same"}),
    Call("correlate", (_numbers(2, 5), _numbers(1, 4)), {"axes": 1, "boundary": "edge"}),
    Call("conv", (_X, _W, _BIAS), _STRIDED),
    Call("conv_transpose", (_Y, _W, _BIAS), _STRIDED),
    Call("conv_input_grad", ((1, 2, 6), _W, _Y), _STRIDED),
    Call("conv_weight_grad", (_X, (2, 1, 3), _Y), _STRIDED),
)
# Which operand, not counting a shape, is the kernel; a weight gradient's is the other one.
KERNELS = {"conv_input_grad": 0}

each = pytest.mark.parametrize("call", SIX, ids=lambda call: call.op)
"""Parametrize a test over them."""


def typed(call: Call, dtype: str) -> Call:
    """Give a call on the same numbers in another dtype.

    Parameters
    ----------
    call : Call
        One of the six.
    dtype : str
        Of all its arrays.

    Returns
    -------
    Call
        The same otherwise.
    """
    return _mapped(call, lambda array: array.astype(dtype))


def filled(call: Call, value: float) -> Call:
    """Give a call on arrays of one number.

    Parameters
    ----------
    call : Call
        Whose shapes and dtypes to take.
    value : float
        The number.

    Returns
    -------
    Call
        The same otherwise.
    """
    return _mapped(call, lambda array: np.full_like(array, value))


def _mapped(call: Call, change: Any) -> Call:
    arrays = tuple(change(a) if isinstance(a, np.ndarray) else a for a in call.arrays)
    return replace(call, arrays=arrays)
