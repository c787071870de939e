"""Mutants of the signal pair and of boundaries: windows, flips, conjugates, extensions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convcore.plugins import Axis, ConvProblem, Fold, Run

from .loopback import Plain
from .spoil import Mutant, along_axes, in_engine, in_problem, in_result, is_neural

__all__ = ["ROWS"]


def _shifted(a: Axis, by: int) -> Axis:
    return replace(a, lo=a.lo + by, hi=a.hi - by)


def _centred_on_the_kernel(a: Axis) -> Axis:
    """`same` of a kernel longer than the data, as if the longer operand were the first."""
    return _shifted(a, (a.taps - a.size) // 2) if a.taps > a.size and a.out == a.size else a


def _bounded(a: Axis, names: dict[str, str]) -> Axis:
    fold = a.fold and Fold(a.fold.lo, a.fold.hi, names.get(a.fold.boundary, a.fold.boundary))
    return replace(a, boundary=names.get(a.boundary, a.boundary), fold=fold)


def _one_period(a: Axis) -> Axis:
    far = max(a.lo, a.hi) > a.size
    return replace(a, boundary="edge") if a.boundary == "wrap" and far else a


def _one_sample(a: Axis) -> Axis:
    alone = a.boundary == "reflect" and a.size == 1
    return replace(a, boundary="constant") if alone else a


def _filled(p: ConvProblem) -> ConvProblem:
    as_x = np.asarray(p.fill).astype(p.x_dtype).item()
    kinds = {np.dtype(p.x_dtype).kind, np.dtype(p.dtype).kind}
    return replace(p, fill=as_x if "c" not in kinds else p.fill)


def _unbroadcast(p: ConvProblem, y: Plain) -> Plain:
    """What only w varies along: its first slice for all."""
    for i, atoms in enumerate(p.y):
        if not is_neural(p) and atoms and atoms[0][0] == "o" and y.size:
            first = np.take(np.asarray(y), [0], axis=i)
            y = np.repeat(first, y.shape[i], axis=i)
    return y


def _mixed_batch(p: ConvProblem, y: Plain) -> Plain:
    for i, atoms in enumerate(p.y):
        if atoms and atoms[0][0] == "n" and not is_neural(p):
            y = np.flip(y, axis=i)
    return y


def _product(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Any:
    """The broadcast product, without the conjugate."""
    return x * w if p.conj_w and not p.axes and not is_neural(p) else run(x, w, bias)


def _with_axis(p: ConvProblem, y: Plain) -> Any:
    return np.reshape(y, (1,)) if not p.y else y


ROWS = (
    Mutant(
        "even-kernel-window",
        "the window of `same` from M//2, which is right for odd kernels only",
        ("CC-MODE-3",),
        along_axes(lambda a: _shifted(a, 1) if a.taps % 2 == 0 and a.lo and a.hi else a),
    ),
    Mutant(
        "same-off-by-one",
        "the window of `same` one sample late",
        ("CC-MODE-1", "CC-MODE-3"),
        along_axes(lambda a: _shifted(a, -1) if a.out == a.size and a.taps > 1 else a),
    ),
    Mutant(
        "same-of-the-longer",
        "the window of `same` centred as if the longer operand were the data",
        ("CC-MODE-4",),
        along_axes(_centred_on_the_kernel),
    ),
    Mutant(
        "dropped-conjugate",
        "correlation that multiplies the second operand as it is",
        ("CC-CORRELATE-1", "CC-CORRELATE-3"),
        in_problem(lambda p: replace(p, conj_w=False)),
    ),
    Mutant(
        "convolution-conjugates",
        "convolution by a correlation that conjugates",
        ("CC-CONVOLVE-3",),
        in_problem(lambda p: replace(p, conj_w=p.is_complex) if p.flip else p),
    ),
    Mutant(
        "convolution-unflipped",
        "convolution by the neural kind, which does not flip",
        ("CC-CONVOLVE-1",),
        in_problem(lambda p: replace(p, flip=False) if not is_neural(p) else p),
    ),
    Mutant(
        "correlation-flipped",
        "correlation by a convolution with the kernel as it is",
        ("CC-CORRELATE-1",),
        in_problem(lambda p: replace(p, flip=True) if not is_neural(p) else p),
    ),
    Mutant(
        "only-one-axis-flipped",
        "kernels of several axes flipped along the last one only",
        ("CC-CONVOLVE-1",),
        in_engine(
            lambda p, run, x, w, bias: run(
                x,
                np.flip(w, axis=next(i for i, atoms in enumerate(p.w) if "s0" in atoms))
                if p.flip and len(p.axes) > 1 and not is_neural(p)
                else w,
                bias,
            )
        ),
    ),
    Mutant(
        "reflect-as-symmetric",
        "the end samples repeated where they are the mirror",
        ("CC-BOUNDARY-5",),
        along_axes(lambda a: _bounded(a, {"reflect": "symmetric"})),
    ),
    Mutant(
        "symmetric-as-reflect",
        "the end samples not repeated where they are",
        ("CC-BOUNDARY-4",),
        along_axes(lambda a: _bounded(a, {"symmetric": "reflect"})),
    ),
    Mutant(
        "wrap-once",
        "a periodic extension that ends after one period",
        ("CC-BOUNDARY-3", "CC-BOUNDARY-8"),
        along_axes(_one_period),
    ),
    Mutant(
        "edge-as-zeros",
        "the boundary `edge` not known, and zeros instead",
        ("CC-BOUNDARY-2",),
        along_axes(lambda a: replace(a, boundary="constant") if a.boundary == "edge" else a),
    ),
    Mutant(
        "one-sample-reflected",
        "zeros beyond a single sample, which has no mirror image",
        ("CC-BOUNDARY-6",),
        along_axes(_one_sample),
    ),
    Mutant(
        "first-boundary-for-all",
        "the boundary of the first axis used for all",
        ("CC-BOUNDARY-9", "CC-BOUNDARY-10"),
        in_problem(
            lambda p: (
                replace(p, axes=tuple(replace(a, boundary=p.axes[0].boundary) for a in p.axes))
                if not any(a.fold for a in p.axes)
                else p
            )
        ),
    ),
    Mutant(
        "fill-ignored",
        "zeros beyond the ends, whatever the fill value",
        ("CC-BOUNDARY-1", "CC-FILL-6", "CC-FILL-9"),
        in_problem(lambda p: replace(p, fill=0)),
    ),
    Mutant(
        "fill-in-the-operands-dtype",
        "the fill value put into an array of x's dtype before that is converted",
        ("CC-FILL-9",),
        in_problem(_filled),
    ),
    Mutant(
        "broadcast-dropped",
        "the first of the kernels for all where only w has an axis",
        ("CC-AXES-6",),
        in_result(_unbroadcast),
    ),
    Mutant(
        "batch-mixed",
        "the batch items in the reverse order",
        ("CC-AXES-6",),
        in_result(_mixed_batch),
    ),
    Mutant(
        "product-unconjugated",
        "no conjugate where there is no axis to convolve",
        ("CC-AXES-8",),
        in_engine(_product),
    ),
    Mutant(
        "no-axes-as-one",
        "results without axes with one of length 1",
        ("CC-AXES-9",),
        in_result(_with_axis),
    ),
    Mutant(
        "kernel-longer-than-data",
        "the operands exchanged where the kernel is longer, but not the window's side",
        ("CC-MODE-1", "CC-MODE-2", "CC-MODE-4", "CC-CONVOLVE-4"),
        in_result(
            lambda p, y: (
                y[::-1] if len(p.axes) == y.ndim == 1 and p.axes[0].taps > p.axes[0].size else y
            )
        ),
    ),
    Mutant(
        "one-sided-padding",
        "padding before the data for both sides",
        ("CC-PAD-2", "CC-PAD-4"),
        along_axes(lambda a: _shifted(a, a.hi) if a.hi > 0 and a.expansion == 1 else a),
    ),
)
