"""From a call to its exact result: arrays to the oracle's tensors, with the dtype rules applied."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from . import oracle
from .calls import Array, Call
from .dtypes import DTYPES, accumulator, promoted
from .oracle import Complex, Element, Result, Scalar, Tensor

Number: TypeAlias = int | float | complex

__all__ = ["Expected", "Number", "expected", "to_scalar", "to_tensor"]

_OPERATIONS: dict[str, Callable[..., Result]] = {
    "convolve": oracle.convolve,
    "correlate": oracle.correlate,
    "conv": oracle.conv,
    "conv_transpose": oracle.conv_transpose,
    "conv_input_grad": oracle.conv_input_grad,
    "conv_weight_grad": oracle.conv_weight_grad,
}
# Which positional arguments are operands; another is a shape, or the bias.
_OPERANDS = {"conv_input_grad": (1, 2), "conv_weight_grad": (0, 2)}


@dataclass(frozen=True)
class Expected:
    """What a call must give.

    Parameters
    ----------
    dtype : str
        The result dtype.
    accumulator : str
        The dtype it is summed in.
    result : Result
        Every element exactly; integers as the dtype holds them.
    """

    dtype: str
    accumulator: str
    result: Result

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the output."""
        return self.result.elements.shape


def expected(call: Call) -> Expected:
    """Ask the oracle.

    Parameters
    ----------
    call : Call
        A valid call on finite values.

    Returns
    -------
    Expected
        Dtype, shape and every element exactly.
    """
    first, second = _OPERANDS.get(call.op, (0, 1))
    dtype = call.kwargs.get("dtype") or _promoted(call.arrays[first], call.arrays[second])
    summed = accumulator(dtype)
    arguments = list(call.arrays)
    for place in (first, second):
        arguments[place] = to_tensor(_like(call.arrays[place], summed))
    if call.op in ("conv", "conv_transpose") and len(arguments) > 2 and arguments[2] is not None:
        arguments[2] = to_tensor(_like(_like(arguments[2], dtype), summed))
    operation = _OPERATIONS[call.op]
    options = {k: v for k, v in call.kwargs.items() if k in _semantic(operation)}
    if "fill_value" in options:
        options["fill_value"] = to_tensor(_like(_plain(options["fill_value"]), summed)).values[0]
    return Expected(dtype, summed, _held(operation(*arguments, **options), dtype))


def to_tensor(array: Array) -> Tensor[Scalar]:
    """Give an array's elements exactly.

    Parameters
    ----------
    array : ndarray
        Of finite numbers.

    Returns
    -------
    Tensor
        Of int, Fraction or Complex.
    """
    values = array.reshape(-1).tolist()
    return Tensor(array.shape, tuple(map(to_scalar, values)))


def to_scalar(value: Number) -> Scalar:
    """Give a Python number exactly.

    Parameters
    ----------
    value : int, float or complex
        A finite number.

    Returns
    -------
    int, Fraction or Complex
        The same number.
    """
    if isinstance(value, complex):
        return Complex(Fraction(value.real), Fraction(value.imag))
    return value if isinstance(value, int) else Fraction(value)


def _promoted(a: Any, b: Any) -> str:
    """Promote; a Python scalar or sequence is weak and takes the other's dtype if it can."""
    if isinstance(a, np.ndarray) == isinstance(b, np.ndarray):
        return promoted(np.asarray(a).dtype.name, np.asarray(b).dtype.name)
    array, weak = (a, b) if isinstance(a, np.ndarray) else (b, a)
    own, kind = DTYPES[array.dtype.name], DTYPES[np.asarray(weak).dtype.name].kind
    if kind in ("int", own.kind) or own.kind == "complex":
        return own.name
    if own.kind == "int":
        return "float64" if kind == "float" else "complex128"
    return promoted(own.name, "complex64")


def _like(values: Any, dtype: str) -> Array:
    """Convert once, from the original values, as every array library does."""
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(dtype)


def _plain(fill: Any) -> Any:
    """Give a complex number without an imaginary part as the real one that it equals."""
    return fill.real if isinstance(fill, complex) and not fill.imag else fill


@cache
def _semantic(operation: Callable[..., Result]) -> frozenset[str]:
    """Name the options that the meaning depends on: those the oracle takes."""
    return frozenset(inspect.signature(operation).parameters)


def _held(result: Result, dtype: str) -> Result:
    """Integers are exact modulo 2**bits."""
    facts = DTYPES[dtype]
    if facts.kind != "int":
        return result

    def hold(element: Element) -> Element:
        value = element.value
        assert not isinstance(value, Complex)
        return element._replace(value=oracle.wrapped(int(value), facts.bits, signed=facts.signed))

    return replace(result, elements=result.elements.map(hold))
