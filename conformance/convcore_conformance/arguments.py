"""Every operand of every operation, by the name that messages call it."""

from __future__ import annotations

from typing import Final

import pytest

from .samples import OPERATIONS

__all__ = ["NAMES", "OPERANDS"]

NAMES: Final = {
    "convolve": ("x1", "x2"),
    "correlate": ("x1", "x2"),
    "conv": ("x", "w", "bias"),
    "conv_transpose": ("x", "w", "bias"),
    "conv_input_grad": ("input_shape", "w", "grad"),
    "conv_weight_grad": ("x", "weight_shape", "grad"),
}
"""The positional arguments."""

OPERANDS: Final = [
    pytest.param(call, place, id=f"{op}-{NAMES[op][place]}")
    for op, call in OPERATIONS.items()
    for place in call.places
]
"""A call and the place of one of its operands."""
