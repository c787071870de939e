"""Data as the overlapping tiles of Winograd's algorithm, and outputs out of the tiles' own."""

from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convcore.plugins import Axis, ConvProblem
from convcore_numpy._cook_toom import POINTS
from convcore_numpy._planes import placed

__all__ = ["Tiles", "Turns"]

_LINE = 16  # samples, of which channels that alias lie further apart
# Bytes between channels, from which on a core's first cache has places for no more than 32 of them:
# to turn 64 channels of 64x64 samples took nine times as long as of 56x56.
_ALIASING = 2**10


class Turns:
    """Memory in two halves, written by turns: a step reads what the one before it wrote.

    An allocator gives so large an array back to the system, whose pages cost more than the work on
    them; this makes one of all that a part needs.
    """

    def __init__(self, size: int, dtype: Any) -> None:
        self._halves, self._at = np.empty((2, size), dtype), 0

    def next(self, *shape: int) -> Any:
        """Room for an array, in the half that was not written last."""
        self._at = 1 - self._at
        return self._halves[self._at, : prod(shape)].reshape(shape)


class _Row(NamedTuple):
    """An axis's outputs as tiles; those of a dilation's residues interleave."""

    axis: Axis

    @property
    def outputs(self) -> int:
        """Of one tile."""
        return int(POINTS + 1 - self.axis.taps)

    @property
    def hop(self) -> int:
        """Samples from a tile to the next of its residue."""
        return self.outputs * self.axis.dilation

    @property
    def shape(self) -> tuple[int, int]:
        """Tiles of a residue, and residues."""
        return -(-self.axis.unfolded // self.hop), self.axis.dilation

    @property
    def made(self) -> int:
        """Outputs of all tiles, with those that the last ones have to spare."""
        return self.shape[0] * self.hop


class Tiles:
    """The tiles of two axes, and of all slices where a third is before them."""

    def __init__(self, problem: ConvProblem) -> None:
        self._deep, tall, wide = (Axis(1, 1), *problem.axes)[-3:]
        self._tall, self._wide = _Row(tall), _Row(wide)
        self._problem = problem

    @property
    def unit(self) -> tuple[int, int, int]:
        """What the first axis can be cut into: how many parts, the tiles and the outputs of one."""
        (down, apart), across = self._tall.shape, prod(self._wide.shape)
        if len(self._problem.axes) == 2:
            return down, apart * across, self._tall.hop * self._wide.axis.unfolded
        slice_outputs = self._tall.axis.unfolded * self._wide.axis.unfolded
        return self._deep.unfolded, down * apart * across, slice_outputs

    @property
    def slices(self) -> list[slice]:
        """Those of the data that each tap of the first axis meets."""
        first = range(0, self._deep.reach + 1, self._deep.dilation)
        return [
            slice(k, k + self._deep.padded - self._deep.reach, self._deep.stride) for k in first
        ]

    def room(self, dtype: Any) -> Turns:
        """For all that becomes of the data until they are outputs."""
        (count, tiles, _), deep = self.unit, self._extents[0]
        g, n, c, o = (self._problem.size(role) for role in "gnco")
        tiles *= 1 if len(self._problem.axes) == 3 else count
        data = (prod(self._extents) + _LINE) * g * n * c
        values = POINTS**2 * g * n * tiles * max(deep * c, self._deep.unfolded * o)
        return Turns(max(data, values), dtype)

    def gathered(self, x: Any, room: Turns) -> Any:
        """Data (n, g, c, *s) as (g, slice, tile, point, c): channels innermost, runs to copy."""
        n, g, c = (self._problem.size(role) for role in "ngc")
        deep, *extents = self._extents
        x = _untangled(_in_space(x), room)
        data = room.next(g, deep, n, *extents, c)
        data[...] = 0
        to, of = self._placed
        data[to] = x[of].transpose(1, 3, 0, 4, 5, 2)
        *others, down, right, channel = data.strides
        tall, wide = self._tall, self._wide
        tiles = (down * tall.hop, down, right * wide.hop, right)
        points = (down * tall.axis.dilation, right * wide.axis.dilation)
        made = room.next(g, deep, n, *tall.shape, *wide.shape, POINTS, POINTS, c)
        made[...] = as_strided(data, made.shape, (*others, *tiles, *points, channel))
        return made.reshape(g, deep, -1, POINTS**2, c)

    def spread(self, y: Any, out: Any, room: Turns) -> None:
        """Write the tiles' outputs (g, slice, tile, output, o) to (n, g, o, *s)."""
        tall, wide, (g, deep, *_, o) = self._tall, self._wide, y.shape
        y = y.reshape(g, deep, -1, *tall.shape, *wide.shape, tall.outputs, wide.outputs, o)
        y = y.transpose(0, 1, 2, 3, 7, 4, 5, 8, 6, 9)
        image = room.next(*y.shape)
        image[...] = y
        image = image.reshape(g, deep, -1, tall.made, wide.made, o)
        out = _in_space(out)
        # Row by row, so that what channels innermost have of a cache line is read at once.
        for row in range(tall.axis.unfolded):
            made = image[:, :, :, row, : wide.axis.unfolded]
            out[..., row, :] = made.transpose(2, 0, 4, 1, 3)

    @property
    def _extents(self) -> tuple[int, int, int]:
        """Samples that the tiles meet."""
        return (self._deep.padded, *(row.made + row.axis.reach for row in (self._tall, self._wide)))

    @cached_property
    def _placed(self) -> tuple[Any, Any]:
        """Which of those samples are data, and which data they are."""
        axes = (self._deep, self._tall.axis, self._wide.axis)
        whole = zip(axes, self._extents, strict=True)
        ends = [placed(a, extent) for a, extent in whole]
        (deep, tall, wide), data = zip(*ends, strict=True)
        return (slice(None), deep, slice(None), tall, wide), (..., *data)


def _untangled(x: Any, room: Turns) -> Any:
    """Data (n, g, c, *s) whose channels do not all fall into the same few sets of a cache."""
    if x.strides[2] % _ALIASING:
        return x
    apart = room.next(*x.shape[:3], prod(x.shape[3:]) + _LINE)
    apart = apart[..., :-_LINE].reshape(x.shape)
    apart[...] = x
    return apart


def _in_space(array: Any) -> Any:
    """With three axes after (n, g, channel)."""
    return array if array.ndim == 6 else array[:, :, :, None]
