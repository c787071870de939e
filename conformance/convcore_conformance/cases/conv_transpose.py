"""Rows of conv_transpose."""

from __future__ import annotations

from functools import partial
from typing import Any

from convcore_conformance.calls import Array, Call

from ._case import Case, array, call, counted, digits, refused, row, zeros

transpose = partial(call, "conv_transpose")


def line(n: int, m: int, **options: Any) -> Call:
    """Give one channel of digits to one counted kernel."""
    return transpose(digits(n)[None, None], counted(m)[None, None], **options)


def out(*values: int) -> Array:
    return array([[values]])


_SAME = (
    row(
        "same",
        "CC-TRANSPOSE-9 CC-TRANSPOSE-11",
        line(3, 3, stride=2, padding="same"),
        out(1, 2, 13, 20, 130, 200),
    ),
    row(
        "same-lower",
        "CC-TRANSPOSE-9 CC-TRANSPOSE-11",
        line(3, 3, stride=2, padding="same_lower"),
        out(2, 13, 20, 130, 200, 300),
    ),
    row(
        "same-shorter-kernel-than-stride",
        "CC-TRANSPOSE-8 CC-TRANSPOSE-9",
        line(3, 2, stride=3, padding="same"),
        out(1, 2, 0, 10, 20, 0, 100, 200, 0),
    ),
    row(
        "same-of-a-shorter-size",
        "CC-TRANSPOSE-10 CC-TRANSPOSE-11",
        line(3, 3, stride=2, padding="same", output_size=[5]),
        out(2, 13, 20, 130, 200),
    ),
    *(
        refused(
            f"{padding}-of-size-{size}",
            "CC-TRANSPOSE-10",
            line(3, 3, stride=2, padding=padding, output_size=[size]),
            "ShapeError",
            "output_size",
            f"{size}",
            "5 ... 6",
        )
        for padding in ("same", "same_lower")
        for size in (4, 7)
    ),
)

_SIZES = (
    row("stride", "CC-TRANSPOSE-2", line(3, 3, stride=2), out(1, 2, 13, 20, 130, 200, 300)),
    row(
        "padding-crops-the-result",
        "CC-TRANSPOSE-20 CC-TRANSPOSE-5",
        line(3, 3, stride=2, padding=1),
        out(2, 13, 20, 130, 200),
    ),
    row(
        "output-padding",
        "CC-TRANSPOSE-5",
        line(3, 3, stride=2, padding=1, output_padding=1),
        out(2, 13, 20, 130, 200, 300),
    ),
    row(
        "output-padding-beyond-the-taps",
        "CC-TRANSPOSE-8",
        line(2, 1, stride=3, output_padding=2),
        out(1, 0, 0, 10, 0, 0),
    ),
    refused(
        "output-padding-of-the-stride",
        "CC-TRANSPOSE-6",
        line(2, 2, stride=2, dilation=3, output_padding=2),
        "OptionError",
        "output_padding",
        "2",
        "0 ... stride - 1",
    ),
    refused(
        "output-padding-below-zero",
        "CC-TRANSPOSE-6",
        line(2, 2, stride=2, output_padding=-1),
        "OptionError",
        "output_padding",
        "-1",
        "at least 0",
    ),
    row(
        "output-size",
        "CC-TRANSPOSE-12 CC-TRANSPOSE-13",
        line(2, 2, stride=2, output_size=5),
        out(1, 2, 10, 20, 0),
    ),
    *(
        refused(
            f"output-size-{size}",
            "CC-TRANSPOSE-12",
            line(2, 2, stride=2, output_size=size),
            "ShapeError",
            "output_size",
            f"{size}",
            "4 ... 5",
        )
        for size in (3, 6)
    ),
    row(
        "negative-padding-adds-zeros",
        "CC-TRANSPOSE-19",
        line(2, 2, padding=[(-1, -2)]),
        out(0, 1, 12, 20, 0, 0),
    ),
    row("dilation", "CC-TRANSPOSE-2", line(2, 2, dilation=2), out(1, 10, 2, 20)),
    row("full", "CC-TRANSPOSE-5", line(3, 2, padding="full"), out(12, 120)),
    refused(
        "size-below-one",
        "CC-TRANSPOSE-16",
        line(1, 1, padding=1),
        "ShapeError",
        "the output",
        "-1 samples",
        "padding=",
    ),
)

_CHANNELS = (
    row(
        "no-conjugation",
        "CC-TRANSPOSE-3",
        transpose(array([[[1]]], "complex128"), array([[[2j]]], "complex128")),
        [[[2j]]],
        dtype="complex128",
        methods=("direct",),
    ),
    row(
        "the-bias-everywhere",
        "CC-TRANSPOSE-8",
        transpose(array([[[1, 1]]]), array([[[2]]]), array([5]), stride=3),
        out(7, 5, 5, 7),
    ),
    row(  # in a dtype that every library has a convolution of its own for
        "the-bias-beyond-the-taps",
        "CC-TRANSPOSE-8 CC-TRANSPOSE-19",
        transpose(
            array([[[1, 1]]], "float32"),
            array([[[2]]], "float32"),
            array([5], "float32"),
            stride=3,
            padding=[(-1, -2)],
        ),
        [[[5, 7, 5, 5, 7, 5, 5]]],
        dtype="float32",
    ),
    row(
        "groups",
        "CC-TRANSPOSE-18 CC-TRANSPOSE-4",
        transpose(
            array([[[1], [10], [100], [1000]]]), array([[[2]], [[3]], [[4]], [[5]]]), groups=2
        ),
        [[[32], [5400]]],
    ),
    row(
        "kernel-keeps-its-layout",
        "CC-TRANSPOSE-4 CC-LAYOUT-8",
        transpose(array([[[1], [10]]]), array([[[2], [3], [4]], [[5], [6], [7]]])),
        [[[52], [63], [74]]],
    ),
    row(
        "channels-last",
        "CC-LAYOUT-2 CC-LAYOUT-8",
        transpose(array([[[1, 10]]]), array([[[2, 5], [3, 6], [4, 7]]]), layout="channels_last"),
        [[[52, 63, 74]]],
    ),
    row("no-batch", "CC-TRANSPOSE-5", transpose(zeros(0, 1, 2), zeros(1, 2, 2)), zeros(0, 2, 3)),
    row(
        "no-channels",
        "CC-TRANSPOSE-8",
        transpose(zeros(1, 0, 2), zeros(0, 2, 2), array([3, 4])),
        [[[3] * 3, [4] * 3]],
    ),
)

CASES: tuple[Case, ...] = (*_SAME, *_SIZES, *_CHANNELS)
