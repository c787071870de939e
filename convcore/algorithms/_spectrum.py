"""Transform lengths: how much of a linear convolution one circular convolution holds."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from convcore._axis import Axis
from convcore._typing import Namespace
from convcore.algorithms._boundary import pad

__all__ = ["Circle", "fast_length", "tap_spacing"]


@dataclass(frozen=True, slots=True)
class Circle:
    """One axis as a circular convolution.

    Sample j of the linear convolution of the data with the reversed, spaced kernel is the window
    that ends on data sample j; windows wholly beyond the data are not computed.

    Attributes
    ----------
    length : int
        Of the transform.
    start, step, count : int
        Which samples of the circle are outputs.
    before, after : int
        Outputs, all zero, on either side of them.
    """

    length: int
    start: int
    step: int
    count: int
    before: int
    after: int

    @classmethod
    def of(cls, axis: Axis, at_least: int = 1, *, even: bool = False) -> "Circle":
        """The shortest fast circle, or even one, that wraps onto no output of an axis."""
        ends = axis.size + axis.reach  # samples of the linear convolution
        first = max(-((axis.reach - axis.lo) // axis.stride), 0)
        last = min((axis.size - 1 + axis.lo) // axis.stride, axis.unfolded - 1)
        count = max(last - first + 1, 0)
        start = first * axis.stride - axis.lo + axis.reach
        stop = start + (count - 1) * axis.stride + 1
        needed = max(axis.size, axis.reach + 1, ends - start, stop, at_least)
        before = min(first, axis.unfolded)
        after = axis.unfolded - before - count
        return cls(fast_length(needed, even=even), start, axis.stride, count, before, after)

    def outputs(self, y: Any, at: int, xp: Namespace) -> Any:
        """Cut the outputs of this axis out of the circle."""
        stop = self.start + (self.count - 1) * self.step + 1
        y = y[(slice(None),) * at + (slice(self.start, stop, self.step), ...)]
        return pad(y, at, self.before, self.after, xp) if self.before or self.after else y


@lru_cache(maxsize=4096)
def fast_length(least: int, *, even: bool = False) -> int:
    """The smallest integer from `least` on with no prime factor beyond 5.

    Parameters
    ----------
    least : int
    even : bool
        Whether it has to be even, unless it is 1: PyTorch's real transforms of odd lengths take
        three times as long, and NumPy's a little longer.
    """
    if even and least > 1:
        return 2 * fast_length(-(-least // 2))
    best = 1 << (least - 1).bit_length() if least > 1 else 1
    five = 1
    while five < best:
        three = five
        while three < best:
            # The least power of two that lifts this product to `least`.
            two = 1 << (-(-least // three) - 1).bit_length()
            best = min(best, three * two)
            three *= 3
        five *= 5
    return best


def tap_spacing(w: Any, at: int, dilation: int, xp: Namespace) -> Any:
    """Put dilation - 1 zeros between the taps along one axis."""
    if dilation == 1:
        return w
    zeros = xp.zeros_like(w)
    spaced = xp.stack([w] + [zeros] * (dilation - 1), axis=at + 1)
    length = w.shape[at] * dilation
    spaced = xp.reshape(spaced, (*w.shape[:at], length, *w.shape[at + 1 :]))
    return spaced[(slice(None),) * at + (slice(0, length - dilation + 1), ...)]
