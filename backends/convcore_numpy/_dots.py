"""One signal and one kernel: np.correlate or np.convolve, a dot product per output."""

import inspect
from collections.abc import Callable
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
        return product(mode)
    make = product(mode)

    def run(x: Any, w: Any, bias: Any) -> Any:
        x, w = x.reshape(-1), w.reshape(-1)
        if cast:
            x, w = x.astype(sums), w.astype(sums)
        y = make(x, w, None)
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


def _undispatched(function: Any) -> Any:
    """NumPy's function itself: looking for other libraries' takes a third of three samples' time.

    Operands are made arrays of NumPy's own class first, which has no other.
    """
    return inspect.unwrap(function)


_convolve: Any = _undispatched(np.convolve)
_correlate: Any = _undispatched(np.correlate)
_array = np.asarray


def _product(problem: ConvProblem) -> Callable[[str], Run]:
    """From NumPy's name of a window to the function of two operands in one dimension."""
    if problem.flip and problem.is_complex:
        return _convolving_conjugate if problem.conj_w else _convolving
    if problem.flip:
        return _convolving_real
    if problem.conj_w or not problem.is_complex:
        return _correlating_conjugate
    return _correlating


# Each is one function between the call and NumPy's, as a second would cost 50 ns of a microsecond.
def _convolving_real(mode: str) -> Run:
    # np.convolve does more in Python before it comes to this, for half of its time.
    return lambda x, w, _bias: _correlate(_array(x), _array(w)[::-1], mode)


def _convolving(mode: str) -> Run:
    return lambda x, w, _bias: _convolve(_array(x), _array(w), mode)


def _convolving_conjugate(mode: str) -> Run:
    return lambda x, w, _bias: _convolve(_array(x), _array(w).conj(), mode)


def _correlating_conjugate(mode: str) -> Run:
    return lambda x, w, _bias: _correlate(_array(x), _array(w), mode)


def _correlating(mode: str) -> Run:
    return lambda x, w, _bias: _convolve(_array(x), _array(w)[::-1], mode)


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
