"""Direct by taps: XLA fuses the whole sum into one loop, so nothing is tiled and nothing unfolded.

The portable engines cut problems into tiles, each of which XLA would compile on its own. These are
for canonical problems (see `convcore.algorithms`) without expansion, and keep every NaN in its
window: a tap multiplies the samples it meets and nothing else.
"""

import itertools
import operator
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce
from math import prod
from typing import Any

import jax.numpy as jnp
from jax import lax

from convcore.plugins import ConvProblem, Namespace, Staged
from convcore_jax._mixing import Mixing
from convcore_jax._problems import is_symbolic
from convcore_jax._views import SPACE, cut, padded, tap_view

__all__ = ["MOST_UNROLLED", "UNROLLED", "dots", "taps"]

MOST_UNROLLED = 256
"""Terms written out one by one, which costs some milliseconds of compilation each."""
UNROLLED = 16
"""Terms in one step of a loop over more than that."""
_ROUND = 16  # outputs


def taps(
    problem: ConvProblem, _xp: Namespace, *, unrolled: int = MOST_UNROLLED, rounds: bool = False
) -> Staged:
    """Add up scaled views, one for each channel and tap.

    Parameters
    ----------
    unrolled : int
        Most terms to write out one by one.
    rounds : bool
        Whether to compute a round number of outputs, as XLA's loops on CPUs want it.
    """
    rounded = _rounded(problem) if rounds else problem
    ones = (1,) * len(problem.axes)

    def term(x: Any, w: Any, at: tuple[Any, ...]) -> Any:
        channel, *tap = at
        n, g, _, *space = x.shape
        view = tap_view(rounded.axes, cut(x, (0, 0, channel), (n, g, 1), space), tap)
        scale = cut(w, (0, 0, *at), (g, w.shape[1], 1, *ones))
        return view * jnp.reshape(scale, (1, g, w.shape[1], *ones))

    terms = (problem.size("c"), *_taps(problem))
    return _summed(problem, rounded, term, terms, unrolled=unrolled)


def dots(problem: ConvProblem, _xp: Namespace, *, rounds: bool = False) -> Staged:
    """Add up products of matrices, one for each tap, that mix the channels of a view."""
    rounded = _rounded(problem) if rounds else problem
    ones = (1,) * len(problem.axes)
    samples = prod(axis.unfolded for axis in problem.axes)
    mixing = Mixing.of(problem, samples, problem.size("c"))

    def term(x: Any, w: Any, tap: tuple[Any, ...]) -> Any:
        w = jnp.reshape(cut(w, (0, 0, 0, *tap), (*w.shape[:SPACE], *ones)), w.shape[:SPACE])
        return mixing.product(w, tap_view(rounded.axes, x, tap), summed=1)

    total = _summed(problem, rounded, term, _taps(problem))

    def apply(x: Any, w: Any, bias: Any) -> Any:
        return mixing.result(total.apply(mixing.data(x), w, bias))

    return Staged(total.prepare, apply)


def _rounded(problem: ConvProblem) -> ConvProblem:
    """One axis with a round number of outputs: XLA's loop over an odd one is up to 40 times slower.

    Of several axes it shares the outer ones among threads, whatever the length of the last.
    """
    if len(problem.axes) != 1 or is_symbolic(problem):
        return problem
    (axis,) = problem.axes
    if axis.unfolded < _ROUND**2:  # of few, too many would be for nothing
        return problem
    return replace(problem, axes=(axis.with_out(-(-axis.unfolded // _ROUND) * _ROUND),))


def _taps(problem: ConvProblem) -> tuple[int, ...]:
    return tuple(axis.taps for axis in problem.axes)


def _summed(
    problem: ConvProblem,
    rounded: ConvProblem,
    term: Callable[[Any, Any, tuple[Any, ...]], Any],
    counts: tuple[int, ...],
    *,
    unrolled: int = MOST_UNROLLED,
) -> Staged:
    """Add up the terms, of the rounded problem, of all indices below some counts."""
    every = list(itertools.product(*map(range, counts)))
    terms = len(every)
    if rounded != problem and terms > 2 * UNROLLED:
        # XLA would make one loop no longer than what is left of it.
        unrolled = min(unrolled, UNROLLED)

    def whole(y: Any) -> Any:
        if rounded == problem:
            return y
        return lax.slice_in_dim(y, 0, problem.axes[0].unfolded, axis=SPACE)

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        x = padded(rounded, x)
        if terms <= unrolled:
            return whole(_total(term(x, w, at) for at in every))

        block = min(unrolled, UNROLLED)
        rest = terms % block or block

        def step(i: Any, y: Any) -> Any:
            met = _unravelled(i * block + lax.iota(jnp.uint32, block), counts)
            places = (tuple(_nth(at, j) for at in met) for j in range(block))
            return y + _total(term(x, w, place) for place in places)

        y = _total(term(x, w, at) for at in every[terms - rest :])
        steps = jnp.uint32((terms - rest) // block)
        return whole(lax.fori_loop(jnp.uint32(0), steps, step, y))

    return Staged(lambda w: w, apply)


def _unravelled(indices: Any, counts: tuple[int, ...]) -> tuple[Any, ...]:
    """The indices into an array of some shape that flat ones are; 0 where there is no choice.

    All of a step at once: XLA would run every division of a single one by itself.
    """
    at: list[Any] = []
    for count in reversed(counts):
        size = jnp.full_like(indices, count)
        at.append(lax.rem(indices, size) if count > 1 else 0)
        indices = lax.div(indices, size)
    return tuple(reversed(at))


def _nth(indices: Any, j: int) -> Any:
    return indices if isinstance(indices, int) else indices[j]


def _total(terms: Iterator[Any]) -> Any:
    return reduce(operator.add, terms)
