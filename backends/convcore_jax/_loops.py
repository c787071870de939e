"""How XLA's loops on CPUs want sums of many terms to be written.

XLA makes one loop over all outputs of whatever is written out, and shares it among its threads
once that promises enough to do. Waking them takes some 25 us here: as long as 200,000 products do.
"""

from dataclasses import replace
from math import prod

from convcore.plugins import DTYPES, ConvProblem
from convcore_jax._problems import is_symbolic

__all__ = ["MOST_UNROLLED", "at_once", "in_round_numbers", "is_shared", "views_at_once"]

MOST_UNROLLED = 48
"""Terms written out one by one: more are up to twice as slow on CPUs, and slow to compile."""

_STEP = 16  # terms
_FEWEST_STEPPED, _FEWEST_ALONE = 8, 2  # terms
_ROUND, _ROUNDED_FROM = 16, 2**13  # outputs
# When XLA (0.10) shares a loop, as its compiled programs say: by the bytes that it reads and
# writes, or by operations and bytes if the operations are more.
_SHARED_BYTES, _SHARED_WORK, _BYTE = 2**19, 200_000, 10


def at_once(terms: int, *, stepped: bool, most: int = MOST_UNROLLED) -> int:
    """How many terms are written out one after the other: all, or those of a loop's step.

    Parameters
    ----------
    terms : int
        All of them.
    stepped : bool
        Whether XLA would make one loop of what is written out and of what its sums are for. It
        would compute no more outputs than are left of a round number of them; and ask every output
        for its phase, which takes ten times as long.
    most : int
        To write out.
    """
    if stepped and terms >= _FEWEST_STEPPED:
        return min(-(-terms // 3), _STEP, most)  # a loop of a single step would be none to XLA
    return terms if terms <= most else min(_STEP, most)


def views_at_once(problem: ConvProblem, *, stepped: bool, most: int = MOST_UNROLLED) -> int:
    """The same of scaled views: no more than XLA leaves to one thread, if that is several.

    Sums that fit in a core's caches are done by the time that other threads are awake.
    """
    terms = problem.size("c") * prod(axis.taps for axis in problem.axes)
    whole = at_once(terms, stepped=stepped, most=most)
    if is_symbolic(problem) or (whole == terms and not is_shared(problem, terms, whole=True)):
        return whole
    fewer = range(min((terms - 1) // 2, _STEP, most), _FEWEST_ALONE - 1, -1)
    return next((n for n in fewer if not is_shared(problem, n, whole=False)), whole)


def is_shared(problem: ConvProblem, terms: int, *, whole: bool) -> bool:
    """Whether XLA shares a loop over all outputs that adds up some scaled views.

    Parameters
    ----------
    whole : bool
        Whether they are the whole sums; a part of them is added to what there is.
    """
    width = DTYPES[problem.accumulator].bits // 8
    sums = problem.size("ngo") * prod(axis.unfolded for axis in problem.axes)
    views = sums // max(problem.size("o"), 1)
    moved = width * (terms * views + (1 if whole else 2) * sums)
    operations = 2 * terms * sums
    if operations > moved:
        return operations + _BYTE * moved >= _SHARED_WORK
    return moved >= _SHARED_BYTES


def in_round_numbers(problem: ConvProblem) -> ConvProblem:
    """One axis of more outputs, if they are many and odd: XLA's loop is up to ten times slower.

    Of several axes it shares the outer ones among threads, whatever the length of the last.
    """
    if len(problem.axes) != 1 or is_symbolic(problem):
        return problem
    (axis,) = problem.axes
    if axis.unfolded < _ROUNDED_FROM or axis.unfolded % 2 == 0:
        return problem
    return replace(problem, axes=(axis.with_out(-(-axis.unfolded // _ROUND) * _ROUND),))
