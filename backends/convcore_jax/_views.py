"""The samples that a tap meets, as parts of canonical data."""

from typing import Any

import jax.numpy as jnp
from jax import lax

from convcore.plugins import Axis, ConvProblem

__all__ = ["SPACE", "cut", "padded", "tap_view"]

SPACE = 3
"""The first axis of space."""


def padded(problem: ConvProblem, x: Any) -> Any:
    """The data with their zeros, or cropped."""
    margins = [(0, 0, 0)] * SPACE + [(a.lo, a.hi, 0) for a in problem.axes]
    if all(lo == hi == 0 for lo, hi, _ in margins):
        return x
    return lax.pad(x, jnp.zeros((), x.dtype), margins)


def tap_view(axes: tuple[Axis, ...], x: Any, tap: Any) -> Any:
    """The samples of padded data that a tap meets in all outputs."""
    begins = [k * a.dilation for k, a in zip(tap, axes, strict=True)]
    spans = [(a.unfolded - 1) * a.stride + 1 for a in axes]
    view = cut(x, (0, 0, 0, *begins), (*x.shape[:SPACE], *spans))
    steps = (*(1,) * SPACE, *(a.stride for a in axes))
    return view if set(steps) == {1} else lax.slice(view, (0,) * view.ndim, view.shape, steps)


def cut(x: Any, begins: tuple[Any, ...], spans: tuple[Any, ...], rest: Any = ()) -> Any:
    """The part of an array that begins at an index, which a loop may have computed.

    No index is negative, and JAX does not ask those without a sign.
    """
    begins, spans = (*begins, *(0 for _ in rest)), (*spans, *rest)
    if all(isinstance(begin, int) for begin in begins):
        return lax.slice(x, begins, [b + n for b, n in zip(begins, spans, strict=True)])
    return lax.dynamic_slice(x, [jnp.asarray(begin, jnp.uint32) for begin in begins], spans)
