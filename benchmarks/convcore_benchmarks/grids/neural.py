"""Layers of neural networks."""

from typing import Any

from convcore_benchmarks.cases import Case, Shape
from convcore_benchmarks.measures import beside_peers

from ._grid import Grid

__all__ = ["GRID"]

# ResNet-50's convolutions: channels in and out, kernel, stride, and the side of the image.
_RESNET = (
    (3, 64, 7, 2, 224),
    (64, 64, 1, 1, 56),
    (64, 64, 3, 1, 56),
    (64, 256, 1, 1, 56),
    (128, 128, 3, 2, 56),
    (128, 128, 3, 1, 28),
    (256, 512, 1, 2, 56),
    (256, 256, 3, 1, 14),
    (1024, 256, 1, 1, 14),
    (512, 512, 3, 1, 7),
    (512, 2048, 1, 1, 7),
)


def _resnet(batch: int) -> tuple[Case, ...]:
    return tuple(
        _layer(f"{k}x{k}", (batch, c, side, side), (o, c, k, k), stride=stride, padding=k // 2)
        for c, o, k, stride, side in _RESNET
    )


def _layer(label: str, x: Shape, w: Shape, op: str = "conv", **options: Any) -> Case:
    sizes = f"{'x'.join(map(str, x))} to {w[0] if op == 'conv' else w[1]}, {label}"
    said = {name: value for name, value in options.items() if (name, value) not in _DEFAULTS}
    return Case(op, (x, w), options=said, label=sizes)


_DEFAULTS = (("stride", 1), ("padding", 0))

_TRANSPOSE = "conv_transpose"

GRID = Grid(
    "neural",
    "The layers of ResNet-50 at batch 1 and 8, and the other kinds of layers: depthwise, grouped, "
    "dilated, in one and three dimensions, transposed. All float32 but one.",
    (
        *_resnet(1),
        *_resnet(8),
        _layer("depthwise 3x3", (8, 64, 56, 56), (64, 1, 3, 3), padding=1, groups=64),
        _layer("depthwise 7x7", (8, 96, 28, 28), (96, 1, 7, 7), padding=3, groups=96),
        _layer("depthwise 3x3", (1, 144, 56, 56), (144, 1, 3, 3), stride=2, padding=1, groups=144),
        _layer("grouped 3x3", (8, 128, 28, 28), (128, 4, 3, 3), padding=1, groups=32),
        _layer("dilated 3x3", (4, 64, 56, 56), (64, 64, 3, 3), padding=2, dilation=2),
        _layer("9", (8, 64, 1000), (64, 64, 9), padding=4),
        _layer("strided 10", (1, 1, 160_000), (512, 1, 10), stride=5),
        _layer("3x3x3", (2, 16, 32, 32, 32), (16, 16, 3, 3, 3), padding=1),
        _layer("2x2", (2, 64, 64, 64), (64, 64, 2, 2), _TRANSPOSE, stride=2),
        _layer("4x4", (2, 64, 32, 32), (64, 64, 4, 4), _TRANSPOSE, stride=2, padding=1),
        _layer("small 3x3", (1, 16, 14, 14), (16, 16, 3, 3), padding=1),
        Case(
            "conv",
            ((8, 64, 56, 56), (64, 64, 3, 3), (64,)),
            options={"padding": 1},
            label="8x64x56x56 to 64, 3x3, bias",
        ),
        Case(
            "conv",
            ((2, 64, 56, 56), (64, 64, 3, 3)),
            "float64",
            {"padding": 1},
            label="2x64x56x56 to 64, 3x3",
        ),
    ),
    beside_peers,
)
