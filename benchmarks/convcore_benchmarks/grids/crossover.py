"""Where one method overtakes another: every engine against the size of the kernel."""

from convcore_benchmarks.cases import Case
from convcore_benchmarks.measures import each_engine

from ._grid import Grid

__all__ = ["GRID"]

_LINE = (3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095)
_IMAGE = (3, 5, 7, 11, 15, 23, 31, 47)
_VOLUME = (3, 5, 7, 9, 13)


def _point(x: tuple[int, ...], taps: int, dtype: str = "float32") -> Case:
    sizes = "x".join(map(str, x))
    series = f"{sizes} * k{'' if len(x) == 1 else f'^{len(x)}'}, {dtype}"
    shapes = (x, (taps,) * len(x))
    return Case("convolve", shapes, dtype, {"mode": "same"}, series=series, at=taps)


GRID = Grid(
    "crossover",
    "Every engine against the size k of the kernel; a ring marks the one that `auto` chose.",
    (
        *(_point((100_000,), k) for k in _LINE),
        *(_point((100_000,), k, "int32") for k in _LINE),
        *(_point((512, 512), k) for k in _IMAGE),
        *(_point((64, 64, 64), k) for k in _VOLUME),
    ),
    each_engine,
)
