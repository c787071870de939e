"""What a call costs where there is nothing to compute: three samples, every operation."""

from convcore_benchmarks.cases import Case
from convcore_benchmarks.measures import beside_peers

from ._grid import Grid

__all__ = ["GRID"]

_X, _W = (1, 1, 3), (1, 1, 3)
_LINE, _SQUARE = ((3,), (3,)), ((3, 3), (3, 3))

GRID = Grid(
    "tiny",
    "Every operation on three samples (or 3x3), so that nothing but the call itself is measured.",
    (
        Case("convolve", _LINE, "float64"),
        Case("convolve", _LINE, "float32"),
        Case("convolve", _LINE, "float64", {"mode": "same"}),
        Case("convolve", _LINE, "float64", {"mode": "valid"}),
        Case("convolve", _LINE, "int64"),
        Case("correlate", _LINE, "float64"),
        Case("convolve", _SQUARE, "float64"),
        Case("conv", (_X, _W)),
        Case("conv", (_X, _W, (1,))),
        Case("conv", (_X, _W), options={"stride": 2, "padding": 1}),
        Case("conv", ((1, 1, 3, 3), (1, 1, 3, 3)), options={"padding": 1}),
        Case("conv_transpose", (_X, _W)),
        Case("conv_transpose", (_X, _W), options={"stride": 2}),
        Case("conv_input_grad", (_X, _W, (1, 1, 1))),
        Case("conv_weight_grad", (_X, _W, (1, 1, 1))),
    ),
    beside_peers,
)
