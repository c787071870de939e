"""Windows as columns (im2col), for a product of matrices: a tile at a time, which the caches hold.

XLA has no product that reads windows where they overlap, so they are copied. Those of all outputs
would be as many times the data as the kernel has taps.
"""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax

from convcore.algorithms import evenly
from convcore.plugins import ConvProblem, Namespace, Staged
from convcore_jax._counts import unfolded_bytes
from convcore_jax._mixing import Mixing
from convcore_jax._views import SPACE, padded, tap_view

__all__ = ["MOST_VIEWS", "columns", "tile_bytes"]

MOST_VIEWS = 256
"""Taps of a kernel, each of which costs some milliseconds of compilation."""

_TILES = {"cpu": 2**22}
_TILE = 2**26  # not measured on a device
_FUSED = 8  # views


def tile_bytes(platform: str) -> int:
    """What is unfolded at once: what a CPU's caches hold, or what fills an accelerator."""
    return _TILES.get(platform, _TILE)


class _Tiles(NamedTuple):
    """What is unfolded at once: some whole images, or some outputs along one image's first axis."""

    images: int
    rows: int

    @classmethod
    def of(cls, problem: ConvProblem, most: int) -> "_Tiles":
        """As many as some bytes hold, in tiles of about one size."""
        count, rows = problem.size("n"), problem.axes[0].unfolded
        held = max(int(most / unfolded_bytes(problem) * count * rows), 1)
        if held >= rows:
            return cls(evenly(count, held // rows), rows)
        return cls(1, evenly(rows, held))


def columns(problem: ConvProblem, _xp: Namespace, *, tile: int) -> Staged:
    """Unfold windows into columns.

    Parameters
    ----------
    tile : int
        Bytes of the windows that are unfolded at once.
    """
    if all(axis.taps == 1 for axis in problem.axes):  # no windows overlap
        return Staged(lambda w: w, lambda x, w, _bias: _unfolded(problem, padded(problem, x), w))
    tiles = _Tiles.of(problem, tile)
    first, *others = problem.axes
    size = (tiles.rows - 1) * first.stride + first.reach + 1
    part = replace(
        problem,
        sizes={**problem.sizes, "n": tiles.images},
        axes=(replace(first, size=size, lo=0, hi=0), *(a.extended() for a in others)),
    )
    images, rows = problem.size("n"), first.unfolded
    along = -(-rows // tiles.rows)
    count = -(-images // tiles.images) * along

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        x = padded(problem, x)
        if count == 1:
            return _unfolded(part, x, w)

        def step(i: Any, y: Any) -> Any:
            # The last tile of either kind begins early, and makes some of its outputs again.
            image = jnp.minimum(i // along * tiles.images, images - tiles.images)
            row = jnp.minimum(i % along * tiles.rows, rows - tiles.rows)
            rest = (0,) * len(others)
            met = (tiles.images, *x.shape[1:SPACE], size, *x.shape[SPACE + 1 :])
            of_tile = lax.dynamic_slice(x, (image, 0, 0, row * first.stride, *rest), met)
            made = _unfolded(part, of_tile, w, _written)
            return lax.dynamic_update_slice(y, made, (image, 0, 0, row, *rest))

        outputs = (*x.shape[:2], w.shape[1], *(a.unfolded for a in problem.axes))
        return lax.fori_loop(0, count, step, jnp.zeros(outputs, x.dtype))

    return Staged(lambda w: w, apply)


def _unfolded(problem: ConvProblem, x: Any, w: Any, stack: Callable[..., Any] = jnp.stack) -> Any:
    """The result of a whole problem, of padded data."""
    met = tuple(itertools.product(*(range(a.taps) for a in problem.axes)))
    mixing = Mixing.of(problem, problem.size("c") * len(met))
    x = mixing.data(x)
    views = [tap_view(problem.axes, x, tap) for tap in met]
    unfolded = stack(views, axis=mixing.channels + 1)
    w = jnp.reshape(w, (*w.shape[:SPACE], len(met)))
    return mixing.result(mixing.product(w, unfolded, summed=2))


def _written(views: list[Any], axis: int) -> Any:
    """Stack views of a tile.

    XLA makes one loop of few of them and of the tile's reading, which asks each sample for its
    view: three times as long as these copies, one after the other.
    """
    if len(views) > _FUSED:
        return jnp.stack(views, axis)
    first, *others = (jnp.expand_dims(view, axis) for view in views)
    room = [(0, len(others) if at == axis else 0, 0) for at in range(first.ndim)]
    whole = lax.pad(first, jnp.zeros((), first.dtype), room)
    for at, view in enumerate(others, 1):
        whole = lax.dynamic_update_slice_in_dim(whole, view, at, axis)
    return whole
