"""Interleaved timing: every contender runs once a round, so that a noisy machine hits all alike."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

__all__ = ["Call", "Effort", "interleaved"]

Call: TypeAlias = Callable[[], object]

_SHORT = 1e-3
_REST = 5e-3  # the threads of some libraries go on spinning for so long after a call
_COLD = 1e-2  # up to which the first call after a rest is no measure: it can take half a ms more


class Effort(NamedTuple):
    """How much time a case is worth.

    Attributes
    ----------
    seconds : float
        Roughly what each contender may take in all.
    rounds : int
        Into how many parts that is cut.
    """

    seconds: float
    rounds: int

    def quick(self) -> "Effort":
        """What a rough figure takes."""
        return Effort(self.seconds / 8, 3)


def interleaved(calls: Mapping[str, Call], effort: Effort) -> dict[str, list[float]]:
    """Time calls that have run before, and so are planned, compiled and warm.

    Parameters
    ----------
    calls : mapping of str to callable
        The contenders.
    effort : Effort
        A short call is repeated within a round until that outweighs the clock, after one that
        finds caches and threads cold; a long one leaves the rounds when it has used its time.

    Returns
    -------
    dict of str to list of float
        Seconds of one call, a number a round.
    """
    paces = {name: _pace(call) for name, call in calls.items()}
    share = effort.seconds / effort.rounds
    short = {name: pace for name, pace in paces.items() if pace < effort.seconds}
    times = {name: [] if name in short else [pace] for name, pace in paces.items()}
    for turn in range(effort.rounds):
        # Backwards every other time, so that nobody always finds the same one's caches and threads.
        for name, pace in list(short.items())[:: -1 if turn % 2 else 1]:
            if turn * max(pace, share) < effort.seconds:
                time.sleep(_REST)
                if pace < _COLD:
                    calls[name]()
                times[name].append(_timed(calls[name], max(1, round(share / pace))))
    return times


def _pace(call: Call) -> float:
    """Roughly the seconds of a call that is not the first of its kind for a while."""
    once = _timed(call, 1)
    if once < _COLD:
        once = _timed(call, 1)
    return once if once > _SHORT else _timed(call, round(_SHORT / once))


def _timed(call: Call, repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats
