"""One signal and one kernel: np.correlate or np.convolve, a dot product per output."""

from typing import Any

import numpy as np

from convcore.plugins import Axis, ConvProblem, Run

__all__ = ["lower_dots", "sums_in", "takes_dots"]

_ENOUGH = 2**8  # outputs, from which on two conversions more cost less than they save


def takes_dots(problem: ConvProblem) -> bool:
    """Whether a problem is one that np.convolve or np.correlate solves."""
    if len(problem.axes) != 1 or problem.size("ngoc") != 1 or problem.is_extended:
        return False
    axis = problem.axes[0]
    plain = {axis.stride, axis.dilation, axis.expansion} == {1} and axis.fold is None
    return (
        plain and not problem.conj_x and 0 <= axis.lo <= axis.reach and 0 <= axis.hi <= axis.reach
    )


def lower_dots(problem: ConvProblem) -> Run:
    """Lower a problem that `takes_dots`."""
    mode, window = _window(problem.axes[0])
    product = _product(problem)
    sums, dtype, shape = np.dtype(sums_in(problem)), np.dtype(problem.dtype), problem.y_shape
    cast = not problem.x_dtype == problem.w_dtype == problem.dtype == sums
    if len(shape) == 1 and problem.bias is None and window is None and not cast:
        return lambda x, w, _bias: product(x, w, mode)

    def run(x: Any, w: Any, bias: Any) -> Any:
        x, w = x.reshape(-1), w.reshape(-1)
        if cast:
            x, w = x.astype(sums), w.astype(sums)
        y = product(x, w, mode)
        if window is not None:
            y = y[window].copy()
        if bias is not None:
            y += bias.astype(dtype)
        return (y.astype(dtype) if cast else y).reshape(shape)

    return run


def sums_in(problem: ConvProblem) -> str:
    """The dtype to compute in.

    In single precision OpenBLAS takes 32 products at a time and what remains one by one: of 31
    taps all, for which double precision takes half of the time, conversions and all.
    """
    axis = problem.axes[0]
    remain = min(axis.size, axis.taps) % 32
    slow = problem.accumulator == "float32" and remain >= 16 and axis.unfolded >= _ENOUGH
    return "float64" if slow else problem.accumulator


_convolve: Any = np.convolve  # their stubs know no mode that is a variable
_correlate: Any = np.correlate


def _product(problem: ConvProblem) -> Any:
    if problem.flip and problem.is_complex:
        return _convolve_conjugate if problem.conj_w else _convolve
    if problem.flip:
        return _convolve_real
    if problem.conj_w or not problem.is_complex:
        return _correlate_conjugate
    return _correlate_plain


def _convolve_real(x: Any, w: Any, mode: str) -> Any:
    # np.convolve does more in Python before it comes to this, for half of its time.
    return _correlate(np.asarray(x), np.asarray(w)[::-1], mode)


def _correlate_conjugate(x: Any, w: Any, mode: str) -> Any:
    # Of a subclass's arrays it would make another of them.
    return _correlate(np.asarray(x), np.asarray(w), mode)


def _convolve_conjugate(x: Any, w: Any, mode: str) -> Any:
    return _convolve(x, w.conj(), mode)


def _correlate_plain(x: Any, w: Any, mode: str) -> Any:
    return _convolve(x, w[::-1], mode)


def _window(axis: Axis) -> tuple[str, slice | None]:
    """NumPy's mode with this window, or the full mode and a slice of it."""
    if axis.size >= axis.taps:  # NumPy swaps the operands otherwise
        half = axis.reach // 2
        named = {
            (0, 0): "valid",
            (axis.reach - half, half): "same",
            (axis.reach, axis.reach): "full",
        }
        if (axis.lo, axis.hi) in named:
            return named[axis.lo, axis.hi], None
    start = axis.reach - axis.lo
    return "full", slice(start, start + axis.unfolded)
