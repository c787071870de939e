"""The second call, the hundredth, and those of several threads at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import convcore

from .calls import Array, Call
from .checks import able, run
from .libraries import Library
from .marks import shows


def integers(seed: int, *shape: int) -> Array:
    # 32 bits, which JAX has in every thread; small enough for every sum to fit.
    return np.random.default_rng(seed).integers(-99, 100, shape).astype("int32")


def _signal(seed: int) -> Call:
    return Call("convolve", (integers(seed, 40), integers(seed + 1, 7)), {})


def _correlation(seed: int) -> Call:
    x, h = integers(seed, 3, 12), integers(seed + 1, 3, 5)
    return Call("correlate", (x, h), {"axes": 1, "mode": "same"})


X, W, Y = (2, 2, 9), (4, 2, 3), (2, 4, 7)


def _conv(seed: int) -> Call:
    return Call("conv", (integers(seed, *X), integers(seed + 1, *W), integers(seed + 2, 4)), {})


def _conv_transpose(seed: int) -> Call:
    return Call("conv_transpose", (integers(seed, *Y), integers(seed + 1, *W)), {})


def _input_grad(seed: int) -> Call:
    return Call("conv_input_grad", (X, integers(seed, *W), integers(seed + 1, *Y)), {})


def _weight_grad(seed: int) -> Call:
    return Call("conv_weight_grad", (integers(seed, *X), W, integers(seed + 1, *Y)), {})


_ROWS = (
    (_signal, "CC-CONVOLVE-1"),
    (_correlation, "CC-CORRELATE-1"),
    (_conv, "CC-CONV-1"),
    (_conv_transpose, "CC-TRANSPOSE-1"),
    (_input_grad, "CC-INPUTGRAD-1"),
    (_weight_grad, "CC-WEIGHTGRAD-1"),
)
CALLS = pytest.mark.parametrize(
    "make", [pytest.param(make, id=make.__name__[1:], marks=shows(c)) for make, c in _ROWS]
)


def wanted(call: Call) -> list[Any]:
    """By the portable algorithms on NumPy's arrays, each call alone and planned anew."""
    plan = convcore.plan(call.op, *call.arrays, **call.kwargs, method="direct", backend="array_api")
    values: list[Any] = plan(*call.operands).tolist()
    return values


@CALLS
def test_later_calls(make: Any, library: Library) -> None:
    """New values in the same shapes, whatever a backend keeps by shape."""
    with library.settings():
        methods = sorted(able(library, make(1)))
    for method in methods:
        for seed in (1, 2, 1, 3, 4, 5):
            call = make(seed)
            assert run(library, call.but(method=method)).tolist() == wanted(call), method


@CALLS
def test_one_operand_stays(make: Any, library: Library) -> None:
    """The very same array as kernel, or as data, beside others."""
    first, second = make(1), make(2)
    with library.settings():
        own, _ = library.arguments(first)
        for place in first.places:
            arrays, options = library.arguments(second)
            for _ in range(3):
                mixed = [own[i] if i == place else a for i, a in enumerate(arrays)]
                got = library.numpy(getattr(convcore, first.op)(*mixed, **options))
            assert got.tolist() == wanted(second.with_operand(place, first.arrays[place]))


@CALLS
@shows("CC-PLAN-5")
def test_a_plan_is_run_again(make: Any, library: Library) -> None:
    with library.settings():
        arrays, options = library.arguments(make(1))
        plan = convcore.plan(make(1).op, *arrays, **options)
        for seed in (1, 2, 3, 1):
            call = make(seed)
            given = [library.asarray(a, a.dtype.name) for a in call.operands]
            assert library.numpy(plan(*given)).tolist() == wanted(call)


@CALLS
@pytest.mark.parametrize("method", ["auto", "direct"])
def test_threads(make: Any, method: str, library: Library) -> None:
    """Several threads run one problem on different values at the same time."""
    count, seeds = 4, range(1, 41)
    barrier = threading.Barrier(count)
    with library.settings():
        given = {seed: library.arguments(make(seed).but(method=method)) for seed in seeds}
        operation = getattr(convcore, make(1).op)

        def work(first: int) -> dict[int, Any]:
            barrier.wait(30)
            return {
                seed: operation(*given[seed][0], **given[seed][1]) for seed in seeds[first::count]
            }

        with ThreadPoolExecutor(count) as pool:
            results = list(pool.map(work, range(count)))
        got = {s: library.numpy(y).tolist() for part in results for s, y in part.items()}
    assert got == {seed: wanted(make(seed)) for seed in seeds}


@CALLS
@shows("CC-PLAN-11")
def test_two_kernels_are_prepared(make: Any, library: Library) -> None:
    """Each plan holds its own, whichever was prepared last."""
    seeds = (1, 2, 3)
    held = 0 if make is _input_grad else 1  # the place of the kernel among the arrays
    with library.settings():
        arrays, options = library.arguments(make(1))
        plan = convcore.plan(make(1).op, *arrays, **options)
        given = {}
        for seed in seeds:
            own = make(seed).operands
            given[seed] = [library.asarray(a, a.dtype.name) for a in own]
        prepared = {seed: plan.prepare(given[seed].pop(held)) for seed in seeds}
        got = {seed: library.numpy(prepared[seed](*given[seed])).tolist() for seed in seeds}
    assert got == {seed: wanted(make(seed)) for seed in seeds}
