"""Running error analysis: numbers that carry a bound of their own error through a network.

convcore's componentwise class bounds the error of each output by ``(n + 4) u (|x| * |w| + |b|)``
and the rounding of the result, at most ``u (|x| * |w| + |b|)`` more; n is the number of its terms
and u the unit roundoff. The magnitude ``|x| * |w| + |b|`` is the same operation on absolute values,
and n the same operation on ones, so that both are computed by convcore itself.

A `Running` holds a value in float64 and such a bound. This module is its array namespace, and has
the operations of convcore that a network calls: ``network(Running(...), operations=rounding)``
bounds the error of whatever keeps to the class, in every element.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

import convcore
from libraries import Array, doubled

__all__ = ["Running", "concat", "conv", "conv_transpose", "maximum", "rounding_of", "zeros_like"]

Operation = Callable[..., Any]


def rounding_of(
    operation: Operation, x: Any, w: Any, bias: Any, *, dtype: npt.DTypeLike, **options: Any
) -> Array:
    """Bound the error of one convolution whose operands are exact, and computed in `dtype`."""
    x, w = np.asarray(x), np.asarray(w)
    bias = np.zeros(1) if bias is None else np.asarray(bias)
    magnitude = _in_float64(operation, np.abs(x), np.abs(w), **options)
    terms = _in_float64(operation, np.ones_like(x), np.ones_like(w), **options) + 1
    unit, tiny = np.finfo(dtype).eps / 2, np.finfo(dtype).tiny
    magnitude = magnitude + np.abs(bias).reshape(-1, *(1,) * (x.ndim - 2))
    bound: Array = (terms + 5) * unit * magnitude + terms * tiny
    return bound


def _in_float64(operation: Operation, x: Array, w: Array, **options: Any) -> Array:
    """Compute sums of terms that are not negative, so that none cancels."""
    y: Array = operation(*doubled([x, w]), method="direct", **options)
    return y


@dataclass(frozen=True, eq=False)
class Running:
    """An array of float64, and how far from it the same array may be, computed in `dtype`."""

    value: Array
    error: Array
    dtype: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.value.shape

    def __array_namespace__(self, *, api_version: str | None = None) -> ModuleType:
        """Give this module, which has what a network needs of the standard."""
        return sys.modules[__name__]


def conv(x: Running, w: Array, bias: Array, **options: Any) -> Running:
    """As `convcore.conv`."""
    return _apply(convcore.conv, x, w, bias, **options)


def conv_transpose(x: Running, w: Array, bias: Array, **options: Any) -> Running:
    """As `convcore.conv_transpose`."""
    return _apply(convcore.conv_transpose, x, w, bias, **options)


def _apply(operation: Operation, x: Running, w: Array, bias: Array, **options: Any) -> Running:
    """Pass on the error of x, and add what this convolution makes."""
    value = operation(x.value, w, bias, method="direct", **options)
    passed_on = _in_float64(operation, x.error, np.abs(w), **options)
    # Both x and what it was computed as are within the error of the truth.
    largest = np.abs(x.value) + 2 * x.error
    made = rounding_of(operation, largest, w, bias, dtype=x.dtype, **options)
    return replace(x, value=value, error=passed_on + made)


def zeros_like(x: Running) -> Running:
    """As in the standard; zeros have no error."""
    return replace(x, value=np.zeros_like(x.value), error=np.zeros_like(x.error))


def maximum(x1: Running, x2: Running) -> Running:
    """As in the standard; it moves by no more than one of its arguments does."""
    error = np.maximum(x1.error, x2.error)
    return replace(x1, value=np.maximum(x1.value, x2.value), error=error)


def concat(arrays: list[Running], *, axis: int) -> Running:
    """As in the standard."""
    value = np.concatenate([x.value for x in arrays], axis=axis)
    return replace(arrays[0], value=value, error=np.concatenate([x.error for x in arrays], axis))
