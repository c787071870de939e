"""Gradients and vmap, wherever a library has them.

Operands are small integers and the method is `direct`, so both sides are exact and must be equal.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import convcore

from .bounds import bounds
from .calls import Call
from .compare import assert_values
from .exact import expected
from .gradients import cotangent, gradient, result
from .libraries import Library
from .marks import shows
from .samples import GRADIENTS, OPERATIONS, typed
from .transforming import assert_equal, function_of, held, operands, row_of, way

OPS = pytest.mark.parametrize("op", OPERATIONS)
# Every operand of each operation, and each alone of one that has three.
MAPPED = [
    *((op, call.places) for op, call in OPERATIONS.items()),
    *(("conv", [i]) for i in range(3)),
]


@cache
def sample(name: str, dtype: str) -> Call:
    """Give the same object each time, for which results and gradients are cached."""
    return typed({**OPERATIONS, **GRADIENTS}[name], dtype).but(method="direct")


def judge_gradients(library: Library, call: Call) -> None:
    """Hold the gradient in every operand against the definition's."""
    grad, adjoint = way(library, "grad"), row_of(library).adjoint
    with library.settings():
        g = held(library, cotangent(call))
        got = grad(function_of(call), operands(library, call), g)
        for place, one in zip(call.places, got, strict=True):
            assert_equal(library, one, gradient(call, place, adjoint=adjoint))


@shows("CC-TRANSFORM-1")
@OPS
def test_gradients_flow_to_every_operand(op: str, library: Library) -> None:
    judge_gradients(library, sample(op, "float64"))


@shows("CC-TRANSFORM-2")
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_are_those_of_the_definition(name: str, library: Library) -> None:
    judge_gradients(library, sample(name, "float64"))


@shows("CC-TRANSFORM-3")
@pytest.mark.parametrize("name", [*OPERATIONS, "conv-wrap"])
def test_complex_gradients_follow_the_library(name: str, library: Library) -> None:
    judge_gradients(library, sample(name, "complex128"))


@shows("CC-TRANSFORM-2")
@pytest.mark.parametrize("method", ["auto", "fft", "overlap_add", "native"])
@pytest.mark.parametrize("name", ["conv-same"])
def test_gradients_of_every_method_keep_its_class(name: str, method: str, library: Library) -> None:
    """The gradients of conv are conv_input_grad and conv_weight_grad, and as accurate."""
    grad, call = way(library, "grad"), sample(name, "float64").but(method=method)
    (x, w), g = call.arrays, cotangent(sample(name, "float64"))
    with library.settings():
        try:
            got = grad(function_of(call), operands(library, call), held(library, g))
        except convcore.MethodError:
            pytest.skip(f"{method} does not serve this call")
        for one, op, arrays in zip(
            got,
            ("conv_input_grad", "conv_weight_grad"),
            ((x.shape, w, g), (x, w.shape, g)),
            strict=True,
        ):
            judge_class(library, one, Call(op, arrays, call.kwargs))


def judge_class(library: Library, got: Any, same: Call) -> None:
    """Hold a result against another call's exact one, within what that call promises."""
    same = library.held_call(same) or same
    arrays, options = library.arguments(same)
    promised = [
        convcore.plan(same.op, *arrays, **{**options, "method": method}).accuracy
        for method in {options["method"], "auto"}
    ]
    wanted = expected(same)
    widest = max(promised, key=lambda accuracy: max(bounds(wanted, accuracy)))
    assert_values(library.numpy(row_of(library).plain(got)), wanted, bounds(wanted, widest))


@shows("CC-TRANSFORM-4")
@pytest.mark.parametrize("op", ["correlate", "conv", "conv_transpose"])
def test_second_gradients(op: str, library: Library) -> None:
    """<f(x, w), g> is linear in x: its gradient there, along v, is a gradient in w at x = v."""
    grad, call = way(library, "grad"), sample(op, "float64")
    v = np.flip(call.arrays[0])
    with library.settings():
        x, w, *rest = operands(library, call)
        g, along = held(library, cotangent(call)), held(library, v)

        def first(changed: Any) -> Any:
            def inner(one: Any) -> Any:
                return function_of(call)(one, changed, *rest)

            return grad(inner, [x], g)[0]

        (got,) = grad(first, [w], along)
        assert_equal(library, got, gradient(call.with_operand(0, v), 1, adjoint=True))


@shows("CC-TRANSFORM-2")
@pytest.mark.parametrize("op", ["correlate", "conv"])
def test_forward_mode_is_the_sum_of_responses(op: str, library: Library) -> None:
    """The derivative of a product: f(dx, w) + f(x, dw), with the bias's own."""
    jvp, call = way(library, "jvp"), sample(op, "float64")
    changes = [np.flip(array) for array in call.arrays]
    with library.settings():
        tangents = [held(library, change) for change in changes]
        got = jvp(function_of(call), operands(library, call), tangents)
        at_x, at_w = (call.with_operand(place, changes[place]) for place in (0, 1))
        if len(changes) > 2:  # the bias is added in both, and its change is wanted once
            at_x, at_w = (at_x.with_operand(2, changes[2]), at_w.with_operand(2, 0 * changes[2]))
        assert_equal(library, got, result(at_x) + result(at_w))


@shows("CC-TRANSFORM-6")
@pytest.mark.parametrize(("op", "over"), MAPPED, ids=str)
def test_vmap_is_a_loop(op: str, over: list[int], library: Library) -> None:
    vmap, call = way(library, "vmap"), sample(op, "float64")
    singles = [_turned(call, over, turn) for turn in range(3)]
    stacked = call
    for place in over:
        stack = np.stack([one.arrays[place] for one in singles])
        stacked = stacked.with_operand(place, stack)
    with library.settings():
        axes = [0 if place in over else None for place in call.places]
        got = vmap(function_of(stacked), axes)(*operands(library, stacked))
        assert_equal(library, got, np.stack([result(one) for one in singles]))


def _turned(call: Call, over: list[int], turn: int) -> Call:
    """Give the call with other numbers in these operands, each turn its own."""
    for place in over:
        call = call.with_operand(place, np.roll(call.arrays[place], turn))
    return call
