"""Padded data as flat planes, in which a tap is an offset and meets one contiguous run.

A plane is what the samples of one residue of each axis's stride form, row after row, zeros beyond
the ends among them. Sample k of the kernel then meets, for all outputs at once, so many samples of
one plane from one offset on: whatever the rank, the stride and the dilation, an engine sees one
dimension. What falls between two rows is computed too, and dropped.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import gcd, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from convcore.plugins import Axis

__all__ = ["Planes", "Tap", "Window", "placed", "residues"]


class Tap(NamedTuple):
    """Where a tap meets the first output: which plane, and which of its samples."""

    plane: int
    start: int


class Window(NamedTuple):
    """The taps of a kernel that meet one plane, and where.

    Attributes
    ----------
    plane : int
    taps : tuple of slice
        Which of *k.
    start : int
        Sample of the plane that the first of them meets for the first output.
    lengths, steps : tuple of int
        For each axis, how many there are, and samples of the plane from one to the next.
    """

    plane: int
    taps: tuple[slice, ...]
    start: int
    lengths: tuple[int, ...]
    steps: tuple[int, ...]


class _Residue(NamedTuple):
    """The taps of an axis that meet samples of one residue of its stride, and so one plane.

    Attributes
    ----------
    value : int
    taps : slice
    length : int
        How many taps.
    start, step : int
        Samples of the plane from the first output's to the first tap's, and from tap to tap.
    """

    value: int
    taps: slice
    length: int
    start: int
    step: int


def residues(axis: Axis) -> list[_Residue]:
    """Those that some tap has, in the taps' order."""
    common = gcd(axis.stride, axis.dilation)
    period, step = axis.stride // common, axis.dilation // common
    return [
        _Residue(
            value=first * axis.dilation % axis.stride,
            taps=slice(first, None, period),
            length=len(range(first, axis.taps, period)),
            start=first * axis.dilation // axis.stride,
            step=step,
        )
        for first in range(min(period, axis.taps))
    ]


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
        return [[residue.value for residue in residues(a)] for a in self.axes]

    @cached_property
    def count(self) -> int:
        """How many planes there are."""
        return prod(map(len, self._residues))

    @cached_property
    def taps(self) -> list[Tap]:
        """All taps, in the kernel's order."""
        planes = {residue: i for i, residue in enumerate(itertools.product(*self._residues))}
        found = []
        for k in itertools.product(*(range(a.taps) for a in self.axes)):
            reached = [i * a.dilation for i, a in zip(k, self.axes, strict=True)]
            residue = tuple(r % a.stride for r, a in zip(reached, self.axes, strict=True))
            steps = zip(reached, self.axes, self.pitches, strict=True)
            start = sum(r // a.stride * pitch for r, a, pitch in steps)
            found.append(Tap(planes[residue], start))
        return found

    def met(self, planes: Any, tap: Tap) -> Any:
        """The samples that a tap meets in all flat outputs."""
        return planes[..., tap.plane, tap.start : tap.start + self.rows]

    @cached_property
    def windows(self) -> list[Window]:
        """One for each plane."""
        found = []
        for i, met in enumerate(itertools.product(*map(residues, self.axes))):
            pairs = list(zip(met, self.pitches, strict=True))
            start = sum(residue.start * pitch for residue, pitch in pairs)
            steps = tuple(residue.step * pitch for residue, pitch in pairs)
            lengths = tuple(residue.length for residue in met)
            found.append(Window(i, tuple(residue.taps for residue in met), start, lengths, steps))
        return found

    def seen(
        self, window: Window, rows: tuple[int, ...], apart: tuple[int, ...]
    ) -> Callable[[Any], Any]:
        """From planes to what a window's taps meet, as one view (n, g, c, *taps, *rows).

        Parameters
        ----------
        rows, apart : tuple of int
            Extents of the outputs, and samples of a plane from one index of each to the next.
        """
        extents = (*window.lengths, *rows)
        pitches = (*window.steps, *apart)

        def view(planes: Any) -> Any:
            *channels, plane, sample = planes.strides
            shape = (*planes.shape[:3], *extents)
            strides = (*channels, *[pitch * sample for pitch in pitches])
            if not planes.flags.c_contiguous:
                return as_strided(planes[..., window.plane, window.start :], shape, strides)
            # as_strided does so much in Python that small products take less time.
            begin = window.plane * plane + window.start * sample
            return np.ndarray(shape, planes.dtype, planes, begin, strides)

        return view

    def laid(self, x: Any) -> Any:
        """Data (n, g, c, *s) as planes (n, g, c, plane, sample); x itself where that is one."""
        if self._is_data and x.shape[3:] == self.extents:
            return x.reshape(*x.shape[:3], 1, self._samples)
        planes = np.zeros((*x.shape[:3], self.count, self._samples + self._tail), x.dtype)
        grid = planes[..., : self._samples].reshape(*x.shape[:3], self.count, *self.extents)
        for to, of in self._placed:
            grid[to] = x[of]
        return planes

    @cached_property
    def _samples(self) -> int:
        return prod(self.extents)

    @cached_property
    def _placed(self) -> list[tuple[Any, Any]]:
        """For each plane, which of its samples are data, and which data they are."""
        placed = []
        for i, residues in enumerate(itertools.product(*self._residues)):
            ends = zip(self.axes, residues, self.extents, strict=True)
            met = [_data(*axis) for axis in ends]
            plane = (slice(None),) * 3 + (i,)
            placed.append(((*plane, *(to for to, _ in met)), (..., *(of for _, of in met))))
        return placed

    @cached_property
    def _tail(self) -> int:
        """Samples, all zero, that the last tap meets of flat outputs behind the last row."""
        steps = zip(self.axes[1:], self.pitches[1:], strict=True)
        return int(sum(a.reach // a.stride * pitch for a, pitch in steps) + self.beyond)

    @cached_property
    def _is_data(self) -> bool:
        """Whether data of a plane's extents are one, sample by sample."""
        return self._tail == 0 and all(a.lo == 0 and a.stride == 1 for a in self.axes)

    def outputs(self, flat: Any) -> Any:
        """The outputs (..., *s) among flat ones (..., rows)."""
        return flat.reshape(*flat.shape[:-1], *self._grid)[self._kept]

    @cached_property
    def _grid(self) -> tuple[int, ...]:
        """Flat outputs as rows."""
        return (self.axes[0].unfolded, *self.extents[1:]) if self.axes else ()

    @cached_property
    def _kept(self) -> tuple[Any, ...]:
        """Without what lies between the rows."""
        return (..., *(slice(a.unfolded) for a in self.axes))


def placed(axis: Axis, extent: int) -> tuple[slice, slice]:
    """Which of so many padded samples of an axis are data, and which data they are."""
    # As if a kernel of one tap met them all.
    return Axis(axis.size, 1, lo=axis.lo).with_out(extent).reached(0)


def _data(axis: Axis, residue: int, extent: int) -> tuple[slice, slice]:
    """Which samples of a plane's axis are data, and which data they are."""
    first = max(-((residue - axis.lo) // axis.stride), 0)
    begin = residue - axis.lo + first * axis.stride
    count = max(min(-((begin - axis.size) // axis.stride), extent - first), 0)
    return slice(first, first + count), slice(begin, begin + count * axis.stride, axis.stride)
