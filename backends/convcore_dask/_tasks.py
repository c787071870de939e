"""What runs on the workers: read a slice of a block, run a part of the problem, add up parts."""

from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import array_namespace, device

from convcore import algorithms
from convcore.algorithms import Run
from convcore.plugins import Accuracy, ConvProblem, Namespace, native, run_part

__all__ = ["Add", "Join", "Order", "Part", "Place", "Read"]


class Order(NamedTuple):
    """How blocks are to run their parts: by which methods, in which class."""

    methods: tuple[str, ...]
    accuracy: Accuracy


@dataclass(frozen=True, slots=True)
class Read:
    """Slice a block, so that only what is needed leaves it."""

    slices: tuple[slice, ...]

    def __call__(self, block: Any) -> Any:
        part = block[self.slices]
        # A view would keep the whole block in memory for the sake of a few samples.
        copy = True if 2 * prod(part.shape) < prod(block.shape) else None
        return array_namespace(block).asarray(part, copy=copy)


@dataclass(frozen=True, slots=True)
class Join:
    """Put an operand together: its pieces, counted along each axis, then stretches of an axis."""

    counts: tuple[int, ...]
    stretches: tuple[tuple[int, tuple[Run, ...]], ...] = ()

    def __call__(self, pieces: list[Any]) -> Any:
        xp = array_namespace(pieces[0])
        for axis in reversed(range(len(self.counts))):
            n = self.counts[axis]
            if n > 1:
                rows = range(0, len(pieces), n)
                pieces = [xp.concat(pieces[i : i + n], axis=axis) for i in rows]
        (joined,) = pieces
        for axis, runs in self.stretches:
            source = np.concatenate([r.source + r.step * np.arange(r.length) for r in runs])
            joined = xp.take(joined, xp.asarray(source, device=device(joined)), axis=axis)
        return joined


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part lands on a folded axis: summed up or backwards, so far from either end."""

    axis: int
    before: int
    after: int
    step: int

    def __call__(self, y: Any, xp: Namespace) -> Any:
        if self.step == 0:
            y = xp.sum(y, axis=self.axis, keepdims=True, dtype=y.dtype)
        elif self.step < 0:
            y = xp.flip(y, axis=self.axis)
        return algorithms.pad(y, self.axis, self.before, self.after, xp)


@dataclass(frozen=True, slots=True)
class Part:
    """Run a part of a problem; a bias is rounded first to the dtype of the whole's result."""

    problem: ConvProblem
    x: Join
    w: Join
    places: tuple[Place, ...]
    order: Order
    dtype: str

    def __call__(self, x: list[Any], w: list[Any], bias: list[Any]) -> Any:
        data, kernel, added = self.x(x), self.w(w), None
        xp = array_namespace(data)
        if bias:
            added = xp.astype(Join((len(bias),))(bias), native(xp, self.dtype), copy=False)
        methods, accuracy = self.order
        y = run_part(self.problem, data, kernel, added, methods=methods, accuracy=accuracy)
        for place in self.places:
            y = place(y, xp)
        return y


@dataclass(frozen=True, slots=True)
class Add:
    """Add up parts in pairs, and round the sum."""

    dtype: str

    def __call__(self, parts: list[Any]) -> Any:
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=False)
            parts = [a + b for a, b in pairs] + parts[len(parts) // 2 * 2 :]
        xp = array_namespace(parts[0])
        return xp.astype(parts[0], native(xp, self.dtype), copy=False)
