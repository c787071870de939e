"""Rows of result dtypes, biases and weak operands."""

from __future__ import annotations

from functools import partial

from ._case import Case, array, call, refused, row, zeros

convolve = partial(call, "convolve")
conv = partial(call, "conv")

_BIASES = (
    row(
        "bias-is-rounded-to-the-result",
        "CC-DTYPE-18 CC-DTYPE-17",
        # To float16 it becomes 2**-11, which ties with the last bit of the sum and rounds it up;
        # in the accumulator's float32 it would stay below the tie.
        conv(
            array([[1], [2**-10]], "float16"),
            array([[[1], [1]]], "float16"),
            array([2**-11 - 2**-23], "float32"),
        ),
        [[1 + 2**-9]],
        dtype="float16",
        methods=("direct",),
    ),
    row(
        "bias-wraps-to-the-result",
        "CC-DTYPE-18",
        conv(array([[1]], "int8"), array([[[1]]], "int8"), array([300], "int32")),
        [[45]],
        dtype="int8",
    ),
    row(
        "integer-bias-of-floats",
        "CC-DTYPE-18",
        conv(array([[1]], "float32"), array([[[0.5]]], "float32"), array([2], "int32")),
        [[2.5]],
        dtype="float32",
        methods=("direct",),
    ),
    row(
        "weak-bias",
        "CC-WEAK-13",
        conv(array([[1]], "int8"), array([[[2]], [[3]]], "int8"), [5, -128]),
        [[7], [-125]],
        dtype="int8",
    ),
    row(
        "weak-bias-of-floats",
        "CC-WEAK-13 CC-DTYPE-18",
        call("conv_transpose", array([[1]], "float32"), array([[[2]]], "float32"), [1]),
        [[3]],
        dtype="float32",
        methods=("direct",),
    ),
    *(
        refused(
            f"bias-of-{kind}",
            f"{clause} CC-ERROR-6",
            call(op, zeros(1, 1, dtype=dtype), zeros(1, 1, 1, dtype=dtype), bias),
            "DTypeError",
            "bias",
            shown,
            "dtype",
        )
        for op in ("conv", "conv_transpose")
        for kind, clause, dtype, bias, shown in (
            ("floats-for-int32", "CC-DTYPE-19", "int32", zeros(1, dtype="float32"), "float32"),
            ("complex-for-int8", "CC-DTYPE-19", "int8", zeros(1, dtype="complex64"), "complex64"),
            (
                "complex-for-float32",
                "CC-DTYPE-19",
                "float32",
                zeros(1, dtype="complex64"),
                "complex64",
            ),
            ("weak-floats-for-int8", "CC-WEAK-13 CC-DTYPE-19", "int8", [0.5], "real floating"),
            (
                "weak-complex-for-float32",
                "CC-WEAK-13 CC-DTYPE-19",
                "float32",
                [1j],
                "complex floating",
            ),
            ("weak-300-for-int8", "CC-WEAK-13 CC-WEAK-6", "int8", [300], "300"),
        )
    ),
)

_RESULTS = (
    *(
        refused(
            f"{dtype}-for-{x}-and-{w}",
            "CC-DTYPE-11",
            convolve(zeros(2, dtype=x), zeros(2, dtype=w), dtype=dtype),
            "DTypeError",
            f"dtype={dtype}",
            higher,
            "of that kind or a higher one",
        )
        for x, w, dtype, higher in (
            ("float32", "float32", "int32", "float32"),
            ("int8", "float32", "int32", "x2"),
            ("complex64", "int8", "float32", "x1"),
            ("complex64", "complex64", "int8", "complex64"),
        )
    ),
    *(
        row(
            f"gradient-of-{a}-and-{b}",
            clause,
            call(op, *arrays, **options),
            [[[3]]],
            dtype=wanted,
            methods=("direct",),
        )
        for a, b, options, wanted in (
            ("float32", "float64", {}, "float64"),
            ("int8", "uint8", {}, "int16"),
            ("int8", "float32", {}, "float32"),
            ("int8", "int8", {"dtype": "int32"}, "int32"),
        )
        for op, clause, arrays in (
            (
                "conv_input_grad",
                "CC-INPUTGRAD-8",
                ((1, 1, 1), array([[[3]]], a), array([[[1]]], b)),
            ),
            (
                "conv_weight_grad",
                "CC-WEIGHTGRAD-6",
                (array([[[3]]], a), (1, 1, 1), array([[[1]]], b)),
            ),
        )
    ),
    *(
        refused(
            f"{op}-lower-dtype",
            clause,
            call(op, *arrays, dtype="int32"),
            "DTypeError",
            "dtype=int32",
            "grad, which is float32",
            "of that kind or a higher one",
        )
        for op, clause, arrays in (
            (
                "conv_input_grad",
                "CC-INPUTGRAD-8 CC-DTYPE-11",
                ((1, 1, 1), zeros(1, 1, 1, dtype="int8"), zeros(1, 1, 1, dtype="float32")),
            ),
            (
                "conv_weight_grad",
                "CC-WEIGHTGRAD-6 CC-DTYPE-11",
                (zeros(1, 1, 1, dtype="int8"), (1, 1, 1), zeros(1, 1, 1, dtype="float32")),
            ),
        )
    ),
)

_WEAK = (
    row(
        "weak-complex-with-integer",
        "CC-WEAK-5",
        convolve(array([1, 2], "int8"), [0.5j]),
        [0.5j, 1j],
        dtype="complex128",
        methods=("direct",),
        default_dtype=True,
    ),
    row(
        "weak-integer-that-fits",
        "CC-WEAK-6",
        convolve([127, -128], array([1], "int8")),
        [127, -128],
        dtype="int8",
    ),
    row(
        "weak-integer-that-fits-dtype",
        "CC-WEAK-6",
        convolve(array([1], "int8"), [300], dtype="int16"),
        [300],
        dtype="int16",
    ),
    *(
        refused(f"weak-{value}-{named}", "CC-WEAK-6", made, "DTypeError", name, str(value), dtype)
        for value, named, name, dtype, made in (
            (300, "for-int8", "x2", "int8", convolve(array([1], "int8"), [1, 300])),
            (-129, "for-int8", "x1", "int8", convolve([-129], array([1], "int8"))),
            (-1, "for-uint16", "x2", "uint16", convolve(array([1], "uint16"), [-1])),
            (300, "for-dtype", "x2", "dtype", convolve(array([1], "int16"), [300], dtype="int8")),
        )
    ),
    *(
        refused(
            f"ragged-{name}", "CC-WEAK-9", made, "ShapeError", name, "ragged", "rows of one length"
        )
        for name, made in (
            ("x1", convolve([[1, 2], [3]], zeros(1, 1))),
            ("x2", convolve(zeros(1), [1, [2]])),
            ("bias", conv(zeros(1, 1), zeros(2, 1, 1), [1, [2]])),
        )
    ),
    *(
        refused(f"weak-{value}", "CC-WEAK-12", made, "DTypeError", name, str(value), "64-bit")
        for value, name, made in (
            (2**64, "x2", convolve(zeros(1, dtype="int8"), [1, 2**64])),
            (-(2**63) - 1, "x1", convolve([-(2**63) - 1], zeros(1, dtype="float32"))),
            (2**70, "bias", conv(zeros(1, 1, dtype="int8"), zeros(1, 1, 1, dtype="int8"), [2**70])),
        )
    ),
)

CASES: tuple[Case, ...] = (*_BIASES, *_RESULTS, *_WEAK)
