"""Rows of correlate."""

from __future__ import annotations

from functools import partial

from ._case import Case, array, call, counted, digits, row

correlate = partial(call, "correlate")

CASES: tuple[Case, ...] = (
    row(
        "same-even-kernel",
        "CC-MODE-5 CC-MODE-3",
        correlate(digits(5), counted(4), mode="same"),
        [43, 432, 4321, 43210, 32100],
    ),
    row(
        "full-in-ascending-lags",
        "CC-CORRELATE-4",
        correlate(digits(3), counted(2)),
        [2, 21, 210, 100],
    ),
    row(
        "valid-longer-kernel",
        "CC-MODE-5 CC-MODE-6",
        correlate(digits(2), counted(4), mode="valid"),
        [43, 32, 21],
    ),
    row(
        "conjugates-the-second",
        "CC-CORRELATE-3",
        correlate(array([1 + 2j], "complex128"), array([3 + 4j], "complex128")),
        [11 + 2j],
        dtype="complex128",
        methods=("direct",),
    ),
    row(
        "no-axes-conjugates-too",
        "CC-AXES-8 CC-CORRELATE-3",
        correlate(array([2j], "complex64"), array([3j], "complex64"), axes=()),
        [6],
        dtype="complex64",
        methods=("direct",),
    ),
    row(
        "edge",
        "CC-CORRELATE-1 CC-BOUNDARY-2",
        correlate(array([1, 10, 100]), array([1, 2]), boundary="edge"),
        [3, 21, 210, 300],
    ),
    row(
        "fill-value",
        "CC-CORRELATE-1 CC-BOUNDARY-1",
        correlate(array([1, 2]), array([1, 10]), fill_value=7),
        [17, 21, 72],
    ),
    row(
        "broadcast-in-same",
        "CC-AXES-6",
        correlate(array([[1, 2], [3, 4]]), array([[1, 10]]), axes=1, mode="same"),
        [[10, 21], [30, 43]],
    ),
)
