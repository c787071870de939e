"""Layouts: from a caller's axes to (N, C, *S), (O, I, *K) and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from ._tensor import T, Tensor


@dataclass(frozen=True)
class Layout:
    """The letters of x, w and y; spatial letters are in the order of x."""

    x: str
    w: str
    y: str

    @classmethod
    def of(cls, layout: str, x_rank: int, w_rank: int) -> Layout:
        """Spell a layout out; an unbatched x has one axis less than w and no N."""
        if layout == "channels_first":
            s = ascii_lowercase[: w_rank - 2]
            own = cls("NC" + s, "OI" + s, "NC" + s)
        elif layout == "channels_last":
            s = ascii_lowercase[: w_rank - 2]
            own = cls("N" + s + "C", s + "IO", "N" + s + "C")
        else:
            inputs, _, y = layout.partition("->")
            x, _, w = inputs.partition(",")
            own = cls(x, w, y)
        if x_rank == w_rank:
            return own
        return cls(own.x.replace("N", ""), own.w, own.y.replace("N", ""))

    @property
    def spatial(self) -> str:
        return "".join(c for c in self.x if c not in "NC")

    def x_in(self, tensor: Tensor[T]) -> Tensor[T]:
        """Of x as (N, C, *S)."""
        return _batched(tensor.permuted(_order(self.x, "NC" + self.spatial)), self.x)

    def w_in(self, tensor: Tensor[T]) -> Tensor[T]:
        """Of w as (O, I, *K)."""
        return tensor.permuted(_order(self.w, "OI" + self.spatial))

    def y_in(self, tensor: Tensor[T]) -> Tensor[T]:
        """Of y, or its gradient, as (N, C, *S)."""
        return _batched(tensor.permuted(_order(self.y, "NC" + self.spatial)), self.y)

    def x_out(self, tensor: Tensor[T]) -> Tensor[T]:
        """From (N, C, *S) to the layout of x."""
        return _unbatched(tensor, self.x).permuted(_order(_own("NC", self), self.x))

    def w_out(self, tensor: Tensor[T]) -> Tensor[T]:
        """From (O, I, *K) to the layout of w."""
        return tensor.permuted(_order("OI" + self.spatial, self.w))

    def y_out(self, tensor: Tensor[T]) -> Tensor[T]:
        """From (N, C, *S) to the layout of y."""
        return _unbatched(tensor, self.y).permuted(_order(_own("NC", self), self.y))


def _own(head: str, layout: Layout) -> str:
    return "".join(c for c in head + layout.spatial if c in layout.x)


def _order(given: str, wanted: str) -> Sequence[int]:
    return [given.index(c) for c in wanted if c in given]


def _batched(tensor: Tensor[T], letters: str) -> Tensor[T]:
    return tensor if "N" in letters else tensor.reshaped((1, *tensor.shape))


def _unbatched(tensor: Tensor[T], letters: str) -> Tensor[T]:
    return tensor if "N" in letters else tensor.reshaped(tensor.shape[1:])
