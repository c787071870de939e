"""Shapes of results: from shapes alone, of unknown and symbolic sizes, in every layout."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import convcore

from .calls import Array, Call
from .checks import run
from .exact import expected
from .examples import random_examples
from .libraries import Library
from .marks import shows
from .problems import neural_calls, signal_calls
from .samples import filled
from .transforming import assert_equal, function_of, operands, row_of, way

NEURAL = ("conv", "conv_transpose", "conv_input_grad", "conv_weight_grad")
CALLS = st.one_of(
    *(signal_calls(op, ("float32",)) for op in ("convolve", "correlate")),
    *(neural_calls(op, ("float32",)) for op in NEURAL),
)


@shows("CC-SHAPE-1")
@random_examples
@given(call=CALLS)
def test_the_shape_follows_from_shapes(call: Call, library: Library) -> None:
    """As planned of shapes and dtypes alone, whatever the values are."""
    with library.settings():
        arrays, options = library.arguments(call)
        for place in call.places:
            arrays[place] = (call.arrays[place].shape, arrays[place].dtype)
        wanted = tuple(convcore.plan(call.op, *arrays, **options).shape)
    for value in (0.0, float("nan")):
        assert run(library, filled(call, value)).shape == wanted
    assert expected(call).shape == wanted


def _late(library: Library, values: Array, axis: int) -> Any:
    """A lazy array that does not know its size along an axis; skip where there is none."""
    if not library.chunks:
        pytest.skip(f"{library.name} knows every size")
    array = library.asarray(np.moveaxis(values, axis, 0), "float32")
    flat = array.reshape(array.shape[0], -1) if array.ndim > 1 else array[:, None]
    return library.xp.moveaxis(array[flat[:, 0] == flat[:, 0]], 0, axis)


_X, _H = np.arange(12.0).reshape(3, 4), np.arange(2.0).reshape(1, 2)
_IMAGES, _KERNELS = np.arange(24.0).reshape(3, 2, 4), np.arange(12.0).reshape(2, 2, 3)
UNKNOWN = {
    "convolve": (Call("convolve", (_X, _H), {"axes": 1, "mode": "same"}), 0, 1),
    "correlate": (Call("correlate", (_X.T, _H.T), {"axes": 0}), 1, 0),
    "conv": (Call("conv", (_IMAGES, _KERNELS), {"padding": 1, "boundary": "edge"}), 0, 2),
    "conv_transpose": (Call("conv_transpose", (_IMAGES, _KERNELS), {"stride": 2}), 0, 2),
}
"""A call, and an axis of its data that is not convolved, and one that is."""


@shows("CC-SHAPE-4")
@pytest.mark.parametrize("op", UNKNOWN)
def test_an_unknown_batch(op: str, library: Library) -> None:
    call, batch, _ = UNKNOWN[op]
    with library.settings():
        x = _late(library, call.arrays[0], batch)
        w = library.asarray(call.arrays[1], "float32")
        got = getattr(convcore, op)(x, w, **call.kwargs)
        assert [n != n for n in got.shape] == [axis == batch for axis in range(x.ndim)]
        wanted = expected(call)
        values = library.numpy(got)
    assert values.shape == wanted.shape
    exact = [element.value for element in wanted.result.elements.values]
    assert values.reshape(-1).tolist() == exact


@shows("CC-SHAPE-5")
@pytest.mark.parametrize("op", UNKNOWN)
def test_an_unknown_length(op: str, library: Library) -> None:
    call, _, convolved = UNKNOWN[op]
    with library.settings():
        x = _late(library, call.arrays[0], convolved)
        w = library.asarray(call.arrays[1], "float32")
        with pytest.raises(convcore.ShapeError, match="unknown length") as caught:
            getattr(convcore, op)(x, w, **call.kwargs)
    assert f"convolved axis {convolved}" in str(caught.value)
    assert "compute" in str(caught.value)


# The first axis of the first operand is the one that an export makes symbolic.
_SPACE_FIRST = {"layout": "HNC,HIO->HNC"}
_LINES, _TAPS = np.arange(12.0).reshape(6, 1, 2), np.arange(12.0).reshape(3, 2, 2)
SYMBOLIC = {
    "convolve-batch": Call("convolve", (_X, _H), {"axes": 1}),
    "convolve-full": Call("convolve", (_X, _H.T), {"axes": 0, "method": "direct"}),
    "correlate-same": Call("correlate", (_X, _H.T), {"axes": 0, "mode": "same"}),
    "conv-batch": Call("conv", (_IMAGES, _KERNELS), {}),
    "conv-space": Call("conv", (_LINES, _TAPS), {**_SPACE_FIRST, "padding": 1}),
    "conv-stride": Call("conv", (_LINES, _TAPS[:2]), {**_SPACE_FIRST, "padding": 1, "stride": 2}),
    "conv-edge": Call("conv", (_LINES, _TAPS), {**_SPACE_FIRST, "padding": 1, "boundary": "edge"}),
    "transpose-batch": Call("conv_transpose", (_IMAGES, _KERNELS), {"stride": 2}),
    "transpose-space": Call("conv_transpose", (_LINES, _TAPS), {**_SPACE_FIRST, "stride": 2}),
}


@shows("CC-SHAPE-6")
@pytest.mark.parametrize("name", SYMBOLIC)
def test_a_symbolic_size(name: str, library: Library) -> None:
    """Exported once, for any size; every size then has the shape and values of its own call."""
    export, call = way(library, "export"), SYMBOLIC[name]
    with library.settings():
        exported = export(function_of(call), operands(library, call), symbolic=True)
        for size in (2, 5, 8):
            values = np.resize(call.arrays[0], (size, *call.arrays[0].shape[1:]))
            other = call.with_operand(0, values)
            got = exported(*operands(library, other))
            assert_equal(library, got, run(library, other))


@shows("CC-SHAPE-7")
def test_a_condition_that_may_hold(library: Library) -> None:
    """A kernel of two taps fits into every size but 1."""
    export = way(library, "export")
    if row_of(library).guards:
        pytest.skip(f"a condition becomes a guard of the graphs of {library.name}")
    call = Call("conv", (_LINES, _TAPS[:2]), _SPACE_FIRST)
    with library.settings():
        exported = export(function_of(call), operands(library, call), symbolic=True)
        for size in (2, 4):
            other = call.with_operand(0, _LINES[:size])
            assert_equal(library, exported(*operands(library, other)), run(library, other))


@shows("CC-SHAPE-7")
def test_a_condition_that_surely_fails(library: Library) -> None:
    """n and n + 2 samples never broadcast."""
    export = way(library, "export")

    def never(x: Any, h: Any) -> Any:
        return convcore.convolve(x, convcore.convolve(x, h, axes=0), axes=1)

    with library.settings():
        arrays = operands(library, Call("convolve", (_X, np.ones((3, 1))), {}))
        with pytest.raises(Exception, match="not convolved") as caught:
            export(never, arrays, symbolic=True)
    assert "ShapeError" in repr(caught.value) + type(caught.value).__name__


def _layouts() -> list[str]:
    """Spelled layouts that put every axis everywhere."""
    parts = zip(permutations("NCHW"), permutations("OIHW"), permutations("WHCN"), strict=True)
    return ["channels_last", *(f"{''.join(x)},{''.join(w)}->{''.join(y)}" for x, w, y in parts)][
        ::3
    ]


_OPTIONS: dict[str, Any] = {"stride": (2, 1), "padding": [(1, 0), (0, 2)], "groups": 2}
_DATA, _KERNEL = np.arange(32.0).reshape(1, 4, 2, 4) % 7, np.arange(24.0).reshape(2, 2, 2, 3) % 5
_MADE = np.arange(8.0).reshape(1, 2, 1, 4)
PLAIN = {
    "conv": Call("conv", (_DATA, _KERNEL, np.array([100.0, 200.0])), _OPTIONS),
    "conv_transpose": Call("conv_transpose", (_MADE, _KERNEL), _OPTIONS),
    "conv_input_grad": Call("conv_input_grad", (_DATA.shape, _KERNEL, _MADE), _OPTIONS),
    "conv_weight_grad": Call("conv_weight_grad", (_DATA, _KERNEL.shape, _MADE), _OPTIONS),
}
"""In channels_first."""
PARTS = {
    "conv": "xw-y",
    "conv_transpose": "xw-y",
    "conv_input_grad": "xwyx",
    "conv_weight_grad": "xwyw",
}
"""Which part of a layout each argument has, and the result."""


@shows("CC-LAYOUT-9", "CC-LAYOUT-10")
@pytest.mark.parametrize("layout", _layouts())
@pytest.mark.parametrize("op", PLAIN)
def test_any_layout(op: str, layout: str, library: Library) -> None:
    """Transposed operands give the transposed result; options follow the space of x."""
    call, orders = PLAIN[op], _orders(layout)
    arrays = tuple(
        _transposed(one, orders.get(part))
        for one, part in zip(call.arrays, PARTS[op], strict=False)
    )
    options = {**call.kwargs, "layout": layout, "method": "direct"}
    if orders["x"].index(2) > orders["x"].index(3):
        options |= {name: options[name][::-1] for name in ("stride", "padding")}
    got = run(library, Call(op, arrays, options))
    wanted = run(library, call.but(method="direct"))
    assert got.tolist() == _transposed(wanted, orders[PARTS[op][-1]]).tolist()


def _orders(layout: str) -> dict[str, list[int]]:
    """For each part, which axis of channels_first stands where."""
    spelled = "NHWC,HWIO->NHWC" if layout == "channels_last" else layout
    x, w, y = spelled.replace("->", ",").split(",")
    first = {"x": ("NCHW", x), "w": ("OIHW", w), "y": ("NCHW", y)}
    return {part: [letters.index(one) for one in own] for part, (letters, own) in first.items()}


def _transposed(one: Any, order: list[int] | None) -> Any:
    if order is None:
        return one
    return one.transpose(order) if isinstance(one, np.ndarray) else tuple(one[i] for i in order)


@shows("CC-CORRELATE-6")
@random_examples
@given(n=st.integers(1, 9), m=st.integers(1, 6), seed=st.integers(0, 999))
def test_same_is_same_lower_of_conv(n: int, m: int, seed: int, library: Library) -> None:
    """And for kernels of even size not `same`, which lies one sample later."""
    rng = np.random.default_rng(seed)
    x, w = (rng.integers(1, 9, k) + 1j * rng.integers(-9, 9, k) for k in (n, m))
    direct = {"method": "direct"}
    got = run(library, Call("correlate", (x, w), {"mode": "same", **direct}))
    layer = Call("conv", (x[None], w.conj()[None, None]), direct)
    assert run(library, layer.but(padding="same_lower"))[0].tolist() == got.tolist()
    later = run(library, layer.but(padding="same"))[0]
    assert later[:-1].tolist() == (got[1:] if m % 2 == 0 else got[:-1]).tolist()
