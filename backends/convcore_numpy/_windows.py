"""Direct by windows: one matrix product for each sample of an output that has few of them.

That is what a kernel as long as the data makes, as in the gradient of a kernel. The window that a
sample meets is a run of the data's planes, if the kernel is laid out as they are, with zeros
between its rows: samples and taps change places (`Axis.weight_grad`), and nothing is unfolded. The
zeros turn an infinity into NaN; then the sums are made anew, from copies without what they meet.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from convcore.plugins import ConvProblem
from convcore_numpy._in_place import Write
from convcore_numpy._planes import Planes
from convcore_numpy._where_finite import has_nan

__all__ = ["Windows", "takes_windows", "windows_bytes"]

_MOST_SAMPLES = 256


def takes_windows(problem: ConvProblem) -> bool:
    """Whether windows are worth a product each."""
    plain = all(a.expansion == 1 for a in problem.axes)
    samples = np.prod([a.unfolded for a in problem.axes], dtype=int)
    return bool(plain and problem.axes and samples <= min(_MOST_SAMPLES, problem.terms))


def windows_bytes(problem: ConvProblem) -> float:
    """What data and kernel take, laid out; integers also as they are and as limbs of floats."""
    planes = _planes(problem)
    kernel = problem.size("goc") * planes.rows
    data = problem.size("ngc") * planes.count * prod(planes.extents)
    size = 32 if problem.is_exact else np.dtype(problem.accumulator).itemsize
    return float(size * (data + kernel))


class Windows:
    """Products over whole planes."""

    most = 2.0**62  # a part is the whole: nothing is unfolded

    def __init__(self, problem: ConvProblem) -> None:
        self._planes = _planes(problem)

    def prepare(self, w: Any) -> Any:
        """The kernel (g, o, c, row), laid out as the planes are."""
        laid = np.zeros((*w.shape[:3], self._planes.rows), w.dtype)
        self._planes.outputs(laid)[...] = w
        return laid

    def writer(self, part: ConvProblem) -> Write:
        """Multiply window by window, and channel by channel of what is summed."""
        planes = _planes(part)
        taps = planes.taps

        def fill(out: Any, data: Any, w: Any, keep: Callable[[Any], Any]) -> None:
            for at, tap in zip(np.ndindex(out.shape[3:]), taps, strict=True):
                window = planes.met(data, tap)
                total = sum(
                    np.matmul(keep(w[:, :, c]), keep(window[:, :, c]).transpose(1, 2, 0))
                    for c in range(w.shape[2])
                )
                out[(..., *at)] = np.moveaxis(total, -1, 0)

        def taps_alone(rows: Any) -> Any:
            return planes.outputs(rows).reshape(*rows.shape[:-1], -1)

        def write(x: Any, w: Any, out: Any) -> None:
            data = planes.laid(x)
            with np.errstate(all="ignore"):
                fill(out, data, w, lambda rows: rows)
                spread = has_nan(out)
            if spread:
                fill(out, data, w, taps_alone)

        return write


def _planes(problem: ConvProblem) -> Planes:
    """Those in which the outputs are the taps, and the taps the outputs."""
    return Planes(tuple(a.weight_grad() for a in problem.axes))
