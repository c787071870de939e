"""The index arithmetic of one convolved axis. It lives here and nowhere else.

With p an output sample, i a data sample and k a tap of the correlated (unflipped) kernel, an axis
is the relation

    expansion * i = p * stride - lo + k * dilation

and y[p] sums x[i] w[k] over it. Everything below permutes the letters of that line: exchanging i
and p transposes the axis, exchanging p and k gives the gradient of the kernel, exchanging i and k
swaps the operands.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from convcore._typing import Size

__all__ = ["Axis", "Fold", "Phase", "Window"]


class Fold(NamedTuple):
    """The adjoint of extending an axis: what lies beyond its ends is added back onto it."""

    lo: int
    hi: int
    boundary: str


@dataclass(frozen=True, slots=True)
class Axis:
    """One convolved axis.

    Attributes
    ----------
    size, taps : int
        Samples of the data and of the kernel.
    stride, dilation, expansion : int
        Step of the output over the data, spacing of the taps, and spacing of the data samples
        (zeros between them).
    lo, hi : int
        Padding of the expanded data; negative crops.
    boundary : str
        How the data go on beyond their ends.
    fold : Fold or None
        Applied to the output; only the gradients of extended problems have one.
    """

    size: Size
    taps: Size
    stride: int = 1
    lo: Size = 0
    hi: Size = 0
    dilation: int = 1
    expansion: int = 1
    boundary: str = "constant"
    fold: Fold | None = None

    @property
    def expanded(self) -> Size:
        """Samples of the data with the zeros between them."""
        return (self.size - 1) * self.expansion + 1

    @property
    def reach(self) -> Size:
        """Distance between the first and the last tap."""
        return (self.taps - 1) * self.dilation

    @property
    def padded(self) -> Size:
        """Extent of the padded data."""
        return self.expanded + self.lo + self.hi

    @property
    def unfolded(self) -> Size:
        """Output samples before the fold."""
        return (self.padded - self.reach - 1) // self.stride + 1

    @property
    def out(self) -> Size:
        """Output samples."""
        return self.unfolded - (self.fold.lo + self.fold.hi if self.fold else 0)

    def with_out(self, out: Size) -> "Axis":
        """This axis with the least hi that yields so many (unfolded) outputs."""
        return replace(self, hi=(out - 1) * self.stride + 1 + self.reach - self.expanded - self.lo)

    def extended(self) -> "Axis":
        """The axis on data that have been extended already: no padding is left."""
        return replace(self, size=self.padded, lo=0, hi=0, boundary="constant")

    def transpose(self) -> "Axis":
        """i and p exchanged, the kernel flipped; an extension becomes a fold, and back."""
        if self.boundary != "constant":
            fold = Fold(self.lo, self.hi, self.boundary)
            return replace(self.extended().transpose(), fold=fold)
        if self.fold is not None:
            plain = replace(self, fold=None).transpose()
            f = self.fold
            size = plain.size - f.lo - f.hi
            return replace(plain, size=size, lo=f.lo, hi=f.hi, boundary=f.boundary)
        turned = Axis(
            size=self.unfolded,
            taps=self.taps,
            stride=self.expansion,
            lo=self.reach - self.lo,
            dilation=self.dilation,
            expansion=self.stride,
        )
        return turned.with_out(self.size)

    def weight_grad(self) -> "Axis":
        """p and k exchanged: the output's gradient is the kernel, the kernel's the output."""
        turned = replace(self, taps=self.unfolded, stride=self.dilation, dilation=self.stride)
        return turned.with_out(self.taps)

    def exchange(self) -> "Axis":
        """i and k exchanged: the kernel is the data, the (flipped) data the kernel."""
        turned = Axis(
            size=self.taps,
            taps=self.size,
            stride=self.stride,
            lo=self.lo - self.reach + self.expanded - 1,
            dilation=self.expansion,
            expansion=self.dilation,
        )
        return turned.with_out(self.unfolded)

    def phases(self) -> "tuple[Phase, ...]":
        """The axis without expansion, once per residue of p: no zeros are ever multiplied.

        Outputs p = first (mod every) meet only the taps k = tap (mod tap_step), so each residue
        is an ordinary convolution of the unexpanded data with those taps.
        """
        every = self.expansion // math.gcd(self.stride, self.expansion)
        # A residue beyond the last output has none.
        return tuple(self._phase(first, every) for first in range(min(every, self.unfolded)))

    def _phase(self, first: int, every: int) -> "Phase":
        start = first * self.stride - self.lo
        common = math.gcd(self.dilation, self.expansion)
        tap_step = self.expansion // common
        tap = self.taps
        if start % common == 0:  # start + tap * dilation = 0 (mod expansion) has a solution
            tap = -start // common * pow(self.dilation // common, -1, tap_step) % tap_step
        taps = max(0, -((tap - self.taps) // tap_step))
        axis = Axis(
            size=self.size,
            taps=taps,
            stride=every * self.stride // self.expansion,
            lo=-((start + tap * self.dilation) // self.expansion),
            dilation=tap_step * self.dilation // self.expansion,
        )
        outs = -((first - self.unfolded) // every)
        return Phase(axis.with_out(outs), first, every, tap, tap_step)

    def reached(self, tap: int) -> "tuple[slice, slice]":
        """The outputs at which a tap of an unexpanded axis meets data, and the data it meets."""
        offset = tap * self.dilation - self.lo
        first = max(-(offset // self.stride), 0)
        last = min((self.size - 1 - offset) // self.stride, self.unfolded - 1)
        stop = max(last + 1, first)
        begin = first * self.stride + offset
        end = begin + (stop - first - 1) * self.stride + 1 if stop > first else begin
        return slice(first, stop), slice(begin, end, self.stride)

    def window(self, start: int, stop: int) -> "Window":
        """The part of an unexpanded axis that yields the outputs start ... stop-1."""
        first = start * self.stride - self.lo
        after = (stop - 1) * self.stride - self.lo + self.reach + 1
        begin = min(max(first, 0), self.size)
        end = min(max(after, begin), self.size)
        axis = replace(self, size=end - begin, lo=begin - first, hi=after - end)
        return Window(axis, begin, end)

    def part(self, outs: tuple[Size, Size], taps: tuple[Size, Size]) -> "Window":
        """What the outputs outs[0] ... outs[1]-1 sum over the taps taps[0] ... taps[1]-1.

        The data of an extended axis are counted from -lo: they are its extended ones. Outputs that
        meet no data at all get one sample, which their padding crops (`Window.meets`).
        """
        first = outs[0] * self.stride - self.lo + taps[0] * self.dilation
        last = (outs[1] - 1) * self.stride - self.lo + (taps[1] - 1) * self.dilation
        axis = replace(self, taps=taps[1] - taps[0], fold=None)
        if self.boundary != "constant":
            axis = replace(axis, size=last - first + 1, lo=0, hi=0, boundary="constant")
            return Window(axis, first, last + 1)
        begin = min(max(-(-first // self.expansion), 0), self.size - 1)
        end = max(min(last // self.expansion, self.size - 1), begin) + 1
        lo = begin * self.expansion - first
        hi = last - (end - 1) * self.expansion
        return Window(replace(axis, size=end - begin, lo=lo, hi=hi), begin, end)


class Phase(NamedTuple):
    """One residue of an expanded axis: outputs first::every from taps tap::tap_step."""

    axis: Axis
    first: int
    every: int
    tap: int
    tap_step: int


class Window(NamedTuple):
    """Part of an axis: the data samples begin ... end-1 and the axis they form."""

    axis: Axis
    begin: int
    end: int

    @property
    def meets(self) -> bool:
        """Whether any of the outputs meets any of the data."""
        return bool(self.axis.lo >= 0 and self.axis.hi >= 0)
