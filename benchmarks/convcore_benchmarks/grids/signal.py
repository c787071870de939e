"""Signals, images and volumes: one to three dimensions, short and long kernels, rows of signals."""

from dataclasses import replace

from convcore_benchmarks.cases import Case, each_dtype
from convcore_benchmarks.measures import beside_peers

from ._grid import Grid

__all__ = ["GRID"]

# x, h, and the axes where they are not all.
_COMMON = (
    ((1000,), (31,)),
    ((100_000,), (31,)),
    ((1_000_000,), (31,)),
    ((1_000_000,), (1000,)),
    ((512, 512), (3, 3)),
    ((512, 512), (15, 15)),
    ((2048, 2048), (5, 5)),
    ((64, 64, 64), (3, 3, 3)),
)
_MORE = (
    ((10_000,), (101,)),
    ((1_000_000,), (3,)),
    ((100_000,), (10_000,)),
    ((512, 512), (1, 31)),
    ((512, 512), (63, 63)),
    ((128, 128, 128), (9, 9, 9)),
)
_ROWS = (
    ((256, 1000), (1, 31)),
    ((2048, 64), (2048, 8)),
)


def _cases(*shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[Case, ...]:
    # The one mode that every peer has.
    return tuple(Case("convolve", pair, options={"mode": "same"}) for pair in shapes)


_LINE = Case("convolve", ((100_000,), (31,)))
_ALONG_ROWS = tuple(replace(case, options={"mode": "same", "axes": 1}) for case in _cases(*_ROWS))

GRID = Grid(
    "signal",
    "`convolve` and `correlate` beside every peer: short and long kernels, rows that share a "
    "kernel, and rows with one each. The mode is `same`, which all peers have, unless it is said.",
    (
        *each_dtype(_cases(*_COMMON), "float32", "float64", "complex64", "int32"),
        *each_dtype(_cases(*_MORE), "float32", "float64"),
        *each_dtype(_ALONG_ROWS, "float32", "float64"),
        _LINE,
        replace(_LINE, options={"mode": "valid"}),
        replace(_LINE, op="correlate", dtype="complex64"),
        replace(_LINE, dtype="int64"),
        replace(_LINE, dtype="int16"),
    ),
    beside_peers,
)
