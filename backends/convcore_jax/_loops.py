"""How XLA's loops on CPUs want sums of many terms to be written.

XLA makes one loop over all outputs of whatever is written out, and shares it among its threads
once that promises enough to do. Waking them takes some 25 us here: as long as 200,000 products do.
"""

from dataclasses import replace
from math import prod
from typing import NamedTuple

from convcore.plugins import DTYPES, ConvProblem
from convcore_jax._problems import is_symbolic, real_part
from convcore_jax._views import ROUND, OneRow, Rows, Views

__all__ = ["Loop", "at_once", "in_round_numbers", "most_unrolled"]

_MOST_ON_CPU = 48  # terms
_MOST_LAUNCHED = 256  # terms, on accelerators, whose steps are launched one by one
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
    terms : int
        How many in all.
    once : int
        How many are written out one after the other: all, or those of a step.
    from_zero : bool
        Whether steps begin with zeros, and not with the terms that are left of whole steps.
    """

    views: Views
    terms: int
    once: int
    from_zero: bool = False

    @classmethod
    def of(cls, problem: ConvProblem, platform: str, *, phased: bool) -> "Loop":
        """What suits a platform.

        Parameters
        ----------
        phased : bool
            Whether the outputs will be interleaved with others.
        """
        terms = max(problem.size("c"), 1) * max(prod(axis.taps for axis in problem.axes), 1)
        most = most_unrolled(problem, platform)
        made = in_round_numbers(problem, platform)
        stepped = platform == "cpu" and (phased or made != problem)
        loop = cls(Rows(problem, made), terms, at_once(terms, stepped=stepped, most=most))
        if platform != "cpu" or is_symbolic(problem):
            return loop
        once = _alone(loop, most)
        if once < terms and not phased and _has_short_rows(problem):
            loop = loop._replace(views=OneRow(problem))
            once = _alone(loop, most)
        loop = loop._replace(once=once)
        left = (terms - 1) % once + 1
        # A sum that is added to none moves less, for as many operations.
        shares_more = _is_shared(loop.views, left, whole=True) and not loop.is_shared
        return loop._replace(from_zero=shares_more)

    @property
    def steps(self) -> int:
        """Steps after what the loop begins with."""
        return (self.terms if self.from_zero else self.terms - 1) // self.once

    @property
    def is_shared(self) -> bool:
        """Whether XLA shares it among a CPU's threads."""
        return _is_shared(self.views, self.once, whole=self.once == self.terms)


def most_unrolled(problem: ConvProblem, platform: str) -> int:
    """Terms written out one by one on a platform.

    On CPUs more are up to twice as slow, and slow to compile. A TPU's numbers of 64 bits take a
    second to compile for each.
    """
    if platform == "cpu":
        return _MOST_ON_CPU
    wide = DTYPES[real_part(problem)].bits == 64
    return 1 if wide and platform == "tpu" else _MOST_LAUNCHED


def at_once(terms: int, *, stepped: bool, most: int) -> int:
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


def _alone(loop: Loop, most: int) -> int:
    """No more than XLA leaves to one thread, if that is several terms.

    Sums that fit in a core's caches are done by the time that other threads are awake.
    """
    views, terms, once, _ = loop
    if once == terms and not loop.is_shared:
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


def in_round_numbers(problem: ConvProblem, platform: str) -> ConvProblem:
    """One axis of more outputs, if they are many and odd: a CPU's loop is up to ten times slower.

    Of several axes XLA shares the outer ones among threads, whatever the length of the last.
    """
    if platform != "cpu" or len(problem.axes) != 1 or is_symbolic(problem):
        return problem
    (axis,) = problem.axes
    if axis.unfolded < _ROUNDED_FROM or axis.unfolded % 2 == 0:
        return problem
    return replace(problem, axes=(axis.with_out(-(-axis.unfolded // ROUND) * ROUND),))
