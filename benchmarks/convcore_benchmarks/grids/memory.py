"""Peak resident memory beyond operands and result, each call in a process of its own."""

from dataclasses import replace

from convcore_benchmarks.cases import Case
from convcore_benchmarks.measures import resident_set

from ._grid import Grid

__all__ = ["GRID"]

_METHODS = ("auto", "direct", "overlap_add", "fft")
_CASES = (
    Case("convolve", ((4096, 4096), (63, 63)), options={"mode": "same"}),
    Case("conv", ((8, 64, 128, 128), (64, 64, 3, 3)), options={"padding": 1}),
    Case("convolve", ((8_000_000,), (4097,)), options={"mode": "same"}),
    Case("conv_transpose", ((2, 64, 256, 256), (64, 64, 4, 4)), options={"stride": 2}),
)

GRID = Grid(
    "memory",
    "Each call in a process of its own, by each method. What is allowed is 64 MiB and once the "
    "size of operands and result, six times that where the method is one whole transform.",
    tuple(
        replace(case, options={**case.options, "method": method})
        for case in _CASES
        for method in _METHODS
    ),
    resident_set,
    is_alone=True,
)
