"""CuPy's: the two methods of its `cupyx.scipy.signal`."""

from functools import partial
from typing import Any

import cupyx.scipy.signal

from convcore import Plan
from convcore_benchmarks.cases import Case
from convcore_benchmarks.timing import Call

from ._peer import Peer

__all__ = ["PEERS"]


def _spell(method: str, case: Case, _plan: Plan, arguments: tuple[Any, ...]) -> Call | None:
    if case.op not in ("convolve", "correlate") or "axes" in case.options:
        return None
    own, mode = getattr(cupyx.scipy.signal, case.op), case.options.get("mode", "full")
    return partial(own, *arguments, mode=mode, method=method)


PEERS = (
    Peer("cupyx.direct", partial(_spell, "direct")),
    Peer("cupyx.fft", partial(_spell, "fft")),
)
