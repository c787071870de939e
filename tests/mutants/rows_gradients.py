"""Mutants of gradients, layouts, ranks and empty axes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcore import algorithms
from convcore.plugins import ConvProblem, Run

from .loopback import Plain
from .spoil import Mutant, in_engine, in_operands, in_problem, in_result, is_neural, is_weight_grad

__all__ = ["ROWS"]


def _without_batch_sum(p: ConvProblem, x: Plain, w: Plain, b: Plain | None) -> tuple:
    if not is_weight_grad(p) or ("c0",) not in p.x:
        return x, w, b
    along = p.x.index(("c0",))
    one = np.zeros_like(x)
    head = (slice(None),) * along
    one[(*head, slice(0, 1))] = x[(*head, slice(0, 1))]
    return one, w, b


def _unfolded(p: ConvProblem, run: Run, x: Plain, w: Plain, bias: Plain | None) -> Plain:
    """Only what lies inside, which is all there is with the boundary `constant`."""
    if not any(a.fold for a in p.axes):
        return run(x, w, bias)
    whole = replace(p, axes=tuple(replace(a, fold=None) for a in p.axes))
    y = algorithms.lower(whole, "taps", np)(x, w, bias)
    for i, atoms in enumerate(p.y):
        axis = p.axes[int(atoms[0][1:])] if atoms and atoms[0][0] == "s" else None
        if axis is not None and axis.fold is not None:
            where = np.arange(axis.fold.lo, axis.fold.lo + axis.out)
            inside = (where >= 0) & (where < y.shape[i])
            part = np.take(y, np.clip(where, 0, y.shape[i] - 1), axis=i)
            shape = [1] * y.ndim
            shape[i] = -1
            y = part * inside.reshape(shape).astype(part.dtype)
    return y


def _untransposed(p: ConvProblem, w: Plain) -> Plain:
    """O and I of a channels_last kernel in the other order, where that fits."""
    last = [i for i, atoms in enumerate(p.w) if atoms and atoms[0][0] != "s"]
    ends = last == [w.ndim - 2, w.ndim - 1]
    return w.swapaxes(-1, -2) if ends and w.ndim > 2 and w.shape[-1] == w.shape[-2] else w


def _unbatched(p: ConvProblem, x: Plain) -> Plain:
    """The channels of an unbatched x taken for its batch."""
    none = is_neural(p) and "n0" not in p.sizes and p.axes and "c0" in p.x[0]
    return np.flip(x, axis=0) if none else x


ROWS = (
    Mutant(
        "input-gradient-unconjugated",
        "the transpose for the gradient",
        ("CC-INPUTGRAD-2", "CC-INPUTGRAD-1"),
        in_problem(lambda p: replace(p, conj_w=False) if is_neural(p) else p),
    ),
    Mutant(
        "input-gradient-unfolded",
        "the gradient of zeros beyond the ends, whatever the boundary",
        ("CC-INPUTGRAD-1", "CC-INPUTGRAD-3"),
        in_engine(_unfolded),
    ),
    Mutant(
        "weight-gradient-unconjugated",
        "x as it is in the gradient of w",
        ("CC-WEIGHTGRAD-1", "CC-WEIGHTGRAD-2"),
        in_problem(lambda p: replace(p, conj_x=False)),
    ),
    Mutant(
        "weight-gradient-of-one-item",
        "the gradient of w not summed over the batch",
        ("CC-WEIGHTGRAD-1", "CC-WEIGHTGRAD-4"),
        in_operands(_without_batch_sum),
    ),
    Mutant(
        "weight-gradient-without-fill",
        "zeros beyond the ends in the gradient of w",
        ("CC-WEIGHTGRAD-3",),
        in_problem(lambda p: replace(p, fill=0) if is_weight_grad(p) else p),
    ),
    Mutant(
        "channels-last-kernel",
        "O and I of a channels_last kernel in each other's place",
        ("CC-LAYOUT-2", "CC-LAYOUT-9"),
        in_operands(lambda p, x, w, b: (x, _untransposed(p, w), b)),
    ),
    Mutant(
        "unbatched-as-batched",
        "the first axis of an unbatched x taken for another than its channels",
        ("CC-CONV-3", "CC-CONV-4", "CC-LAYOUT-7"),
        in_operands(lambda p, x, w, b: (_unbatched(p, x), w, b)),
    ),
    Mutant(
        "four-spatial-axes",
        "a loop nest for at most three axes: the fourth is not flipped back",
        ("CC-CONV-5",),
        in_result(lambda p, y: np.flip(y, axis=-1) if len(p.axes) > 3 else y),
    ),
    Mutant(
        "dense-layer-transposed",
        "no spatial axes: the kernel used as (I, O)",
        ("CC-CONV-5",),
        in_operands(
            lambda p, x, w, b: (
                (x, w.T, b)
                if is_neural(p) and not p.axes and w.shape[0] == w.shape[-1]
                else (x, w, b)
            )
        ),
    ),
    Mutant(
        "empty-batch-of-one",
        "an empty batch given one item",
        ("CC-CONV-13", "CC-AXES-11"),
        in_result(
            lambda p, y: np.zeros(tuple(n or 1 for n in y.shape), y.dtype) if not y.size else y
        ),
    ),
    Mutant(
        "no-channels-no-bias",
        "zeros without the bias where there are no channels to sum",
        ("CC-CONV-14",),
        in_result(lambda p, y: np.zeros_like(y) if p.size("c") == 0 else y),
    ),
)
