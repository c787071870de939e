"""Direct by taps: XLA fuses the whole sum into one loop, so nothing is tiled and nothing unfolded.

The portable engines cut problems into tiles, each of which XLA would compile on its own. These are
for canonical problems (see `convcore.algorithms`) without expansion, and keep every NaN in its
window: a tap multiplies the samples it meets and nothing else.
"""

import operator
from collections.abc import Callable, Iterator
from functools import reduce
from math import prod
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from convcore.plugins import ConvProblem, Namespace, Staged
from convcore_jax._loops import MOST_UNROLLED, at_once, in_round_numbers, views_at_once
from convcore_jax._mixing import Mixing
from convcore_jax._views import SPACE, cut, padded, tap_view

__all__ = ["dots", "taps"]


def taps(
    problem: ConvProblem,
    _xp: Namespace,
    *,
    unrolled: int = MOST_UNROLLED,
    on_cpu: bool = False,
    phased: bool = False,
) -> Staged:
    """Add up scaled views, one for each channel and tap.

    Parameters
    ----------
    unrolled : int
        Most terms to write out one by one.
    on_cpu : bool
        Whether to write them as XLA's loops on CPUs want it.
    phased : bool
        Whether the outputs will be interleaved with others, on a CPU.
    """
    rounded = in_round_numbers(problem) if on_cpu else problem
    ones = (1,) * len(problem.axes)

    def term(x: Any, w: Any, at: tuple[Any, ...]) -> Any:
        channel, *tap = at
        n, g, _, *space = x.shape
        view = tap_view(rounded.axes, cut(x, (0, 0, channel), (n, g, 1), space), tap)
        scale = cut(w, (0, 0, *at), (g, w.shape[1], 1, *ones))
        return view * jnp.reshape(scale, (1, g, w.shape[1], *ones))

    counts = (problem.size("c"), *_taps(problem))
    if on_cpu:
        once = views_at_once(rounded, stepped=phased or rounded != problem, most=unrolled)
    else:
        once = at_once(prod(counts), stepped=False, most=unrolled)
    return _summed(problem, rounded, term, counts, once)


def dots(
    problem: ConvProblem, _xp: Namespace, *, unrolled: int = MOST_UNROLLED, on_cpu: bool = False
) -> Staged:
    """Add up products of matrices, one for each tap, that mix the channels of a view."""
    rounded = in_round_numbers(problem) if on_cpu else problem
    ones = (1,) * len(problem.axes)
    mixing = Mixing.of(problem, problem.size("c"))

    def term(x: Any, w: Any, tap: tuple[Any, ...]) -> Any:
        w = jnp.reshape(cut(w, (0, 0, 0, *tap), (*w.shape[:SPACE], *ones)), w.shape[:SPACE])
        return mixing.product(w, tap_view(rounded.axes, x, tap), summed=1)

    counts = _taps(problem)
    once = at_once(prod(counts), stepped=rounded != problem, most=unrolled)
    total = _summed(problem, rounded, term, counts, once)

    def apply(x: Any, w: Any, bias: Any) -> Any:
        return mixing.result(total.apply(mixing.data(x), w, bias))

    return Staged(total.prepare, apply)


def _taps(problem: ConvProblem) -> tuple[int, ...]:
    return tuple(axis.taps for axis in problem.axes)


def _summed(
    problem: ConvProblem,
    rounded: ConvProblem,
    term: Callable[[Any, Any, tuple[Any, ...]], Any],
    counts: tuple[int, ...],
    once: int,
) -> Staged:
    """Add up the terms, of the rounded problem, of all indices below some counts."""
    terms = prod(counts)
    steps = (terms - 1) // once
    rest = np.unravel_index(np.arange(steps * once, terms), counts)

    def whole(y: Any) -> Any:
        if rounded == problem:
            return y
        return lax.slice_in_dim(y, 0, problem.axes[0].unfolded, axis=SPACE)

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        x = padded(rounded, x)

        def step(i: Any, y: Any) -> Any:
            met = _unravelled(i * once + lax.iota(jnp.uint32, once), counts)
            places = (tuple(_nth(at, j) for at in met) for j in range(once))
            return y + _total(term(x, w, place) for place in places)

        y = _total(term(x, w, at) for at in zip(*(i.tolist() for i in rest), strict=True))
        return whole(lax.fori_loop(jnp.uint32(0), jnp.uint32(steps), step, y) if steps else y)

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
