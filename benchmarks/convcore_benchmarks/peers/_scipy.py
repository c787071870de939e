"""SciPy's: `scipy.signal`, which chooses between two methods, its blocks, and `scipy.ndimage`."""

from functools import partial
from typing import Any

import numpy as np
import scipy.ndimage
import scipy.signal

from convcore import Plan
from convcore_benchmarks.cases import Case
from convcore_benchmarks.timing import Call

from ._peer import Peer

__all__ = ["PEERS"]

_SIGNAL = ("convolve", "correlate")


def _spell_signal(case: Case, _plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    if case.op not in _SIGNAL or _has_own_kernels(case):
        return None
    return partial(getattr(scipy.signal, case.op), *arguments, case.options.get("mode", "full"))


def _spell_blocks(case: Case, _plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    # It has no integers, and no correlation.
    if case.op != "convolve" or arguments[0].dtype.kind not in "fc":
        return None
    mode, axes = case.options.get("mode", "full"), case.options.get("axes")
    return partial(scipy.signal.oaconvolve, *arguments, mode, axes)


def _spell_ndimage(case: Case, _plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    if case.op not in _SIGNAL or case.options.get("mode") != "same" or _has_own_kernels(case):
        return None
    x, w = arguments
    if case.op == "correlate" and any(taps % 2 == 0 for taps in w.shape):
        return None  # it begins a sample later, where no origin reaches
    # So does its convolution with an even kernel, by default.
    origin = [taps % 2 - 1 for taps in w.shape]
    if w.ndim == 1 or "axes" in case.options:
        own = getattr(scipy.ndimage, f"{case.op}1d")
        return partial(own, x, np.ravel(w), axis=-1, mode="constant", origin=origin[-1])
    return partial(getattr(scipy.ndimage, case.op), x, w, mode="constant", origin=origin)


def _has_own_kernels(case: Case) -> bool:
    """Whether each row has a kernel of its own."""
    return "axes" in case.options and case.shapes[1][0] > 1


PEERS = (
    Peer("scipy.signal", _spell_signal),
    Peer("scipy.oaconvolve", _spell_blocks),
    Peer("scipy.ndimage", _spell_ndimage),
)
