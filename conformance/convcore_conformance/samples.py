"""Small calls that devices and transforms are shown on: their values are small integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pytest

from .calls import Array, Call

__all__ = [
    "GRADIENTS",
    "KERNELS",
    "OPERATIONS",
    "each",
    "filled",
    "typed",
    "whole",
]


def whole(*shape: int) -> Array:
    """Give integers of -4 ... 4 in no order.

    Parameters
    ----------
    *shape : int
        The shape.

    Returns
    -------
    ndarray
        Of float64.
    """
    count = int(np.prod(shape))
    return ((np.arange(count) * 7 + count) ** 2 % 9 - 4.0).reshape(shape)


def typed(call: Call, dtype: str) -> Call:
    """Give the same call on operands of another dtype.

    Parameters
    ----------
    call : Call
        One of this page.
    dtype : str
        If complex, every operand gets an imaginary part too.

    Returns
    -------
    Call
        Its operands still hold small integers.
    """

    def convert(operand: Array) -> Array:
        turned = operand + 1j * np.flip(operand) if dtype.startswith("complex") else operand
        return np.asarray(turned, dtype)  # NumPy makes scalars of sums without axes

    return call.on(convert)


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
    return call.on(lambda operand: np.full_like(operand, value))


def _call(op: str, *shapes: Any, **options: Any) -> Call:
    """Write a call on operands of these shapes; a list is a shape that the call itself takes."""
    arrays = tuple(tuple(s) if isinstance(s, list) else whole(*s) for s in shapes)
    return Call(op, arrays, options)


OPERATIONS: Final[Mapping[str, Call]] = {
    "convolve": _call("convolve", (5,), (3,)),
    "correlate": _call("correlate", (5,), (3,)),
    "conv": _call("conv", (1, 2, 4), (3, 2, 2), (3,), padding=1, stride=2),
    "conv_transpose": _call("conv_transpose", (1, 3, 3), (3, 2, 2), (2,), stride=2),
    "conv_input_grad": _call(
        "conv_input_grad", [1, 2, 4], (3, 2, 2), (1, 3, 3), padding=1, stride=2
    ),
    "conv_weight_grad": _call(
        "conv_weight_grad", (1, 2, 4), [3, 2, 2], (1, 3, 3), padding=1, stride=2
    ),
}
"""Each operation once, with every operand that it takes."""

KERNELS: Final = {"conv_input_grad": 0}
"""Which operand, not counting a shape, is the kernel, where it is not the second."""

each = pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)
"""Parametrize a test over them."""

GRADIENTS: Final[Mapping[str, Call]] = {
    "convolve-reflect": _call("convolve", (5,), (4,), mode="same", boundary="reflect"),
    "convolve-fill": _call("convolve", (2, 1, 3), (1, 2, 4), mode="same", axes=2, fill_value=3),
    "correlate-2d": _call("correlate", (3, 4), (2, 3), mode="same", boundary=("wrap", "edge")),
    "conv-wrap": _call("conv", (1, 2, 4), (2, 2, 3), padding=2, boundary="wrap", stride=2),
    "conv-fill": _call("conv", (1, 2, 4), (2, 2, 3), padding=[(-1, 2)], fill_value=-2),
    "conv-same": _call("conv", (1, 2, 6), (2, 2, 4), padding="same", stride=2),
    "conv-groups": _call("conv", (2, 4, 5), (4, 2, 2), groups=2, stride=2, dilation=2),
    "conv-last": _call("conv", (1, 4, 3, 2), (3, 2, 2, 3), layout="channels_last", stride=(1, 2)),
    "transpose-groups": _call(
        "conv_transpose", (1, 4, 3), (4, 1, 3), groups=2, stride=2, padding=1, output_padding=1
    ),
    "input-grad-wrap": _call(
        "conv_input_grad", [1, 2, 5], (3, 2, 3), (1, 3, 5), padding=1, boundary="wrap"
    ),
    "weight-grad-edge": _call(
        "conv_weight_grad", (1, 2, 5), [3, 2, 3], (1, 3, 5), padding=1, boundary="edge"
    ),
}
"""What a gradient depends on: modes, boundaries, paddings, strides, groups, layouts."""
