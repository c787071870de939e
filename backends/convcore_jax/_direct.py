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

from convcore.plugins import Axis, ConvProblem, Namespace, Staged
from convcore_jax._namespace import precision, summed_in
from convcore_jax._problems import is_symbolic

__all__ = ["MOST_UNROLLED", "UNROLLED", "columns", "dots", "taps"]

MOST_UNROLLED = 256
"""Terms written out one by one, which costs some milliseconds of compilation each."""
UNROLLED = 16
"""Terms in one step of a loop over more than that."""
_SPACE = 3
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
        view = _view(rounded.axes, _cut(x, (0, 0, channel), (n, g, 1), space), tap)
        scale = _cut(w, (0, 0, *at), (g, w.shape[1], 1, *ones))
        return view * jnp.reshape(scale, (1, g, w.shape[1], *ones))

    terms = (problem.size("c"), *_taps(problem))
    return _summed(problem, rounded, term, terms, unrolled=unrolled)


def dots(problem: ConvProblem, _xp: Namespace, *, rounds: bool = False) -> Staged:
    """Add up products of matrices, one for each tap, that mix the channels of a view."""
    rounded = _rounded(problem) if rounds else problem
    ones = (1,) * len(problem.axes)

    def term(x: Any, w: Any, tap: tuple[Any, ...]) -> Any:
        mixing = _cut(w, (0, 0, 0, *tap), (*w.shape[:_SPACE], *ones))
        mixing = jnp.reshape(mixing, w.shape[:_SPACE])
        return _mixed(problem, mixing, _view(rounded.axes, x, tap), 1)

    return _summed(problem, rounded, term, _taps(problem), finish=_from_mixed)


def columns(problem: ConvProblem, _xp: Namespace) -> Staged:
    """Unfold the windows into columns (im2col), for one product of matrices."""
    met = tuple(itertools.product(*map(range, _taps(problem))))

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        x = _padded(problem, x)
        views = [_view(problem.axes, x, tap) for tap in met]
        unfolded = jnp.stack(views, axis=_SPACE) if len(views) > 1 else views[0][:, :, :, None]
        w = jnp.reshape(w, (*w.shape[:3], len(met)))
        return _from_mixed(_mixed(problem, w, unfolded, 2))

    return Staged(lambda w: w, apply)


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


def _padded(problem: ConvProblem, x: Any) -> Any:
    """The data with their zeros, or cropped."""
    margins = [(0, 0, 0)] * _SPACE + [(a.lo, a.hi, 0) for a in problem.axes]
    if all(lo == hi == 0 for lo, hi, _ in margins):
        return x
    return lax.pad(x, jnp.zeros((), x.dtype), margins)


def _taps(problem: ConvProblem) -> tuple[int, ...]:
    return tuple(axis.taps for axis in problem.axes)


def _view(axes: tuple[Axis, ...], x: Any, tap: Any) -> Any:
    """The samples that a tap meets in all outputs."""
    begins = [k * a.dilation for k, a in zip(tap, axes, strict=True)]
    spans = [(a.unfolded - 1) * a.stride + 1 for a in axes]
    view = _cut(x, (0, 0, 0, *begins), (*x.shape[:_SPACE], *spans))
    steps = (*(1,) * _SPACE, *(a.stride for a in axes))
    return view if set(steps) == {1} else lax.slice(view, (0,) * view.ndim, view.shape, steps)


def _cut(x: Any, begins: tuple[Any, ...], spans: tuple[Any, ...], rest: Any = ()) -> Any:
    """The part of an array that begins at an index, which a loop may have computed."""
    begins, spans = (*begins, *(0 for _ in rest)), (*spans, *rest)
    if all(isinstance(begin, int) for begin in begins):
        return lax.slice(x, begins, [b + n for b, n in zip(begins, spans, strict=True)])
    return lax.dynamic_slice(x, [jnp.asarray(begin, jnp.int32) for begin in begins], spans)


def _mixed(problem: ConvProblem, w: Any, x: Any, summed: int) -> Any:
    """(g, o, c, ...) times (n, g, c, ..., *s) to (g, o, n, *s)."""
    over = tuple(range(2, 2 + summed))
    sums = summed_in(x.dtype)
    y = lax.dot_general(
        w.astype(sums),
        x.astype(sums),
        ((over, over), ((0,), (1,))),
        precision=precision(problem.precision),
        preferred_element_type=sums,
    )
    return y.astype(x.dtype)


def _from_mixed(y: Any) -> Any:
    return jnp.transpose(y, (2, 0, 1, *range(3, y.ndim)))


def _summed(
    problem: ConvProblem,
    rounded: ConvProblem,
    term: Callable[[Any, Any, tuple[Any, ...]], Any],
    counts: tuple[int, ...],
    *,
    unrolled: int = MOST_UNROLLED,
    finish: Callable[[Any], Any] = lambda y: y,
) -> Staged:
    """Add up the terms, of the rounded problem, of all indices below some counts."""
    terms = prod(counts)
    if rounded != problem and terms > 2 * UNROLLED:
        # XLA would make one loop no longer than what is left of it.
        unrolled = min(unrolled, UNROLLED)

    def whole(y: Any) -> Any:
        y = finish(y)
        if rounded == problem:
            return y
        return lax.slice_in_dim(y, 0, problem.axes[0].unfolded, axis=_SPACE)

    def apply(x: Any, w: Any, _bias: Any) -> Any:
        x = _padded(rounded, x)
        if terms <= unrolled:
            return whole(_total(term(x, w, at) for at in itertools.product(*map(range, counts))))

        block = min(unrolled, UNROLLED)

        def some(first: Any, count: int) -> Any:
            return _total(term(x, w, _unravelled(first + i, counts)) for i in range(count))

        def step(i: Any, y: Any) -> Any:
            return y + some(i * block, block)

        rest = terms % block or block
        y = some(terms - rest, rest)
        return whole(lax.fori_loop(0, (terms - rest) // block, step, y))

    return Staged(lambda w: w, apply)


def _unravelled(index: Any, counts: tuple[int, ...]) -> tuple[Any, ...]:
    """The index into an array of some shape that a flat one is, also within a loop."""
    at = []
    for count in reversed(counts):
        at.append(index % count)
        index = index // count
    return tuple(reversed(at))


def _total(terms: Iterator[Any]) -> Any:
    return reduce(operator.add, terms)
