"""Rows of conv."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from convcore_conformance.calls import Array, Call

from ._case import Case, array, call, counted, digits, refused, row, zeros

conv = partial(call, "conv")


def line(n: int, m: int, **options: Any) -> Call:
    """Give one channel of digits to one counted kernel."""
    return conv(digits(n)[None, None], counted(m)[None, None], **options)


def out(*values: int) -> Array:
    return array([[values]])


_PADDINGS = (
    row("default", "CC-CONV-1 CC-CONV-2", line(4, 3), out(321, 3210)),
    row(
        "same-with-stride",
        "CC-SAME-1 CC-SAME-2 CC-SAME-4",
        line(6, 3, stride=2, padding="same"),
        out(321, 32100, 210000),
    ),
    row(
        "same-lower-with-stride",
        "CC-SAME-3 CC-SAME-4",
        line(6, 3, stride=2, padding="same_lower"),
        out(32, 3210, 321000),
    ),
    row(
        "same-even-kernel",
        "CC-SAME-2 CC-SAME-6",
        line(5, 4, padding="same"),
        out(432, 4321, 43210, 32100, 21000),
    ),
    row(
        "same-lower-even-kernel",
        "CC-SAME-3 CC-SAME-6",
        line(5, 4, padding="same_lower"),
        out(43, 432, 4321, 43210, 32100),
    ),
    row(
        "same-with-dilation",
        "CC-SAME-5",
        line(5, 2, padding="same", dilation=3, stride=2),
        out(200, 20010, 1000),
    ),
    row(
        "same-shorter-kernel-than-stride",
        "CC-SAME-1 CC-SAME-4",
        line(7, 1, padding="same", stride=3),
        out(1, 1000, 1000000),
    ),
    row("full", "CC-PAD-7", line(3, 2, padding="full"), out(2, 21, 210, 100)),
    row("valid", "CC-PAD-6", line(3, 2, padding="valid"), out(21, 210)),
    row("pairs", "CC-PAD-2", line(3, 2, padding=[(1, 0)]), out(2, 21, 210)),
    row("one-int", "CC-PAD-1", line(2, 2, padding=1), out(2, 21, 10)),
    row("negative-crops", "CC-PAD-5", line(5, 2, padding=-1), out(210, 2100)),
    row("negative-on-one-side", "CC-PAD-5", line(4, 2, padding=[(-2, 1)]), out(2100, 1000)),
    row(
        "crop-then-reflect-the-original",
        "CC-PAD-4 CC-PAD-5",
        conv(array([[[1, 2, 4]]]), array([[[1]]]), padding=[(-2, 2)], boundary="reflect"),
        out(4, 2, 1),
    ),
    refused(
        "flat-pair",
        "CC-PAD-3",
        line(4, 2, padding=(1, 2)),
        "OptionError",
        "padding",
        "(1, 2)",
        "[(1, 2)]",
    ),
    *(
        refused(
            f"padding-{padding!r}",
            "CC-PAD-8",
            line(4, 2, padding=padding),
            "OptionError",
            "padding",
            repr(padding),
            "'valid', 'full', 'same', 'same_lower'",
        )
        for padding in ("SAME", "half", "")
    ),
    refused(
        "kernel-too-long", "CC-CONV-7", line(3, 4), "ShapeError", "w spans 4", "x has 3", "padding="
    ),
    refused(
        "dilated-kernel-too-long",
        "CC-CONV-7",
        line(5, 3, dilation=3, padding=[(1, 0)]),
        "ShapeError",
        "w spans 7",
        "padded to 6",
        "padding=",
    ),
    row(
        "wrap-longer-than-the-input",
        "CC-BOUNDARY-3 CC-BOUNDARY-8",
        line(2, 1, padding=5, boundary="wrap"),
        out(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1),
    ),
    row(
        "fill-value",
        "CC-PAD-4 CC-BOUNDARY-1",
        conv(array([[[1, 2]]]), array([[[1, 10]]]), padding=1, fill_value=7),
        out(17, 21, 72),
    ),
    row("dilation", "CC-CONV-1 CC-CONV-6", line(5, 2, dilation=3), out(2001, 20010)),
    row(
        "stride-does-not-divide",
        "CC-CONV-6 CC-CONV-18",
        line(6, 2, stride=3),
        out(21, 21000),
    ),
)

_CHANNELS = (
    row(
        "groups",
        "CC-CONV-10",
        conv(array([[[1], [10]]]), array([[[2]], [[3]], [[4]], [[5]]]), groups=2),
        [[[2], [3], [40], [50]]],
    ),
    row(
        "bias",
        "CC-CONV-1",
        conv(array([[[1, 10], [2, 20]]]), array([[[1], [3]]]), array([100])),
        [[[107, 170]]],
    ),
    row(
        "unbatched",
        "CC-CONV-3 CC-CONV-4",
        conv(array([[1, 2, 4, 8]]), array([[[1, 10]]])),
        [[21, 42, 84]],
    ),
    row(
        "dense",
        "CC-CONV-5",
        conv(array([[1, 2], [3, 4]]), array([[1, 10], [2, 3]]), array([0, 1])),
        [[21, 9], [43, 19]],
    ),
    row(
        "dense-unbatched",
        "CC-CONV-5 CC-CONV-3",
        conv(array([1, 2]), array([[1, 10], [2, 3]])),
        [21, 8],
    ),
    row(
        "no-input-channels",
        "CC-CONV-14",
        conv(zeros(1, 0, 3), zeros(2, 0, 2), array([5, 6])),
        [[[5, 5], [6, 6]]],
    ),
    row("no-batch", "CC-CONV-13", conv(zeros(0, 1, 3), zeros(2, 1, 2)), zeros(0, 2, 2)),
    row("no-output", "CC-CONV-13", conv(zeros(2, 1, 3), zeros(0, 1, 2)), zeros(2, 0, 2)),
    refused(
        "no-samples",
        "CC-CONV-15",
        conv(zeros(1, 1, 0), zeros(1, 1, 1), padding=3),
        "ShapeError",
        "x",
        "length 0",
        "1 or more",
    ),
    refused(
        "no-taps",
        "CC-CONV-15",
        conv(zeros(1, 1, 3), zeros(1, 1, 0)),
        "ShapeError",
        "w",
        "length 0",
        "1 or more",
    ),
    row(
        "no-conjugation",
        "CC-CONV-2",
        conv(array([[[1j]]], "complex128"), array([[[1j]]], "complex128")),
        [[[-1]]],
        dtype="complex128",
        methods=("direct",),
    ),
    row(
        "four-spatial-axes",
        "CC-CONV-5",
        conv(
            array(np.arange(16).reshape(1, 1, 2, 2, 2, 2)),
            array(np.arange(1, 17).reshape(1, 1, 2, 2, 2, 2)),
        ),
        [[[[[[sum(i * (i + 1) for i in range(16))]]]]]],
    ),
)

_LAYOUTS = (
    row(
        "channels-last",
        "CC-LAYOUT-2",
        conv(
            array([[[1, 10], [2, 20], [4, 40]]]),
            array([[[1, 1]], [[1, -1]]]),
            groups=2,
            layout="channels_last",
        ),
        [[[3, -10], [6, -20]]],
    ),
    row(
        "spelled",
        "CC-LAYOUT-3 CC-LAYOUT-4",
        conv(array([[[1, 2, 3], [4, 5, 6]]]), array([[[1], [2], [3]]]), layout="NHC,HIO->NCH"),
        [[[14, 32]]],
    ),
    row(
        "spelled-unbatched",
        "CC-LAYOUT-7",
        conv(array([[1, 2, 3], [4, 5, 6]]), array([[[1], [2], [3]]]), layout="NHC,HIO->NCH"),
        [[14, 32]],
    ),
    row(
        "options-follow-x",
        "CC-LAYOUT-6",
        conv(
            array([[[[1, 2], [3, 4], [5, 6]]]]),
            array([[[[1]]]]),
            stride=(2, 1),
            layout="NCWH,OIHW->NCHW",
        ),
        [[[[1, 5], [2, 6]]]],
    ),
)

CASES: tuple[Case, ...] = (*_PADDINGS, *_CHANNELS, *_LAYOUTS)
