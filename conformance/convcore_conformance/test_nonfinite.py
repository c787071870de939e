"""NaN and infinity: by `direct` they reach the windows that touch them, and no others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import convcore

from .bounds import bounds
from .calls import Array, Call
from .checks import RATIOS, able, check_literal, run
from .compare import assert_array, assert_values
from .exact import Expected, expected
from .libraries import Library
from .marks import shows
from .specimens import specimens, values

NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Spread:
    """A call in which some samples of the data are not finite.

    Parameters
    ----------
    call : Call
        On finite numbers.
    data, kernel : int
        Which of its arguments they are.
    at : tuple of tuple
        Where the samples are.
    """

    call: Call
    at: tuple[tuple[int, ...], ...]
    data: int = 0
    kernel: int = 1

    def spoiled(self, value: complex) -> Call:
        """Put a value there."""
        x = self.call.arrays[self.data].copy()
        for place in self.at:
            x[place] = value
        return self._with(x, self.call.arrays[self.kernel])

    def touched(self) -> Array:
        """Which windows meet one of them: the same operation on counts."""
        x = np.zeros(self.call.arrays[self.data].shape, "int64")
        for place in self.at:
            x[place] = 1
        counts = expected(self._with(x, np.ones(self.call.arrays[self.kernel].shape, "int64")))
        return np.array([e.value for e in counts.result.elements.values], bool).reshape(
            counts.shape
        )

    def _with(self, x: Array, w: Array) -> Call:
        arrays = list(self.call.arrays)
        arrays[self.data], arrays[self.kernel] = x, w
        return Call(self.call.op, tuple(arrays), self.call.kwargs)


def made(op: str, *shapes: tuple[int, ...], dtype: str = "float32", **options: Any) -> Call:
    arrays = tuple(values(place + 1, dtype, *shape) for place, shape in enumerate(shapes))
    return Call(op, arrays, options)


def _spreads(dtype: str) -> dict[str, Spread]:
    grid = specimens(dtype)
    layer = {k: grid[k] for k in ("conv-1d", "conv_transpose")}
    return {
        "one-axis": Spread(grid["convolve"], ((9,),)),
        "the-ends": Spread(made("convolve", (40,), (7,), dtype=dtype, mode="same"), ((0,), (39,))),
        "many-blocks": Spread(
            made("convolve", (500,), (31,), dtype=dtype, mode="valid"), ((350,),)
        ),
        "a-long-kernel": Spread(made("convolve", (12,), (90,), dtype=dtype), ((5,),)),
        "a-boundary-repeats-it": Spread(grid["convolve-2d"], ((1, 1), (4, 3))),
        "one-row-of-a-batch": Spread(grid["correlate"], ((1, 6),)),
        "a-channel-of-a-group": Spread(layer["conv-1d"], ((0, 1, 5),)),
        "a-stride-over-it": Spread(
            made("conv", (1, 1, 12), (2, 1, 2), dtype=dtype, stride=3), ((0, 0, 5), (0, 0, 7))
        ),
        "between-dilated-taps": Spread(
            made("conv", (1, 1, 12), (1, 1, 3), dtype=dtype, dilation=3, padding=2), ((0, 0, 4),)
        ),
        "two-axes": Spread(made("conv", (2, 3, 9, 8), (4, 3, 3, 3), dtype=dtype), ((1, 2, 4, 4),)),
        "cropped-away": Spread(
            made("conv", (1, 1, 9), (1, 1, 2), dtype=dtype, padding=-2), ((0, 0, 0), (0, 0, 8))
        ),
        "a-transpose": Spread(layer["conv_transpose"], ((1, 0, 2),)),
        "a-gradient": Spread(grid["conv_input_grad"], ((0, 3, 1),), data=2, kernel=1),
    }


_ROWS = [(name, "float32") for name in _spreads("float32")]
_ROWS += [("many-blocks", "float64"), ("one-axis", "complex64"), ("the-ends", "float16")]
ROWS = pytest.mark.parametrize(("name", "dtype"), _ROWS)


@shows("CC-NONFINITE-1", "CC-NONFINITE-2")
@ROWS
def test_direct_keeps_them_local(name: str, dtype: str, library: Library) -> None:
    """Untouched elements keep their bound; those that a NaN touches are NaN."""
    if dtype not in library.dtypes:
        pytest.skip(f"no {dtype}")
    spread = _spreads(dtype)[name]
    wanted, touched = _exactly(name, dtype)
    assert touched.any() == (name != "cropped-away")
    for value in (NAN, INF):
        call = spread.spoiled(value).but(method="direct")
        with library.settings():
            arrays, options = library.arguments(call)
            accuracy = convcore.plan(call.op, *arrays, **options).accuracy
            y = getattr(convcore, call.op)(*arrays, **options)
            assert_array(y, arrays[spread.data], library, wanted.dtype, wanted.shape)
            got = np.array(library.numpy(y))
        assert not np.isfinite(got[touched]).any()
        if value is NAN and not np.iscomplexobj(got):
            assert np.isnan(got[touched]).all()
        got[touched] = 0
        rest = [
            element._replace(value=0) if hit else element
            for element, hit in zip(wanted.result.elements.values, touched.flat, strict=True)
        ]
        elements = replace(wanted.result.elements, values=tuple(rest))
        kept = replace(wanted, result=replace(wanted.result, elements=elements))
        RATIOS.append(assert_values(got, kept, bounds(kept, accuracy)))


@cache
def _exactly(name: str, dtype: str) -> tuple[Expected, Array]:
    spread = _spreads(dtype)[name]
    return expected(spread.spoiled(0)), spread.touched()


def _signal(x: list[float], w: list[float], mode: str = "valid", **options: Any) -> Call:
    return Call(
        "convolve", (np.array(x, "float32"), np.array(w, "float32")), {"mode": mode, **options}
    )


def _layer(op: str, x: list[float], w: list[float], **options: Any) -> Call:
    return Call(op, (np.array([x], "float32"), np.array([[w]], "float32")), options)


# What IEEE 754 gives for the terms, whatever their order.
_DATA = [
    pytest.param(_signal([1, INF, 1, 1], [1, 2]), [INF, INF, 3], id="one"),
    pytest.param(_signal([1, INF, 1, 1], [1, -2]), [INF, -INF, -1], id="by-the-sign-of-the-tap"),
    pytest.param(_signal([1, -INF, 1, 1], [-1, 2]), [INF, -INF, 1], id="negative"),
    pytest.param(_signal([1, INF, 1, 1], [1, 0]), [INF, NAN, 1], id="a-zero-tap"),
    pytest.param(_signal([INF, 1, INF, 1], [1, 1, 1]), [INF, INF], id="of-one-sign"),
    pytest.param(_signal([INF, 1, -INF, 1], [1, 1, 1]), [NAN, -INF], id="of-both-signs"),
    pytest.param(_signal([INF, INF, 1], [1, -1]), [NAN, -INF], id="of-both-signs-by-the-taps"),
    pytest.param(_signal([INF, NAN, 1], [1, 1]), [NAN, NAN], id="with-a-nan"),
    pytest.param(
        _signal([1, INF], [1, 1], "full", boundary="edge"), [2, INF, INF], id="repeated-by-an-edge"
    ),
    pytest.param(
        _signal([1, 2], [1, 3], "full", fill_value=-INF), [-INF, 5, -INF], id="a-fill-value"
    ),
    pytest.param(
        _layer("conv", [1, INF, 1, 1, 1], [0, 1, 0], padding=1),
        [[NAN, INF, NAN, 1, 1]],
        id="a-layer-with-zero-taps",
    ),
    pytest.param(
        _layer("conv", [1, 1, INF, 1, 1], [1, 2], dilation=2, stride=2), [[INF, INF]], id="dilated"
    ),
    pytest.param(
        _layer("conv_transpose", [1, -INF, 1], [1, 2], stride=2),
        [[1, 2, -INF, -INF, 1, 2]],
        id="a-transpose",
    ),
]
_KERNEL = [
    pytest.param(_signal([1, 2, -3, 4], [1, INF]), [INF, INF, -INF], id="an-infinite-tap"),
    pytest.param(_signal([1, 0, 3, 4], [1, INF]), [INF, NAN, INF], id="over-a-zero"),
    pytest.param(_signal([1, 2, 3], [NAN, 0]), [NAN, NAN], id="a-nan"),
    pytest.param(_signal([1, 2, -3, 4], [INF, 1, INF]), [NAN, INF], id="two"),
    pytest.param(_signal([1, -2, 3, 4], [INF, 1, -INF]), [NAN, INF], id="of-both-signs"),
    pytest.param(_signal([INF, 2, 3, 4], [1, -INF]), [-INF, -INF, -INF], id="infinite-data-too"),
    pytest.param(_layer("conv", [1, 2, 0, -4], [INF, 1]), [[INF, INF, NAN]], id="a-layer"),
    pytest.param(
        _layer("conv", [1, 5, 2, 5, -3], [1, NAN], dilation=2, stride=2), [[NAN, NAN]], id="strided"
    ),
]


@shows("CC-NONFINITE-3")
@pytest.mark.parametrize(("call", "wanted"), _DATA)
def test_infinities_of_the_data(call: Call, wanted: Any, library: Library) -> None:
    check_literal(library, call.but(method="direct"), np.array(wanted, "float32"))


@shows("CC-NONFINITE-5")
@pytest.mark.parametrize(("call", "wanted"), _KERNEL)
def test_windows_inside_the_data(call: Call, wanted: Any, library: Library) -> None:
    check_literal(library, call.but(method="direct"), np.array(wanted, "float32"))


@shows("CC-NONFINITE-4", "CC-NONFINITE-5")
@pytest.mark.parametrize("value", [NAN, INF, -INF], ids=str)
def test_a_kernel_over_the_padding(value: float, library: Library) -> None:
    """What is inside is judged; what overlaps the padding need only be there."""
    x, w = [1.0, 2, 3, 4, 5], [1.0, value, 1]
    for call in (_signal(x, w, "full"), _signal(x, w, "same"), _layer("conv", x, w, padding=2)):
        inner = slice(1, 4) if call.kwargs.get("mode") == "same" else slice(2, 5)
        got = run(library, call.but(method="direct"))
        assert got.shape[-1] == (5 if inner.start == 1 else 7)
        np.testing.assert_array_equal(got.reshape(-1)[inner], [value] * 3)


@shows("CC-NONFINITE-4", "CC-NONFINITE-6")
@pytest.mark.parametrize("name", ["convolve", "conv-1d", "conv_transpose", "conv_weight_grad"])
@pytest.mark.parametrize("value", [NAN, INF, -INF], ids=str)
def test_no_method_raises(name: str, value: float, library: Library) -> None:
    """In the data, in the kernel, in both."""
    call = specimens("float32")[name]
    finite = run(library, call)
    with library.settings():
        methods = able(library, call)
    for method in methods:
        for places in ((0,), (-1,), (0, -1)):
            spoiled = call.on(np.copy).but(method=method)
            for place in places:
                spoiled.arrays[place].reshape(-1)[1::4] = value
            assert run(library, spoiled).shape == finite.shape
