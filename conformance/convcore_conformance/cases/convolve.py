"""Rows of convolve."""

from __future__ import annotations

from functools import partial

import numpy as np

from convcore_conformance.calls import Array

from ._case import Case, Refused, array, call, counted, digits, row, zeros

convolve = partial(call, "convolve")

_NAN, _INF = float("nan"), float("inf")
_LOW, _HIGH = -(2**63), 2**63 - 1

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
    row(
        "valid-mixed-dominance",
        "CC-MODE-7",
        convolve(zeros(2, 3), zeros(3, 2), mode="valid"),
        Refused("ShapeError"),
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
    row(
        "ranks-differ",
        "CC-AXES-5",
        convolve(zeros(2, 2), zeros(2)),
        Refused("ShapeError"),
    ),
    row("empty-axis", "CC-AXES-10", convolve(zeros(0), zeros(2)), Refused("ShapeError")),
    row("empty-kernel", "CC-AXES-10", convolve(zeros(2), zeros(0)), Refused("ShapeError")),
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
        "nan-fill-value",
        "CC-FILL-6",
        convolve(array([1, 2], "float64"), array([1, 1], "float64"), fill_value=_NAN),
        [_NAN, 3, _NAN],
        dtype="float64",
        methods=("direct",),
    ),
    row(
        "fill-value-with-another-boundary",
        "CC-FILL-8",
        convolve(zeros(2), zeros(2), boundary="edge", fill_value=1),
        Refused("OptionError"),
    ),
)

_NUMBERS = (
    row(
        "integers-wrap",
        "CC-DTYPE-4",
        convolve(array([100, 100], "int8"), array([100, 100], "int8")),
        [16, 32, 16],
        dtype="int8",
    ),
    row(
        "wider-result",
        "CC-DTYPE-10",
        convolve(array([100, 100], "int8"), array([100, 100], "int8"), dtype="int32"),
        [10000, 20000, 10000],
        dtype="int32",
    ),
    row(
        "narrower-result",
        "CC-DTYPE-12",
        convolve(array([300, 5]), array([1, 1]), dtype="int8"),
        [44, 49, 5],
        dtype="int8",
    ),
    row(
        "the-least-integer",
        "CC-INT-1 CC-INT-4",
        convolve(array([_LOW, 3, _LOW, _HIGH]), array([_LOW, -1, _HIGH])),
    ),
    row(
        "many-least-integers",
        "CC-INT-1 CC-INT-3",
        convolve(array([_LOW + 1] * 70), array([_LOW + 1] * 33)),
    ),
    row(
        "mixed-integers",
        "CC-DTYPE-4",
        convolve(array([200, 1], "uint8"), array([-100, 1], "int8")),
        [-20000, 100, 1],
        dtype="int16",
    ),
    row(
        "integer-with-float",
        "CC-DTYPE-6",
        convolve(array([100, 100], "int8"), array([0.5], "float32")),
        [50, 50],
        dtype="float32",
        methods=("auto", "direct"),
    ),
    row(
        "mixed-floats",
        "CC-DTYPE-5 CC-DTYPE-16",
        convolve(array([1, 1e-9], "float64"), array([0.1, 3], "float32")),
    ),
    row(
        "float-with-complex",
        "CC-DTYPE-5",
        convolve(array([1, 2], "float64"), array([1j], "complex64")),
        [1j, 2j],
        dtype="complex128",
        methods=("direct",),
    ),
    row(
        "weak-real-with-float",
        "CC-WEAK-2 CC-WEAK-10",
        convolve(array([1, 2], "float32"), [0.1, 3]),
    ),
    row(
        "weak-real-with-integer",
        "CC-WEAK-3",
        convolve(array([1, 2], "int8"), [0.5]),
        [0.5, 1],
        dtype="float64",
        methods=("auto", "direct"),
    ),
    row(
        "weak-complex-with-float",
        "CC-WEAK-4",
        convolve(array([1, 2], "float32"), [1j]),
        [1j, 2j],
        dtype="complex64",
        methods=("direct",),
    ),
    row(
        "weak-signal",
        "CC-WEAK-1",
        convolve([1, 10, 100], array([1, 2], "int16")),
        [1, 12, 120, 200],
        dtype="int16",
    ),
    row(
        "uint64-with-signed",
        "CC-DTYPE-7",
        convolve(zeros(2, dtype="uint64"), zeros(2)),
        Refused("DTypeError"),
    ),
    row(
        "float16-is-summed-in-float32",
        "CC-DTYPE-15 CC-DTYPE-17",
        convolve(array([1] * 3000, "float16"), array([1] * 3000, "float16"), mode="valid"),
        [3000],
        dtype="float16",
        methods=("direct",),
    ),
    row(
        "no-conjugation",
        "CC-CONVOLVE-3",
        convolve(array([1j], "complex128"), array([1j], "complex128")),
        [-1],
        dtype="complex128",
        methods=("direct",),
    ),
    row(
        "small-components-survive",
        "CC-CONVOLVE-1",
        convolve(array([1e8 + 1e-3j], "complex64"), array([1], "complex64")),
    ),
    row(
        "one-spike",
        "CC-ACCURACY-3 CC-ACCURACY-4 CC-ACCURACY-7",
        convolve(
            array([1e7 if i == 20 else (i % 7) / 7 - 0.4 for i in range(64)], "float32"),
            array([(i % 5) / 5 - 0.3 for i in range(17)], "float32"),
        ),
    ),
    row(
        "nan-stays-local",
        "CC-NONFINITE-1 CC-NONFINITE-2",
        convolve(array([1, _NAN, 1, 1, 1], "float64"), array([1, 1], "float64")),
        [1, _NAN, _NAN, 2, 2, 1],
        dtype="float64",
        methods=("direct",),
    ),
    row(
        "infinity-stays-local",
        "CC-NONFINITE-1 CC-NONFINITE-3",
        convolve(array([_INF, 0, 1, 1], "float64"), array([1, 1], "float64"), mode="same"),
        [_INF, _INF, 1, 2],
        dtype="float64",
        methods=("direct",),
    ),
)


def _wave(count: int, dtype: str) -> Array:
    """Values of every size and sign with no pattern that a block could hide."""
    rng = np.random.default_rng(count)
    if dtype.startswith("int"):
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, count, dtype=dtype, endpoint=True)
    values = rng.standard_normal(count) * 10 ** rng.uniform(-3, 3, count)
    return array(values * (1 - 1j) if dtype.startswith("complex") else values, dtype)


# Long enough for transforms of several blocks, of lengths that are not powers of two.
_LONG = (
    *(
        row(
            f"long-{dtype}",
            clauses,
            convolve(_wave(1999, dtype), _wave(7, dtype), mode="same", boundary="reflect"),
        )
        for dtype, clauses in (
            ("float32", "CC-CONVOLVE-1 CC-ACCURACY-3 CC-ACCURACY-4"),
            ("float64", "CC-CONVOLVE-1 CC-ACCURACY-3 CC-ACCURACY-4"),
            ("complex64", "CC-CONVOLVE-1 CC-ACCURACY-3 CC-ACCURACY-4"),
            ("int8", "CC-INT-1 CC-INT-4"),
            ("int64", "CC-INT-1 CC-INT-4"),
        )
    ),
    row(
        "long-kernel",
        "CC-CONVOLVE-1 CC-ACCURACY-4",
        convolve(_wave(211, "float32"), _wave(67, "float32")),
    ),
    row(
        "long-kernel-int64",
        "CC-INT-1 CC-INT-3",
        convolve(_wave(211, "int64"), _wave(67, "int64")),
    ),
    row(
        "large-image",
        "CC-CONVOLVE-1 CC-INT-1",
        convolve(_wave(45 * 41, "int16").reshape(45, 41), _wave(9, "int16").reshape(3, 3)),
    ),
)

CASES: tuple[Case, ...] = (*_MODES, *_AXES, *_BOUNDARIES, *_NUMBERS, *_LONG)
