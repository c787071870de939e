"""How XLA's loops on CPUs want sums of many terms to be written.

XLA makes one loop over all outputs of whatever is written out, and shares it among its threads
once that promises enough to do. Waking them takes some 25 us here: as long as 200,000 products do.
"""

from dataclasses import replace
from math import prod
from typing import NamedTuple

from convcore.plugins import DTYPES, ConvProblem
from convcore_jax._problems import is_symbolic
from convcore_jax._views import ROUND, OneRow, Rows, Views

__all__ = ["MOST_UNROLLED", "Loop", "at_once", "in_round_numbers"]

MOST_UNROLLED = 48
"""Terms written out one by one: more are up to twice as slow on CPUs, and slow to compile."""

_STEP = 16  # terms
_FEWEST_STEPPED, _FEWEST_ALONE = 8, 2  # terms
_ROUNDED_FROM = 2**13  # outputs
_SHORT, _MOST_WASTE = 32, 1.3  # outputs of a row; outputs made for one that is asked for
# When XLA (0.10) shares a loop, as its compiled programs say: by the bytes that it reads and
# writes, or by operations and bytes if the operations are more.
_SHARED_BYTES, _SHARED_WORK, _BYTE = 2**19, 200_000, 10


class Loop(NamedTuple):
    """How scaled views are added up.

    Attributes
    ----------
    views : Views
        Of what.
    once : int
        How many terms are written out one after the other: all, or those of a step.
    from_zero : bool
        Whether steps begin with zeros, and not with the terms that are left of whole steps.
    """

    views: Views
    once: int
    from_zero: bool

    @classmethod
    def of(cls, problem: ConvProblem, *, phased: bool, most: int = MOST_UNROLLED) -> "Loop":
        """What suits a CPU.

        Parameters
        ----------
        phased : bool
            Whether the outputs will be interleaved with others.
        most : int
            Terms to write out.
        """
        rounded = in_round_numbers(problem)
        rows = Rows(problem, rounded)
        terms = max(problem.size("c"), 1) * max(prod(axis.taps for axis in problem.axes), 1)
        whole = at_once(terms, stepped=phased or rounded != problem, most=most)
        if is_symbolic(problem):
            return cls(rows, whole, from_zero=False)
        views: Views = rows
        once = _alone(views, terms, whole, most)
        if once < terms and not phased and _has_short_rows(problem):
            views = OneRow(problem)
            once = _alone(views, terms, whole, most)
        loop = cls(views, once, from_zero=False)
        left = (terms - 1) % once + 1
        # A sum that is added to none moves less, for as many operations.
        shares_more = _is_shared(views, left, whole=True) and not loop.is_shared(terms)
        return loop._replace(from_zero=shares_more)

    def is_shared(self, terms: int) -> bool:
        """Whether XLA shares it among threads, if there are so many terms in all."""
        return _is_shared(self.views, self.once, whole=self.once == terms)


def at_once(terms: int, *, stepped: bool, most: int = MOST_UNROLLED) -> int:
    """How many terms are written out one after the other, wherever they run.

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


def _alone(views: Views, terms: int, once: int, most: int) -> int:
    """No more than XLA leaves to one thread, if that is several terms.

    Sums that fit in a core's caches are done by the time that other threads are awake.
    """
    if once == terms and not _is_shared(views, terms, whole=True):
        return once
    fewer = range(min((terms - 1) // 2, _STEP, most), _FEWEST_ALONE - 1, -1)
    return next((n for n in fewer if not _is_shared(views, n, whole=False)), once)


def _is_shared(views: Views, terms: int, *, whole: bool) -> bool:
    """Whether XLA shares a loop over all outputs that adds up some scaled views.

    Parameters
    ----------
    whole : bool
        Whether they are the whole sums; a part of them is added to what there is.
    """
    problem = views.problem
    width = DTYPES[problem.accumulator].bits // 8
    view = problem.size("ng") * views.samples
    sums = view * problem.size("o")
    moved = width * (terms * view + (1 if whole else 2) * sums)
    operations = 2 * terms * sums
    if operations > moved:
        return operations + _BYTE * moved >= _SHARED_WORK
    return moved >= _SHARED_BYTES


def _has_short_rows(problem: ConvProblem) -> bool:
    """Whether one long row is worth the outputs that it makes in vain: two times faster."""
    *outer, last = problem.axes
    if not outer or any(axis.stride > 1 for axis in problem.axes):
        return False
    return 0 < last.unfolded <= _SHORT and OneRow(problem).waste <= _MOST_WASTE


def in_round_numbers(problem: ConvProblem) -> ConvProblem:
    """One axis of more outputs, if they are many and odd: XLA's loop is up to ten times slower.

    Of several axes it shares the outer ones among threads, whatever the length of the last.
    """
    if len(problem.axes) != 1 or is_symbolic(problem):
        return problem
    (axis,) = problem.axes
    if axis.unfolded < _ROUNDED_FROM or axis.unfolded % 2 == 0:
        return problem
    return replace(problem, axes=(axis.with_out(-(-axis.unfolded // ROUND) * ROUND),))
