"""Peak resident memory of a call, as the kernel counts it (Linux; elsewhere it is not told)."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["peak"]

_RESET = Path("/proc/self/clear_refs")


def peak(call: Callable[[], Any]) -> tuple[Any, int | None]:
    """Run a call that has run before, and see how high the resident set rises.

    Parameters
    ----------
    call : callable
        Returns an array.

    Returns
    -------
    result : array
    beyond : int or None
        Bytes at the highest, beyond what was there before and the result.
    """
    if not os.access(_RESET, os.W_OK):
        return call(), None
    # What malloc kept of earlier calls would be used again without being seen.
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
    _RESET.write_text("5")  # the high-water mark is now what is resident
    before = _status("VmRSS")
    y = call()
    return y, max(0, _status("VmHWM") - before - int(y.nbytes))


def _status(field: str) -> int:
    """A figure of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))
