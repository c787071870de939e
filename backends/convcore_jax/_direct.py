"""Direct by taps: XLA fuses the whole sum into one loop, so nothing is tiled and nothing unfolded.

The portable engines cut problems into tiles, each of which XLA would compile on its own. These are
for canonical problems (see `convcore.algorithms`) without expansion, and keep every NaN in its
window: a tap multiplies the samples it meets and nothing else.
"""

import operator
from collections.abc import Callable, Iterable
from functools import reduce
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from convcore.plugins import ConvProblem, Namespace, Staged
from convcore_jax._loops import Loop, at_once, in_round_numbers, most_unrolled
from convcore_jax._mixing import Mixing
from convcore_jax._views import SPACE, Rows, cut

__all__ = ["dots", "taps"]


def taps(problem: ConvProblem, _xp: Namespace, *, platform: str, phased: bool = False) -> Staged:
    """Add up scaled views, one for each channel and tap.

    Parameters
    ----------
    phased : bool
        Whether the outputs will be interleaved with others.
    """
    loop = Loop.of(problem, platform, phased=phased)
    counts = (problem.size("c"), *_taps(problem))
    views = loop.views

    def term(x: Any, w: Any, at: tuple[Any, ...]) -> Any:
        channel, *tap = at
        n, g, _, *space = x.shape
        view = views.view(cut(x, (0, 0, channel), (n, g, 1), space), tap)
        scale = cut(w, (0, 0, *at), (g, w.shape[1], *(1 for _ in at)))
        return view * jnp.reshape(scale, (1, *scale.shape[:2], *(1 for _ in space)))

    total = _summed(term, counts, loop.once, from_zero=loop.from_zero)
    return Staged(lambda w: w, lambda x, w, _bias: views.result(total(views.data(x), w)))


def dots(problem: ConvProblem, _xp: Namespace, *, platform: str) -> Staged:
    """Add up products of matrices, one for each tap, that mix the channels of a view."""
    views = Rows(problem, in_round_numbers(problem, platform))
    mixing = Mixing.of(problem, problem.size("c"))

    def term(x: Any, w: Any, tap: tuple[Any, ...]) -> Any:
        w = cut(w, (0, 0, 0, *tap), (*w.shape[:SPACE], *(1 for _ in tap)))
        return mixing.product(jnp.reshape(w, w.shape[:SPACE]), views.view(x, tap), summed=1)

    counts = _taps(problem)
    most = most_unrolled(problem, platform)
    once = at_once(prod(counts), stepped=views.makes_more, most=most)
    total = _summed(term, counts, once)

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        return mixing.result(views.result(total(views.data(mixing.data(x)), w)))

    return Staged(lambda w: w, apply)


def _taps(problem: ConvProblem) -> tuple[int, ...]:
    return tuple(axis.taps for axis in problem.axes)


def _summed(
    term: Callable[[Any, Any, tuple[Any, ...]], Any],
    counts: tuple[int, ...],
    once: int,
    *,
    from_zero: bool = False,
) -> Callable[[Any, Any], Any]:
    """The sum of the terms of all indices below some counts, so many in each step of a loop.

    The loop begins with what is left of whole steps, or from zero; that is then added last.
    """
    terms = prod(counts)
    steps = terms // once if from_zero else (terms - 1) // once
    rest = np.unravel_index(np.arange(steps * once, terms), counts)

    def total(x: Any, w: Any) -> Any:
        def step(i: Any, y: Any) -> Any:
            met = _unravelled(i * once + lax.iota(jnp.uint32, once), counts)
            places = (tuple(_nth(at, j) for at in met) for j in range(once))
            return y + _total(term(x, w, place) for place in places)

        def looped(y: Any) -> Any:
            return lax.fori_loop(jnp.uint32(0), jnp.uint32(steps), step, y) if steps else y

        left = [term(x, w, at) for at in zip(*(i.tolist() for i in rest), strict=True)]
        if not from_zero:
            return looped(_total(left))
        one = jax.eval_shape(term, x, w, tuple(0 for _ in counts))
        return _total([looped(jnp.zeros(one.shape, one.dtype)), *left])

    return total


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


def _total(terms: Iterable[Any]) -> Any:
    return reduce(operator.add, terms)
