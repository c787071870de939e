"""Accuracy classes: what a plan states, and what adversarial operands leave of it.

Random operands of one size hide most errors: a normwise method looks componentwise, a narrow sum
looks wide. These have huge beside tiny, sums that cancel, long sums, and zero taps under spikes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import convcore
from convcore.plugins import Accuracy

from .bounds import bounds
from .calls import Array, Call
from .checks import METHODS, able, check, run
from .compare import assert_values
from .exact import Expected, expected
from .libraries import Library
from .marks import shows
from .specimens import specimens, values

NAMES = pytest.mark.parametrize("name", list(specimens("float32")))


def plans(library: Library, call: Call) -> list[convcore.Plan]:
    """Plan by every method that there is."""
    with library.settings():
        arrays, options = library.arguments(call)
        methods = sorted(able(library, call))
        return [
            convcore.plan(call.op, *arrays, **{**options, "method": method}) for method in methods
        ]


# Which class a method of a floating problem may state.
_FLOATING = {
    "direct": {"componentwise"},
    "fft": {"componentwise", "normwise"},
    "overlap_add": {"componentwise", "normwise"},
    "native": {"componentwise", "normwise"},
    "auto": {"componentwise", "normwise"},
}


@shows("CC-ACCURACY-1", "CC-ACCURACY-7", "CC-ACCURACY-8", "CC-ACCURACY-11")
@NAMES
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "complex64"])
def test_the_class_of_a_floating_result(name: str, dtype: str, library: Library) -> None:
    if dtype not in library.dtypes:
        pytest.skip(f"no {dtype}")
    call = specimens(dtype)[name]
    for plan in plans(library, call):
        for candidate in (plan.chosen, *plan.rejected):
            assert candidate.accuracy.name in _FLOATING[candidate.method], candidate
            assert math.isfinite(candidate.accuracy.constant)
            assert (candidate.accuracy.constant > 0) == (candidate.accuracy.name == "normwise")
    for plan in plans(library, call.but(precision="fast")):
        assert plan.accuracy.name in _FLOATING[plan.method] | {"none"}


@shows("CC-ACCURACY-1", "CC-ACCURACY-6")
@NAMES
@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "uint64"])
@pytest.mark.parametrize("precision", ["ieee", "fast"])
def test_every_integer_is_exact(name: str, dtype: str, precision: str, library: Library) -> None:
    if dtype not in library.dtypes:
        pytest.skip(f"no {dtype}")
    for plan in plans(library, specimens(dtype)[name].but(precision=precision)):
        for candidate in (plan.chosen, *plan.rejected):
            assert candidate.accuracy == ("exact", 0), candidate


def spread(seed: int, dtype: str, *shape: int, decades: float = 6) -> Array:
    """Numbers of either sign whose sizes differ by many powers of ten."""
    scale = 10 ** np.random.default_rng(seed + 1000).uniform(-decades, decades, shape)
    wide = "complex128" if "complex" in dtype else "float64"
    made: Array = (values(seed, wide, *shape) * scale).astype(dtype)
    return made


def spiked(dtype: str, *shape: int, size: float = 1e7) -> Array:
    """Ordinary numbers with one that is huge."""
    x = values(1, dtype, *shape)
    x[tuple(n // 2 for n in shape)] *= size
    return x


def cancelling(dtype: str, count: int) -> Array:
    """Pairs of opposite numbers, each a little off."""
    half = values(3, "float64", count // 2)
    return np.stack([half, -half * (1 + 2.0**-20)], 1).reshape(-1).astype(dtype)


def _call(op: str, *arrays: Any, **options: Any) -> Call:
    return Call(op, arrays, options)


def _channels(dtype: str) -> Array:
    """Channels of 1e-6, 1 and 1e6 times the ordinary."""
    x: Array = values(5, dtype, 1, 6, 8, 8)
    x *= np.array([1e-6, 1, 1e6, 1, 1e-6, 1e6]).reshape(1, 6, 1, 1).astype(dtype)
    return x


def _spotted(dtype: str) -> Call:
    """Spikes under taps of zero: what an algorithm that adds neighbours first would lose."""
    x = values(6, dtype, 1, 3, 9, 9)
    x[:, :, ::4, ::4] *= 1e6
    w = values(7, dtype, 4, 3, 3, 3)
    w[:, :, 1, :] = 0
    w[:, :, :, 1] = 0
    return _call("conv", x, w, padding=1)


# Each by dtype, so that it is run in all that a library sums in.
OPERANDS: dict[str, Callable[[str], Call]] = {
    "a-kernel-of-every-size": lambda t: _call("convolve", values(1, t, 200), spread(2, t, 24)),
    "data-of-every-size": lambda t: _call("convolve", spread(1, t, 200), values(2, t, 24)),
    "a-spike": lambda t: _call("correlate", spiked(t, 220), values(2, t, 17), mode="same"),
    "a-spike-under-zero-taps": lambda t: _call(
        "convolve", spiked(t, 120), np.array([1, 0, 0, 1, 0, 1e-3]).astype(t)
    ),
    "cancelling-sums": lambda t: _call(
        "convolve", cancelling(t, 240), np.ones(24, t), mode="valid"
    ),
    "one-long-sum": lambda t: _call("convolve", values(1, t, 900), values(2, t, 900), mode="valid"),
    "a-kernel-beyond-the-data": lambda t: _call(
        "convolve", values(1, t, 30), spread(2, t, 150), mode="same", boundary="wrap"
    ),
    "a-loud-half": lambda t: _call(
        "convolve", (values(1, t, 256) * np.repeat([1e6, 1e-3], 128)).astype(t), values(2, t, 9)
    ),
    "under-the-least": lambda t: _call(
        "convolve", (values(1, t, 60) * 1e-20).astype(t), (values(2, t, 7) * 1e-22).astype(t)
    ),
    "near-the-greatest": lambda t: _call(
        "convolve", (values(1, t, 60) * 1e17).astype(t), (values(2, t, 7) * 1e17).astype(t)
    ),
    "channels-of-every-size": lambda t: _call(
        "conv", _channels(t), values(2, t, 3, 6, 3, 3), values(3, t, 3), padding=1
    ),
    "spikes-under-zero-taps": _spotted,
    "a-batch-of-every-size": lambda t: _call(
        "conv",
        (values(1, t, 3, 2, 30) * np.array([1e-6, 1, 1e6]).reshape(3, 1, 1)).astype(t),
        values(2, t, 2, 2, 5),
        stride=2,
    ),
    "a-transpose": lambda t: _call(
        "conv_transpose", spread(1, t, 1, 3, 20, decades=4), values(2, t, 3, 2, 5), stride=2
    ),
    "a-gradient-over-a-loud-batch": lambda t: _call(
        "conv_weight_grad",
        (values(1, t, 3, 2, 30) * np.array([1e-6, 1, 1e6]).reshape(3, 1, 1)).astype(t),
        (2, 2, 5),
        values(2, t, 3, 2, 26),
    ),
}
_WIDE = ("data-of-every-size", "channels-of-every-size")
_ROWS = [(name, "float32") for name in OPERANDS]
_ROWS += [(name, dtype) for dtype in ("float64", "complex64") for name in _WIDE]
_ROWS += [("one-long-sum", dtype) for dtype in ("float16", "bfloat16")]


@cache
def exactly(name: str, dtype: str) -> tuple[Call, Expected]:
    call = OPERANDS[name](dtype)
    return call, expected(call)


@shows("CC-ACCURACY-3", "CC-ACCURACY-4", "CC-ACCURACY-10")
@pytest.mark.parametrize(("name", "dtype"), _ROWS)
def test_the_bound(name: str, dtype: str, library: Library) -> None:
    """Of the class that the plan states, for each element, by every method."""
    if dtype not in library.dtypes:
        pytest.skip(f"no {dtype}")
    call, wanted = exactly(name, dtype)
    if library.chunks and max(map(np.size, call.arrays)) > 64 * library.chunks:
        pytest.skip("graphs of so many chunks take longer than they show")
    for method in METHODS:
        check(library, call.but(method=method), wanted)


@shows("CC-ACCURACY-5")
def test_the_error_of_a_block_stays_there(library: Library) -> None:
    """A loud beginning reaches the elements of its blocks; the others keep the quiet bound.

    Where the blocks end is the backend's affair, so it is found out: an element depends on the
    samples as far off as the loud ones are seen to reach, and no farther. Integers are exact.
    """
    n, taps, loud = (96, 5, 4) if library.chunks else (2**18, 31, 1000)
    rng = np.random.default_rng(1)
    x, h = rng.integers(-9, 10, n), rng.integers(-9, 10, taps)
    noisy = np.where(np.arange(n) < loud, x * 2**17, x)
    calls = [_call("convolve", a.astype("float32"), h.astype("float32")) for a in (x, noisy)]
    blocks = [plan for plan in plans(library, calls[0]) if plan.method == "overlap_add"]
    if not blocks:
        pytest.skip("no transform of blocks")
    quiet, got = (run(library, call.but(method="overlap_add")) for call in calls)
    reach = int(np.flatnonzero(quiet != got).max())
    assert reach < n // 2 + taps, f"a block of {reach} elements and more: {n // 2} are allowed"
    limits = _block_bounds(noisy, h, reach, blocks[0].accuracy.constant)
    errors = np.abs(got - np.convolve(noisy, h))
    assert (errors <= limits).all(), f"values beyond their bound: {np.flatnonzero(errors > limits)}"


def _block_bounds(x: Array, h: Array, reach: int, constant: float) -> Array:
    """The normwise bound of a full float32 result, from the samples within reach of each."""
    energy = np.concatenate([[0], np.cumsum(x.astype("int64") ** 2)])
    at = np.arange(len(x) + len(h) - 1)
    near = energy[np.minimum(at + reach, len(x))] - energy[np.clip(at - reach, 0, len(x))]
    length = len(x) + 3 * (len(h) - 1)
    unit = 2.0**-24
    normwise = constant * (math.log2(length) + 1) * unit * np.sqrt(near) * np.linalg.norm(h)
    bound: Array = normwise + unit * np.abs(np.convolve(x, h))
    return bound


@shows("CC-ACCURACY-9")
def test_winograd_is_told_from_direct() -> None:
    """What a Winograd algorithm makes of a row above breaks the bound of `direct`."""
    call, wanted = exactly("spikes-under-zero-taps", "float32")
    limits = bounds(wanted, Accuracy("componentwise"))
    with pytest.raises(AssertionError, match=r"values: \d+ of 324 wrong"):
        assert_values(_winograd(*call.arrays), wanted, limits)


def _winograd(x: Array, w: Array) -> Array:
    """Give F(2x2, 3x3) of odd sizes with one zero around: Lavin and Gray, arXiv:1509.09308."""
    b = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], "float32")
    g = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], "float32")
    a = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], "float32")
    padded = np.pad(x, [(0, 0), (0, 0), (1, 2), (1, 2)])
    tiles = np.lib.stride_tricks.sliding_window_view(padded, (4, 4), (2, 3))[:, :, ::2, ::2]
    products = np.einsum("ncpqij,ocij->nopqij", b @ tiles @ b.T, g @ w @ g.T)
    y = (a @ products @ a.T).swapaxes(3, 4)
    n, o, p, _, q, _ = y.shape
    made: Array = y.reshape(n, o, 2 * p, 2 * q)[:, :, : x.shape[2], : x.shape[3]]
    return np.ascontiguousarray(made)
