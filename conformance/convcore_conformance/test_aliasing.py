"""Results that are lent or made later share no memory, and no operand is changed in any dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convcore

from .calls import Array, Call
from .checks import able
from .libraries import Library
from .marks import shows

_FIVE = np.array([3, 1, 4, 1, 5], "int32")
_ONE = np.array([1], "int32")
_IMAGE = _FIVE.reshape(1, 1, 5)
_TAP = _ONE.reshape(1, 1, 1)

# In each the result equals an operand: what a shortcut would hand out as it is.
SAME = {
    "one-tap": Call("convolve", (_FIVE, _ONE), {}),
    "one-sample": Call("convolve", (_ONE, _FIVE), {}),
    "correlated-one-tap": Call("correlate", (_FIVE, _ONE), {"mode": "same"}),
    "no-axes": Call("convolve", (_FIVE, _ONE), {"axes": ()}),
    "0-d": Call("convolve", (_FIVE[0, ...], _ONE[0, ...]), {}),
    "conv": Call("conv", (_IMAGE, _TAP), {}),
    "conv-biased": Call("conv", (_IMAGE, _TAP, np.zeros(1, "int32")), {}),
    "bias-alone": Call("conv", (np.zeros(0, "int32"), np.zeros((5, 0), "int32"), _FIVE), {}),
    "dense": Call("conv", (_FIVE.reshape(5, 1), _TAP[0]), {}),
    "conv_transpose": Call("conv_transpose", (_IMAGE, _TAP), {}),
    "conv_input_grad": Call("conv_input_grad", ((1, 1, 5), _TAP, _IMAGE), {}),
    "conv_weight_grad": Call("conv_weight_grad", (_TAP, (1, 1, 1), _TAP), {}),
}


@shows("CC-DEVICE-5", "CC-BORROW-1")
@pytest.mark.parametrize("name", list(SAME))
def test_result_of_a_loan_is_not_an_operand(name: str, library: Library) -> None:
    call = SAME[name]
    engine = library.backend if library.backend in convcore.backends() else "array_api"
    arrays = call.each(np.copy)
    with library.settings():
        got = getattr(convcore, call.op)(*arrays, **{**call.kwargs, "backend": engine})
    assert type(got) in (np.ndarray, np.int32)
    if isinstance(got, np.ndarray):
        got[...] = 77
    for place in call.places:
        assert arrays[place].tolist() == call.arrays[place].tolist()


@shows("CC-DEVICE-5")
@pytest.mark.parametrize("op", ["convolve", "conv"])
def test_results_are_not_each_other(op: str, library: Library) -> None:
    """What a call gave is still there after later calls of the same problem."""
    tap = _ONE if op == "convolve" else _TAP
    shape = _FIVE.shape if op == "convolve" else _IMAGE.shape
    calls = [Call(op, (_FIVE.reshape(shape) + i, tap), {}) for i in range(4)]
    with library.settings():
        for method in sorted(able(library, calls[0])):
            got = [_run(library, call.but(method=method))[0] for call in calls]
            values = [library.numpy(y).reshape(-1).tolist() for y in got]
            assert values == [(_FIVE + i).tolist() for i in range(4)], method


def _run(library: Library, call: Call) -> tuple[Any, list[Any]]:
    arrays, options = library.arguments(call)
    return getattr(convcore, call.op)(*arrays, **options), arrays


def _waves(*shape: int, dtype: str, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(shape)
    if dtype.startswith("complex"):
        return (values + 1j * rng.standard_normal(shape)).astype(dtype)
    return (9 * values).astype(dtype)


def _calls(dtype: str) -> dict[str, Call]:
    def a(*shape: int) -> Array:
        return _waves(*shape, dtype=dtype, seed=sum(shape))

    x, w, y = (2, 2, 6), (4, 1, 3), (2, 4, 4)
    grouped = {"groups": 2}
    return {
        "convolve": Call("convolve", (a(9), a(4)), {}),
        "longer-kernel": Call("convolve", (a(4), a(9)), {"mode": "same", "boundary": "wrap"}),
        "correlate": Call("correlate", (a(3, 9), a(3, 4)), {"axes": 1}),
        "conv": Call("conv", (a(*x), a(*w), a(4)), grouped),
        "conv_transpose": Call("conv_transpose", (a(*y), a(*w), a(2)), grouped),
        "conv_input_grad": Call("conv_input_grad", (x, a(*w), a(*y)), grouped),
        "conv_weight_grad": Call("conv_weight_grad", (a(*x), w, a(*y)), grouped),
    }


@shows("CC-DEVICE-4")
@pytest.mark.parametrize("dtype", ["int32", "float32", "complex64"])
@pytest.mark.parametrize("name", list(_calls("int32")))
def test_no_operand_is_changed(name: str, dtype: str, library: Library) -> None:
    """Nor changed and changed back with rounding: the bits are those of before."""
    call = _calls(dtype)[name]
    with library.settings():
        for method in sorted(able(library, call)):
            _, arrays = _run(library, call.but(method=method))
            for place in call.places:
                left = library.numpy(arrays[place]).tobytes()
                assert left == call.arrays[place].tobytes(), method
