"""Whether `auto` chooses well: every candidate of two hundred random problems."""

import math
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any

from convcore_benchmarks.cases import Case
from convcore_benchmarks.measures import beside_fastest
from convcore_benchmarks.timing import Effort

from ._grid import Grid

__all__ = ["GRID", "problems"]

_COUNT, _SEED = 200, 5
_PRODUCTS = (10**3, 2 * 10**8)  # the slowest candidate of the largest takes a fraction of a second
_DTYPES = ("float32", "float32", "float64", "complex64", "int32")
_LONGEST = {1: (2_000_000, 5000), 2: (1500, 64), 3: (100, 12)}  # samples and taps, by rank


def problems(seed: int) -> Iterator[Case]:
    """Random problems without end: signals, layers and transposed layers.

    Parameters
    ----------
    seed : int

    Yields
    ------
    Case
    """
    rng, seen = Random(seed), set()
    while True:
        case = rng.choice((_signal, _layer, _transposed))(rng)
        if case.name not in seen and _PRODUCTS[0] <= _products(case) <= _PRODUCTS[1]:
            seen.add(case.name)
            yield case


def _products(case: Case) -> int:
    """Multiplications, but for modes, strides and padding."""
    x, w = case.shapes
    channels = 1 if case.op == "convolve" else x[1]
    return math.prod(x) * math.prod(w) // channels


def _signal(rng: Random) -> Case:
    rank = rng.choice((1, 1, 2, 3))
    samples, taps = _LONGEST[rank]
    n = tuple(_size(rng, 4, samples) for _ in range(rank))
    k = tuple(min(_size(rng, 2, taps), size) for size in n)
    mode = rng.choice(("full", "same", "valid"))
    return Case("convolve", (n, k), rng.choice(_DTYPES), {"mode": mode})


def _layer(rng: Random) -> Case:
    c, o, space, taps = _sizes(rng)
    groups = rng.choice((1, 1, 1, c))  # the last of them is depthwise
    options = _said(stride=rng.choice((1, 1, 2)), padding=taps[0] // 2, groups=groups)
    w = (o if groups == 1 else c, c // groups, *taps)
    return Case("conv", ((rng.choice((1, 2, 8)), c, *space), w), options=options)


def _transposed(rng: Random) -> Case:
    c, o, space, taps = _sizes(rng)
    options = _said(stride=rng.choice((1, 2)))
    return Case("conv_transpose", ((rng.choice((1, 4)), c, *space), (c, o, *taps)), options=options)


def _sizes(rng: Random) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
    """Channels in and out, an image, and a kernel that it holds."""
    rank = rng.choice((1, 2, 2, 3))
    k = rng.choice((1, 2, 3, 3, 5, 7))
    space = tuple(_size(rng, 7, (4000, 200, 40)[rank - 1]) for _ in range(rank))
    return _size(rng, 1, 512), _size(rng, 1, 512), space, (k,) * rank


def _said(**options: Any) -> dict[str, Any]:
    defaults = {"padding": 0}
    return {key: value for key, value in options.items() if value != defaults.get(key, 1)}


def _size(rng: Random, least: int, most: int) -> int:
    """A size, all magnitudes alike."""
    return round(least * math.exp(rng.random() * math.log(most / least)))


GRID = Grid(
    "auto",
    f"Every engine that could serve, on {_COUNT} random problems: the time of the chosen one over "
    "that of the fastest of all, and of those that saying a method would run, timed anew by turns. "
    "The worst to the fastest of all are listed.",
    tuple(islice(problems(_SEED), _COUNT)),
    beside_fastest,
    effort=Effort(0.06, 5),
)
