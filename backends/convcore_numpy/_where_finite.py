"""Engines whose matrices have zeros that meet data: right where all that they make is finite.

The zeros turn an infinity into NaN, and spread a NaN over what one matrix makes. One sum of a part
tells: it is not finite then, nor where it overflows, and the part is made anew by taps, which
spread nothing.
"""

from typing import Any, NamedTuple

import numpy as np

from convcore_numpy._in_place import Write

__all__ = ["Kernels", "where_finite"]


class Kernels(NamedTuple):
    """A kernel as matrices with zeros, and as the taps that `Taps` has."""

    banded: Any
    by_tap: Any


def where_finite(spreading: Write, careful: Write) -> Write:
    """The outputs of the first of two writers; where they are not finite, of the second."""

    def write(x: Any, kernels: Kernels, out: Any) -> None:
        with np.errstate(all="ignore"):
            spreading(x, kernels.banded, out)
            finite = np.isfinite(out.sum())
        if not finite:
            careful(x, kernels.by_tap, out)

    return write
