"""Interleaved timing: every contender runs once a round, so that a noisy machine hits all alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median

__all__ = ["Contenders", "interleaved"]

Contenders = Mapping[str, Callable[[], object]]


def interleaved(contenders: Contenders, seconds: float = 1.0, rounds: int = 7) -> dict[str, float]:
    """Median seconds of one call of each contender.

    Parameters
    ----------
    contenders : mapping of str to callable
    seconds : float
        Roughly how long each contender may run in all.
    rounds : int
        Rounds; short calls are repeated within a round.
    """
    repeats = {name: _repeats(call, seconds / rounds) for name, call in contenders.items()}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            start = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            times[name].append((time.perf_counter() - start) / repeats[name])
    return {name: median(each) for name, each in times.items()}


def _repeats(call: Callable[[], object], seconds: float) -> int:
    call()  # first calls plan, compile and warm caches
    start = time.perf_counter()
    call()
    return max(1, round(seconds / (time.perf_counter() - start + 1e-9)))
