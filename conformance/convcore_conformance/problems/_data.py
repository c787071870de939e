"""Dtypes and values of random operands.

Values come from a seed and a flavour rather than element by element: drawing is fast, and a
failing example still shrinks to small shapes and the plainest flavour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from convcore_conformance.calls import Array
from convcore_conformance.dtypes import DTYPES, accumulator, promoted

Rng = np.random.Generator
Draw = Callable[[st.SearchStrategy[Any]], Any]

# The oracle takes some microseconds for each; hundreds of examples are to take seconds.
MOST_PRODUCTS = 3000

NAMES = tuple(DTYPES)
_KINDS = ("int", "float", "complex")


def _small(rng: Rng, count: int) -> Array:
    """Quarters of small integers: products and short sums are exact in every float."""
    return rng.integers(-12, 13, count) / 4


def _spread(rng: Rng, count: int) -> Array:
    """Nine decades of magnitudes, all in one sum."""
    return rng.standard_normal(count) * 10.0 ** rng.uniform(-6, 3, count)


def _cancelling(rng: Rng, count: int) -> Array:
    """Pairs that nearly cancel: the sum is far smaller than its terms."""
    pairs = np.repeat(rng.standard_normal(count // 2 + 1), 2)[:count]
    signs = np.where(np.arange(count) % 2, -1.0, 1.0)
    return pairs * signs + rng.standard_normal(count) * 1e-4


def _spike(rng: Rng, count: int) -> Array:
    """One sample ten million times the rest: what a transform smears over all."""
    values = rng.standard_normal(count)
    if count:
        values[rng.integers(count)] = 1e7
    return values


def _large(rng: Rng, count: int) -> Array:
    """Products beyond float16's range, within every other's."""
    return rng.uniform(-400, 400, count)


FLAVOURS = {
    "small": _small,
    "spread": _spread,
    "cancelling": _cancelling,
    "spike": _spike,
    "large": _large,
}


def array(shape: Sequence[int], dtype: str, flavour: str, seed: int) -> Array:
    """Make an operand."""
    rng = np.random.default_rng(seed)
    count = int(np.prod(shape, dtype=np.int64))
    facts = DTYPES[dtype]
    if facts.kind == "int":
        return _integers(rng, count, dtype, flavour).reshape(shape)
    values = FLAVOURS[flavour](rng, count)
    if facts.kind == "complex":
        values = values + 1j * FLAVOURS[flavour](rng, count)
    elif dtype == "float16":
        values = np.clip(values, -6e4, 6e4)
    return np.asarray(values).astype(dtype).reshape(shape)


def _integers(rng: Rng, count: int, dtype: str, flavour: str) -> Array:
    """Small integers, or the whole range with both of its ends."""
    limits = np.iinfo(dtype)
    if flavour == "small":
        return rng.integers(-5 if limits.min else 0, 6, count).astype(dtype)
    values = rng.integers(limits.min, limits.max, count, dtype=dtype, endpoint=True)
    ends = rng.integers(0, 6, count)
    values[ends == 0], values[ends == 1] = limits.min, limits.max
    return values


def draw_array(
    draw: Draw,
    shape: Sequence[int],
    dtype: str,
    *,
    result: str,
    flavours: Sequence[str] = tuple(FLAVOURS),
) -> Array:
    """Draw an operand of a shape and dtype, for sums in the range of the result's accumulator."""
    if dtype in ("int64", "uint64") and _narrow(result):
        flavours = ("small",)  # 2**64 squared is beyond float32
    flavour = draw(st.sampled_from(flavours))
    return array(shape, dtype, flavour, draw(st.integers(0, 99)))


def _narrow(result: str) -> bool:
    facts = DTYPES[accumulator(result)]
    return facts.kind != "int" and facts.bits == 32


def _promotes(a: str, b: str) -> bool:
    mixed = {DTYPES[a], DTYPES[b]}
    return not ("uint64" in (a, b) and any(t.kind == "int" and t.signed for t in mixed))


_PAIRS = [(a, b) for a in NAMES for b in NAMES if _promotes(a, b)]


def draw_dtypes(draw: Draw, dtypes: Sequence[str]) -> tuple[str, str]:
    """Draw the dtypes of two operands: most often one, else any two that promote to another."""
    if draw(st.integers(0, 2)):
        one = draw(st.sampled_from(dtypes))
        return one, one
    kept = [pair for pair in _PAIRS if {*pair, promoted(*pair)} <= set(dtypes)]
    chosen: tuple[str, str] = draw(st.sampled_from(kept))
    return chosen


def draw_result_dtype(draw: Draw, own: str, dtypes: Sequence[str]) -> str | None:
    """Draw the ``dtype=`` option: none, or one of no lower kind."""
    if draw(st.integers(0, 4)):
        return None
    lowest = _KINDS.index(DTYPES[own].kind)
    allowed = [name for name in dtypes if _KINDS.index(DTYPES[name].kind) >= lowest]
    chosen: str = draw(st.sampled_from(allowed))
    return chosen


def draw_fill(draw: Draw, dtype: str) -> complex:
    """Draw a fill value that a result dtype can hold."""
    facts = DTYPES[dtype]
    if facts.kind == "int":
        values: list[complex] = [0, 1, 100, -3] if facts.signed else [0, 1, 100, 255]
    else:
        values = [0, 1, -2.5, 0.1]
    if facts.kind == "complex":
        values.append(0.5 - 2j)
    chosen: complex = draw(st.sampled_from(values))
    return chosen


BOUNDARIES = ("constant", "edge", "wrap", "symmetric", "reflect")


def draw_boundary(draw: Draw, axes: int, options: dict[str, Any], dtype: str) -> None:
    """Draw the boundary, one for all or one each, and a fill value where one is allowed."""
    names: str | tuple[str, ...] = draw(st.sampled_from(BOUNDARIES))
    if axes and draw(st.booleans()):
        names = tuple(draw(st.sampled_from(BOUNDARIES)) for _ in range(axes))
    if names != "constant":
        options["boundary"] = names
    # A non-zero fill value needs an axis that uses it.
    each = (names,) if isinstance(names, str) else names
    if axes and "constant" in each and (fill := draw_fill(draw, dtype)):
        options["fill_value"] = fill
