"""Work over threads, and NumPy's namespace with transforms that are: rows of them side by side."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from math import prod, sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np

from convcore.plugins import ConvProblem

__all__ = ["MOST_ALONE", "ThreadedNumPy", "shared", "threads_of"]

MOST_ALONE = 2**19
"""Multiplications of real numbers of a matrix product for which OpenBLAS starts no threads."""

_WORTH_SPLITTING = 2**15  # elements; below, handing over costs more than it saves
_MOST_THREADS = 4
# Multiplications of real numbers. Transforms and einsum let go of the interpreter for long; where
# steps are short, threads spend what they save on waiting for it.
_SHARED_FROM = {
    "fft": 0,
    "overlap_add": 2**21,
    "bands": 2**22,
    "rows": 2**22,
    "taps": 2**22,
    "matmul": 2**24,
    "winograd": 2**26,
}


def _threads(asked: int | None) -> int:
    """How many threads a problem may have, of which its options say as many as asked or nothing."""
    return min(asked or _processors(), _MOST_THREADS)


def threads_of(problem: ConvProblem, engine: str) -> int:
    """Over how many threads an engine's parts are shared: few need no help."""
    real = problem.multiplications * (4 if problem.is_complex else 1)
    worth = real >= _SHARED_FROM[engine]
    return _threads(problem.threads) if worth else 1


@cache
def _processors() -> int:
    """How many this process may run on, which may be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared(run: Callable[[Any], None], parts: Sequence[Any], threads: int) -> None:
    """Run every part, over so many threads, this one among them."""
    helpers = max(min(threads, len(parts)) - 1, 0)

    def every(first: int) -> None:
        for part in parts[first :: helpers + 1]:
            run(part)

    # In contexts like this one's, which has NumPy's settings (errstate): they hold for all parts.
    later = [_pool(os.getpid()).submit(copy_context().run, every, i + 1) for i in range(helpers)]
    every(0)
    for each in later:
        each.result()


class ThreadedNumPy:
    """NumPy, but for ``fft``: SciPy's where it is installed."""

    def __init__(self, threads: int | None) -> None:
        count = _threads(threads)
        self.fft = _scipy(count) if find_spec("scipy") else _Transforms(count)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def _scipy(threads: int) -> Any:
    """The same transforms, of the same accuracy, and faster over several axes."""
    import scipy.fft

    def spread(transform: Callable[..., Any]) -> Callable[..., Any]:
        def run(x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
            outside = prod(n for at, n in enumerate(x.shape) if at not in axes)
            workers = threads if outside * prod(s) >= _WORTH_SPLITTING else 1
            return transform(x, s=s, axes=axes, workers=workers)

        return run

    names = ("rfftn", "irfftn", "fftn", "ifftn")
    return SimpleNamespace(**{name: spread(getattr(scipy.fft, name)) for name in names})


class _Transforms:
    """N-d transforms, one axis after the other, each split along another axis."""

    def __init__(self, threads: int) -> None:
        self._threads = threads

    def rfftn(self, x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
        y = self._along(np.fft.rfft, x, s[-1], axes[-1], s[-1] // 2 + 1, _complex_of(x))
        return self._scaled(self._forward(y, s[:-1], axes[:-1]), s)

    def irfftn(self, x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
        y = self.ifftn(x, s[:-1], axes[:-1])
        return self._along(np.fft.irfft, y, s[-1], axes[-1], s[-1], y.real.dtype)

    def fftn(self, x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
        return self._scaled(self._forward(x, s, axes), s)

    def ifftn(self, x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
        for length, axis in zip(s, axes, strict=True):
            x = self._along(np.fft.ifft, x, length, axis, length, x.dtype)
        return x

    def _forward(self, x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
        for length, axis in zip(reversed(s), reversed(axes), strict=True):
            x = self._along(np.fft.fft, x, length, axis, length, x.dtype)
        return x

    def _scaled(self, y: Any, s: tuple[int, ...]) -> Any:
        """Undo the scaling of a forward transform in single precision."""
        if y.dtype == np.complex64:
            y *= np.float32(sqrt(prod(s)))
        return y

    def _along(
        self,
        transform: Callable[..., Any],
        x: Any,
        length: int,
        axis: int,
        points: int,
        dtype: Any,
    ) -> Any:
        # With norm "backward" NumPy 2 scales a forward transform by a Python int, which sends
        # single precision through the double loop: 2.5 times the time of norm "ortho".
        single = dtype == np.complex64 and transform in (np.fft.rfft, np.fft.fft)
        norm = "ortho" if single else "backward"
        y = np.empty((*x.shape[:axis], points, *x.shape[axis + 1 :]), dtype)
        split = max((i for i in range(x.ndim) if i != axis), key=lambda i: x.shape[i])
        parts = min(self._threads, x.shape[split]) if y.size >= _WORTH_SPLITTING else 1
        cuts = [part * x.shape[split] // parts for part in range(parts + 1)]
        rows = [(slice(None),) * split + (slice(a, b),) for a, b in pairwise(cuts)]

        def run(row: tuple[slice, ...]) -> None:
            transform(x[row], length, axis, norm, out=y[row])

        shared(run, rows, parts)
        return y


def _complex_of(x: Any) -> Any:
    return np.dtype("complex64" if x.dtype == np.float32 else "complex128")


@cache
def _pool(_process: int) -> ThreadPoolExecutor:
    """The threads of one process: a forked child inherits the object but not its threads."""
    return ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="convcore")
