"""A tiny immutable array of anything: a shape and its values in row-major order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


def indices(shape: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """All indices of a shape, the last fastest."""
    return product(*map(range, shape))


@dataclass(frozen=True)
class Tensor(Generic[T]):
    """An immutable array.

    Parameters
    ----------
    shape : tuple of int
        The length of each axis.
    values : tuple
        The elements, the last axis fastest.
    """

    shape: tuple[int, ...]
    values: tuple[T, ...]

    def __post_init__(self) -> None:
        if math.prod(self.shape) != len(self.values):
            raise ValueError(f"shape {self.shape} does not hold {len(self.values)} values")

    def at(self, index: Sequence[int]) -> T:
        """Give the element at a full index."""
        flat = 0
        for i, size in zip(index, self.shape, strict=True):
            flat = flat * size + i
        return self.values[flat]

    def map(self, function: Callable[[T], U]) -> Tensor[U]:
        """Apply a function to every element."""
        return Tensor(self.shape, tuple(map(function, self.values)))

    def reshaped(self, shape: Sequence[int]) -> Tensor[T]:
        """Give the same values, in the same order, under another shape."""
        return Tensor(tuple(shape), self.values)

    def permuted(self, order: Sequence[int]) -> Tensor[T]:
        """Give the tensor whose axis ``a`` is this one's axis ``order[a]``."""
        shape = tuple(self.shape[axis] for axis in order)
        inverse = [order.index(axis) for axis in range(len(order))]
        values = (self.at([index[axis] for axis in inverse]) for index in indices(shape))
        return Tensor(shape, tuple(values))
