"""Rows of numbers: dtypes, integers, accuracy, non-finite values."""

from __future__ import annotations

from functools import partial

import numpy as np

from convcore_conformance.calls import Array

from ._case import Case, array, call, refused, row, zeros

convolve = partial(call, "convolve")

_NAN, _INF = float("nan"), float("inf")
_LOW, _HIGH = -(2**63), 2**63 - 1

_SHORT = (
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
        default_dtype=True,
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
    refused(
        "uint64-with-signed",
        "CC-DTYPE-7",
        convolve(zeros(2, dtype="uint64"), zeros(2, dtype="int8")),
        "DTypeError",
        "uint64",
        "int8",
        "dtype=",
    ),
    row(
        "uint64-with-signed-and-dtype",
        "CC-DTYPE-7",
        convolve(array([1, 2], "uint64"), array([-1], "int8"), dtype="int64"),
        [-1, -2],
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
        "CC-ACCURACY-3 CC-ACCURACY-4",
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

CASES: tuple[Case, ...] = (*_SHORT, *_LONG)
