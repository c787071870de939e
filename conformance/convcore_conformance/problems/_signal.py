"""Random calls of convolve and correlate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from convcore_conformance.calls import Call
from convcore_conformance.dtypes import promoted

from ._data import (
    MOST_PRODUCTS,
    NAMES,
    Draw,
    draw_array,
    draw_boundary,
    draw_dtypes,
    draw_result_dtype,
)

# The longest convolved axis for each number of them: at most a few thousand products a call.
_LONGEST = (1, 30, 6, 3, 2)


@st.composite
def signal_calls(draw: Draw, op: str, dtypes: Sequence[str] = NAMES) -> Call:
    """Draw a valid call of the signal pair.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    op : str
        ``"convolve"`` or ``"correlate"``.
    dtypes : sequence of str
        The dtypes of operands and results.

    Returns
    -------
    Call
        Of any rank up to 4, mode, axes, boundary and dtypes.
    """
    rank = draw(st.integers(0, 4))
    convolved = [a for a in range(rank) if draw(st.integers(0, 3))]
    options: dict[str, Any] = {"mode": draw(st.sampled_from(["full", "same", "valid"]))}
    _draw_axes(draw, rank, convolved, options)
    shapes = _draw_shapes(draw, rank, convolved, options["mode"])
    assume(_products(shapes, convolved) <= MOST_PRODUCTS)
    a, b = draw_dtypes(draw, dtypes)
    result = draw_result_dtype(draw, promoted(a, b), dtypes)
    if result:
        options["dtype"] = result
    dtype = result or promoted(a, b)
    draw_boundary(draw, len(convolved), options, dtype)
    x1 = draw_array(draw, shapes[0], a, result=dtype)
    x2 = draw_array(draw, shapes[1], b, result=dtype)
    return Call(op, (x1, x2), options)


def _products(shapes: tuple[tuple[int, ...], tuple[int, ...]], convolved: Sequence[int]) -> int:
    pairs = enumerate(zip(*shapes, strict=True))
    return math.prod(n * m if axis in convolved else max(n, m) for axis, (n, m) in pairs)


def _draw_axes(draw: Draw, rank: int, convolved: list[int], options: dict[str, Any]) -> None:
    """Draw a spelling of the axes: absent, an int, negative, in any order."""
    if len(convolved) == rank and draw(st.booleans()):
        return
    convolved[:] = draw(st.permutations(convolved))
    spelled = [a - rank if draw(st.booleans()) else a for a in convolved]
    alone = len(spelled) == 1 and draw(st.booleans())
    options["axes"] = spelled[0] if alone else tuple(spelled)


def _draw_shapes(
    draw: Draw, rank: int, convolved: Sequence[int], mode: str
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    longest = _LONGEST[len(convolved)]
    size = st.integers(1, longest)
    pairs = []
    # In `valid` the same operand must be the longer on every axis.
    swap = draw(st.booleans())
    for axis in range(rank):
        if axis not in convolved:
            pairs.append(draw(st.sampled_from(_BROADCAST)))
            continue
        n, m = draw(size), draw(size)
        if mode == "valid":
            n, m = (min(n, m), max(n, m)) if swap else (max(n, m), min(n, m))
        pairs.append((n, m))
    return tuple(n for n, _ in pairs), tuple(m for _, m in pairs)


_BROADCAST = ((1, 1), (2, 2), (1, 2), (2, 1), (3, 1), (1, 3), (0, 0), (1, 0), (0, 1))
