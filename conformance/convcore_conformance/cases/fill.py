"""Rows of boundary names and fill values: their spellings, and what is refused."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from convcore_conformance.calls import Call

from ._case import Case, array, call, refused, row, zeros

convolve = partial(call, "convolve")

_NAN, _INF = float("nan"), float("inf")
_BOUNDARIES = "'constant', 'reflect', 'symmetric', 'edge', 'wrap'"


def pair(dtype: str, **options: Any) -> Call:
    """Give three zeros to two, of one dtype."""
    return convolve(zeros(3, dtype=dtype), zeros(2, dtype=dtype), **options)


_NAMES = (
    *(
        refused(
            f"boundary-{boundary!r}",
            "CC-BOUNDARY-11",
            made,
            "OptionError",
            "boundary",
            shown,
            _BOUNDARIES,
        )
        for boundary, shown in (
            ("mirror", "'mirror'"),
            ("Edge", "'Edge'"),
            ("", "''"),
            (None, "None"),
            (0, "0"),
            (("mirror",), "'mirror'"),
        )
        for made in (
            pair("int64", boundary=boundary),
            call("conv", zeros(1, 1, 3), zeros(1, 1, 2), boundary=boundary),
        )
    ),
    refused(
        "two-boundaries-of-one-axis",
        "CC-BOUNDARY-10",
        pair("int64", boundary=("edge", "edge")),
        "OptionError",
        "boundary",
        "('edge', 'edge')",
        "one",
    ),
)

_SPELLINGS = (
    *(
        row(
            f"fill-value-{type(one).__name__}-{dtype}",
            "CC-FILL-1",
            convolve(array([2, 3], dtype), array([1, 10], dtype), fill_value=one),
            [12, 23, 31],
            dtype=dtype,
            methods=("auto", "direct") if dtype == "int64" else ("direct",),
        )
        for one in (1, 1.0, True, 1 + 0j, np.float32(1), np.int8(1))
        for dtype in ("int64", "float32", "complex64")
    ),
    *(
        row(
            f"fill-value-minus-zero-{dtype}",
            "CC-FILL-2",
            convolve(
                array([2, 3], dtype), array([1, 10], dtype), fill_value=-0.0, boundary=boundary
            ),
            wanted,
            dtype=dtype,
            methods=("direct",),
        )
        for dtype, boundary, wanted in (
            ("int64", "constant", [2, 23, 30]),
            ("int32", "edge", [22, 23, 33]),
            ("float32", "wrap", [32, 23, 32]),
        )
    ),
    row(
        "fill-value-beyond-the-result-but-not-the-accumulator",
        "CC-FILL-7 CC-FILL-9",
        convolve(array([0], "float16"), array([0.25, 0], "float16"), fill_value=2.0**17),
        [0, 32768],
        dtype="float16",
        methods=("direct",),
    ),
)

_BAD: tuple[tuple[str, str, str, tuple[Any, ...]], ...] = (
    ("CC-FILL-3", "int8", "-128 ... 127", (0.5, -1.5, _NAN, _INF, -_INF)),
    ("CC-FILL-4", "int8", "-128 ... 127", (128, -129, 128.0, 2**70)),
    ("CC-FILL-4", "uint16", "0 ... 65535", (-1, 65536)),
    ("CC-FILL-5", "int32", "real numbers", (1j, 1 + 2j)),
    ("CC-FILL-5", "float32", "real numbers", (1j, complex(0, _NAN))),
    ("CC-FILL-7", "float32", "magnitudes up to 3.4", (1e39, -1e39, 2**128)),
    ("CC-FILL-7", "float16", "magnitudes up to 3.4", (1e39,)),
    ("CC-FILL-7", "complex64", "magnitudes up to 3.4", (1e39j, 1e39)),
    (
        "CC-FILL-10",
        "float32",
        "one Python number",
        ("1", b"1", None, [1], (1, 2), {}, object),
    ),
)

_REFUSED = (
    *(
        refused(
            f"fill-value-{value!r}-{dtype}",
            clause,
            pair(dtype, fill_value=value),
            "OptionError",
            "fill_value",
            repr(value),
            allowed,
        )
        for clause, dtype, allowed, values in _BAD
        for value in values
    ),
    refused(
        "fill-value-array",
        "CC-FILL-10",
        pair("int32", fill_value=np.ones(1)),
        "OptionError",
        "fill_value",
        "array([1.])",
        "one Python number",
    ),
    refused(
        "fill-value-4-of-an-integer-of-a-wider-result",
        "CC-FILL-4",
        convolve(zeros(2, dtype="uint8"), zeros(1, dtype="int8"), dtype="int8", fill_value=200),
        "OptionError",
        "fill_value",
        "200",
        "-128 ... 127",
    ),
)

CASES: tuple[Case, ...] = (*_NAMES, *_SPELLINGS, *_REFUSED)
