"""Laws of the neural pair: transposes, adjoints, and Dumoulin and Visin's relations.

Values are small integers, or quarters and complex quarters, whose products and short sums are
exact in float64 by taps; so both sides of each law must be equal, not close.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from .calls import Array, Call
from .checks import run
from .examples import random_examples
from .libraries import Library
from .marks import shows
from .problems import neural_calls

KINDS = ("int64", "float64", "complex128")


def inner(a: Array, b: Array) -> complex:
    """<a, b> = sum a conj(b)."""
    total: complex = np.vdot(b, a).item()
    return total


def like(y: Array, seed: int) -> Array:
    """Small integers of the dtype and shape of y."""
    rng = np.random.default_rng(seed)
    values = rng.integers(-5, 6, y.shape).astype(y.dtype)
    return values * (1 + 2j) if y.dtype.kind == "c" else values


def direct(library: Library, op: str, *arrays: Any, **options: Any) -> Array:
    return run(library, Call(op, arrays, {**options, "method": "direct"}))


@shows("CC-INPUTGRAD-1", "CC-WEIGHTGRAD-1")
@random_examples
@given(call=neural_calls("conv", KINDS, plain=True), seed=st.integers(0, 99))
def test_gradients_are_adjoints(call: Call, seed: int, library: Library) -> None:
    """CC-INPUTGRAD-1, CC-WEIGHTGRAD-1: every stride, dilation, group, padding and boundary."""
    x, w = call.arrays
    y = direct(library, "conv", x, w, **call.kwargs)
    g = like(y, seed)
    dx = direct(library, "conv_input_grad", x.shape, w, g, **call.kwargs)
    dw = direct(library, "conv_weight_grad", x, w.shape, g, **call.kwargs)
    assert inner(y, g) == inner(x, dx) == inner(w, dw)


@shows("CC-WEIGHTGRAD-1", "CC-WEIGHTGRAD-3")
@random_examples
@given(
    call=neural_calls("conv", KINDS, plain=True),
    seed=st.integers(0, 99),
    fill=st.sampled_from([1, -3]),
)
def test_weight_gradient_counts_the_fill_value(
    call: Call, seed: int, fill: int, library: Library
) -> None:
    """CC-WEIGHTGRAD-1, CC-WEIGHTGRAD-3: conv is linear in w with a fill value too."""
    assume(len(call.arrays[1].shape) > 2)
    x, w = call.arrays
    options = {**call.kwargs, "boundary": "constant", "fill_value": fill}
    y = direct(library, "conv", x, w, **options)
    g = like(y, seed)
    dw = direct(library, "conv_weight_grad", x, w.shape, g, **options)
    assert inner(y, g) == inner(w, dw)


@shows("CC-TRANSPOSE-1", "CC-INPUTGRAD-7")
@random_examples
@given(call=neural_calls("conv", KINDS, plain=True), seed=st.integers(0, 99))
def test_transpose(call: Call, seed: int, library: Library) -> None:
    """CC-TRANSPOSE-1, CC-INPUTGRAD-7: the transpose unconjugated, the adjoint conjugated."""
    x, w = call.arrays
    options = {k: v for k, v in call.kwargs.items() if k != "boundary"}
    # A spelled layout names x and y, which the transpose exchanges; the two names are symmetric.
    assume("->" not in options.get("layout", ""))
    y = direct(library, "conv", x, w, **options)
    g = like(y, seed)
    channels_last = options.get("layout") == "channels_last"
    spatial = len(w.shape) - 2
    size = x.shape[-1 - spatial : -1] if channels_last else x.shape[x.ndim - spatial :]
    back = direct(library, "conv_transpose", g, w, **options, output_size=size)
    assert (y * g).sum() == (x * back).sum()
    adjoint = direct(library, "conv_transpose", g, w.conj(), **options, output_size=size)
    dx = direct(library, "conv_input_grad", x.shape, w, g, **options)
    assert dx.tolist() == adjoint.tolist()


def _forms() -> list[Any]:
    return [0, 1, -1, [(2, 0)], [(0, 1)], [(-1, 2)], "valid", "full", "same", "same_lower"]


@shows("CC-TRANSPOSE-1", "CC-TRANSPOSE-7")
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("padding", _forms(), ids=str)
def test_every_legal_size(stride: int, dilation: int, padding: Any, library: Library) -> None:
    """CC-TRANSPOSE-1, CC-TRANSPOSE-7: a size with S outputs is one of the transpose."""
    options = {"stride": stride, "dilation": dilation, "padding": padding}
    rng = np.random.default_rng(stride)
    for size, kernel in product(range(1, 9), range(1, 5)):
        x, w = rng.integers(-5, 6, (1, size)), rng.integers(-5, 6, (1, 1, kernel))
        if size + _pads(padding, dilation * (kernel - 1)) <= dilation * (kernel - 1):
            continue
        y = run(library, Call("conv", (x, w), options))
        g = rng.integers(-5, 6, y.shape)
        back = run(library, Call("conv_transpose", (g, w), {**options, "output_size": size}))
        assert back.shape == x.shape
        assert (y * g).sum() == (x * back).sum()


def _pads(padding: Any, reach: int) -> int:
    """How many samples a padding adds; for the `same` ones enough, whatever the kernel."""
    if isinstance(padding, str):
        return {"valid": 0, "full": 2 * reach}.get(padding, reach)
    return 2 * padding if isinstance(padding, int) else sum(padding[0])


# "A guide to convolution arithmetic for deep learning", V. Dumoulin and F. Visin, 2016: input i,
# kernel k, stride s, padding p, dilation d, and the output of each numbered relationship.
FORWARD = [
    pytest.param(4, 3, {}, 2, id="1"),
    pytest.param(5, 4, {"padding": 2}, 6, id="2"),
    pytest.param(5, 3, {"padding": 1}, 5, id="3-half"),
    pytest.param(5, 3, {"padding": 2}, 7, id="4-full"),
    pytest.param(5, 3, {"stride": 2}, 2, id="5"),
    pytest.param(5, 3, {"stride": 2, "padding": 1}, 3, id="6"),
    pytest.param(6, 3, {"stride": 2, "padding": 1}, 3, id="6-floor"),
    pytest.param(7, 3, {"dilation": 2}, 3, id="15"),
]
BACKWARD = [
    pytest.param(2, 3, {}, 4, id="8"),
    pytest.param(6, 4, {"padding": 2}, 5, id="9"),
    pytest.param(5, 3, {"padding": 1}, 5, id="10-half"),
    pytest.param(7, 3, {"padding": 2}, 5, id="11-full"),
    pytest.param(2, 3, {"stride": 2}, 5, id="12"),
    pytest.param(3, 3, {"stride": 2, "padding": 1}, 5, id="13"),
    pytest.param(3, 3, {"stride": 2, "padding": 1, "output_padding": 1}, 6, id="14"),
]


@shows("CC-CONV-6")
@pytest.mark.parametrize(("i", "k", "options", "wanted"), FORWARD)
def test_forward_relationships(
    i: int, k: int, options: dict[str, Any], *, wanted: int, library: Library
) -> None:
    """CC-CONV-6, in two dimensions as in the guide."""
    x, w = np.ones((1, 1, i, i)), np.ones((1, 1, k, k))
    assert run(library, Call("conv", (x, w), options)).shape == (1, 1, wanted, wanted)


@shows("CC-TRANSPOSE-5")
@pytest.mark.parametrize(("i", "k", "options", "wanted"), BACKWARD)
def test_transposed_relationships(
    i: int, k: int, options: dict[str, Any], *, wanted: int, library: Library
) -> None:
    """CC-TRANSPOSE-5, and the guide's emulation: a conv of the stretched and padded input."""
    rng = np.random.default_rng(i)
    x, w = rng.integers(-5, 6, (1, 1, i, i)), rng.integers(-5, 6, (1, 1, k, k))
    got = run(library, Call("conv_transpose", (x, w), options))
    assert got.shape == (1, 1, wanted, wanted)
    stride, pad = options.get("stride", 1), k - 1 - options.get("padding", 0)
    stretched = np.zeros((1, 1, *[(i - 1) * stride + 1] * 2), np.int64)
    stretched[:, :, ::stride, ::stride] = x
    pads = [(pad, pad + options.get("output_padding", 0))] * 2
    flipped = np.ascontiguousarray(w[:, :, ::-1, ::-1])
    emulated = run(library, Call("conv", (stretched, flipped), {"padding": pads}))
    assert got.tolist() == emulated.tolist()


@shows("CC-CONV-18")
@random_examples
@given(call=neural_calls("conv", ("int64",), plain=True))
def test_a_stride_keeps_every_nth_sample(call: Call, library: Library) -> None:
    """CC-CONV-18, for paddings that are numbers of their own, or named ones that read no stride."""
    options = dict(call.kwargs)
    assume(options.get("padding") not in ("same", "same_lower"))
    assume("->" not in options.get("layout", ""))
    spatial = len(call.arrays[1].shape) - 2
    stride = options.pop("stride", 1)
    steps = [stride] * spatial if isinstance(stride, int) else list(stride)
    dense = run(library, Call("conv", call.arrays, options))
    first = dense.ndim - spatial - (options.get("layout") == "channels_last")
    index = [slice(None)] * dense.ndim
    index[first : first + spatial] = [slice(None, None, step) for step in steps]
    assert run(library, call).tolist() == dense[tuple(index)].tolist()
