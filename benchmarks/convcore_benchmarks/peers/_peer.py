"""What a peer is, and what its spellings need to know of a case."""

from collections.abc import Callable
from typing import Any, NamedTuple

from convcore import Plan
from convcore_benchmarks.cases import Case
from convcore_benchmarks.timing import Call

__all__ = ["Peer", "reach", "window"]


class Peer(NamedTuple):
    """One way in which one library spells convcore's calls.

    Attributes
    ----------
    name : str
        The library's, and which of its spellings.
    spell : callable
        ``(case, plan, arguments) -> call or None``: from arrays of its own library, wherever they
        are, or of NumPy to what is timed, which returns an array of the plan's shape and dtype;
        None where it cannot do the case.
    """

    name: str
    spell: Callable[[Case, Plan, tuple[Any, ...]], Call | None]


def window(case: Case, plan: Plan) -> tuple[slice, ...]:
    """The part of a full result that is wanted, along the convolved axes."""
    return tuple(
        slice(begin := _start(case, axis.taps), begin + axis.out) for axis in plan.problem.axes
    )


def reach(case: Case, plan: Plan) -> tuple[int, ...]:
    """Zeros on both sides of each axis with which a correlation begins where a mode does."""
    return tuple(axis.taps - 1 - _start(case, axis.taps) for axis in plan.problem.axes)


def _start(case: Case, taps: int) -> int:
    """The sample of the full result at which a mode's window begins, for a shorter kernel."""
    return {"full": 0, "same": (taps - 1) // 2, "valid": taps - 1}[case.options.get("mode", "full")]
