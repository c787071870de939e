"""NumPy's namespace with transforms that use both cores: rows are split over a few threads."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np

__all__ = ["ThreadedNumPy"]

_WORTH_SPLITTING = 2**15  # elements; below, handing over costs more than it saves
_MOST_THREADS = 4


class ThreadedNumPy:
    """NumPy, but for ``fft``."""

    def __init__(self, threads: int | None) -> None:
        self.fft = _Transforms(min(threads or os.cpu_count() or 1, _MOST_THREADS))

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


class _Transforms:
    """N-d transforms, one axis after the other, each split along another axis."""

    def __init__(self, threads: int) -> None:
        self._threads = threads

    def rfftn(self, x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
        y = self._along(np.fft.rfft, x, s[-1], axes[-1])
        return self.fftn(y, s[:-1], axes[:-1])

    def irfftn(self, x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
        return self._along(np.fft.irfft, self.ifftn(x, s[:-1], axes[:-1]), s[-1], axes[-1])

    def fftn(self, x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
        for length, axis in zip(reversed(s), reversed(axes), strict=True):
            x = self._along(np.fft.fft, x, length, axis)
        return x

    def ifftn(self, x: Any, s: tuple[int, ...], axes: tuple[int, ...]) -> Any:
        for length, axis in zip(s, axes, strict=True):
            x = self._along(np.fft.ifft, x, length, axis)
        return x

    def _along(self, transform: Callable[..., Any], x: Any, length: int, axis: int) -> Any:
        split = max((i for i in range(x.ndim) if i != axis), key=lambda i: x.shape[i])
        parts = min(self._threads, x.shape[split])
        if parts < 2 or x.size < _WORTH_SPLITTING:
            return transform(x, length, axis)
        chunks = np.array_split(x, parts, axis=split)
        pool = _pool()
        later = [pool.submit(transform, chunk, length, axis) for chunk in chunks[1:]]
        made = [transform(chunks[0], length, axis), *(each.result() for each in later)]
        return np.concatenate(made, axis=split)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="convcore")
