"""Results on any chunks against NumPy's, in integers, so that they must be equal."""

import dask
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import convcore

suite = pytest.importorskip("convcore_conformance.problems")
examples = pytest.importorskip("convcore_conformance.examples")
da = pytest.importorskip("dask.array")
pytest.importorskip("convcore_dask")


def computed(y):
    assert isinstance(y, da.Array)
    result = y.compute(scheduler="synchronous")
    assert (result.dtype, result.shape) == (y.dtype, y.shape)
    return result


@st.composite
def chunkings(draw, shape):
    """Chunks of any lengths, zero among them."""
    return tuple(draw(_lengths(n)) for n in shape)


@st.composite
def _lengths(draw, size):
    at = sorted(draw(st.lists(st.integers(0, size), max_size=5)))
    return tuple(b - a for a, b in zip([0, *at], [*at, size], strict=True))


@st.composite
def calls(draw, op):
    """A call in NumPy, and the same with at least one operand in chunks."""
    problems = suite.signal_calls if op in ("convolve", "correlate") else suite.neural_calls
    call = draw(problems(op, ("int64",)))
    lazy = draw(st.lists(st.booleans(), min_size=3, max_size=3).filter(any))
    arrays = list(call.arrays)
    own = [i for i, a in enumerate(arrays) if isinstance(a, np.ndarray)]
    chosen = [i for i, wanted in zip(own, lazy, strict=False) if wanted] or own[:1]
    for i in chosen:
        arrays[i] = da.from_array(arrays[i], chunks=draw(chunkings(arrays[i].shape)))
    return call, arrays


@pytest.mark.parametrize("size", ["128 MiB", "1 B"])
@pytest.mark.parametrize(
    "op",
    ["convolve", "correlate", "conv", "conv_transpose", "conv_input_grad", "conv_weight_grad"],
)
@examples.random_examples
@given(data=st.data())
def test_any_chunks_give_what_numpy_gives(op, size, data):
    call, arrays = data.draw(calls(op))
    function = getattr(convcore, op)
    with dask.config.set({"array.chunk-size": size}):
        got = computed(function(*arrays, **call.kwargs))
    np.testing.assert_array_equal(got, function(*call.arrays, **call.kwargs))


def test_by_hand():
    x = da.from_array(np.array([1, 10, 100, 1000, 10000]), chunks=2)
    y = convcore.convolve(x, np.array([1, 2, 3]))
    assert y.chunks == ((3, 4),)
    assert computed(y).tolist() == [1, 12, 123, 1230, 12300, 23000, 30000]
    y = convcore.convolve(x, [1, 2, 3], "same", boundary="wrap")
    assert computed(y).tolist() == [30012, 123, 1230, 12300, 23001]


def test_an_array_with_itself():
    x = da.from_array(np.array([1, 10, 100]), chunks=2)
    assert computed(convcore.correlate(x, x)).tolist() == [100, 1010, 10101, 1010, 100]


def test_no_axes():
    a, b = da.from_array(np.array([2, 3]), chunks=1), da.from_array(np.array([[5], [7]]), chunks=1)
    assert computed(convcore.convolve(a[None], b, axes=())).tolist() == [[10, 15], [14, 21]]
    assert computed(convcore.convolve(a.sum(), b.sum())) == 60
    assert computed(convcore.convolve(a.sum(), 2)) == 10


def test_a_kernel_longer_than_its_data_and_their_chunks():
    x, w = np.arange(5), np.arange(1, 40)
    for boundary in ("constant", "reflect", "symmetric", "edge", "wrap"):
        y = convcore.convolve(da.from_array(x, chunks=2), w, boundary=boundary)
        np.testing.assert_array_equal(computed(y), convcore.convolve(x, w, boundary=boundary))


def test_parts_of_integers_wrap_around():
    x, w = np.full((1, 6, 8), 100, np.uint8), np.full((2, 6, 5), 100, np.uint8)
    with dask.config.set({"array.chunk-size": "1 B"}):
        y = convcore.conv(da.from_array(x, chunks=(1, 2, 3)), da.from_array(w, chunks=(2, 2, 2)))
    np.testing.assert_array_equal(computed(y), convcore.conv(x, w))


def test_parts_of_halves_are_rounded_once():
    """2048 + 1 + 1 is 2050 in float16 if it is rounded once, and 2048 if after each part."""
    x = np.array([[[2048.0], [1.0], [1.0]]], np.float16)
    w, bias = np.ones((1, 3, 1), np.float16), np.array([0.0002], np.float16)
    with dask.config.set({"array.chunk-size": "1 B"}):
        y = convcore.conv(da.from_array(x, chunks=1), da.from_array(w, chunks=1), bias)
    assert len(y.dask.layers[y.name]) == 4
    assert (y.dtype, computed(y).tolist()) == (np.float16, [[[2050.0]]])


def test_a_bias_is_rounded_to_the_result_before_it_is_added():
    x = np.array([[[2048.0], [1.0]]], np.float16)
    bias = np.array([1.0 + 2.0**-11])  # rounds to 1, as to even
    for chunks in (1, 2):
        with dask.config.set({"array.chunk-size": "1 B"}):
            lazy = da.from_array(x, chunks=chunks)
            y = convcore.conv(lazy, np.ones((1, 2, 1), np.float16), bias)
        assert computed(y).tolist() == [[[2050.0]]]
        # 2048 + 1 + 1.0005 would round up to 2052's half way, 2050.0005
    assert convcore.conv(x, np.ones((1, 2, 1), np.float16), bias).tolist() == [[[2050.0]]]


def test_padding_beyond_the_data_holds_the_fill_value():
    x = da.from_array(np.array([[1.0, 2.0, 3.0]]), chunks=2)
    y = convcore.conv(x, [[[1.0, 1.0]]], padding=[(4, 3)], fill_value=5)
    assert computed(y).tolist() == [[10, 10, 10, 6, 3, 5, 8, 10, 10]]


def test_outputs_that_meet_no_data_are_zero_plus_the_bias():
    x = da.from_array(np.array([[np.nan, 2.0]]), chunks=1)
    y = convcore.conv(x, [[[1.0]]], [7.0], padding=[(3, 3)], method="direct")
    np.testing.assert_array_equal(computed(y), [[7, 7, 7, np.nan, 9, 7, 7, 7]])
    y = convcore.conv_transpose(x, [[[1.0]]], [7.0], padding=[(-3, -3)], method="direct")
    np.testing.assert_array_equal(computed(y), [[7, 7, 7, np.nan, 9, 7, 7, 7]])


def test_a_crop_leaves_the_cropped_gradient_zero():
    grad = da.from_array(np.array([[1, 10]]), chunks=1)
    y = convcore.conv_input_grad((1, 9), [[[1, 2]]], grad, padding=[(-6, 0)], boundary="wrap")
    assert computed(y).tolist() == [[0, 0, 0, 0, 0, 0, 1, 12, 20]]


def test_nan_stays_in_the_windows_that_touch_it():
    x = np.ones(40)
    x[13] = np.nan
    y = convcore.convolve(da.from_array(x, chunks=5), np.ones(4), "same", "direct")
    assert np.flatnonzero(np.isnan(computed(y))).tolist() == [11 + i for i in range(1, 5)]


def test_an_operand_may_change_after_the_call():
    x, w = np.array([1.0, 2.0]), np.array([1.0, 1.0])
    y = convcore.convolve(da.from_array(np.ones(4), chunks=2), w)
    z = convcore.convolve(x, da.from_array(w.copy(), chunks=1))
    w[:], x[:] = 0, 0
    assert computed(y).tolist() == [1, 2, 2, 2, 1]
    assert computed(z).tolist() == [1, 3, 2]
