"""Rows of strides, dilations, groups, biases and sizes of the neural pair: most are refused."""

from __future__ import annotations

from ._case import Case, array, refused, row, zeros
from .shapes import conv, layer, transpose, undo

_STEPS = (
    *(
        refused(
            f"{name}-{value!r}",
            clause,
            make(**{name: value}),
            "OptionError",
            name,
            repr(value),
            "integer of at least 1",
        )
        for make in (layer, undo)
        for name, clause in (
            ("stride", "CC-CONV-8"),
            ("dilation", "CC-CONV-9"),
            ("groups", "CC-CONV-12"),
        )
        for value in (0, -1)
    ),
    refused(
        "stride-of-one-of-two-axes",
        "CC-CONV-8",
        conv(zeros(1, 1, 3, 3), zeros(1, 1, 2, 2), stride=(1, 0)),
        "OptionError",
        "stride",
        "0",
        "at least 1",
    ),
    *(
        refused(f"{name}-{options}", "CC-CONV-11", made, "ShapeError", argument, value, allowed)
        for name, options, made, argument, value, allowed in (
            (
                "outputs",
                "by-groups",
                conv(zeros(1, 6, 6), zeros(4, 2, 3), groups=3),
                "w has 4",
                "groups=3",
                "multiple",
            ),
            (
                "inputs",
                "by-groups",
                conv(zeros(1, 3, 6), zeros(4, 1, 3), groups=2),
                "x has 3",
                "groups=2",
                "1 * 2 = 2",
            ),
            (
                "inputs",
                "of-w",
                conv(zeros(1, 3, 6), zeros(4, 2, 3)),
                "x has 3",
                "(4, 2, 3)",
                "2 * 1 = 2",
            ),
            ("inputs", "of-w-in-groups", layer(groups=2), "x has 2", "(4, 2, 3)", "2 * 2 = 4"),
        )
    ),
    *(
        refused(
            f"bias-{bias.shape}-{layout}",
            "CC-CONV-16",
            conv(x, w, bias, layout=layout),
            "ShapeError",
            "bias",
            str(bias.shape),
            "(4,)",
        )
        for bias in (zeros(5), zeros(1), zeros(), zeros(4, 1), zeros(1, 4))
        for x, w, layout in (
            (zeros(1, 2, 6), zeros(4, 2, 3), "channels_first"),
            (zeros(1, 6, 2), zeros(3, 2, 4), "channels_last"),
            (zeros(6, 2), zeros(2, 4, 3), "NHC,IOH->NCH"),
        )
    ),
    *(
        refused(
            f"bias-{bias.shape}-{layout}",
            "CC-TRANSPOSE-17",
            transpose(x, w, bias, layout=layout),
            "ShapeError",
            "bias",
            str(bias.shape),
            "(2,)",
        )
        for bias in (zeros(4), zeros(1), zeros(), zeros(2, 1))
        for x, w, layout in (
            (zeros(1, 4, 4), zeros(4, 2, 3), "channels_first"),
            (zeros(1, 4, 4), zeros(3, 2, 4), "channels_last"),
        )
    ),
)

_PER_AXIS = (
    *(
        row(
            f"one-{name}-for-all-axes",
            "CC-CONV-17",
            conv(array([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]), array(kernel), **{name: value}),
            wanted,
        )
        for name, value, kernel, wanted in (
            ("stride", 2, [[[[1]]]], [[[[1, 3], [7, 9]]]]),
            ("dilation", 2, [[[[1, 10], [100, 1000]]]], [[[[9731]]]]),
            ("padding", -1, [[[[1]]]], [[[[5]]]]),
        )
    ),
    row(
        "an-entry-for-each-axis",
        "CC-CONV-17",
        conv(
            array([[[[1, 2, 3], [4, 5, 6]]]]),
            array([[[[1, 10]]]]),
            stride=(2, 1),
            dilation=(1, 2),
            padding=(0, 1),
            boundary=("constant", "wrap"),
        ),
        [[[[23, 31, 12]]]],
    ),
    *(
        refused(
            f"{name}-{value}",
            "CC-CONV-17",
            layer(**{name: value}),
            "OptionError",
            name,
            f"{len(value)} entries",
            "one",
        )
        for name, value in (
            ("stride", (1, 1)),
            ("stride", ()),
            ("dilation", (1, 1)),
            ("dilation", ()),
            ("padding", (1, 2, 3)),
            ("padding", ()),
            ("boundary", ("edge", "edge")),
            ("boundary", ()),
        )
    ),
)

_OUTPUT_SIZES = (
    refused(
        "output-padding-and-size",
        "CC-TRANSPOSE-14",
        undo(stride=2, output_padding=1, output_size=9),
        "OptionError",
        "output_padding",
        "output_size=9",
        "one of them",
    ),
    row(
        "output-padding-of-zero-and-size",
        "CC-TRANSPOSE-14",
        transpose(array([[[1, 10]]]), array([[[1, 2]]]), stride=2, output_padding=0, output_size=5),
        [[[1, 2, 10, 20, 0]]],
    ),
    *(
        refused(
            f"output-padding-with-{padding}",
            "CC-TRANSPOSE-15",
            undo(stride=2, output_padding=1, padding=padding),
            "OptionError",
            "output_padding",
            repr(padding),
            "output_size=",
        )
        for padding in ("same", "same_lower")
    ),
)

CASES: tuple[Case, ...] = (*_STEPS, *_PER_AXIS, *_OUTPUT_SIZES)
