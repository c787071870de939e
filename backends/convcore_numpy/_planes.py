"""Padded data as flat planes, in which a tap is an offset and meets one contiguous run.

A plane is what the samples of one residue of each axis's stride form, row after row, zeros beyond
the ends among them. Sample k of the kernel then meets, for all outputs at once, so many samples of
one plane from one offset on: whatever the rank, the stride and the dilation, an engine sees one
dimension. What falls between two rows is computed too, and dropped.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np

from convcore.plugins import Axis

__all__ = ["Planes", "Tap"]


class Tap(NamedTuple):
    """Where a tap meets the first output: which plane, and which of its samples."""

    plane: int
    start: int


@dataclass(frozen=True)
class Planes:
    """The planes of the unexpanded axes of a canonical problem.

    Attributes
    ----------
    axes : tuple of Axis
    beyond : int
        Samples, all zero, that must follow those that the outputs meet.
    """

    axes: tuple[Axis, ...]
    beyond: int = 0

    @cached_property
    def extents(self) -> tuple[int, ...]:
        """Samples of a plane along each axis."""
        return tuple(a.unfolded + a.reach // a.stride for a in self.axes)

    @cached_property
    def pitches(self) -> tuple[int, ...]:
        """Samples of a plane from one index of each axis to the next."""
        return tuple(prod(self.extents[i + 1 :]) for i in range(len(self.axes)))

    @cached_property
    def rows(self) -> int:
        """Flat outputs, with those between the rows and behind the last one."""
        return self.axes[0].unfolded * self.pitches[0] if self.axes else 1

    @cached_property
    def _residues(self) -> list[list[int]]:
        """Of the stride, those that some tap has, for each axis."""
        return [sorted({k * a.dilation % a.stride for k in range(a.taps)}) for a in self.axes]

    @cached_property
    def count(self) -> int:
        """How many planes there are."""
        return prod(map(len, self._residues))

    def taps(self) -> list[Tap]:
        """All taps, in the kernel's order."""
        planes = list(itertools.product(*self._residues))
        found = []
        for k in itertools.product(*(range(a.taps) for a in self.axes)):
            reached = [i * a.dilation for i, a in zip(k, self.axes, strict=True)]
            residue = tuple(r % a.stride for r, a in zip(reached, self.axes, strict=True))
            steps = zip(reached, self.axes, self.pitches, strict=True)
            start = sum(r // a.stride * pitch for r, a, pitch in steps)
            found.append(Tap(planes.index(residue), start))
        return found

    def met(self, planes: Any, tap: Tap) -> Any:
        """The samples that a tap meets in all flat outputs."""
        return planes[..., tap.plane, tap.start : tap.start + self.rows]

    def laid(self, x: Any) -> Any:
        """Data (n, g, c, *s) as planes (n, g, c, plane, sample); x itself where that is one."""
        samples = prod(self.extents)
        tail = self._tail + self.beyond
        if tail == 0 and not self._moves and x.shape[3:] == self.extents:
            return x.reshape(*x.shape[:3], 1, samples)
        planes = np.zeros((*x.shape[:3], self.count, samples + tail), x.dtype)
        grid = planes[..., :samples].reshape(*x.shape[:3], self.count, *self.extents)
        for i, residues in enumerate(itertools.product(*self._residues)):
            ends = zip(self.axes, residues, self.extents, strict=True)
            met = [_data(*axis) for axis in ends]
            to, of = zip(*met, strict=True) if met else ((), ())
            grid[(slice(None),) * 3 + (i, *to)] = x[(..., *of)]
        return planes

    @cached_property
    def _tail(self) -> int:
        """Samples that the last tap meets of flat outputs behind the last row, all zero."""
        steps = zip(self.axes[1:], self.pitches[1:], strict=True)
        return sum(a.reach // a.stride * pitch for a, pitch in steps)

    @cached_property
    def _moves(self) -> bool:
        """Whether a plane is not the data, sample by sample."""
        return any(a.lo or a.stride > 1 for a in self.axes)

    def outputs(self, flat: Any) -> Any:
        """The outputs (..., *s) among flat ones (..., rows)."""
        if not self.axes:
            return flat[..., 0]
        y = flat.reshape(*flat.shape[:-1], self.axes[0].unfolded, *self.extents[1:])
        return y[(..., *(slice(a.unfolded) for a in self.axes))]


def _data(axis: Axis, residue: int, extent: int) -> tuple[slice, slice]:
    """Which samples of a plane's axis are data, and which data they are."""
    first = max(-((residue - axis.lo) // axis.stride), 0)
    begin = residue - axis.lo + first * axis.stride
    count = max(min(-((begin - axis.size) // axis.stride), extent - first), 0)
    return slice(first, first + count), slice(begin, begin + count * axis.stride, axis.stride)
