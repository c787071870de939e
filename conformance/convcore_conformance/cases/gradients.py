"""Rows of conv_input_grad and conv_weight_grad."""

from __future__ import annotations

from functools import partial

from ._case import Case, array, call, row, zeros

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
)

CASES: tuple[Case, ...] = (*_INPUT, *_WEIGHT)
