"""Direct by windows: one matrix product for each sample of an output that has few of them.

That is what a kernel as long as the data makes, as in the gradient of a kernel. The window that a
sample meets is a run of the data's planes, if the kernel is laid out as they are, with zeros
between its rows: samples and taps change places (`Axis.weight_grad`), and nothing is unfolded. The
zeros turn an infinity into NaN; then the sums are made anew by columns.
"""

from typing import Any, NamedTuple

import numpy as np

from convcore.plugins import ConvProblem
from convcore_numpy._columns import Columns
from convcore_numpy._in_place import Write
from convcore_numpy._planes import Planes

__all__ = ["Windows", "takes_windows"]

_MOST_SAMPLES = 256


class _Kernel(NamedTuple):
    """The kernel (g, o, c, row) as planes are laid out, and as `Columns` has it."""

    laid: Any
    by_column: Any


def takes_windows(problem: ConvProblem) -> bool:
    """Whether windows are worth a product each."""
    plain = all(a.expansion == 1 for a in problem.axes)
    samples = np.prod([a.unfolded for a in problem.axes], dtype=int)
    return bool(plain and problem.axes and samples <= min(_MOST_SAMPLES, problem.terms))


class Windows:
    """Products over whole planes."""

    most = 2.0**62  # a part is the whole: nothing is unfolded

    def __init__(self, problem: ConvProblem) -> None:
        self._columns = Columns(problem)
        self._planes = Planes(tuple(a.weight_grad() for a in problem.axes))

    def prepare(self, w: Any) -> _Kernel:
        """Lay out the kernel."""
        laid = np.zeros((*w.shape[:3], self._planes.rows), w.dtype)
        self._planes.outputs(laid)[...] = w
        return _Kernel(laid, self._columns.prepare(w))

    def writer(self, part: ConvProblem) -> Write:
        """Multiply window by window, and channel by channel of what is summed."""
        planes = Planes(tuple(a.weight_grad() for a in part.axes))
        careful = self._columns.writer(part)

        def write(x: Any, kernel: _Kernel, out: Any) -> None:
            data = planes.laid(x)
            with np.errstate(all="ignore"):
                for at, tap in zip(np.ndindex(out.shape[3:]), planes.taps(), strict=True):
                    window = planes.met(data, tap).transpose(1, 2, 3, 0)
                    pairs = zip(kernel.laid.swapaxes(0, 2), window.swapaxes(0, 1), strict=True)
                    total = sum(np.matmul(w.swapaxes(0, 1), run) for w, run in pairs)
                    out[(..., *at)] = np.moveaxis(total, -1, 0)
                finite = np.isfinite(out.sum())
            if not finite:
                careful(x, kernel.by_column, out)

        return write
