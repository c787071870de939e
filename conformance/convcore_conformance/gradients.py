"""Gradients from the definition: the oracle's response to a change of each element."""

from __future__ import annotations

from functools import cache

import numpy as np

from .calls import Array, Call
from .exact import expected
from .oracle import Complex

__all__ = ["cotangent", "gradient", "result"]


@cache
def result(call: Call) -> Array:
    """Give the exact result of a call on small integers.

    Parameters
    ----------
    call : Call
        One whose result floating-point numbers hold exactly.

    Returns
    -------
    ndarray
        Of the result's dtype.
    """
    wanted = expected(call)
    values = [
        complex(e.value.re, e.value.im) if isinstance(e.value, Complex) else float(e.value)
        for e in wanted.result.elements.values
    ]
    return np.array(values).reshape(wanted.shape).astype(wanted.dtype)


@cache
def gradient(call: Call, place: int, *, adjoint: bool) -> Array:
    """Give the gradient of <call, g> in one operand, with `cotangent` for g.

    A complex number counts as two real ones, so that conjugating operations have one as well.
    The adjoint A is that under Re <a, b>, the transpose under Re sum a b: conj(A conj(g)).

    Parameters
    ----------
    call : Call
        A call on small integers.
    place : int
        Which operand.
    adjoint : bool
        Whether the adjoint; else the transpose.

    Returns
    -------
    ndarray
        Of the operand's dtype and shape; exact.
    """
    operand = call.arrays[place]
    g = cotangent(call)
    at_zero = result(call.with_operand(place, np.zeros_like(operand)))
    parts = np.zeros(operand.shape, "complex128")
    for unit in (1, 1j) if np.iscomplexobj(operand) else (1,):
        for index in np.ndindex(operand.shape):
            change = np.zeros_like(operand)
            change[index] = unit
            response = result(call.with_operand(place, change)) - at_zero
            parts[index] += unit * np.vdot(response, g if adjoint else g.conj()).real
    turned = parts if adjoint else parts.conj()
    return turned.astype(operand.dtype) if np.iscomplexobj(operand) else turned.real.copy()


def cotangent(call: Call) -> Array:
    """Give small integers of the dtype and shape of a call's result.

    Parameters
    ----------
    call : Call
        Any.

    Returns
    -------
    ndarray
        The g that its gradients are tested with.
    """
    y = result(call)
    values = (np.arange(y.size) % 7 - 3.0).reshape(y.shape)
    return (values * (1 - 2j) if np.iscomplexobj(y) else values).astype(y.dtype)
