"""NumPy's own: one dimension, row by row where there are several."""

from functools import partial
from typing import Any

import numpy as np

from convcore import Plan
from convcore_benchmarks.cases import Case
from convcore_benchmarks.timing import Call

from ._peer import Peer

__all__ = ["PEERS"]


def _spell(case: Case, plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    if case.op not in ("convolve", "correlate") or len(plan.problem.axes) != 1:
        return None
    own, (x, w), mode = getattr(np, case.op), arguments, case.options.get("mode", "full")
    if x.ndim == 1:
        return partial(own, x, w, mode)
    kernels = np.broadcast_to(w, (len(x), w.shape[1]))
    return lambda: np.stack([own(a, b, mode) for a, b in zip(x, kernels, strict=True)])


PEERS = (Peer("numpy", _spell),)
