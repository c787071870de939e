"""Cutting a problem's output into tiles, so that what an engine unfolds stays small."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import prod
from typing import Any, NamedTuple

from convcore._backend import Staged
from convcore._problem import ConvProblem
from convcore._typing import Namespace
from convcore.algorithms._engine import Engine

__all__ = ["Tile", "Tiling", "cut", "evenly", "fitting", "in_tiles", "tiles"]


class Tiling(NamedTuple):
    """How to cut: so many images of the batch, and so many outputs of one axis, at a time."""

    images: int
    outputs: int
    along: int = 0


class Tile(NamedTuple):
    """Part of a canonical problem: which of x it reads, which of y it makes, and the problem."""

    reads: tuple[slice, ...]
    makes: tuple[slice, ...]
    problem: ConvProblem


def fitting(problem: ConvProblem, most: float) -> Tiling:
    """The tiling over batch and first axis of at most so many output samples (of all channels)."""
    axes = problem.axes
    row = prod(axis.unfolded for axis in axes[1:])
    rows = axes[0].unfolded if axes else 1
    return Tiling(max(int(most // (row * rows)), 1), min(max(int(most // row), 1), rows))


def evenly(count: int, most: int, shares: int = 1) -> int:
    """How many of a count to take at a time, at most so many: the same for every share."""
    times = shares * -(-count // (most * shares))
    return -(-count // max(times, 1)) or 1


def cut(problem: ConvProblem, most: float, shares: int = 1) -> Iterator[Tile]:
    """Tiles of at most so many output samples (of all channels), as many for every share."""
    tiling, batch = fitting(problem, most), problem.size("n")
    if batch > 1:
        tiling = tiling._replace(images=evenly(batch, tiling.images, shares))
    elif tiling.outputs == _rows(problem, tiling):  # several are cut where their engine likes it
        tiling = tiling._replace(outputs=evenly(tiling.outputs, tiling.outputs, shares))
    return tiles(problem, tiling)


def tiles(problem: ConvProblem, tiling: Tiling) -> Iterator[Tile]:
    """The parts of a problem; those of one group of images lie together."""
    batch = problem.size("n")
    for n in range(0, batch, tiling.images):
        for p in range(0, _rows(problem, tiling), tiling.outputs):
            yield _tile(problem, tiling, slice(n, min(n + tiling.images, batch)), p)


def _rows(problem: ConvProblem, tiling: Tiling) -> int:
    return problem.axes[tiling.along].unfolded if problem.axes else 1


def _tile(problem: ConvProblem, tiling: Tiling, batch: slice, start: int) -> Tile:
    sizes = {**problem.sizes, "n": batch.stop - batch.start}
    if not problem.axes:
        return Tile((batch,), (batch,), replace(problem, sizes=sizes))
    along, axes = tiling.along, list(problem.axes)
    stop = min(start + tiling.outputs, axes[along].unfolded)
    window = axes[along].window(start, stop)
    axes[along] = window.axis
    whole = (slice(None),) * (2 + along)
    return Tile(
        (batch, *whole, slice(window.begin, window.end)),
        (batch, *whole, slice(start, stop)),
        replace(problem, sizes=sizes, axes=tuple(axes)),
    )


def in_tiles(
    problem: ConvProblem,
    tiling: Tiling,
    engine: Engine,
    xp: Namespace,
) -> Staged:
    """Run an engine tile by tile; its kernel preparation must be the same for all tiles."""
    if problem.size("n") <= tiling.images and _rows(problem, tiling) <= tiling.outputs:
        return engine(problem, xp)
    first = next(tiles(problem, tiling))

    @cache
    def parts() -> list[tuple[Tile, Staged]]:
        # At the first run: planning must not take longer for more data.
        return [(tile, engine(tile.problem, xp)) for tile in tiles(problem, tiling)]

    def apply(x: Any, kernel: Any, _bias: Any) -> Any:
        rows = -(-_rows(problem, tiling) // tiling.outputs)
        made = [run.apply(x[(*tile.reads, ...)], kernel, None) for tile, run in parts()]
        images = [
            made[i] if rows == 1 else xp.concat(made[i : i + rows], axis=3 + tiling.along)
            for i in range(0, len(made), rows)
        ]
        return images[0] if len(images) == 1 else xp.concat(images, axis=0)

    return Staged(engine(first.problem, xp).prepare, apply)
