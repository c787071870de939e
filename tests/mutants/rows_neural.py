"""Mutants of the neural pair: flips, strides, groups, padding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcore import algorithms
from convcore.plugins import Axis, ConvProblem, Layout, Run

from .loopback import Plain
from .spoil import Mutant, along_axes, in_engine, in_operands, in_problem, is_neural, kept

__all__ = ["ROWS"]


def _is_transpose(p: ConvProblem) -> bool:
    return is_neural(p) and p.flip


def _odd_one(a: Axis) -> Axis:
    """The odd element of `same` and `same_lower` on the other side."""
    odd = abs(a.hi - a.lo) == 1 and a.out == -(-a.size // a.stride)
    return replace(a, lo=a.hi, hi=a.lo) if odd and a.fold is None else a


def _first_for_all(p: ConvProblem, name: str) -> ConvProblem:
    if any(a.fold for a in p.axes) or not p.axes:
        return p
    first = getattr(p.axes[0], name)
    return replace(p, axes=tuple(kept(a, **{name: first}) for a in p.axes))


def _output_padding_in_front(a: Axis) -> Axis:
    late = a.expansion > 1 and a.hi > a.lo
    return replace(a, lo=a.lo + 1, hi=a.hi - 1) if late else a


def _clamped(a: Axis) -> Axis:
    cropped = a.lo < 0 and a.expansion == 1 and a.fold is None
    return kept(a, lo=0) if cropped else a


def _cropped_first(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """Crop, and only then extend: what was cropped is lost to the boundary of the other side."""
    if len(p.axes) != 1 or p.axes[0].boundary == "constant" or p.axes[0].fold or p.fill:
        return run(x, w, bias)
    a = p.axes[0]
    along = next(i for i, atoms in enumerate(p.x) if "s0" in atoms)
    if a.lo >= 0 or a.hi < 0 or a.size + a.lo < 1:
        return run(x, w, bias)
    kept_samples = np.take(x, range(-a.lo, a.size), axis=along)
    filler = np.take(kept_samples, [0] * -a.lo, axis=along)
    # In front stands anything at all: the crop hides it, but the far side is extended from here.
    return run(np.concatenate([filler, kept_samples], axis=along), w, bias)


def _interleaved(layout: Layout) -> Layout:
    return tuple(tuple(reversed(a)) if a and a[0] == "g0" and len(a) == 2 else a for a in layout)


def _unreached(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """No bias where no tap reaches."""
    y = run(x, w, bias)
    if not _is_transpose(p) or bias is None or not y.size or not x.size:
        return y
    ones = replace(p, bias=None)
    count = algorithms.lower(ones, "taps", np)(np.ones_like(x), np.ones_like(w), None)
    return np.where(count == 0, np.zeros_like(y), y)


def _biased_by_group(p: ConvProblem, x: Plain, w: Plain, bias: Plain | None) -> tuple:
    """The bias of the groups interleaved."""
    if bias is None or p.size("g") == 1:
        return x, w, bias
    return x, w, bias.reshape(p.size("g"), -1).T.reshape(-1)


ROWS = (
    Mutant(
        "neural-flipped",
        "conv by a library's convolution, which flips",
        ("CC-CONV-1", "CC-CONV-2"),
        in_problem(lambda p: replace(p, flip=True) if is_neural(p) and not p.flip else p),
    ),
    Mutant(
        "neural-conjugated",
        "conv by a library's correlation, which conjugates",
        ("CC-CONV-2",),
        in_problem(
            lambda p: replace(p, conj_w=p.is_complex) if is_neural(p) and not p.conj_x else p
        ),
    ),
    Mutant(
        "transpose-conjugated",
        "conv_transpose as the adjoint",
        ("CC-TRANSPOSE-1", "CC-TRANSPOSE-3"),
        in_problem(lambda p: replace(p, conj_w=p.is_complex) if _is_transpose(p) else p),
    ),
    Mutant(
        "transpose-unflipped",
        "conv_transpose by zeros between the samples, with the kernel as it is",
        ("CC-TRANSPOSE-1",),
        in_problem(lambda p: replace(p, flip=False) if _is_transpose(p) else p),
    ),
    Mutant(
        "same-odd-element",
        "the odd element of `same` in front, that of `same_lower` at the end",
        ("CC-SAME-2", "CC-SAME-3"),
        along_axes(_odd_one),
    ),
    Mutant(
        "output-padding-in-front",
        "the output padding before the result and not after it",
        ("CC-TRANSPOSE-1", "CC-TRANSPOSE-2", "CC-TRANSPOSE-11"),
        along_axes(_output_padding_in_front),
    ),
    Mutant(
        "groups-read-interleaved",
        "group i reads the channels i, i + g, ...",
        ("CC-CONV-10",),
        in_problem(lambda p: replace(p, x=_interleaved(p.x))),
    ),
    Mutant(
        "groups-written-interleaved",
        "group i makes the channels i, i + g, ...",
        ("CC-CONV-10", "CC-TRANSPOSE-18"),
        in_problem(lambda p: replace(p, y=_interleaved(p.y))),
    ),
    Mutant(
        "transposed-groups",
        "groups of the transpose interleaved",
        ("CC-TRANSPOSE-18",),
        in_problem(lambda p: replace(p, w=_interleaved(p.w)) if _is_transpose(p) else p),
    ),
    Mutant(
        "dilation-ignored",
        "the taps side by side, whatever the dilation",
        ("CC-CONV-1",),
        along_axes(lambda a: kept(a, dilation=1) if a.fold is None else a),
    ),
    Mutant(
        "dilation-on-the-stride",
        "dilation and stride in each other's place",
        ("CC-CONV-1",),
        along_axes(
            lambda a: kept(a, dilation=a.stride, stride=a.dilation) if a.fold is None else a
        ),
    ),
    Mutant(
        "first-stride-for-all",
        "the stride of the first axis used for all",
        ("CC-CONV-1", "CC-CONV-17", "CC-CONV-18", "CC-LAYOUT-6"),
        in_problem(lambda p: _first_for_all(p, "stride")),
    ),
    Mutant(
        "first-dilation-for-all",
        "the dilation of the first axis used for all",
        ("CC-CONV-1", "CC-CONV-17"),
        in_problem(lambda p: _first_for_all(p, "dilation")),
    ),
    Mutant(
        "stride-phase",
        "the last sample of every stride kept, not the first",
        ("CC-CONV-18",),
        along_axes(
            lambda a: (
                kept(a, lo=a.lo - (a.stride - 1))
                if a.fold is None and a.stride > 1 and a.expansion == 1
                else a
            )
        ),
    ),
    Mutant(
        "negative-padding-clamped",
        "negative padding taken for none",
        ("CC-PAD-5",),
        along_axes(_clamped),
    ),
    Mutant(
        "crop-before-extending",
        "cropped samples lost to the boundary of the other side",
        ("CC-PAD-4", "CC-PAD-5"),
        in_engine(_cropped_first),
    ),
    Mutant(
        "no-bias-where-no-tap-reaches",
        "the bias added to what the taps have made only",
        ("CC-TRANSPOSE-8",),
        in_engine(_unreached),
    ),
    Mutant(
        "bias-by-group",
        "the bias in the order of interleaved groups",
        ("CC-CONV-1", "CC-CONV-10", "CC-TRANSPOSE-1", "CC-TRANSPOSE-18"),
        in_operands(_biased_by_group),
    ),
)
