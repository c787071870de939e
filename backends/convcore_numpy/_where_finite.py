"""Engines whose matrices have zeros that meet data: right unless they make something NaN.

The zeros turn an infinity into NaN, and spread a NaN over what one matrix makes. If a part has any,
it is made anew by taps, which spread nothing.
"""

from typing import Any, NamedTuple

import numpy as np

from convcore_numpy._in_place import Write

__all__ = ["Kernels", "has_nan", "where_finite"]


class Kernels(NamedTuple):
    """A kernel as matrices with zeros, and as the taps that `Taps` has."""

    banded: Any
    by_tap: Any


def where_finite(spreading: Write, careful: Write) -> Write:
    """The outputs of the first of two writers; those of the second where it makes any NaN."""

    def write(x: Any, kernels: Kernels, out: Any) -> None:
        with np.errstate(all="ignore"):
            spreading(x, kernels.banded, out)
            spread = has_nan(out)
        if spread:
            careful(x, kernels.by_tap, out)

    return write


def has_nan(out: Any) -> bool:
    """Whether any output is NaN; or some are opposite infinities."""
    if out.strides[-1] == out.itemsize:
        # A third of the time of a sum, if of real numbers, and without gaps between them.
        return bool(np.isnan(out.view(out.real.dtype).max(initial=0)))
    return bool(np.isnan(out.sum()))
