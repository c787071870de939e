"""The samples that a tap meets, as parts of canonical data."""

from dataclasses import dataclass, replace
from math import prod
from typing import Any, TypeAlias

import jax.numpy as jnp
from jax import lax

from convcore.plugins import Axis, ConvProblem

__all__ = ["ROUND", "SPACE", "OneRow", "Rows", "Views", "cut", "padded", "tap_view"]

SPACE = 3
"""The first axis of space."""

ROUND = 16
"""Outputs whose multiples suit XLA's loops on CPUs."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The axes of space as they are.

    Attributes
    ----------
    problem : ConvProblem
        What is asked for.
    made : ConvProblem
        What is computed: of an only axis there may be more outputs.
    """

    problem: ConvProblem
    made: ConvProblem

    waste = 1.0
    """Outputs that are computed for one that is asked for, but for a few."""

    @property
    def samples(self) -> int:
        """Outputs of one channel that are computed."""
        return prod(axis.unfolded for axis in self.made.axes)

    @property
    def makes_more(self) -> bool:
        """Whether the outputs that are asked for are a part of those computed."""
        return self.made != self.problem

    @property
    def row(self) -> int:
        """Outputs that lie one after the other in the data, too."""
        return self.made.axes[-1].unfolded if self.made.axes else 1

    def data(self, x: Any) -> Any:
        """The data with their zeros."""
        return padded(self.made, x)

    def view(self, x: Any, tap: Any) -> Any:
        """What a tap meets in all outputs."""
        return tap_view(self.made.axes, x, tap)

    def result(self, y: Any) -> Any:
        """The outputs that are asked for."""
        if not self.makes_more:
            return y
        return lax.slice_in_dim(y, 0, self.problem.axes[0].unfolded, axis=SPACE)


@dataclass(frozen=True, slots=True)
class OneRow:
    """All axes of space as a single one, where no stride is left.

    It has more outputs, of windows that reach from the end of one row into the next.
    """

    problem: ConvProblem

    makes_more = True
    """Whether the outputs that are asked for are a part of those computed."""

    @property
    def waste(self) -> float:
        """Outputs that are computed for one that is asked for, but for a few."""
        return prod(axis.padded / axis.unfolded for axis in self.problem.axes[1:])

    @property
    def samples(self) -> int:
        """Outputs of one channel that are computed."""
        return -(-self.problem.axes[0].unfolded * self._pitches[0] // ROUND) * ROUND

    @property
    def row(self) -> int:
        """Outputs that lie one after the other in the data, too."""
        return self.samples

    def data(self, x: Any) -> Any:
        """The data with their zeros, and more of these for windows that begin in the last row."""
        first, *others = self.problem.axes
        pitches = self._pitches
        reach = sum(a.reach * pitch for a, pitch in zip(self.problem.axes, pitches, strict=True))
        more = -(-(self.samples + reach) // pitches[0]) - first.padded
        axes = (replace(first, hi=first.hi + max(more, 0)), *others)
        x = padded(replace(self.problem, axes=axes), x)
        return jnp.reshape(x, (*x.shape[:SPACE], -1))

    def view(self, x: Any, tap: Any) -> Any:
        """What a tap meets in all outputs."""
        axes = zip(tap, self.problem.axes, self._pitches, strict=True)
        begin = sum(k * (a.dilation * pitch) for k, a, pitch in axes)
        return cut(x, (0, 0, 0, begin), (*x.shape[:SPACE], self.samples))

    def result(self, y: Any) -> Any:
        """The outputs that are asked for."""
        outs = [axis.unfolded for axis in self.problem.axes]
        inner = [axis.padded for axis in self.problem.axes[1:]]
        y = lax.slice_in_dim(y, 0, outs[0] * self._pitches[0], axis=SPACE)
        y = jnp.reshape(y, (*y.shape[:SPACE], outs[0], *inner))
        return lax.slice(y, (0,) * y.ndim, (*y.shape[:SPACE], *outs))

    @property
    def _pitches(self) -> list[int]:
        """Samples from one index of an axis to the next."""
        sizes = [axis.padded for axis in self.problem.axes]
        return [prod(sizes[i + 1 :]) for i in range(len(sizes))]


Views: TypeAlias = Rows | OneRow


def padded(problem: ConvProblem, x: Any) -> Any:
    """The data with their zeros, or cropped."""
    margins = [(0, 0, 0)] * SPACE + [(a.lo, a.hi, 0) for a in problem.axes]
    if all(lo == hi == 0 for lo, hi, _ in margins):
        return x
    return lax.pad(x, jnp.zeros((), x.dtype), margins)


def tap_view(axes: tuple[Axis, ...], x: Any, tap: Any) -> Any:
    """The samples of padded data that a tap meets in all outputs."""
    begins = [k * a.dilation for k, a in zip(tap, axes, strict=True)]
    spans = [(a.unfolded - 1) * a.stride + 1 for a in axes]
    view = cut(x, (0, 0, 0, *begins), (*x.shape[:SPACE], *spans))
    steps = (*(1,) * SPACE, *(a.stride for a in axes))
    return view if set(steps) == {1} else lax.slice(view, (0,) * view.ndim, view.shape, steps)


def cut(x: Any, begins: tuple[Any, ...], spans: tuple[Any, ...], rest: Any = ()) -> Any:
    """The part of an array that begins at an index, which a loop may have computed.

    No index is negative, and JAX does not ask those without a sign.
    """
    begins, spans = (*begins, *(0 for _ in rest)), (*spans, *rest)
    if all(isinstance(begin, int) for begin in begins):
        return lax.slice(x, begins, [b + n for b, n in zip(begins, spans, strict=True)])
    return lax.dynamic_slice(x, [jnp.asarray(begin, jnp.uint32) for begin in begins], spans)
