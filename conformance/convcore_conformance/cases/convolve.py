"""Rows of convolve."""

from __future__ import annotations

from functools import partial

from ._case import Case, array, call, counted, digits, refused, row, zeros

convolve = partial(call, "convolve")

_NAN = float("nan")

_MODES = (
    row(
        "first-example",
        "CC-CONVOLVE-1 CC-MODE-2",
        convolve(array([1, 2, 3], "float64"), array([0, 1, 0.5], "float64")),
        [0, 1, 2.5, 4, 1.5],
        dtype="float64",
        methods=("auto", "direct"),
    ),
    row(
        "same-even-kernel",
        "CC-MODE-3",
        convolve(digits(5), counted(4), mode="same"),
        [12, 123, 1234, 12340, 23400],
    ),
    row(
        "same-odd-kernel",
        "CC-MODE-1 CC-MODE-3",
        convolve(digits(5), counted(3), mode="same"),
        [12, 123, 1230, 12300, 23000],
    ),
    row(
        "same-longer-kernel",
        "CC-MODE-4",
        convolve(digits(2), counted(4), mode="same"),
        [12, 23],
    ),
    row("full", "CC-MODE-2", convolve(digits(3), counted(2)), [1, 12, 120, 200]),
    row("valid", "CC-MODE-6", convolve(digits(4), counted(2), mode="valid"), [12, 120, 1200]),
    row(
        "valid-longer-kernel",
        "CC-MODE-6 CC-CONVOLVE-4",
        convolve(digits(2), counted(4), mode="valid"),
        [12, 23, 34],
    ),
    refused(
        "valid-mixed-dominance",
        "CC-MODE-7",
        convolve(zeros(2, 3), zeros(3, 2), mode="valid"),
        "ShapeError",
        "mode='valid'",
        "[2, 3]",
        "every axis",
    ),
    row(
        "valid-equal-does-not-mix",
        "CC-MODE-6 CC-MODE-7",
        convolve(zeros(2, 3), zeros(2, 2), mode="valid"),
        [[0, 0]],
    ),
    row(
        "valid-never-sees-the-boundary",
        "CC-MODE-8",
        convolve(digits(2), counted(4), mode="valid", boundary="edge"),
        [12, 23, 34],
    ),
    row(
        "valid-never-sees-the-fill-value",
        "CC-MODE-8",
        convolve(digits(2), counted(4), mode="valid", fill_value=7),
        [12, 23, 34],
    ),
    row("one-sample", "CC-MODE-2", convolve(array([3]), array([5])), [15]),
)

_AXES = (
    row("0-d", "CC-AXES-9", convolve(array(3), array(4)), 12),
    row(
        "no-axes",
        "CC-AXES-8",
        convolve(array([[1, 2], [3, 4]]), array([[10], [20]]), axes=()),
        [[10, 20], [60, 80]],
    ),
    row(
        "broadcast-kernel",
        "CC-AXES-2 CC-AXES-6",
        convolve(array([[1, 2], [3, 4]]), array([[1, 10]]), axes=-1, mode="same"),
        [[1, 12], [3, 34]],
    ),
    row(
        "broadcast-signal",
        "CC-AXES-6",
        convolve(array([[1, 10]]), array([[1, 2], [3, 4]]), axes=(1,)),
        [[1, 12, 20], [3, 34, 40]],
    ),
    row(
        "first-axis",
        "CC-AXES-2 CC-AXES-12",
        convolve(array([[1, 2], [10, 20]]), array([[1, 1], [2, 3]]), axes=0),
        [[1, 2], [12, 26], [20, 60]],
    ),
    row(
        "order-of-axes-orders-boundaries",
        "CC-AXES-12 CC-BOUNDARY-10",
        convolve(
            array([[1, 10], [100, 1000]]),
            array([[1, 1], [1, 1]]),
            axes=(1, 0),
            boundary=("edge", "constant"),
        ),
        [[2, 11, 20], [202, 1111, 2020], [200, 1100, 2000]],
    ),
    refused(
        "ranks-differ",
        "CC-AXES-5",
        convolve(zeros(2, 2), zeros(2)),
        "ShapeError",
        "x1 has 2",
        "x2 has 1",
        "equal rank",
    ),
    refused(
        "empty-axis",
        "CC-AXES-10",
        convolve(zeros(0), zeros(2)),
        "ShapeError",
        "x1",
        "length 0",
        "1 or more",
    ),
    refused(
        "empty-kernel",
        "CC-AXES-10",
        convolve(zeros(2), zeros(0)),
        "ShapeError",
        "x2",
        "length 0",
        "1 or more",
    ),
    row(
        "empty-batch",
        "CC-AXES-11",
        convolve(zeros(0, 3), zeros(1, 2), axes=1),
        zeros(0, 4),
    ),
)

_BOUNDARIES = (
    *(
        row(
            f"{boundary}-longer-kernel",
            f"{clause} CC-BOUNDARY-8",
            convolve(array([1, 2, 3]), array([0, 0, 0, 0, 1]), boundary=boundary),
            wanted,
        )
        for boundary, clause, wanted in (
            ("constant", "CC-BOUNDARY-1", [0, 0, 0, 0, 1, 2, 3]),
            ("edge", "CC-BOUNDARY-2", [1, 1, 1, 1, 1, 2, 3]),
            ("wrap", "CC-BOUNDARY-3", [3, 1, 2, 3, 1, 2, 3]),
            ("symmetric", "CC-BOUNDARY-4", [3, 3, 2, 1, 1, 2, 3]),
            ("reflect", "CC-BOUNDARY-5", [1, 2, 3, 2, 1, 2, 3]),
        )
    ),
    row(
        "reflect-one-sample",
        "CC-BOUNDARY-6",
        convolve(array([7]), array([1, 1, 1]), boundary="reflect"),
        [21, 21, 21],
    ),
    row(
        "wrap-many-periods",
        "CC-BOUNDARY-3 CC-BOUNDARY-8",
        convolve(array([1, 10]), array([0] * 7 + [1]), boundary="wrap", mode="same"),
        [1, 10],
    ),
    row(
        "only-the-first-is-extended",
        "CC-BOUNDARY-12",
        convolve(array([1, 10, 100]), array([1, 2]), boundary="edge"),
        [3, 12, 120, 300],
    ),
    row(
        "fill-value",
        "CC-BOUNDARY-1 CC-FILL-9",
        convolve(array([1, 2]), array([1, 10]), fill_value=7),
        [71, 12, 27],
    ),
    row(
        "fill-value-in-the-corners",
        "CC-BOUNDARY-9",
        convolve(zeros(1, 1), array([[1, 1], [1, 1]]), fill_value=1),
        [[3, 3], [3, 3]],
    ),
    row(
        "fill-value-on-one-of-two-axes",
        "CC-FILL-8 CC-BOUNDARY-9",
        convolve(
            array([[1, 2]]),
            array([[1, 1], [1, 1]]),
            boundary=("constant", "edge"),
            fill_value=10,
        ),
        [[22, 23, 24], [22, 23, 24]],
    ),
    row(
        "nan-fill-value",
        "CC-FILL-6",
        convolve(array([1, 2], "float64"), array([1, 1], "float64"), fill_value=_NAN),
        [_NAN, 3, _NAN],
        dtype="float64",
        methods=("direct",),
    ),
    refused(
        "fill-value-with-another-boundary",
        "CC-FILL-8",
        convolve(zeros(2), zeros(2), boundary="edge", fill_value=1),
        "OptionError",
        "fill_value",
        "1",
        "'constant'",
    ),
)

CASES: tuple[Case, ...] = (*_MODES, *_AXES, *_BOUNDARIES)
