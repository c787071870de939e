"""Mutants of arrays: aliasing, changed operands, devices, memory layouts."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcore.plugins import ConvProblem, Run

from .loopback import DEVICES, LoopbackArray, Plain
from .spoil import Mutant, in_engine, in_operands, member

__all__ = ["ROWS"]


def _identity(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Any:
    """Nothing to do for a single tap of 1."""
    same = p.x_shape == p.y_shape and x.dtype == np.dtype(p.dtype) and bias is None
    return x if same and w.size == 1 and w.all() and (w == 1).all() else run(x, w, bias)


def _view(_p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Any:
    """The kernel itself, where the data are a single 1."""
    y = run(x, w, bias)
    same = w.dtype == y.dtype and w.shape == y.shape and bias is None and y.size
    return w if same and np.array_equal(w, y) else y


def _scaled(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Any:
    """x scaled in place against overflow, and back: rounded twice."""
    if p.is_exact or x.dtype.kind not in "fc" or not x.flags.writeable:
        return run(x, w, bias)
    x *= x.dtype.type(1 / 3)
    y = run(x, w, bias)
    x *= x.dtype.type(3)
    return (y * 3).astype(y.dtype) if bias is None else run(x, w, bias)


def _conjugated(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Any:
    y = run(x, w, bias)
    if p.conj_w and w.flags.writeable:
        np.conj(w, out=w)
    return y


def _reversed(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Any:
    """The kernel flipped in place, and left so."""
    y = run(x, w, bias)
    if p.flip and w.ndim == 1 and w.flags.writeable:
        w[:] = w[::-1].copy()
    return y


def _bias_scaled(_p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Any:
    """The result accumulated into the bias's memory where that has the length for it."""
    y = run(x, w, bias)
    if bias is not None and bias.flags.writeable:
        bias += np.ones((), bias.dtype)
    return y


def _in_memory_order(x: Plain) -> Plain:
    return x if x.flags.c_contiguous else x.ravel(order="K").reshape(x.shape)


def _forwards(x: Plain) -> Plain:
    """Negative strides taken for positive ones."""
    back = tuple(slice(None, None, -1 if step < 0 else 1) for step in x.strides)
    return x[back]


def _unswapped(x: Plain) -> Plain:
    return x if x.dtype.isnative else x.view(x.dtype.newbyteorder("="))


def _unbroadcast(x: Plain) -> Plain:
    """A stride of 0 taken for one of an element: what lies behind the element is read."""
    stands = x.ndim and 0 in x.strides and x.size > 1
    return x * 0 if stands else x


def _fast_is_half(p: ConvProblem, y: Plain) -> Plain:
    return y.astype("float16") if p.precision == "fast" and y.dtype == np.float32 else y


ROWS = (
    Mutant(
        "aliases-the-data",
        "the operand itself for a kernel of a single 1",
        ("CC-DEVICE-5",),
        in_engine(_identity),
    ),
    Mutant(
        "aliases-the-kernel",
        "the kernel itself where the result equals it",
        ("CC-DEVICE-5",),
        in_engine(_view),
    ),
    Mutant(
        "scales-in-place",
        "x scaled in place, and back with rounding",
        ("CC-DEVICE-4",),
        in_engine(_scaled),
    ),
    Mutant(
        "conjugates-in-place",
        "the kernel conjugated in place",
        ("CC-DEVICE-4",),
        in_engine(_conjugated),
    ),
    Mutant(
        "flips-in-place",
        "the kernel flipped in place",
        ("CC-DEVICE-4",),
        in_engine(_reversed),
    ),
    Mutant(
        "bias-in-place",
        "the bias changed in place",
        ("CC-DEVICE-4",),
        in_engine(_bias_scaled),
    ),
    Mutant(
        "host-copy",
        "NumPy's own array handed out",
        ("CC-DEVICE-1",),
        member(placed=lambda y, x: np.asarray(y)),
    ),
    Mutant(
        "wrong-device",
        "every result on the first device",
        ("CC-DEVICE-2",),
        member(placed=lambda y, x: _placed_at(y, DEVICES[0])),
    ),
    Mutant(
        "device-not-told",
        "arrays of both devices said to lie in one place",
        ("CC-DEVICE-3",),
        member(device=lambda x: DEVICES[0]),
    ),
    Mutant(
        "memory-order",
        "what is not contiguous read in the order of its memory",
        ("CC-DISPATCH-9",),
        in_operands(lambda p, x, w, b: (_in_memory_order(x), _in_memory_order(w), b)),
    ),
    Mutant(
        "negative-strides",
        "a reversed view read forwards",
        ("CC-DISPATCH-9",),
        in_operands(lambda p, x, w, b: (_forwards(x), w, b)),
    ),
    Mutant(
        "negative-kernel-strides",
        "a reversed kernel read forwards",
        ("CC-DISPATCH-9",),
        in_operands(lambda p, x, w, b: (x, _forwards(w), b)),
    ),
    Mutant(
        "byte-order",
        "the bytes of a foreign order read in the own one",
        ("CC-DTYPE-20", "CC-DISPATCH-9"),
        in_operands(lambda p, x, w, b: (_unswapped(x), _unswapped(w), b)),
    ),
    Mutant(
        "stride-of-zero",
        "a broadcast view read as if its elements lay side by side",
        ("CC-DISPATCH-9",),
        in_operands(lambda p, x, w, b: (_unbroadcast(x), w, b)),
    ),
)


def _placed_at(y: Plain, place: str) -> LoopbackArray:
    array = np.asarray(y).view(LoopbackArray)
    array.place = place
    return array
