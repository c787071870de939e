"""Rows of axes, modes, ranks and layouts: what they mean by default and what is refused."""

from __future__ import annotations

from functools import partial
from typing import Any

from convcore_conformance.calls import Call

from ._case import Case, array, call, refused, row, zeros

convolve = partial(call, "convolve")
correlate = partial(call, "correlate")
conv = partial(call, "conv")
transpose = partial(call, "conv_transpose")


def plane(**options: Any) -> Call:
    """Give a call on two axes."""
    return convolve(zeros(3, 4), zeros(3, 2), **options)


def layer(**options: Any) -> Call:
    """Give two channels of six samples to four kernels of three taps."""
    return conv(zeros(1, 2, 6), zeros(4, 2, 3), **options)


def undo(**options: Any) -> Call:
    """Give the transpose of `layer`."""
    return transpose(zeros(1, 4, 4), zeros(4, 2, 3), **options)


_MODES = "'full', 'same', 'valid'"

_SIGNAL = (
    row(
        "all-axes",
        "CC-AXES-1",
        convolve(array([[1, 10], [100, 1000]]), array([[1, 2], [3, 4]])),
        [[1, 12, 20], [103, 1234, 2040], [300, 3400, 4000]],
    ),
    row(
        "axes-none",
        "CC-AXES-1",
        convolve(array([[1, 10], [100, 1000]]), array([[1, 2], [3, 4]]), axes=None, mode="valid"),
        [[1234]],
    ),
    *(
        refused(
            f"axis-{axes}", "CC-AXES-3", plane(axes=axes), "OptionError", "axes", shown, "-2 ... 1"
        )
        for axes, shown in ((2, "2"), (-3, "-3"), ((0, 2), "(0, 2)"))
    ),
    refused(
        "an-axis-of-no-axes",
        "CC-AXES-3",
        correlate(array(1), array(2), axes=0),
        "OptionError",
        "axes",
        "0",
        "axes=()",
    ),
    *(
        refused(
            f"axes-{axes}",
            "CC-AXES-4",
            plane(axes=axes),
            "OptionError",
            "axes",
            str(axes),
            "distinct",
        )
        for axes in ((0, 0), (1, -1), (-2, 0))
    ),
    *(
        refused(
            f"no-broadcast-{mode}",
            "CC-AXES-7",
            convolve(zeros(2, 5), zeros(3, 5), axes=1, mode=mode),
            "ShapeError",
            "x1 has length 2",
            "x2 has length 3",
            "equal lengths",
        )
        for mode in ("full", "same", "valid")
    ),
    refused(
        "no-broadcast-of-a-product",
        "CC-AXES-7",
        correlate(zeros(2, 3), zeros(2, 2), axes=()),
        "ShapeError",
        "x1",
        "2 on axis 1",
        "equal lengths",
    ),
    *(
        refused(
            f"mode-{mode!r}",
            "CC-MODE-9",
            plane(mode=mode),
            "OptionError",
            "mode",
            repr(mode),
            _MODES,
        )
        for mode in ("SAME", "", "same_lower", None, 1)
    ),
    refused(
        "unknown-mode",
        "CC-MODE-9",
        correlate(zeros(3), zeros(2), mode="valid "),
        "OptionError",
        "mode",
        "'valid '",
        _MODES,
    ),
)

_RANKS = (
    *(
        refused(
            f"rank-{len(shape)}-and-3",
            "CC-SHAPE-2",
            conv(zeros(*shape), zeros(4, 2, 3)),
            "ShapeError",
            f"x has {len(shape)} axes",
            "w has 3",
            "3 (batched) or 2 (unbatched)",
        )
        for shape in ((6,), (1, 1, 2, 6))
    ),
    *(
        refused(
            f"kernel-of-rank-{len(shape)}",
            "CC-SHAPE-3",
            make(zeros(2, 6), zeros(*shape)),
            "ShapeError",
            "w has shape",
            str(shape),
            "2 or more",
        )
        for make in (conv, transpose)
        for shape in ((), (2,))
    ),
)

_LAYOUTS = (
    *(
        row(
            f"channels-first-{how}",
            "CC-LAYOUT-1",
            conv(
                array([[[1, 2, 4], [10, 20, 40]]]),
                array([[[1, 3], [5, 7]], [[1, 0], [0, 0]]]),
                **options,
            ),
            [[[197, 394], [1, 2]]],
        )
        for how, options in (("said", {"layout": "channels_first"}), ("by-default", {}))
    ),
    *(
        refused(
            f"layout-{layout!r}",
            "CC-LAYOUT-5",
            make(layout=layout),
            "OptionError",
            "layout",
            repr(layout),
            "channels_last",
        )
        for make in (layer, undo)
        for layout in ("channels", "NCH", "NCH,OIH", "NCH->NCH", "nch,oih->nch", "", None, 3)
    ),
    *(
        refused(
            f"layout-{layout}",
            "CC-LAYOUT-5",
            layer(layout=layout),
            "OptionError",
            "layout",
            layout,
            "once",
        )
        for layout in (
            "NCH,OIW->NCH",  # not in all three
            "NCH,OIH->NCW",
            "NCH,OIH->NC",  # missing
            "NH,OIH->NCH",
            "NCH,IH->NCH",
            "NCH,OIH->CH",
            "NNCH,OIH->NCH",  # repeated
            "NCHH,OIHH->NCHH",
            "NCH,OOIH->NCH",
            "NC1,OI1->NC1",
        )
    ),
    refused(
        "layout-of-two-axes",
        "CC-LAYOUT-5",
        layer(layout="NCHW,OIHW->NCHW"),
        "OptionError",
        "layout",
        "2 spatial letters",
        "1 spatial axes",
    ),
)

CASES: tuple[Case, ...] = (*_SIGNAL, *_RANKS, *_LAYOUTS)
