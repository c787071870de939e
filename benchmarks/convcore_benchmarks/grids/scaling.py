"""How time grows with samples, taps, batch, channels and cores."""

from dataclasses import replace

from convcore_benchmarks.cases import Case
from convcore_benchmarks.measures import by_itself

from ._grid import Grid

__all__ = ["GRID"]


def _line(n: int, k: int) -> Case:
    return Case("convolve", ((n,), (k,)), options={"mode": "same"})


def _layer(batch: int, channels: int, side: int = 28) -> Case:
    shapes = ((batch, channels, side, side), (channels, channels, 3, 3))
    return Case("conv", shapes, options={"padding": 1})


def _along(series: str, points: dict[float, Case]) -> tuple[Case, ...]:
    return tuple(replace(case, series=series, at=at) for at, case in points.items())


_ON_CORES = (_line(1_000_000, 31), _line(1_000_000, 1000), _layer(8, 64))

GRID = Grid(
    "scaling",
    "How the time of `auto` grows: the exponent is that of a power of the quantity, fitted to all "
    "points. Cores are those that a process of its own may use; -1 would be a perfect division.",
    (
        *_along("samples n, * 31", {n: _line(n, 31) for n in (10**4, 10**5, 10**6, 4 * 10**6)}),
        *_along("samples n, * 1000", {n: _line(n, 1000) for n in (10**4, 10**5, 10**6)}),
        *_along("taps k, 1M * k", {k: _line(10**6, k) for k in (4, 16, 64, 256, 1024, 4096)}),
        *_along("batch, 64 channels 28x28", {b: _layer(b, 64) for b in (1, 2, 4, 8, 16, 32)}),
        *_along("channels, batch 8, 14x14", {c: _layer(8, c, 14) for c in (16, 32, 64, 128, 256)}),
        *(
            replace(case, series=f"cores, {case.name}", at=cores, threads=cores)
            for case in _ON_CORES
            for cores in (1, 2)
        ),
    ),
    by_itself,
)
