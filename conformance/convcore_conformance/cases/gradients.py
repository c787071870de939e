"""Rows of conv_input_grad and conv_weight_grad."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from . import conv, options, shapes
from ._case import Case, Refused, array, call, refused, row, zeros

input_grad = partial(call, "conv_input_grad")
weight_grad = partial(call, "conv_weight_grad")

_INPUT = (
    row(
        "spreads-the-kernel",
        "CC-INPUTGRAD-1",
        input_grad((1, 1, 4), array([[[1, 2, 3]]]), array([[[1, 10]]])),
        [[[1, 12, 23, 30]]],
    ),
    row(
        "stride-leaves-zeros",
        "CC-INPUTGRAD-5",
        input_grad((1, 6), array([[[1, 2]]]), array([[1, 10]]), stride=3),
        [[1, 2, 0, 10, 20, 0]],
    ),
    row(
        "reflect-folds-back",
        "CC-INPUTGRAD-3",
        input_grad(
            (1, 3), array([[[1, 2, 3]]]), array([[1, 10, 100]]), padding=1, boundary="reflect"
        ),
        [[12, 424, 230]],
    ),
    row(
        "edge-folds-back",
        "CC-INPUTGRAD-3",
        input_grad(
            (1, 1, 3),
            array([[[2]]]),
            array([[[1, 10, 100, 1000, 10000]]]),
            padding=1,
            boundary="edge",
        ),
        [[[22, 200, 22000]]],
    ),
    row(
        "the-fill-value-has-no-part",
        "CC-INPUTGRAD-4",
        input_grad((1, 1, 2), array([[[1, 2]]]), array([[[1, 10, 100]]]), padding=1, fill_value=5),
        [[[12, 120]]],
    ),
    row(
        "conjugates-the-kernel",
        "CC-INPUTGRAD-2",
        input_grad((1, 1, 1), array([[[2j]]], "complex128"), array([[[1j]]], "complex128")),
        [[[2]]],
        dtype="complex128",
        methods=("direct",),
    ),
    row(
        "a-crop-gets-nothing",
        "CC-INPUTGRAD-5 CC-PAD-5",
        input_grad((1, 1, 3), array([[[2]]]), array([[[1]]]), padding=-1),
        [[[0, 2, 0]]],
    ),
    row(
        "unbatched-by-the-shape",
        "CC-INPUTGRAD-9",
        input_grad((2,), array([[1, 10], [2, 3]]), array([1, 100])),
        [201, 310],
    ),
    row(
        "shapes-follow-the-layout",
        "CC-LAYOUT-10 CC-INPUTGRAD-5",
        input_grad((1, 2, 3), array([[[1], [2], [3]]]), array([[[1, 10]]]), layout="NHC,HIO->NCH"),
        [[[1, 2, 3], [10, 20, 30]]],
    ),
)

_WEIGHT = (
    row(
        "correlates",
        "CC-WEIGHTGRAD-1",
        weight_grad(array([[[1, 2, 4, 8]]]), (1, 1, 3), array([[[1, 10]]])),
        [[[21, 42, 84]]],
    ),
    row(
        "padding-counts",
        "CC-WEIGHTGRAD-3",
        weight_grad(array([[1, 2]]), (1, 1, 2), array([[1, 10, 100]]), padding=1),
        [[[210, 21]]],
    ),
    row(
        "so-does-the-fill-value",
        "CC-WEIGHTGRAD-3",
        weight_grad(array([[1, 2]]), (1, 1, 2), array([[1, 10, 100]]), padding=1, fill_value=5),
        [[[215, 521]]],
    ),
    row(
        "so-does-the-boundary",
        "CC-WEIGHTGRAD-3",
        weight_grad(array([[1, 2]]), (1, 1, 2), array([[1, 10, 100]]), padding=1, boundary="edge"),
        [[[211, 221]]],
    ),
    row(
        "conjugates-the-data",
        "CC-WEIGHTGRAD-2",
        weight_grad(array([[[2j]]], "complex128"), (1, 1, 1), array([[[1j]]], "complex128")),
        [[[2]]],
        dtype="complex128",
        methods=("direct",),
    ),
    row(
        "conjugates-the-fill-value",
        "CC-WEIGHTGRAD-3",
        weight_grad(
            array([[[0]]], "complex128"),
            (1, 1, 1),
            array([[[1, 0, 0]]], "complex128"),
            padding=1,
            fill_value=1 + 2j,
        ),
        [[[1 - 2j]]],
        dtype="complex128",
        methods=("direct",),
    ),
    row(
        "sums-over-the-batch",
        "CC-WEIGHTGRAD-4",
        weight_grad(array([[[1]], [[10]]]), (1, 1, 1), array([[[2]], [[3]]])),
        [[[32]]],
    ),
    row(
        "no-batch-gives-zeros",
        "CC-WEIGHTGRAD-4",
        weight_grad(zeros(0, 1, 3), (1, 1, 2), zeros(0, 1, 2)),
        [[[0, 0]]],
    ),
    row(
        "groups",
        "CC-WEIGHTGRAD-7",
        weight_grad(array([[[1], [10]]]), (2, 1, 1), array([[[2], [3]]]), groups=2),
        [[[2]], [[30]]],
    ),
    row(
        "shapes-follow-the-layout",
        "CC-LAYOUT-10 CC-WEIGHTGRAD-4",
        weight_grad(
            array([[[1, 2, 3], [4, 5, 6]]]), (1, 3, 1), array([[[1, 10]]]), layout="NHC,HIO->NCH"
        ),
        [[[41], [52], [63]]],
    ),
    row(
        "unbatched-by-the-ranks",
        "CC-WEIGHTGRAD-10",
        weight_grad(array([[1, 2, 4]]), (1, 1, 2), array([[1, 10]])),
        [[[21, 42]]],
    ),
    row(
        "batched-by-the-ranks",
        "CC-WEIGHTGRAD-10",
        weight_grad(array([[1, 2], [3, 4]]), (1, 2), array([[1], [10]])),
        [[31, 42]],
    ),
    *(
        refused(
            f"x-of-rank-{rank}-for-weights-of-3",
            "CC-WEIGHTGRAD-10 CC-SHAPE-2",
            weight_grad(zeros(*[1] * rank), (1, 1, 1), zeros(1, 1)),
            "ShapeError",
            f"x has {rank} axes",
            "weight_shape has 3",
            "3 (batched) or 2 (unbatched)",
        )
        for rank in (1, 4)
    ),
)


def _other_grads() -> Iterator[Case]:
    """Cotangents of another shape than conv's result, which is (1, 2, 2)."""
    for grad in (zeros(1, 2, 3), zeros(2, 2), zeros(1, 1, 2), zeros()):
        of_x = input_grad((1, 1, 4), zeros(2, 1, 3), grad)
        of_w = weight_grad(zeros(1, 1, 4), (2, 1, 3), grad)
        for clause, made in (("CC-INPUTGRAD-6", of_x), ("CC-WEIGHTGRAD-5", of_w)):
            says = ("grad", f"{grad.shape}", "(1, 2, 2)")
            yield refused(f"grad-of-shape-{grad.shape}", clause, made, "ShapeError", *says)


def _other_sizes() -> Iterator[Case]:
    """Sizes in a shape that is said, of which there are none."""
    for size in (-1, 3.5, float("nan"), "4", None):
        of_x = input_grad((1, 1, size), zeros(1, 1, 2), zeros(1, 1, 3))
        of_w = weight_grad(zeros(1, 1, 4), (1, 1, size), zeros(1, 1, 3))
        for clause, made, name in (
            ("CC-INPUTGRAD-10", of_x, "input"),
            ("CC-WEIGHTGRAD-8", of_w, "weight"),
        ):
            says = (f"{name}_shape", repr(size), "at least 0")
            yield refused(f"{name}-shape-{size!r}", clause, made, "OptionError", *says)


def _as_conv() -> Iterator[Case]:
    """Rows of the shapes and options that conv refuses, as shapes of its gradients."""
    for case in (*conv.CASES, *shapes.CASES, *options.CASES):
        made, wanted = case.call, case.wanted
        if made.op == "conv" and isinstance(wanted, Refused) and len(made.arrays) == 2:
            x, w = made.arrays
            grad, error = zeros(*[1] * x.ndim), Refused(wanted.error)
            spelled = made.kwargs
            of_x, of_w = input_grad(x.shape, w, grad), weight_grad(x, w.shape, grad)
            yield row(case.id, "CC-INPUTGRAD-11", of_x.but(**spelled), error)
            yield row(case.id, "CC-WEIGHTGRAD-9", of_w.but(**spelled), error)


CASES: tuple[Case, ...] = (*_INPUT, *_WEIGHT, *_other_grads(), *_other_sizes(), *_as_conv())
